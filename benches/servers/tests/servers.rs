//! Every kind of server starts, forgets nothing it should keep when it is killed, hangs when it is frozen, and is gone
//! with its value.
#![allow(clippy::expect_used, reason = "a test may end at what it did not expect")]

use std::net::TcpStream;
use std::time::{Duration, Instant};

use cronbus_servers::{Cluster, Error, Kind, NodePlan, Plan, Proxy, Server};

#[test]
fn each_starts_and_starts_again_after_a_crash() {
    for kind in Kind::ALL {
        let mut server = Server::start(kind).expect("a server");
        let (port, first) = (server.port(), server.pid());
        server.kill().expect("killed");
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "{kind:?} still listens");
        server.start_again().expect("again");
        assert_eq!(server.port(), port);
        assert_ne!(server.pid(), first);
        server.stop().expect("stopped");
        assert_eq!(server.pid(), None);
        server.start_again().expect("a third time");
        drop(server);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "{kind:?} outlived its value");
    }
}

#[test]
fn a_frozen_server_hangs_and_goes_on() {
    let server = Server::start(Kind::Redis).expect("a server");
    server.freeze().expect("frozen");
    assert_eq!(ping(server.port()), None);
    server.thaw().expect("thawed");
    assert!(eventually(|| ping(server.port()).is_some()));
}

#[test]
fn a_proxy_cuts_and_heals() {
    let server = Server::start(Kind::Redis).expect("a server");
    let proxy = Proxy::to(server.port()).expect("a proxy");
    assert!(ping(proxy.port()).is_some());
    proxy.cut();
    assert_eq!(ping(proxy.port()), None);
    proxy.heal();
    assert!(eventually(|| ping(proxy.port()).is_some()));
}

#[test]
fn a_node_that_ends_says_how_and_its_log_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let stub = folder.path().join("stub");
    std::fs::write(&stub, "#!/bin/sh\ncase $1 in node) echo out of luck >&2; exit 7;; esac\n").expect("written");
    std::fs::set_permissions(&stub, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("made a program");
    let plan = Plan::new(stub, Kind::MariaDb, vec![NodePlan::new("ill", &["web"])]);
    let Err(Error::NodeEnded { node, how, log, tail }) = Cluster::start(plan) else { panic!("it ended") };
    assert_eq!((node.as_str(), how.code(), tail.as_str()), ("ill", Some(7), "out of luck"));
    assert!(log.exists());
    std::fs::remove_dir_all(log.parent().and_then(std::path::Path::parent).expect("its folder")).expect("removed");
}

fn ping(port: u16) -> Option<Vec<u8>> {
    use std::io::{Read as _, Write as _};
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_millis(300))).ok()?;
    stream.write_all(b"PING\r\n").ok()?;
    let mut answer = vec![0; 16];
    let length = stream.read(&mut answer).ok()?;
    answer.truncate(length);
    (length > 0).then_some(answer)
}

fn eventually(mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
    }
    false
}
