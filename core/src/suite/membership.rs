//! What [`Membership`] promises.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::FutureExt;

use crate::id::NodeName;
use crate::port::Membership;
use crate::port::membership::{Availability, Error, Member, Role, Snapshot};
use crate::time::Timestamp;

const PATIENCE: Duration = Duration::from_secs(30);

/// A member of this name with every role.
#[must_use]
pub fn member(name: &str) -> Member {
    Member {
        name: NodeName::new(name).unwrap(),
        address: "127.0.0.1:7321".to_owned(),
        health_address: String::new(),
        roles: Role::ALL.to_vec(),
        groups: vec!["suite".to_owned()],
        labels: BTreeMap::from([("zone".to_owned(), "a".to_owned())]),
        version: "0.1.0".to_owned(),
        pid: 1,
        capacity: 4,
        state: Availability::Active,
        started_at: Timestamp::EPOCH,
        waits_for_leave: true,
        leased_at: None,
    }
}

/// The names in a snapshot, in its order.
#[must_use]
pub fn names(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.members.iter().map(|member| member.name.as_str()).collect()
}

/// The members in a snapshot as they described themselves.
#[must_use]
pub fn described(snapshot: &Snapshot) -> Vec<Member> {
    snapshot.members.iter().map(|member| Member { leased_at: None, ..member.clone() }).collect()
}

async fn changed(membership: &dyn Membership, revision: i64) -> Snapshot {
    tokio::time::timeout(PATIENCE, membership.changed(revision)).await.expect("the change is told in time")
}

fn leases(snapshot: &Snapshot) -> Vec<Option<Timestamp>> {
    snapshot.members.iter().map(|member| member.leased_at).collect()
}

/// What a node sees of itself in a register where it is alone.
pub async fn one_node(membership: &dyn Membership) {
    let before = membership.snapshot();
    assert!(before.members.is_empty() && !membership.holds_lease());
    membership.join(member("suite-1")).await.unwrap();
    let joined = changed(membership, before.revision).await;
    assert_eq!(described(&joined), [member("suite-1")]);
    assert!(joined.revision > before.revision && membership.holds_lease());
    assert!(membership.changed(joined.revision).now_or_never().is_none(), "nothing has changed");

    let draining = Member { state: Availability::Draining, ..member("suite-1") };
    membership.join(draining.clone()).await.unwrap();
    let drained = changed(membership, joined.revision).await;
    assert_eq!(described(&drained), [draining]);
    assert_eq!(leases(&drained), leases(&joined), "what a node says of itself may change under its lease");

    membership.leave().await.unwrap();
    assert!(changed(membership, drained.revision).await.members.is_empty());
    assert!(!membership.holds_lease());
    membership.leave().await.unwrap();
}

async fn what_is_said_on_a_nodes_behalf_holds(a: &dyn Membership, b: &dyn Membership) {
    let name = |name| NodeName::new(name).unwrap();
    assert!(!a.set_state(&name("nobody"), Availability::Draining).await.unwrap());
    for state in [Availability::Draining, Availability::Active] {
        assert!(a.set_state(&name("suite-2"), state).await.unwrap());
        for membership in [a, b] {
            let mut seen = membership.snapshot();
            while seen.members.last().is_none_or(|member| member.state != state) {
                seen = changed(membership, seen.revision).await;
            }
            assert_eq!(names(&seen), ["suite-1", "suite-2"]);
        }
        assert!(b.holds_lease(), "its lease is its own still");
    }
}

/// What two nodes see of each other. `a` and `b` are two connections to one register where nobody has joined yet.
pub async fn two_nodes(a: &dyn Membership, b: &dyn Membership) {
    let before = a.snapshot();
    b.join(member("suite-2")).await.unwrap();
    a.join(member("suite-1")).await.unwrap();
    let mut seen = [a.snapshot(), b.snapshot()];
    for (membership, seen) in [a, b].into_iter().zip(&mut seen) {
        while seen.members.len() < 2 {
            *seen = changed(membership, seen.revision).await;
        }
        assert_eq!(names(seen), ["suite-1", "suite-2"], "ordered by name");
        assert!(seen.revision > before.revision);
    }

    what_is_said_on_a_nodes_behalf_holds(a, b).await;
    let refused = a.join(member("suite-2")).await.unwrap_err();
    assert!(matches!(refused, Error::NameTaken { .. }) && !refused.is_retryable(), "{refused}");
    assert!(a.holds_lease() && b.holds_lease());

    b.leave().await.unwrap();
    let mut last = a.snapshot();
    while last.members.len() > 1 {
        last = changed(a, last.revision).await;
    }
    assert_eq!(names(&last), ["suite-1"]);
}
