//! The web over TLS: whom the command line trusts, and a certificate that is renewed while the node runs.

use std::fs;
use std::path::Path;

use reqwest::Certificate;
use reqwest::redirect::Policy;

use crate::authority::{Authority, Validity};
use crate::support::{Client, Node, wait_for};

const HERE: &str = "DNS:localhost,IP:127.0.0.1";

fn place(authority: &Authority, node: &Node, alternative: &str) {
    let (certificate, key) = authority.issue("web", alternative, Validity::Now);
    for (from, to) in [(certificate, "web.pem"), (key, "web.key")] {
        fs::copy(from, node.config_path().with_file_name(to)).unwrap();
    }
}

fn node_that_shows(authority: &Authority, alternative: &str) -> Node {
    let mut node = Node::prepare("cronbus.toml", "");
    let at = |file: &str| node.config_path().with_file_name(file);
    let files = format!("[web]\ncertificate_file = {:?}\nkey_file = {:?}\n", at("web.pem"), at("web.key"));
    fs::write(node.config_path(), files).unwrap();
    place(authority, &node, alternative);
    node.start_again();
    node
}

/// A client that trusts this authority alone.
fn trusting(authority: &Path) -> reqwest::Client {
    let authority = Certificate::from_pem(&fs::read(authority).unwrap()).unwrap();
    reqwest::Client::builder().no_proxy().tls_certs_only([authority]).redirect(Policy::none()).build().unwrap()
}

#[test]
fn the_command_line_trusts_the_node_beside_it_and_others_by_their_authority() {
    let authority = Authority::new();
    // Not a name of this machine: the certificate is known by its file.
    let node = node_that_shows(&authority, "DNS:cron.example.org");
    assert!(node.url("").starts_with("https://"));
    node.ask(&["job", "list"]);
    let other = node_that_shows(&authority, HERE);
    let (server, token) = (other.url(""), other.token());
    let elsewhere = ["job", "list", "--server", &server, "--token", &token];
    let refused = node.try_ask(&elsewhere);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && told.contains("certificate") && told.contains("--ca-file"), "{told}");
    let file = authority.certificate();
    node.ask(&[&elsewhere[..], &["--ca-file", file.to_str().unwrap()]].concat());
}

#[test]
fn a_renewed_certificate_is_shown_and_a_broken_one_is_not() {
    let (first, second) = (Authority::new(), Authority::new());
    let node = node_that_shows(&first, HERE);
    let client = Client::new();
    let is_trusted = |authority: &Authority| {
        let request = trusting(&authority.certificate()).get(node.url("/healthz"));
        client.try_text(request).is_some()
    };
    assert!(is_trusted(&first) && !is_trusted(&second));
    let key = node.config_path().with_file_name("web.key");
    let right = fs::read(&key).unwrap();
    fs::write(&key, "-----BEGIN NOTHING-----").unwrap();
    wait_for("the broken key to be told", || node.log().contains("web.key_file").then_some(()));
    assert!(is_trusted(&first), "what worked is shown on");
    fs::write(&key, right).unwrap();
    place(&second, &node, HERE);
    wait_for("the other certificate", || (is_trusted(&second) && !is_trusted(&first)).then_some(()));
    node.ask(&["job", "list"]);
}

#[test]
fn a_browser_over_tls_keeps_its_cookie_from_plain_connections() {
    let authority = Authority::new();
    let node = node_that_shows(&authority, HERE);
    let client = Client::new();
    let http = trusting(&authority.certificate());
    let form = http.post(node.url("/login")).header("content-type", "application/x-www-form-urlencoded");
    let cookies = client.cookies(form.body(format!("token={}", node.token())));
    assert!(!cookies.is_empty() && cookies.iter().all(|cookie| cookie.ends_with("; Secure")), "{cookies:?}");
    let plain = node.url("/healthz").replace("https://", "http://");
    assert_eq!(client.try_text(client.http.get(plain)), None, "nothing is said in the clear");
}

#[test]
fn half_a_pair_and_what_is_no_certificate_is_refused_at_the_start() {
    for (file, says) in [
        ("[web]\ncertificate_file = \"web.pem\"\n", "web.key_file belong together"),
        ("[web]\ncertificate_file = \"/nowhere.pem\"\nkey_file = \"/nowhere.key\"\n", "web.certificate_file"),
        ("[web]\ncertificate_file = \"/etc/hostname\"\nkey_file = \"/etc/hostname\"\n", "holds no certificate"),
    ] {
        let mut node = Node::prepare("cronbus.toml", file);
        node.launch();
        assert_eq!(node.ended().code(), Some(1));
        assert!(node.log().contains(says), "{file}: {}", node.log());
    }
}
