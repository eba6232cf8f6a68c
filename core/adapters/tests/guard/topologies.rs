//! Servers behind Sentinel, and a cluster.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cronbus_core::suite;
use cronbus_servers::{Kind, Server, free_port};

use super::harness::{DEADLINE, bare, clock, connect, patient};

#[tokio::test]
async fn a_cluster_keeps_the_contract() {
    let server = Server::start_with(Kind::Redis, &["--cluster-enabled", "yes"]).unwrap();
    let mut bare = bare(&server.url()).await;
    let () = redis::cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(0).arg(16_383).query_async(&mut bare).await.unwrap();
    let url = format!("redis-cluster://127.0.0.1:{}", server.port());
    let deadline = Instant::now() + DEADLINE;
    let guard = loop {
        let guard = patient(&url).await;
        if cronbus_core::port::Guard::health(&guard).is_up() {
            break guard;
        }
        assert!(Instant::now() < deadline, "{guard:?}");
    };
    suite::guard::keeps_its_contract(&guard, &*clock()).await;
}

/// A sentinel that watches one master.
struct Sentinel {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Sentinel {
    fn watching(master: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port().unwrap();
        let file = folder.path().join("sentinel.conf");
        let watch = format!("sentinel monitor main 127.0.0.1 {} 1", master.port());
        std::fs::write(&file, format!("bind 127.0.0.1\nport {port}\n{watch}\n")).unwrap();
        let process = Command::new("redis-server")
            .arg(&file)
            .arg("--sentinel")
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed (package redis-server)");
        Self { process, port, _folder: folder }
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[tokio::test]
async fn the_master_is_found_through_sentinel() {
    let master = Server::start(Kind::Redis).unwrap();
    let sentinel = Sentinel::watching(&master);
    let port = sentinel.port;
    let guard = patient(&format!("redis-sentinel://127.0.0.1:{port}/main/2")).await;
    super::harness::until_it_answers(&guard).await;
    suite::guard::keeps_its_contract(&guard, &*clock()).await;

    let guard = connect(&format!("redis-sentinel://127.0.0.1:{port}/other"), Duration::from_secs(20)).await.unwrap();
    let detail = cronbus_core::port::Guard::health(&guard).detail;
    assert!(detail.contains("do not know the master"), "{detail}");
}
