//! etcd over TLS, and with members that are away.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cronbus_adapters::membership::{ConnectError, EtcdMembership, Options};
use cronbus_adapters::tls::Certificates;
use cronbus_core::config::ServiceUrl;
use cronbus_core::local::clock::SystemClock;
use cronbus_core::port::Membership;
use cronbus_core::suite::membership::member;
use cronbus_servers::{Kind, Server, free_port};

use crate::authority::{Authority, Validity, impostors};

async fn connect(url: &str, certificates: Certificates) -> Result<EtcdMembership, ConnectError> {
    let (url, identity) = (ServiceUrl::new(url), "door".to_owned());
    let options = Options { url, lease: Duration::from_secs(10), certificates, identity };
    EtcdMembership::connect(&options, Arc::new(SystemClock::start().unwrap())).await
}

async fn works(url: &str, certificates: Certificates) {
    let register = connect(url, certificates).await.unwrap();
    let begun = Instant::now();
    // As a node does: it is told when nobody could be asked, and asks again.
    while let Err(error) = register.join(member("door")).await {
        assert!(error.is_retryable() && begun.elapsed() < Duration::from_secs(60), "{error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(register.holds_lease());
    register.leave().await.unwrap();
}

async fn refused(url: &str, certificates: Certificates, says: &str) {
    let error = match connect(url, certificates).await {
        Ok(register) => panic!("should be refused: {:?}", register.health()),
        Err(error) => error.to_string(),
    };
    assert!(error.contains(says) && error.contains("membership."), "{says}: {error}");
}

fn trusting(authorities: &Path) -> Certificates {
    Certificates::read(authorities, Path::new(""), Path::new("")).unwrap()
}

fn url(server: &Server) -> String {
    server.url().replace("etcd://", "etcds://")
}

#[tokio::test]
async fn servers_prove_who_they_are_and_so_do_nodes_where_that_is_wanted() {
    let authority = Authority::new();
    let server = Server::start_encrypted(Kind::Etcd, &[], authority.server(true)).unwrap();
    let with = |(certificate, key): &(PathBuf, PathBuf)| {
        Certificates::read(&authority.certificate(), certificate, key).unwrap()
    };
    works(&url(&server), with(&authority.issue("node", "DNS:node", Validity::Now))).await;
    let stranger = Authority::new();
    let other = with(&stranger.issue("node", "DNS:node", Validity::Now));
    for certificates in [trusting(&authority.certificate()), other] {
        // What the server says of it, it says while it hangs up: the driver hears it or does not, so that the server may as
        // well be away.
        match connect(&url(&server), certificates).await {
            Ok(register) => assert!(!register.health().is_up(), "{:?}", register.health()),
            Err(error) => assert!(error.to_string().contains("certificate_file"), "{error}"),
        }
    }
}

#[tokio::test]
async fn servers_that_cannot_be_trusted_are_named() {
    for impostor in impostors() {
        let server = Server::start_encrypted(Kind::Etcd, &[], impostor.encryption.clone()).unwrap();
        refused(&url(&server), trusting(&impostor.trusted), impostor.says).await;
    }
}

#[tokio::test]
async fn a_member_that_is_away_is_passed_over() {
    let server = Server::start(Kind::Etcd).unwrap();
    let away = free_port().unwrap();
    for hosts in [
        format!("127.0.0.1:{away},127.0.0.1:{}", server.port()),
        format!("127.0.0.1:{},127.0.0.1:{away}", server.port()),
    ] {
        works(&format!("etcd://{hosts}"), Certificates::default()).await;
    }
}
