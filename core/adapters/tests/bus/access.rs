//! Who may connect.

use cronbus_adapters::bus::{ConnectError, Login, NatsBus, Options};
use cronbus_core::port::Bus;
use cronbus_core::port::bus::Address;
use cronbus_servers::{Kind, Server};

use crate::harness::{expect_all, node, numbered, options};

async fn works(options: Options) {
    let bus = NatsBus::connect(options).await.unwrap();
    let at = Address::Control(node("access"));
    let mut inbox = bus.subscribe(&at).await.unwrap();
    bus.publish(&at, numbered(1)).await.unwrap();
    expect_all(&mut *inbox, 1..=1).await;
    assert_eq!(bus.is_guarded(), Some(true));
}

#[tokio::test]
async fn user_and_password_stand_in_the_url_and_wrong_ones_are_refused() {
    let server = Server::start_with(Kind::Nats, &["--user", "ann", "--pass", "se:cret"]).unwrap();
    let with = |user: &str| server.url().replace("nats://", &format!("nats://{user}@"));
    works(options(&with("ann:se%3Acret"), "access")).await;
    for wrong in [server.url(), with("ann:other")] {
        let error = NatsBus::connect(options(&wrong, "access")).await.unwrap_err();
        assert!(matches!(error, ConnectError::Refused { .. }), "{error}");
        assert!(!error.to_string().contains("other"), "{error}");
    }
}

#[tokio::test]
async fn a_token_stands_in_the_url_too() {
    let server = Server::start_with(Kind::Nats, &["--auth", "t0ken"]).unwrap();
    works(options(&server.url().replace("nats://", "nats://t0ken@"), "access")).await;
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named() {
    let missing = Login { credentials_file: Some("/nowhere/x.creds".into()), ..Login::default() };
    let options = options("nats://127.0.0.1:1", "access");
    let error = NatsBus::connect(Options { login: missing, ..options }).await.unwrap_err();
    assert!(error.to_string().contains("bus.credentials_file") && error.to_string().contains("/nowhere/x.creds"));
}
