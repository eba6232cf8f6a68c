//! What every register promises, and what is written down of it.

use cronbus_core::port::Membership;
use cronbus_core::port::membership::{Availability, Member};
use cronbus_core::suite::membership::{described, member, one_node, two_nodes};
use etcd_client::GetOptions;

use super::harness::{bare, node, shared_url, until_seen};

#[tokio::test]
async fn keeps_the_contract_of_one_node() {
    one_node(&node(&shared_url(), "a").await).await;
}

#[tokio::test]
async fn keeps_the_contract_of_two_nodes() {
    let url = shared_url();
    two_nodes(&node(&url, "a").await, &node(&url, "b").await).await;
}

#[tokio::test]
async fn records_are_json_below_the_prefix_and_under_a_lease() {
    let url = shared_url();
    let one = node(&url, "a").await;
    one.join(member("one")).await.unwrap();
    let prefix = url.rsplit('/').next().unwrap();
    let found = bare(&url).await.get(format!("/{prefix}/nodes/one"), None).await.unwrap();
    let kv = &found.kvs()[0];
    assert_eq!(Member { leased_at: None, ..serde_json::from_slice(kv.value()).unwrap() }, member("one"));
    assert_eq!(one.lease(), Some(kv.lease().cast_unsigned()));
    assert_eq!(one.snapshot().revision, kv.mod_revision(), "epochs are the register's revisions");
}

#[tokio::test]
async fn what_is_no_record_is_ignored() {
    let url = shared_url();
    let prefix = url.rsplit('/').next().unwrap();
    let mut bare = bare(&url).await;
    for (name, value) in [("x", "nonsense"), ("y", "{}"), ("z", &serde_json::to_string(&member("other")).unwrap())] {
        bare.put(format!("/{prefix}/nodes/{name}"), value, None).await.unwrap();
    }
    let one = node(&url, "a").await;
    one.join(member("one")).await.unwrap();
    bare.put(format!("/{prefix}/nodes/w"), vec![0xff, 0xfe], None).await.unwrap();
    let draining = Member { state: Availability::Draining, ..member("one") };
    one.join(draining.clone()).await.unwrap();
    assert_eq!(described(&until_seen(&one, &["one"]).await), [draining]);
    let all = bare.get(format!("/{prefix}/"), Some(GetOptions::new().with_prefix())).await.unwrap();
    assert_eq!(all.kvs().len(), 5);
}
