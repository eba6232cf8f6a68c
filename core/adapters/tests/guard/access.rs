//! Who is let in, and what they are told who are not.

use std::time::Duration;

use cronbus_servers::{Kind, Server};

use super::harness::{claim, connect};

const TIMEOUT: Duration = Duration::from_secs(20);

async fn refused(url: &str) -> String {
    connect(url, TIMEOUT).await.expect_err("should be refused").to_string()
}

#[tokio::test]
async fn a_password_is_asked_for_and_a_wrong_one_explained() {
    let server = Server::start_with(Kind::Redis, &["--requirepass", "se:c@ret"]).unwrap();
    let port = server.port();
    let guard = connect(&format!("redis://:se%3Ac%40ret@127.0.0.1:{port}/3"), TIMEOUT).await.unwrap();
    assert_eq!(claim(&guard, 0..2, "a").await.unwrap(), [true, true]);

    let message = refused(&format!("redis://:wrong@127.0.0.1:{port}")).await;
    assert!(message.contains("guard.url") && message.contains("password"), "{message}");
    assert!(message.contains(":***@") && !message.contains(":wrong@"), "{message}");
    let message = refused(&format!("redis://127.0.0.1:{port}")).await;
    assert!(message.contains("wants a password"), "{message}");
}

#[tokio::test]
async fn a_user_needs_few_rights_and_missing_ones_are_named() {
    let rights = |name, rights: &'static str| format!("--user {name} on >pw ~cronbus:once:* {rights}");
    let able = rights("able", "+set +get +del +pexpire +eval +select +client");
    let unable = rights("unable", "+get +select +client");
    let arguments: Vec<&str> = able.split(' ').chain(unable.split(' ')).collect();
    let server = Server::start_with(Kind::Redis, &arguments).unwrap();
    let port = server.port();
    let guard = connect(&format!("redis://able:pw@127.0.0.1:{port}"), TIMEOUT).await.unwrap();
    assert_eq!(claim(&guard, 0..2, "a").await.unwrap(), [true, true]);
    assert_eq!(claim(&guard, 0..2, "b").await.unwrap(), [false, false]);
    let message = refused(&format!("redis://unable:pw@127.0.0.1:{port}")).await;
    assert!(message.contains("PEXPIRE"), "{message}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_refused() {
    let server = Server::start(Kind::Redis).unwrap();
    let message = refused(&format!("{}/999", server.url())).await;
    assert!(message.contains("out of range"), "{message}");
}
