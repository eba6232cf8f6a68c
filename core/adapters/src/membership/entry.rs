//! How a node gets its name.
//!
//! ```text
//!   the key is free ─────────────────────────▶ a new lease, and the record under it
//!   this node's own record, of a former life ▶ replaced: the data directory admits one process at a time
//!   another node's ──┬─ its lease is renewed ▶ refused
//!                    └─ it is not ───────────▶ waited for until it has ended
//! ```

use std::time::Duration;

use cronbus_core::id::NodeName;
use cronbus_core::local::clock::wall;
use cronbus_core::port::membership::{Availability, Error};
use cronbus_core::time::Timestamp;

use super::lease::{Lease, now};
use super::record::{Keys, Record};
use super::session::{Found, Session, Trouble, is_free, is_unchanged, is_under};
use super::shared::taken;

/// How often it is looked whether a lease was renewed.
const LOOK: Duration = Duration::from_millis(250);

/// How much later than at its end etcd may take a lease out.
const GRACE: Duration = Duration::from_secs(2);

/// A record that is in the register.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entered {
    pub(super) lease: i64,
    pub(super) leased_at: Timestamp,
    pub(super) time_to_live: Duration,
    /// Of the register, with the record in it.
    pub(super) revision: i64,
}

/// Whose record stands in the way.
#[derive(Debug)]
enum Holder {
    Nobody,
    /// This node, before it was started again.
    Leftover(Found),
    Other {
        lease: i64,
        address: String,
    },
}

/// How long another node's lease is watched before it counts as renewed.
#[derive(Debug, Default)]
struct Patience {
    last_left: Option<Duration>,
    /// An unrenewed lease would have ended by then.
    until: Option<Duration>,
}

impl Patience {
    /// `left`: how long the lease lives on, and how long a renewed one does; `None` when it has ended.
    fn is_over(&mut self, now: Duration, left: Option<(Duration, Duration)>) -> bool {
        let Some((left, granted)) = left else { return false };
        let until = *self.until.get_or_insert(now.saturating_add(granted).saturating_add(GRACE));
        let is_renewed = self.last_left.is_some_and(|last| left > last);
        self.last_left = Some(left);
        is_renewed || now > until
    }
}

/// Puts a record in.
pub(super) struct Entry<'a> {
    pub(super) session: &'a mut Session,
    pub(super) keys: &'a Keys,
    pub(super) lease: &'a Lease,
    pub(super) record: &'a Record,
    pub(super) time_to_live: Duration,
}

impl Entry<'_> {
    /// Gets the name for a process that has just started: what a former life left is replaced, what another node left
    /// is waited for.
    pub(super) async fn at_start(&mut self) -> Result<Result<Entered, Error>, Trouble> {
        let mut patience = Patience::default();
        loop {
            let over = match self.holder(true).await? {
                Holder::Nobody => None,
                Holder::Leftover(found) => Some(found),
                Holder::Other { lease, address } => {
                    let left = if lease == 0 { None } else { self.session.time_left(lease).await? };
                    if lease == 0 || patience.is_over(now(), left) {
                        return Ok(Err(taken(&self.record.member.name, &address)));
                    }
                    tokio::time::sleep(LOOK).await;
                    continue;
                }
            };
            if let Some(entered) = self.write(over.as_ref()).await? {
                return Ok(Ok(entered));
            }
        }
    }

    /// Gets the name again for a process that had it, without waiting.
    pub(super) async fn again(&mut self) -> Result<Result<Entered, Error>, Trouble> {
        let found = match self.holder(false).await? {
            Holder::Nobody => None,
            Holder::Leftover(found) => Some(found),
            Holder::Other { address, .. } => return Ok(Err(taken(&self.record.member.name, &address))),
        };
        let written = self.write(found.as_ref()).await?;
        Ok(written.ok_or_else(|| taken(&self.record.member.name, "")))
    }

    /// Changes the record under the lease that it stands under; `None` when it stands there no more.
    pub(super) async fn change(&mut self, under: Entered) -> Result<Option<i64>, Trouble> {
        let (key, text) = (self.key(), self.record.text(under.leased_at));
        let written = self.session.put_if(is_under(&key, under.lease), &key, text, under.lease).await?;
        Ok(written.ok())
    }

    /// Takes a free name under the lease of another one; refused when it is not free.
    pub(super) async fn rename(&mut self, under: Entered) -> Result<Result<i64, Error>, Trouble> {
        let (key, text) = (self.key(), self.record.text(under.leased_at));
        let written = self.session.put_if(is_free(&key), &key, text, under.lease).await?;
        Ok(written.map_err(|found| taken(&self.record.member.name, &self.address_in(found.as_ref()))))
    }

    async fn holder(&mut self, is_first_time: bool) -> Result<Holder, Trouble> {
        let key = self.key();
        let Some(found) = self.session.get(&key).await? else { return Ok(Holder::Nobody) };
        let record = Record::read(self.record.member.name.as_str(), &found.value);
        let is_own = record.as_ref().is_some_and(|record| {
            record.is_same_life(self.record) || is_first_time && record.identity == self.record.identity
        });
        if is_own {
            return Ok(Holder::Leftover(found));
        }
        Ok(Holder::Other { lease: found.lease, address: self.address_in(Some(&found)) })
    }

    /// Writes the record under a new lease; `None` when somebody was faster.
    async fn write(&mut self, over: Option<&Found>) -> Result<Option<Entered>, Trouble> {
        let (sent, leased_at) = (now(), wall());
        let granted = self.session.grant(self.time_to_live).await?;
        let key = self.key();
        let condition = over.map_or_else(|| is_free(&key), |found| is_unchanged(&key, found.revision));
        let written = self.session.put_if(condition, &key, self.record.text(leased_at), granted.number).await?;
        let Ok(revision) = written else {
            self.session.revoke(granted.number).await?;
            return Ok(None);
        };
        self.lease.confirm(granted.number, sent, granted.time_to_live);
        // Nothing stands under the former life's lease any more.
        if let Some(found) = over.filter(|found| found.lease != 0) {
            self.session.revoke(found.lease).await?;
        }
        Ok(Some(Entered { lease: granted.number, leased_at, time_to_live: granted.time_to_live, revision }))
    }

    fn key(&self) -> String {
        self.keys.of(&self.record.member.name)
    }

    fn address_in(&self, found: Option<&Found>) -> String {
        let record = found.and_then(|found| Record::read(self.record.member.name.as_str(), &found.value));
        record.map(|record| record.member.address).unwrap_or_default()
    }
}

/// Changes the state in a node's record, under the lease that it stands under; false when there is no such record.
pub(super) async fn set_state(
    session: &mut Session,
    keys: &Keys,
    name: &NodeName,
    state: Availability,
) -> Result<bool, Trouble> {
    let key = keys.of(name);
    loop {
        let Some(found) = session.get(&key).await? else { return Ok(false) };
        let Some(mut record) = Record::read(name.as_str(), &found.value) else { return Ok(false) };
        record.member.state = state;
        let unchanged = is_unchanged(&key, found.revision);
        let text = record.text(record.member.leased_at.unwrap_or(record.member.started_at));
        if session.put_if(unchanged, &key, text, found.lease).await?.is_ok() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_lease_is_renewed_when_more_is_left_of_it_or_it_outlives_itself() {
        let mut patience = Patience::default();
        assert!(!patience.is_over(s(100), Some((s(8), s(10)))));
        assert!(!patience.is_over(s(101), Some((s(7), s(10)))));
        assert!(!patience.is_over(s(102), None));
        assert!(patience.is_over(s(103), Some((s(9), s(10)))));

        let mut patience = Patience::default();
        assert!(!patience.is_over(s(100), Some((s(1), s(2)))));
        assert!(!patience.is_over(s(104), Some((s(1), s(2)))));
        assert!(patience.is_over(s(105), Some((s(1), s(2)))));
    }
}
