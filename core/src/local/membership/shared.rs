//! A register for several simulated nodes in one process. Leases end by a clock, and a test may cut a node off.
//!
//! A node's lease is renewed for as long as its [`SharedMembership`] exists and is connected. From the moment it is cut
//! off or dropped the lease runs out: after the register's time to live the others no longer see the node, and at the
//! same moment it stops to trust itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::id::NodeName;
use crate::port::membership::{Availability, Error, Member, Snapshot};
use crate::port::{Clock, Membership};

/// The register that simulated nodes share.
#[derive(Debug)]
pub struct Register {
    clock: Arc<dyn Clock>,
    time_to_live: Duration,
    state: Mutex<State>,
    /// Everything that may concern somebody who waits for a change. Wakes in the order of waiting, which a `watch` does
    /// not, so that a simulation replays.
    stirs: Notify,
}

#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<NodeName, Entry>,
    current: Snapshot,
    connections: u64,
}

/// A registered node.
#[derive(Debug)]
struct Entry {
    member: Member,
    connection: u64,
    /// When its lease ends, by the monotonic clock; `None` while it is renewed.
    ends: Option<Duration>,
}

impl Register {
    /// An empty register. `time_to_live` is how long a node that is cut off stays registered, by the monotonic time of
    /// `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, time_to_live: Duration) -> Arc<Self> {
        Arc::new(Self { clock, time_to_live, state: Mutex::default(), stirs: Notify::new() })
    }

    /// What one node, or one incarnation of it, uses to reach the register.
    #[must_use]
    pub fn connect(self: &Arc<Self>) -> SharedMembership {
        let mut state = self.lock();
        state.connections += 1;
        let own = Mutex::new(Own { joined: None, lease: 0, cut_off: None });
        SharedMembership { register: self.clone(), connection: state.connections, own }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, without the nodes whose leases have ended.
    fn state(&self) -> MutexGuard<'_, State> {
        let now = self.clock.monotonic();
        let mut state = self.lock();
        let before = state.entries.len();
        state.entries.retain(|_, entry| entry.ends.is_none_or(|ends| ends > now));
        if state.entries.len() != before {
            state.publish();
            drop(state);
            self.stir();
            return self.lock();
        }
        state
    }

    fn stir(&self) {
        self.stirs.notify_waiters();
    }

    /// How long it is until the next lease ends.
    fn until_next_end(&self) -> Option<Duration> {
        let now = self.clock.monotonic();
        // Without those that have ended: nobody else may be there to take them out.
        let state = self.state();
        state.entries.values().filter_map(|entry| entry.ends).min().map(|ends| ends.saturating_sub(now))
    }

    /// Waits until the members may have changed.
    async fn stirred(&self, stir: Notified<'_>) {
        let end = self.until_next_end();
        let lease_ends = async {
            match end {
                Some(left) => self.clock.sleep(left).await,
                None => std::future::pending().await,
            }
        };
        // In a fixed order, so that a simulation replays.
        tokio::select! {
            biased;
            () = stir => {}
            () = lease_ends => {}
        }
    }
}

impl State {
    fn publish(&mut self) {
        let members = self.entries.values().map(|entry| entry.member.clone()).collect();
        self.current = Snapshot { revision: self.current.revision + 1, members: Arc::new(members) };
    }

    /// Puts `member` in unless somebody else has its name.
    fn enter(&mut self, member: Member, connection: u64) -> Result<(), Error> {
        let taken = self.entries.get(&member.name).filter(|entry| entry.connection != connection);
        if let Some(taken) = taken {
            return Err(Error::NameTaken { name: member.name, address: taken.member.address.clone() });
        }
        self.entries.retain(|_, entry| entry.connection != connection);
        self.entries.insert(member.name.clone(), Entry { member, connection, ends: None });
        self.publish();
        Ok(())
    }
}

/// One node's connection to a [`Register`].
#[derive(Debug)]
pub struct SharedMembership {
    register: Arc<Register>,
    connection: u64,
    own: Mutex<Own>,
}

/// What the node knows without asking.
#[derive(Debug)]
struct Own {
    joined: Option<Member>,
    /// The number of the last lease.
    lease: u64,
    cut_off: Option<CutOff>,
}

/// A connection that is broken.
#[derive(Clone, Debug)]
struct CutOff {
    /// The members as last heard of.
    heard: Snapshot,
    /// When the node must stop to trust its lease.
    trusts_until: Duration,
}

impl SharedMembership {
    /// Breaks the connection: the node goes on with what it last heard, cannot join or leave, and its lease runs out.
    /// Does nothing when it is broken already.
    pub fn cut_off(&self) {
        let ends = self.register.clock.monotonic().saturating_add(self.register.time_to_live);
        let mut state = self.register.state();
        let mut own = self.own();
        if own.cut_off.is_none() {
            own.cut_off = Some(CutOff { heard: state.current.clone(), trusts_until: ends });
            self.let_run_out(&mut state, ends);
        }
        drop((own, state));
        self.register.stir();
    }

    /// Breaks the connection, and the others believe at once that the node is gone, while it trusts its lease for the
    /// whole time to live: what happens when clocks or pauses betray the leases, and what epochs are for.
    pub fn expire(&self) {
        self.cut_off();
        self.let_run_out(&mut self.register.lock(), Duration::ZERO);
        self.register.stir();
    }

    /// Mends the connection. A node that had joined and whose lease has ended joins again by itself, unless its name
    /// was taken meanwhile.
    pub fn reconnect(&self) {
        let mut state = self.register.state();
        let mut own = self.own();
        if own.cut_off.take().is_some()
            && let Some(member) = own.joined.clone()
        {
            let registered = state.entries.get(&member.name).filter(|entry| entry.connection == self.connection);
            own.lease += u64::from(registered.is_none());
            let member = registered.map_or(member, |entry| entry.member.clone());
            if state.enter(member, self.connection).is_err() {
                own.joined = None;
            }
        }
        drop((own, state));
        self.register.stir();
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn let_run_out(&self, state: &mut State, ends: Duration) {
        let mine = state.entries.values_mut().filter(|entry| entry.connection == self.connection);
        mine.for_each(|entry| entry.ends = Some(ends));
    }

    fn unreachable() -> Error {
        Error::Unreachable { reason: "this node is cut off from the register".to_owned() }
    }
}

impl Drop for SharedMembership {
    fn drop(&mut self) {
        self.cut_off();
    }
}

#[async_trait]
impl Membership for SharedMembership {
    async fn join(&self, member: Member) -> Result<(), Error> {
        let mut state = self.register.state();
        let mut own = self.own();
        if own.cut_off.is_some() {
            return Err(Self::unreachable());
        }
        state.enter(member.clone(), self.connection)?;
        own.joined = Some(member);
        drop((own, state));
        self.register.stir();
        Ok(())
    }

    async fn leave(&self) -> Result<(), Error> {
        let mut state = self.register.state();
        let mut own = self.own();
        if own.cut_off.is_some() {
            return Err(Self::unreachable());
        }
        if own.joined.take().is_some() {
            state.entries.retain(|_, entry| entry.connection != self.connection);
            state.publish();
        }
        drop((own, state));
        self.register.stir();
        Ok(())
    }

    async fn set_state(&self, name: &NodeName, availability: Availability) -> Result<bool, Error> {
        let mut state = self.register.state();
        if self.own().cut_off.is_some() {
            return Err(Self::unreachable());
        }
        let Some(entry) = state.entries.get_mut(name) else { return Ok(false) };
        entry.member.state = availability;
        state.publish();
        drop(state);
        self.register.stir();
        Ok(true)
    }

    fn snapshot(&self) -> Snapshot {
        let heard = self.own().cut_off.as_ref().map(|cut_off| cut_off.heard.clone());
        heard.unwrap_or_else(|| self.register.state().current.clone())
    }

    async fn changed(&self, revision: i64) -> Snapshot {
        loop {
            // Listens before it looks, so that nothing happens unheard in between.
            let stir = self.register.stirs.notified();
            let snapshot = self.snapshot();
            if snapshot.revision > revision {
                return snapshot;
            }
            self.register.stirred(stir).await;
        }
    }

    fn holds_lease(&self) -> bool {
        let now = self.register.clock.monotonic();
        let own = self.own();
        own.joined.is_some() && own.cut_off.as_ref().is_none_or(|cut_off| now < cut_off.trusts_until)
    }

    fn lease(&self) -> Option<u64> {
        self.holds_lease().then(|| self.own().lease)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::clock::VirtualClock;
    use crate::suite;
    use crate::suite::membership::{member, names};
    use crate::time::Timestamp;

    const TTL: Duration = Duration::from_secs(5);

    fn register() -> Arc<Register> {
        Register::new(Arc::new(VirtualClock::new(Timestamp::EPOCH)), TTL)
    }

    #[tokio::test(start_paused = true)]
    async fn keeps_the_contract_of_membership() {
        suite::membership::one_node(&register().connect()).await;
        let register = register();
        suite::membership::two_nodes(&register.connect(), &register.connect()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_is_cut_off_disappears_and_stops_to_trust_itself_at_the_same_moment() {
        let register = register();
        let (a, b) = (register.connect(), register.connect());
        a.join(member("a")).await.unwrap();
        b.join(member("b")).await.unwrap();
        a.cut_off();
        let revision = b.snapshot().revision;
        tokio::time::sleep(TTL / 2).await;
        assert!(a.holds_lease());
        assert_eq!(names(&b.changed(revision).await), ["b"]);
        assert_eq!(register.clock.monotonic(), TTL);
        assert!(!a.holds_lease());
        assert_eq!(names(&a.snapshot()), ["a", "b"], "it goes on with what it last heard");
        assert!(a.join(member("a")).await.unwrap_err().is_retryable());
        a.reconnect();
        assert_eq!(a.lease(), Some(1), "another lease than the one that ended");
        assert_eq!(names(&b.snapshot()), ["a", "b"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_cut_changes_nothing_for_the_others() {
        let register = register();
        let (a, b) = (register.connect(), register.connect());
        a.join(member("a")).await.unwrap();
        a.cut_off();
        tokio::time::sleep(TTL / 2).await;
        a.reconnect();
        tokio::time::sleep(TTL * 2).await;
        assert_eq!(a.lease(), Some(0), "still the same lease");
        assert_eq!(names(&b.snapshot()), ["a"]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_expired_node_believes_in_itself_while_the_others_do_not() {
        let register = register();
        let (a, b) = (register.connect(), register.connect());
        a.join(member("a")).await.unwrap();
        a.expire();
        assert!(a.holds_lease() && names(&b.snapshot()).is_empty());
        b.join(member("a")).await.unwrap();
        a.reconnect();
        assert!(!a.holds_lease(), "its name was taken");
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_life_of_a_crashed_node_waits_for_the_lease_of_the_last() {
        let register = register();
        let first = register.connect();
        first.join(member("a")).await.unwrap();
        drop(first);
        let second = register.connect();
        assert!(matches!(second.join(member("a")).await, Err(Error::NameTaken { .. })));
        tokio::time::sleep(TTL).await;
        second.join(member("a")).await.unwrap();
    }
}
