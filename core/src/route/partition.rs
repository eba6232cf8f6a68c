//! Which scheduler owns which partition, and which dispatcher it lends it to.

use super::rendezvous::score;
use crate::id::{NodeName, Partition};
use crate::port::membership::{Availability, Member, Role};

/// The member that owns a partition: the one of the highest score among the schedulers that are not draining; `None`
/// when there is none.
#[must_use]
pub fn owner_of(partition: Partition, members: &[Member]) -> Option<&NodeName> {
    first(partition, members, Role::Scheduler).map(|member| &member.name)
}

/// The member that dispatches the runs of a partition: the one of the highest score among the dispatchers that are not
/// draining; `None` when there is none. Where all schedulers are dispatchers and all dispatchers schedulers it is the
/// partition's owner.
#[must_use]
pub fn dispatcher_of(partition: Partition, members: &[Member]) -> Option<&Member> {
    first(partition, members, Role::Dispatcher)
}

fn first(partition: Partition, members: &[Member], role: Role) -> Option<&Member> {
    let key = partition.index() as u64;
    let fitting = members.iter().filter(|member| member.has(role) && member.state == Availability::Active);
    // Two names of the same score are told apart by the names themselves.
    fitting.max_by_key(|member| (score(member.name.as_str(), key), &member.name))
}

/// The partitions that `node` owns among these members, in order. A draining node owns nothing.
#[must_use]
pub fn owned_by(node: &NodeName, members: &[Member]) -> Vec<Partition> {
    Partition::all().filter(|&partition| owner_of(partition, members) == Some(node)).collect()
}

/// Who dispatches which partition, worked out once for all of them.
#[derive(Clone, Debug)]
pub struct Dispatchers(Vec<Option<NodeName>>);

impl Dispatchers {
    /// The dispatchers among these members.
    #[must_use]
    pub fn among(members: &[Member]) -> Self {
        let name = |partition| dispatcher_of(partition, members).map(|member| member.name.clone());
        Self(Partition::all().map(name).collect())
    }

    /// Who dispatches a partition; see [`dispatcher_of`].
    #[must_use]
    pub fn of(&self, partition: Partition) -> Option<&NodeName> {
        self.0.get(partition.index())?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::suite::membership::member;

    fn clusters() -> impl Strategy<Value = Vec<Member>> {
        let names = prop::collection::btree_set("[a-z0-9][a-z0-9.-]{0,12}", 1..12);
        names.prop_map(|names| names.iter().map(|name| member(name)).collect())
    }

    fn owners(members: &[Member]) -> Vec<Option<&NodeName>> {
        Partition::all().map(|partition| owner_of(partition, members)).collect()
    }

    proptest! {
        #[test]
        fn all_partitions_are_owned_once(members in clusters()) {
            let owned: usize = members.iter().map(|member| owned_by(&member.name, &members).len()).sum();
            prop_assert_eq!(owned, Partition::COUNT);
        }

        #[test]
        fn the_order_of_members_does_not_matter(members in clusters(), start in any::<Index>()) {
            let mut turned = members.clone();
            turned.rotate_left(start.index(members.len()));
            prop_assert_eq!(owners(&members), owners(&turned));
        }

        #[test]
        fn only_what_the_leaving_node_had_moves(members in clusters(), leaving in any::<Index>(), drains in any::<bool>()) {
            let leaving = leaving.index(members.len());
            let mut rest = members.clone();
            if drains {
                rest[leaving].state = Availability::Draining;
            } else {
                rest.remove(leaving);
            }
            for (before, after) in owners(&members).into_iter().zip(owners(&rest)) {
                prop_assert_ne!(after, Some(&members[leaving].name));
                prop_assert!(before == after || before == Some(&members[leaving].name));
                prop_assert!(after.is_some() || members.len() == 1);
            }
        }
    }

    #[test]
    fn every_node_gets_about_its_share() {
        for nodes in [2_usize, 3, 5, 8] {
            let members: Vec<_> = (1..=nodes).map(|number| member(&format!("node-{number}"))).collect();
            let share = Partition::COUNT / nodes;
            for node in &members {
                let owned = owned_by(&node.name, &members).len();
                assert!((share / 2..=share * 2).contains(&owned), "{} of {nodes} owns {owned}", node.name);
            }
        }
    }

    #[test]
    fn dispatchers_that_schedule_are_lent_what_they_own_and_others_what_remains() {
        let both = ["a", "b"].map(member);
        for partition in Partition::all() {
            let dispatcher = dispatcher_of(partition, &both).map(|member| &member.name);
            assert_eq!(dispatcher, owner_of(partition, &both));
        }
        let dispatcher = Member { roles: vec![Role::Dispatcher], ..member("b") };
        let split = [Member { roles: vec![Role::Scheduler], ..member("a") }, dispatcher.clone()];
        assert_eq!(dispatcher_of(Partition(3), &split), Some(&dispatcher));
        assert_eq!(dispatcher_of(Partition(3), &split[..1]), None);
    }

    #[test]
    fn who_is_no_scheduler_owns_nothing() {
        let worker = Member { roles: vec![Role::Executor], ..member("a") };
        assert_eq!(owner_of(Partition(3), std::slice::from_ref(&worker)), None);
        assert_eq!(owned_by(&member("b").name, &[worker, member("b")]).len(), Partition::COUNT);
    }
}
