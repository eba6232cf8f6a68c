//! NATS over TLS, and every way in that it knows.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cronbus_adapters::bus::{ConnectError, Limits, Login, NatsBus, Options, Trust};
use cronbus_core::config::ServiceUrl;
use cronbus_core::id::NodeName;
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Bus;
use cronbus_core::port::bus::Address;
use cronbus_core::wire::signing::{Key, Keyring};
use cronbus_core::wire::{Control, Message};
use cronbus_servers::{Kind, Server};
use nkeys::KeyPair;
use serde_json::{Value, json};

use crate::authority::{Authority, Validity, impostors};

async fn connect(url: &str, login: Login) -> Result<Arc<NatsBus>, ConnectError> {
    let clock = Arc::new(SystemClock::start().unwrap());
    let options = Options {
        url: ServiceUrl::new(url),
        node: NodeName::new("door").unwrap(),
        life: cronbus_core::port::Clock::now(&*clock),
        login,
        trust: Trust {
            keys: Keyring::of(Key::new(&[7; 32])),
            message_ttl: Duration::from_secs(600),
            clock_skew: Duration::from_secs(5),
        },
        limits: Limits { max_bytes: 32 << 20, ..Limits::default() },
        clock,
    };
    NatsBus::connect(options).await
}

/// A message goes out and comes in.
async fn works(url: &str, login: Login) {
    let bus = connect(url, login).await.unwrap();
    let at = Address::Control(NodeName::new("door").unwrap());
    let mut inbox = bus.subscribe(&at).await.unwrap();
    bus.publish(&at, Message::Control(vec![Control::Hold(true)])).await.unwrap();
    let message = tokio::time::timeout(Duration::from_secs(60), inbox.receive()).await.unwrap().unwrap();
    assert_eq!(message, Message::Control(vec![Control::Hold(true)]));
}

async fn refused(url: &str, login: Login, says: &str) {
    let error = connect(url, login).await.map(drop).expect_err("should be refused").to_string();
    assert!(error.contains(says) && error.contains("bus."), "{says}: {error}");
}

fn trusting(authorities: &Path) -> Login {
    Login { ca_file: Some(authorities.to_owned()), ..Login::default() }
}

#[tokio::test]
async fn servers_prove_who_they_are_and_so_do_nodes_where_that_is_wanted() {
    let authority = Authority::new();
    let server = Server::start_encrypted(Kind::Nats, &[], authority.server(true)).unwrap();
    let url = server.url();
    let own = authority.issue("node", "DNS:node", Validity::Now);
    works(&url, Login { certificate: Some(own), ..trusting(&authority.certificate()) }).await;
    refused(&url, trusting(&authority.certificate()), "does not take this node's certificate").await;
    let stranger = Authority::new();
    let other = stranger.issue("node", "DNS:node", Validity::Now);
    let login = Login { certificate: Some(other), ..trusting(&authority.certificate()) };
    refused(&url, login, "does not take this node's certificate").await;
}

#[tokio::test]
async fn servers_that_cannot_be_trusted_are_named() {
    for impostor in impostors() {
        let server = Server::start_encrypted(Kind::Nats, &[], impostor.encryption.clone()).unwrap();
        refused(&server.url(), trusting(&impostor.trusted), impostor.says).await;
    }
    let server = Server::start(Kind::Nats).unwrap();
    let authority = Authority::new();
    refused(&server.url(), trusting(&authority.certificate()), "speaks no TLS").await;
}

#[tokio::test]
async fn an_nkey_lets_in() {
    let folder = tempfile::tempdir().unwrap();
    let (user, other) = (KeyPair::new_user(), KeyPair::new_user());
    let more = format!("authorization {{ users = [ {{ nkey: {} }} ] }}\n", user.public_key());
    let server = start(folder.path(), &more);
    let file = |name: &str, pair: &KeyPair| {
        let path = folder.path().join(name);
        std::fs::write(&path, pair.seed().unwrap() + "\n").unwrap();
        Login { nkey_file: Some(path), ..Login::default() }
    };
    works(&server.url(), file("user.nk", &user)).await;
    refused(&server.url(), file("other.nk", &other), "authorization").await;
    refused(&server.url(), Login::default(), "authorization").await;
}

#[tokio::test]
async fn a_file_of_credentials_lets_in() {
    let folder = tempfile::tempdir().unwrap();
    let [operator, system, account, stranger] =
        [KeyPair::new_operator(), KeyPair::new_account(), KeyPair::new_account(), KeyPair::new_account()];
    // The account of the system itself may keep no streams.
    let preload = [(&system, 0), (&account, -1)].map(|(pair, kept)| {
        let claims = jwt(&operator, pair, "account", json!({ "limits": limits(kept), "default_permissions": {} }));
        format!("{}: {claims}", pair.public_key())
    });
    let own = json!({ "system_account": system.public_key() });
    let more = format!(
        "operator: {}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload: {{ {} }}\n",
        jwt(&operator, &operator, "operator", own),
        system.public_key(),
        preload.join(", ")
    );
    let server = start(folder.path(), &more);
    let credentials = |name: &str, issuer: &KeyPair| {
        let user = KeyPair::new_user();
        let claims = jwt(issuer, &user, "user", json!({ "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1 }));
        let (path, seed) = (folder.path().join(name), user.seed().unwrap());
        let text = format!(
            "-----BEGIN NATS USER JWT-----\n{claims}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        std::fs::write(&path, text).unwrap();
        Login { credentials_file: Some(path), ..Login::default() }
    };
    works(&server.url(), credentials("user.creds", &account)).await;
    refused(&server.url(), credentials("stranger.creds", &stranger), "authorization").await;
    refused(&server.url(), Login::default(), "authorization").await;
}

/// A server whose configuration has this, too.
fn start(folder: &Path, more: &str) -> Server {
    let file = folder.join("nats.conf");
    let store = folder.join("jetstream");
    let jetstream =
        format!("jetstream {{ store_dir: {:?}, max_mem: 1G, max_file: 16G }}\n", store.display().to_string());
    std::fs::write(&file, jetstream + more).unwrap();
    Server::start_with(Kind::Nats, &["-c", &file.display().to_string()]).unwrap()
}

fn limits(kept: i64) -> Value {
    json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "conn": -1, "leaf": -1, "wildcards": true,
        "mem_storage": kept, "disk_storage": kept, "streams": kept, "consumer": kept,
    })
}

/// A claim about `subject` in the words of NATS (nats-io/jwt, version 2), signed by `issuer`.
fn jwt(issuer: &KeyPair, subject: &KeyPair, kind: &str, mut claim: Value) -> String {
    claim["type"] = json!(kind);
    claim["version"] = json!(2);
    let claims = json!({
        "jti": subject.public_key(), "iat": 1_790_000_000, "iss": issuer.public_key(), "name": kind,
        "sub": subject.public_key(), "nats": claim,
    });
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({ "typ": "JWT", "alg": "ed25519-nkey" })), part(&claims));
    let signature = issuer.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}
