//! Attacks on what lets people in: guessing, fixation, links used twice, accounts that are over. And what a viewer is shown.

use actix_web::http::{Method, StatusCode, header};
use cronbus_core::account::{Grant, Grants, Holder};

use super::browser::Browser;
use crate::web::accounts::acts::{self, Change};
use crate::web::accounts::set_up;
use crate::web::session::{Origin, Principal};
use crate::web::site::Site;
use crate::web::tests::accounts::two_nodes;
use crate::web::tests::stage::{ask, noop, send, site};

const PASSWORD: &str = "correct horse battery";

async fn user(site: &Site, name: &str, grants: &str) {
    let grants: Vec<Grant> = grants.split_whitespace().map(|grant| grant.parse().unwrap()).collect();
    let grants = Grants::new(grants).unwrap();
    acts::add_user(site, name, Some(PASSWORD), grants, &Principal::admin()).await.unwrap();
}

async fn signed_in_as(site: &Site, name: &str) -> Browser {
    let mut browser = Browser::new(site.clone());
    let answer = browser.sign_in_as(name, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    browser
}

#[actix_web::test]
async fn a_set_up_link_makes_one_administrator_and_is_over() {
    let site = site(true);
    let secret = set_up::offer(&*site.store, site.clock.now()).await.unwrap().unwrap();
    let other = set_up::offer(&*site.store, site.clock.now()).await.unwrap().unwrap();
    let mut browser = Browser::new(site.clone());
    assert!(browser.page("/setup").await.contains("setup.js"));
    let form = |link: &str, password: &str, again: &str| {
        let fields = [("link", link), ("name", "Anna"), ("password", password), ("again", again)];
        browser.request(Method::POST, "/setup").set_form(fields).peer_addr("127.0.0.1:1".parse().unwrap())
    };
    for (link, password, again, expected) in [
        ("0000", PASSWORD, PASSWORD, StatusCode::FORBIDDEN),
        ("", PASSWORD, PASSWORD, StatusCode::FORBIDDEN),
        (&secret, PASSWORD, "another password", StatusCode::UNPROCESSABLE_ENTITY),
        (&secret, "short", "short", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(ask(&site, form(link, password, again)).await.status, expected, "{link} {password}");
    }
    let elsewhere = form(&secret, PASSWORD, PASSWORD).insert_header(("Sec-Fetch-Site", "cross-site"));
    assert_eq!(ask(&site, elsewhere).await.status, StatusCode::FORBIDDEN);
    let made = ask(&site, form(&secret, PASSWORD, PASSWORD)).await;
    assert_eq!(made.location(), "/");
    for link in [&secret, &other] {
        assert_eq!(ask(&site, form(link, PASSWORD, PASSWORD)).await.status, StatusCode::FORBIDDEN, "used twice");
    }
    assert_eq!(set_up::offer(&*site.store, site.clock.now()).await.unwrap(), None);
    browser.keep_cookie(&made);
    assert!(browser.page("/accounts").await.contains("anna"));
    assert_eq!(Browser::new(site).get("/setup").await.location(), "/login");
}

#[actix_web::test]
async fn a_set_up_link_grows_old_and_opens_no_session() {
    let (here, _, clock) = two_nodes();
    let secret = set_up::offer(&*here.store, here.clock.now()).await.unwrap().unwrap();
    let mut browser = Browser::new(here.clone());
    browser.secret = secret.clone();
    assert_eq!(browser.get("/jobs").await.status, StatusCode::SEE_OTHER, "its secret is no cookie");
    clock.go_on(24 * 3600);
    let problem = set_up::make_first(&here, &secret, ("anna", PASSWORD), Origin::default()).await.unwrap_err();
    assert_eq!(problem.status, 403);
}

#[actix_web::test]
async fn signing_in_gives_a_new_session_that_every_node_knows() {
    let (here, there, _) = two_nodes();
    user(&here, "anna", "viewer").await;
    let mut browser = Browser::new(here.clone());
    browser.secret = "f".repeat(64);
    assert_eq!(browser.sign_in_as("ANNA", PASSWORD).await.location(), "/account");
    assert_ne!(browser.secret, "f".repeat(64), "nobody chooses a session for somebody else");
    browser.page("/jobs").await;
    let elsewhere = Browser { site: there, secret: browser.secret.clone() };
    elsewhere.page("/jobs").await;
    assert_eq!(elsewhere.post("/logout", &[]).await.location(), "/login");
    let (first, _) = (browser.secret.clone(), browser.sign_in_as("anna", PASSWORD).await);
    assert_ne!(browser.secret, first);
    browser.secret = first;
    assert_eq!(browser.get("/jobs").await.status, StatusCode::SEE_OTHER, "signing in again ends the session before");
}

#[actix_web::test]
async fn a_session_of_a_deleted_user_is_nobodys_though_another_has_the_name() {
    let (here, _, clock) = two_nodes();
    user(&here, "anna", "admin").await;
    let name = "anna".parse().unwrap();
    let former = here.store.user(&name).await.unwrap().unwrap();
    acts::delete_user(&here, "anna", &Principal::admin()).await.unwrap();
    // She signed in at another node while she was deleted, and that is noted only now.
    let holder = Holder::User(name);
    let secret = here.admin.sessions.open(&here, holder, former.generation).await.unwrap();
    clock.go_on(1);
    user(&here, "anna", "viewer").await;
    let late = Browser { site: here, secret };
    assert_eq!(late.get("/jobs").await.status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn sessions_idle_and_age() {
    let (here, _, clock) = two_nodes();
    user(&here, "anna", "viewer").await;
    let browser = signed_in_as(&here, "anna").await;
    for _ in 0..3 {
        clock.go_on(3000);
        browser.page("/jobs").await;
    }
    clock.go_on(3700);
    assert_eq!(browser.get("/jobs").await.status, StatusCode::SEE_OTHER, "nobody used it");
    let browser = signed_in_as(&here, "anna").await;
    for _ in 0..28 {
        clock.go_on(3000);
        browser.page("/jobs").await;
    }
    clock.go_on(3000);
    assert_eq!(browser.get("/jobs").await.status, StatusCode::SEE_OTHER, "it is too old");
}

#[actix_web::test]
async fn unknown_names_and_wrong_passwords_take_the_same_way() {
    let site = site(true);
    user(&site, "anna", "viewer").await;
    acts::add_user(&site, "federated", None, Grants::default(), &Principal::admin()).await.unwrap();
    user(&site, "gone", "viewer").await;
    let disabled = Change { disabled: Some(true), ..Change::default() };
    acts::change_user(&site, "gone", disabled, &Principal::admin()).await.unwrap();
    let mut seen = Vec::new();
    for (name, password) in
        [("anna", "wrong password"), ("nobody", PASSWORD), ("gone", PASSWORD), ("federated", PASSWORD), ("a b", "")]
    {
        let before = site.admin.hasher.compared();
        let answer = Browser::new(site.clone()).sign_in_as(name, password).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(site.admin.hasher.compared(), before + 1, "{name}: one comparison, whoever it is");
        assert!(answer.headers.get(header::SET_COOKIE).is_none());
        seen.push(answer.text());
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "the answers tell nothing");
}

#[actix_web::test]
async fn guessing_is_slowed_down_by_name_and_by_address() {
    let (here, _, clock) = two_nodes();
    user(&here, "anna", "viewer").await;
    user(&here, "ben", "viewer").await;
    let mut guesser = Browser::new(here.clone());
    for _ in 0..6 {
        guesser.sign_in_as("anna", "a wrong password").await;
    }
    assert_eq!(guesser.sign_in_as("anna", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(guesser.sign_in_as("ben", PASSWORD).await.status, StatusCode::SEE_OTHER, "another name");
    clock.go_on(600);
    for number in 0..10 {
        guesser.sign_in_as(&format!("name{number}"), "a wrong password").await;
    }
    assert_eq!(guesser.sign_in_as("ben", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS, "the address");
    clock.go_on(600);
    assert_eq!(guesser.sign_in_as("anna", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn a_new_password_ends_every_other_session() {
    let (here, there, clock) = two_nodes();
    user(&here, "anna", "viewer").await;
    let mut browser = signed_in_as(&here, "anna").await;
    let stolen = Browser { site: there, secret: browser.secret.clone() };
    stolen.page("/jobs").await;
    let form = |current: &'static str, password: &'static str| {
        vec![("current", current), ("password", password), ("again", password)]
    };
    let wrong = browser.post("/account", &form("not the password", "another long one")).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let short = browser.post("/account", &form(PASSWORD, "short")).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let changed = browser.post("/account", &form(PASSWORD, "another long one")).await;
    assert_eq!(changed.location(), "/account");
    let old = std::mem::take(&mut browser.secret);
    browser.keep_cookie(&changed);
    assert_ne!(browser.secret, old);
    browser.page("/account").await;
    clock.go_on(2);
    assert_eq!(stolen.get("/jobs").await.status, StatusCode::SEE_OTHER);
    assert_eq!(Browser::new(here).sign_in_as("anna", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn who_is_disabled_or_deleted_is_out() {
    let (here, there, clock) = two_nodes();
    for name in ["anna", "ben"] {
        user(&here, name, "viewer").await;
    }
    let [anna, ben] = [signed_in_as(&there, "anna").await, signed_in_as(&there, "ben").await];
    for browser in [&anna, &ben] {
        browser.page("/jobs").await;
    }
    let disabled = Change { disabled: Some(true), ..Change::default() };
    acts::change_user(&here, "anna", disabled, &Principal::admin()).await.unwrap();
    acts::delete_user(&here, "ben", &Principal::admin()).await.unwrap();
    clock.go_on(2);
    for browser in [&anna, &ben] {
        assert_eq!(browser.get("/jobs").await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(Browser::new(here.clone()).sign_in_as("anna", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    let enabled = Change { disabled: Some(false), ..Change::default() };
    acts::change_user(&here, "anna", enabled, &Principal::admin()).await.unwrap();
    clock.go_on(2);
    assert_eq!(anna.get("/jobs").await.status, StatusCode::SEE_OTHER, "the old session stays over");
}

#[actix_web::test]
async fn pages_show_no_button_that_may_not_be_pressed() {
    let site = site(true);
    for (name, grants) in [("vera", "viewer"), ("otto", "operator"), ("scoped", "admin:web"), ("none", "")] {
        user(&site, name, grants).await;
    }
    send(&site, Method::POST, "/api/v1/jobs", noop("report")).await;
    let viewer = signed_in_as(&site, "vera").await;
    for path in ["/", "/jobs", "/jobs/report", "/nodes", "/alerts"] {
        let page = viewer.page(path).await;
        let forms = page.matches("method=\"post\"").count() - page.matches("action=\"/logout\"").count();
        let bulk = page.matches("action=\"/jobs/bulk\"").count();
        assert_eq!(forms, bulk, "{path}: {page}");
        assert!(!page.contains("/edit\"") && !page.contains("/delete\"") && !page.contains("/accounts\""), "{path}");
        assert!(!page.contains("name=\"action\""), "{path}");
    }
    let operator = signed_in_as(&site, "otto").await.page("/jobs/report").await;
    assert!(operator.contains("/jobs/report/run") && !operator.contains("/jobs/report/edit"), "{operator}");
    for path in ["/accounts", "/jobs/new", "/jobs/report/edit", "/alerts/deliveries?x=1"] {
        let status = viewer.get(path).await.status;
        assert!(matches!(status.as_u16(), 403 | 400), "{path}: {status}");
    }
    assert_eq!(viewer.post("/jobs/report/run", &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(viewer.post("/accounts/users", &[("name", "x")]).await.status, StatusCode::FORBIDDEN);
    let scoped = signed_in_as(&site, "scoped").await;
    assert_eq!(scoped.get("/jobs/report").await.status, StatusCode::NOT_FOUND);
    for path in ["/", "/jobs", "/runs", "/nodes", "/alerts", "/alerts/history"] {
        assert!(!scoped.page(path).await.contains("report"), "{path}");
    }
    assert_eq!(scoped.get("/accounts").await.status, StatusCode::FORBIDDEN);
    let nothing = signed_in_as(&site, "none").await;
    assert_eq!(nothing.get("/jobs").await.status, StatusCode::FORBIDDEN);
    nothing.page("/account").await;
}

#[actix_web::test]
async fn an_administrator_looks_after_accounts_on_the_page() {
    let browser = Browser::signed_in(site(true)).await;
    let add = [("name", "Carla"), ("password", PASSWORD), ("grants", "viewer operator:php")];
    assert_eq!(browser.post("/accounts/users", &add).await.location(), "/accounts");
    let page = browser.page("/accounts").await;
    assert!(page.contains("carla") && page.contains("viewer operator:php") && !page.contains(PASSWORD), "{page}");
    let refused = browser.post("/accounts/users", &[("name", "x"), ("grants", "root")]).await;
    assert_eq!(refused.location(), "/accounts");
    assert!(browser.page("/accounts").await.contains("is no role"));
    let made = browser.post("/accounts/tokens", &[("name", "ci"), ("grants", "viewer"), ("days", "7")]).await;
    assert_eq!(made.status, StatusCode::OK);
    assert!(made.text().contains("cronbus_"));
    assert!(!browser.page("/accounts").await.contains("cronbus_"), "once");
    assert!(browser.page("/accounts/tokens/ci/revoke").await.contains("/accounts/tokens/ci/revoke"));
    assert_eq!(browser.post("/accounts/tokens/ci/revoke", &[]).await.location(), "/accounts");
    assert_eq!(browser.post("/accounts/users/carla", &[("disabled", "yes")]).await.location(), "/accounts");
    assert_eq!(browser.post("/accounts/users/carla/delete", &[]).await.location(), "/accounts");
    assert!(!browser.page("/accounts").await.contains("carla</b>"));
}
