//! Redis over TLS, and with users of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cronbus_adapters::guard::{ConnectError, Options, RedisGuard};
use cronbus_adapters::tls::Certificates;
use cronbus_core::config::ServiceUrl;
use cronbus_core::id::{Attempt, JobId, NodeName, Slot};
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Guard;
use cronbus_core::time::Timestamp;
use cronbus_servers::{Kind, Server};

use crate::authority::{Authority, Validity, impostors};

const PATIENCE: Duration = Duration::from_secs(20);

async fn connect(url: &str, certificates: Certificates) -> Result<RedisGuard, ConnectError> {
    let options = Options { url: ServiceUrl::new(url), timeout: PATIENCE, keep: Duration::from_secs(60), certificates };
    RedisGuard::connect(&options, Arc::new(SystemClock::start().unwrap())).await
}

async fn works(url: &str, certificates: Certificates) {
    let guard = connect(url, certificates).await.unwrap();
    let id = Slot::new(JobId(1), Timestamp::from_seconds(1)).run_id(Attempt::FIRST);
    assert_eq!(guard.claim(&[id], &NodeName::new("door").unwrap(), PATIENCE).await.unwrap(), [true]);
}

async fn refused(url: &str, certificates: Certificates, says: &str) {
    let error = connect(url, certificates).await.map(drop).expect_err("should be refused").to_string();
    assert!(error.contains(says) && error.contains("guard."), "{says}: {error}");
}

fn trusting(authorities: &Path) -> Certificates {
    Certificates::read(authorities, Path::new(""), Path::new("")).unwrap()
}

fn url(server: &Server, user: &str) -> String {
    server.url().replace("redis://", &format!("rediss://{user}"))
}

#[tokio::test]
async fn servers_prove_who_they_are_and_so_do_nodes_where_that_is_wanted() {
    let authority = Authority::new();
    let user = "--user node on >p@ss ~cronbus:once:* +@all --user default off";
    let arguments: Vec<&str> = user.split(' ').collect();
    let server = Server::start_encrypted(Kind::Redis, &arguments, authority.server(true)).unwrap();
    let with = |(certificate, key): &(PathBuf, PathBuf)| {
        Certificates::read(&authority.certificate(), certificate, key).unwrap()
    };
    let own = authority.issue("node", "DNS:node", Validity::Now);
    works(&url(&server, "node:p%40ss@"), with(&own)).await;
    refused(&url(&server, "node:wrong@"), with(&own), "password").await;
    refused(&url(&server, ""), with(&own), "password").await;
    refused(&url(&server, "node:p%40ss@"), trusting(&authority.certificate()), "certificate").await;
    let stranger = Authority::new();
    let other = with(&stranger.issue("node", "DNS:node", Validity::Now));
    refused(&url(&server, "node:p%40ss@"), other, "certificate").await;
}

#[tokio::test]
async fn servers_that_cannot_be_trusted_are_named() {
    for impostor in impostors() {
        let server = Server::start_encrypted(Kind::Redis, &[], impostor.encryption.clone()).unwrap();
        refused(&url(&server, ""), trusting(&impostor.trusted), impostor.says).await;
    }
}
