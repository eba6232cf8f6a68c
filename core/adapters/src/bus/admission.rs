//! Whose submissions are taken: plain clients have no key, and are let in by the server or by nobody.

use cronbus_core::wire::signing::{Opened, is_sealed};

use super::connect::Shared;
use super::judge::reason;
use super::rejected::Reason;

/// Whose submissions are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Everybody's who reaches the server.
    Everybody,
    /// Those that are signed with the cluster's key, and all of them where the server asks its clients who they are.
    Known,
}

/// A submission whose sender is let in.
#[derive(Debug)]
pub(super) struct Admitted<'message> {
    pub(super) content: &'message [u8],
    /// Where it was signed: a key that a copy of it has, too, so that it gives the same run.
    pub(super) key: Option<String>,
}

impl Shared {
    /// Looks at who sends a submission. It is asked for each: a server may be given users while this runs.
    pub(super) fn admit<'message>(
        &self,
        admission: Admission,
        on: &str,
        payload: &'message [u8],
    ) -> Result<Admitted<'message>, Reason> {
        if is_sealed(payload) {
            return self.open_submission(on, payload);
        }
        let asks = self.client.try_server_info().is_some_and(|info| info.auth_required);
        if admission == Admission::Known && !asks {
            return Err(Reason { kind: "unsigned", text: UNKNOWN.to_owned() });
        }
        Ok(Admitted { content: payload, key: None })
    }

    fn open_submission<'message>(&self, on: &str, payload: &'message [u8]) -> Result<Admitted<'message>, Reason> {
        let (trust, now) = (self.trust(), self.options.clock.now());
        let Opened { stamp, content } = trust.keys.open(on, payload, now, trust.clock_skew).map_err(reason)?;
        let key = format!("signed/{}/{}/{}", stamp.sender, stamp.life.millis(), stamp.sequence);
        Ok(Admitted { content, key: Some(key) })
    }
}

/// What a client is told whom nobody knows.
const UNKNOWN: &str = "the NATS server asks nobody who he is, so that anybody could have sent this: give the server users \
                       and permissions, sign it (`cronbus submit` does where it has the cluster's key), or set \
                       bus.submit = true on the nodes with the role dispatcher";
