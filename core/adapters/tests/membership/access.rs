//! Who is let in, and what they are told who are not.

use cronbus_core::port::Membership;
use cronbus_core::suite::membership::member;
use cronbus_servers::{Kind, Server};
use etcd_client::{Permission, PermissionType};

use super::harness::{LEASE, bare, connect, node};

async fn refused(url: &str) -> String {
    connect(url, "x", LEASE).await.expect_err("should be refused").to_string()
}

#[tokio::test]
async fn a_user_needs_rights_below_the_prefix_only() {
    let server = Server::start(Kind::Etcd).unwrap();
    let mut root = bare(&server.url()).await;
    root.user_add("root", "r", None).await.unwrap();
    root.role_add("root").await.ok();
    root.user_grant_role("root", "root").await.unwrap();
    root.role_add("nodes").await.unwrap();
    let below = Permission::new(PermissionType::Readwrite, "/cronbus/nodes/").with_prefix();
    root.role_grant_permission("nodes", below).await.unwrap();
    for name in ["able", "unable"] {
        root.user_add(name, "p@ss", None).await.unwrap();
    }
    root.user_grant_role("able", "nodes").await.unwrap();
    root.auth_enable().await.unwrap();

    let at = |user: &str| format!("etcd://{user}127.0.0.1:{}", server.port());
    let able = node(&at("able:p%40ss@"), "a").await;
    able.join(member("one")).await.unwrap();
    assert!(able.holds_lease());
    able.leave().await.unwrap();

    let message = refused(&at("able:wrong@")).await;
    assert!(message.contains("user or password") && !message.contains("wrong"), "{message}");
    let message = refused(&at("")).await;
    assert!(message.contains("USER:PASSWORD"), "{message}");
    let message = refused(&at("unable:p%40ss@")).await;
    assert!(message.contains("below the prefix"), "{message}");
}
