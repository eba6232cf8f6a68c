//! Signing in at an OpenID provider: the right way in, and every wrong one, at the real executable.

use std::sync::atomic::Ordering;

use reqwest::StatusCode;
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::provider::{Mood, Provider};
use crate::support::{Client, Node, wait_for};

/// What a browser of its own holds: no more than one cookie for the way, and one for the session.
struct Browser<'a> {
    client: &'a Client,
    http: reqwest::Client,
    node: &'a Node,
    provider: &'a Provider,
    errand: String,
}

/// What a page was: its status, its text, and the cookies it gave.
struct Page {
    status: StatusCode,
    text: String,
    cookies: Vec<String>,
    to: String,
}

impl<'a> Browser<'a> {
    fn new(client: &'a Client, node: &'a Node, provider: &'a Provider) -> Self {
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).redirect(Policy::none());
        let http = http.pool_max_idle_per_host(0).build().unwrap();
        Self { client, http, node, provider, errand: String::new() }
    }

    fn get(&self, url: &str, cookie: &str) -> Page {
        self.client.run(async {
            let answer = self.http.get(url).header("cookie", cookie).send().await.unwrap();
            let status = answer.status();
            let given = answer.headers().get_all("set-cookie").iter();
            let cookies = given.map(|cookie| cookie.to_str().unwrap().to_owned()).collect();
            let to = answer.headers().get("location").map_or("", |to| to.to_str().unwrap()).to_owned();
            Page { status, text: answer.text().await.unwrap(), cookies, to }
        })
    }

    /// Goes to the provider; returns the address it sends the browser back to.
    fn leave(&mut self, next: &str) -> String {
        let left = self.get(&self.node.url(&format!("/login/oidc{next}")), "");
        assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.text);
        let cookie = &left.cookies[0];
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        cookie.split(';').next().unwrap().clone_into(&mut self.errand);
        let back = self.get(&left.to, "").to;
        let path = back.strip_prefix("http://cronbus.test").unwrap();
        self.node.url(path)
    }

    fn sign_in(&mut self) -> Page {
        let back = self.leave("");
        self.get(&back, &self.errand)
    }

    /// Signs in while the provider is in this mood; it must be refused with these words.
    fn refused(&mut self, mood: Mood, says: &str) {
        self.provider.set(mood);
        let page = self.sign_in();
        self.provider.set(Mood::Good);
        assert!(page.status.is_client_error() || page.status == StatusCode::SERVICE_UNAVAILABLE, "{mood:?}");
        assert!(page.text.contains(says), "{mood:?}: {}", page.text);
        assert!(session(&page).is_none(), "{mood:?}");
    }
}

fn session(page: &Page) -> Option<String> {
    let cookie = page.cookies.iter().find(|cookie| cookie.starts_with("cronbus_session="))?;
    Some(cookie.split(';').next().unwrap().to_owned())
}

fn node_of(provider: &Provider, more: &str) -> Node {
    let file = format!(
        "[oidc]\nissuer = \"{}\"\nclient_id = \"cronbus\"\nclient_secret = \"hidden\"\n\
         public_url = \"http://cronbus.test\"\ntimeout = \"1s\"\nlabel = \"Example ID\"\n{more}\n\
         [[oidc.grant]]\nclaim = \"groups\"\nvalue = \"sre\"\nrole = \"operator\"\ngroups = [\"php\"]\n\
         [[oidc.grant]]\nclaim = \"groups\"\nvalue = \"boss\"\nrole = \"admin\"\n",
        provider.issuer()
    );
    Node::start_with(&file)
}

#[test]
fn whom_the_provider_knows_comes_in_with_what_his_claims_give() {
    let (client, provider) = (Client::new(), Provider::start());
    let node = node_of(&provider, "");
    let mut browser = Browser::new(&client, &node, &provider);
    assert!(browser.get(&node.url("/login"), "").text.contains("Example ID"));
    let back = browser.leave("?next=%2Fruns%3Fstate%3Dfailed");
    let page = browser.get(&back, &browser.errand);
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("url=/runs?state=failed"), "{}", page.text);
    let cookie = session(&page).unwrap();
    assert_eq!(browser.get(&node.url("/account"), &cookie).status, StatusCode::OK);
    let users = node.ask_json(&["account", "user", "list"]);
    assert_eq!((&users[0]["name"], &users[0]["is_federated"]), (&json!("anna"), &json!(true)));
    assert_eq!(users[0]["grants"], json!([{ "role": "operator", "groups": ["php"] }]));
    assert!(node.ask(&["account", "user", "list"]).contains("OpenID"));

    // The same way once more, from another browser, and with a state of its own.
    assert_eq!(browser.get(&back, &browser.errand).status, StatusCode::BAD_REQUEST, "a state is used once");
    let fresh = browser.leave("");
    let mut other = Browser::new(&client, &node, &provider);
    other.leave("");
    let page = other.get(&fresh, &other.errand);
    assert!(page.text.contains("not begun in this browser") && session(&page).is_none(), "{}", page.text);
    assert!(session(&other.get(&fresh, "")).is_none());

    // What the claims give is read anew; who may nothing any more loses what he has.
    provider.claim("groups", json!(["boss"]));
    assert!(session(&browser.sign_in()).is_some());
    assert_eq!(node.ask_json(&["account", "user", "list"])[0]["grants"], json!([{ "role": "admin" }]));
    provider.claim("groups", json!(["others"]));
    let page = browser.sign_in();
    assert!(page.text.contains("lets you do anything here") && session(&page).is_none(), "{}", page.text);
    assert_eq!(node.ask_json(&["account", "user", "list"])[0]["grants"], json!([]));
    provider.claim("groups", json!(["sre"]));
    assert!(session(&browser.sign_in()).is_some());
    node.ask(&["account", "user", "disable", "anna"]);
    let page = browser.sign_in();
    assert!(page.text.contains("disabled") && session(&page).is_none(), "{}", page.text);
    let actions: Vec<Value> = client.all(&node, "/api/v1/audit?limit=100");
    let count = |action: &str| actions.iter().filter(|entry| entry["action"] == action).count();
    assert_eq!(count("user.create"), 1);
    assert!(count("user.update") >= 3 && count("login.failed") >= 2, "{actions:?}");
}

#[test]
fn what_cannot_be_believed_lets_nobody_in() {
    let (client, provider) = (Client::new(), Provider::start());
    let node = node_of(&provider, "");
    let mut browser = Browser::new(&client, &node, &provider);
    for (mood, says) in [
        (Mood::WrongNonce, "nonce"),
        (Mood::WrongAudience, "audience"),
        (Mood::WrongIssuer, "issuer"),
        (Mood::Expired, "Expired"),
        (Mood::OtherKey, "ignature"),
        (Mood::NoAlgorithm, "ignature"),
        (Mood::WithSecret, "ignature"),
        (Mood::NoToken, "no ID token"),
        (Mood::Denies, "access_denied"),
        (Mood::ReplayedCode, "invalid_grant"),
        (Mood::Hangs, "did not answer in time"),
        (Mood::Floods, "longer than"),
    ] {
        browser.refused(mood, says);
    }
    assert!(node.ask_json(&["account", "user", "list"]).as_array().unwrap().is_empty());
    assert!(session(&browser.sign_in()).is_some(), "and it goes on");
    provider.rotate();
    assert!(session(&browser.sign_in()).is_some(), "another key is looked for");
}

#[test]
fn a_name_that_is_taken_is_not_handed_over() {
    let (client, provider) = (Client::new(), Provider::start());
    let node = node_of(&provider, "email_domains = [\"example.com\"]");
    node.ask(&["account", "user", "add", "anna", "--no-password", "--grant", "admin"]);
    let mut browser = Browser::new(&client, &node, &provider);
    assert!(session(&browser.sign_in()).is_some());
    let users = node.ask_json(&["account", "user", "list"]);
    assert_eq!(users[0]["grants"], json!([{ "role": "admin" }]), "{users}");
    assert_eq!(users[0]["is_federated"], false);
    let hers = users[1]["name"].as_str().unwrap();
    assert!(hers.starts_with("anna-"), "{users}");
    let patch = client.http.post(node.url(&format!("/api/v1/users/{hers}/password"))).bearer_auth(node.token());
    let (status, _, text) = client.send(patch.json(&json!({ "password": "correct horse battery" })));
    assert!(status.is_client_error() && text.contains("OpenID provider"), "{status} {text}");
    provider.claim("email_verified", json!(false));
    let page = browser.sign_in();
    assert!(page.text.contains("verified") && session(&page).is_none(), "{}", page.text);
}

#[test]
fn a_provider_that_is_away_hinders_nothing_else() {
    let (client, provider) = (Client::new(), Provider::start());
    provider.away.store(true, Ordering::SeqCst);
    let node = node_of(&provider, "");
    let mut browser = Browser::new(&client, &node, &provider);
    let page = browser.get(&node.url("/login/oidc"), "");
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("does not answer as it should") && page.text.contains("name=\"password\""));
    let form = browser.http.post(node.url("/login")).header("content-type", "application/x-www-form-urlencoded");
    assert!(!client.cookies(form.body(format!("token={}", node.token()))).is_empty(), "the token is a way in");
    provider.away.store(false, Ordering::SeqCst);
    wait_for("the provider to be asked again", || {
        let page = browser.get(&node.url("/login/oidc"), "");
        (page.status == StatusCode::SEE_OTHER).then_some(())
    });
    assert!(session(&browser.sign_in()).is_some());
}

#[test]
fn half_a_provider_is_refused_at_the_start() {
    for (file, says) in [
        ("[oidc]\nissuer = \"http://id.example.com\"\n", "oidc.issuer"),
        ("[oidc]\nissuer = \"https://id.example.com\"\n", "oidc.client_id"),
        ("[oidc]\nissuer = \"https://id.example.com\"\nclient_id = \"x\"\n", "oidc.public_url"),
        ("[oidc]\nissuer = \"https://id.example.com\"\nclient_id = \"x\"\n", "[[oidc.grant]]"),
    ] {
        let mut node = Node::prepare("cronbus.toml", file);
        node.launch();
        assert!(!node.ended().success());
        assert!(node.log().contains(says), "{file}: {}", node.log());
    }
}
