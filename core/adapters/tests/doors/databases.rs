//! MariaDB and PostgreSQL over TLS, and what of their refusals is for ever.

use std::path::Path;

use cronbus_adapters::store::{OpenError, OpenOptions, open};
use cronbus_servers::{Kind, Server};

use crate::authority::{Authority, impostors};

const KINDS: [Kind; 2] = [Kind::MariaDb, Kind::PostgreSql];

fn try_open(url: &str) -> Result<(), OpenError> {
    open(url, OpenOptions { migrate: true, ..OpenOptions::default() }).map(drop)
}

fn refused(url: &str, says: &str) {
    let error = try_open(url).expect_err("should be refused");
    let text = error.to_string();
    assert!(text.contains(says) && text.contains("127.0.0.1") && !text.contains("secret"), "{says}: {text}");
    assert!(!error.is_retryable(), "{text}");
}

fn verified(server: &Server, authorities: &Path) -> String {
    format!("{}?sslmode=verify-full&sslrootcert={}", server.url(), authorities.display())
}

#[test]
fn servers_prove_who_they_are() {
    for kind in KINDS {
        let authority = Authority::new();
        let server = Server::start_encrypted(kind, &[], authority.server(false)).unwrap();
        try_open(&verified(&server, &authority.certificate())).unwrap();
        try_open(&format!("{}?sslmode=require", server.url())).unwrap();
    }
}

#[test]
fn servers_that_cannot_be_trusted_are_named() {
    for kind in KINDS {
        for impostor in impostors() {
            let server = Server::start_encrypted(kind, &[], impostor.encryption.clone()).unwrap();
            refused(&verified(&server, &impostor.trusted), impostor.says);
        }
    }
}

#[test]
fn what_nobody_can_wait_for_is_told_from_what_may_come() {
    for kind in KINDS {
        let mut server = Server::start(kind).unwrap();
        let at = |user: &str, database: &str| {
            let scheme = server.url().split("://").next().unwrap().to_owned();
            format!("{scheme}://{user}@127.0.0.1:{}/{database}", server.port())
        };
        refused(&at("nobody:secret", "cronbus"), "nobody");
        refused(&at(if kind == Kind::MariaDb { "root" } else { "cronbus" }, "nowhere"), "nowhere");
        let url = server.url();
        refused(&format!("{url}?sslmode=require"), "TLS");
        server.kill().unwrap();
        let error = try_open(&url).expect_err("nobody answers");
        assert!(error.is_retryable(), "{error}");
    }
}
