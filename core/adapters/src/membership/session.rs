//! A connection to one endpoint. Every request is bounded in time; one that fails ends the session.

use std::time::Duration;

use etcd_client::{
    Client, Compare, CompareOp, Event, EventType, GetOptions, KeyValue, PutOptions, Txn, TxnOp, TxnOpResponse,
    WatchOptions, WatchResponse, WatchStream,
};

use super::address::Address;
use super::record::{Keys, Record};
use super::roster::Change;
use crate::tls;

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// No answer in time.
    #[error("no answer within {0:?}")]
    Silence(Duration),
    /// The driver's error, or the server's.
    #[error("{}", explain(_0))]
    Driver(#[from] etcd_client::Error),
    /// The server ended the watch.
    #[error("the watch was ended: {0}")]
    Unwatched(String),
}

impl Trouble {
    /// Whether the server is there and does not let this node in.
    pub(super) fn is_refusal(&self) -> bool {
        let text = match self {
            Self::Driver(error) if distrust(error).is_some() => return true,
            Self::Driver(etcd_client::Error::GRpcStatus(status)) => status.message(),
            Self::Driver(etcd_client::Error::InvalidArgs(_) | etcd_client::Error::InvalidUri(_)) => return true,
            _ => return false,
        };
        ["authentication failed", "authentication is not enabled", "permission denied", "user name is empty"]
            .iter()
            .any(|refusal| text.contains(refusal))
    }
}

/// The driver's error keeps to itself what it was made of.
fn distrust(error: &etcd_client::Error) -> Option<String> {
    match error {
        etcd_client::Error::GRpcStatus(status) => tls::distrust(status),
        etcd_client::Error::TransportError(error) => tls::distrust(error),
        other => tls::distrust(other),
    }
}

fn explain(error: &etcd_client::Error) -> String {
    if let Some(advice) = distrust(error) {
        return advice;
    }
    let etcd_client::Error::GRpcStatus(status) = error else { return error.to_string() };
    let (said, why) = (status.message(), tls::causes(status));
    let advice = match said {
        _ if said.contains("authentication failed") => "; the user or password in membership.url is not the server's",
        _ if said.contains("authentication is not enabled") => "; leave user and password out of membership.url",
        _ if said.contains("user name is empty") => "; the server wants a user: write etcd://USER:PASSWORD@HOST",
        _ if said.contains("permission denied") => "; the user must be allowed to read and write below the prefix",
        // What its server said of this node's certificate, the driver keeps to itself.
        _ if why.contains("connection closed") => {
            "; a server that wants a certificate and is shown none that it takes says no more than this: look at \
             membership.certificate_file"
        }
        _ => "",
    };
    format!("{said}{why}{advice}")
}

/// What a key holds.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) value: Vec<u8>,
    pub(super) revision: i64,
    /// 0: no lease.
    pub(super) lease: i64,
}

/// A lease that was granted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Granted {
    pub(super) number: i64,
    pub(super) time_to_live: Duration,
}

/// A session with one endpoint.
pub(super) struct Session {
    client: Client,
    keys: Keys,
    patience: Duration,
}

impl Session {
    /// Connects to the endpoint of this try.
    pub(super) async fn open(address: &Address, attempt: usize, patience: Duration) -> Result<Self, Trouble> {
        let connecting = Box::pin(Client::connect([address.endpoint(attempt)], Some(address.connecting())));
        let client = within(patience, connecting).await?;
        Ok(Self { client, keys: address.keys.clone(), patience })
    }

    /// The version of the member.
    pub(super) async fn version(&mut self) -> Result<String, Trouble> {
        Ok(within(self.patience, self.client.status()).await?.version().to_owned())
    }

    /// All records, and the revision they are of.
    pub(super) async fn list(&mut self) -> Result<(i64, Vec<Record>), Trouble> {
        let all = GetOptions::new().with_prefix();
        let answer = within(self.patience, self.client.get(self.keys.folder(), Some(all))).await?;
        let records = answer.kvs().iter().filter_map(|kv| read(&self.keys, kv)).collect();
        Ok((answer.header().map_or(0, |header| header.revision()), records))
    }

    /// Hears of every change from `revision` on.
    pub(super) async fn watch(&mut self, revision: i64) -> Result<WatchStream, Trouble> {
        let from = WatchOptions::new().with_prefix().with_start_revision(revision);
        let watching = Box::pin(self.client.watch(self.keys.folder(), Some(from)));
        within(self.patience, watching).await
    }

    pub(super) async fn get(&mut self, key: &str) -> Result<Option<Found>, Trouble> {
        let answer = within(self.patience, self.client.get(key, None)).await?;
        Ok(answer.kvs().first().map(found))
    }

    pub(super) async fn grant(&mut self, time_to_live: Duration) -> Result<Granted, Trouble> {
        let seconds = i64::try_from(time_to_live.as_secs()).unwrap_or(i64::MAX).max(1);
        let answer = within(self.patience, self.client.lease_grant(seconds, None)).await?;
        let granted = Duration::from_secs(u64::try_from(answer.ttl()).unwrap_or(0));
        Ok(Granted { number: answer.id(), time_to_live: granted })
    }

    /// Renews a lease; false when there is none of that number any more.
    pub(super) async fn keep_alive(&mut self, lease: i64) -> Result<bool, Trouble> {
        let keeping = Box::pin(self.client.lease_keep_alive(lease));
        match within(self.patience, keeping).await {
            Ok(_) => Ok(true),
            Err(Trouble::Driver(etcd_client::Error::LeaseKeepAliveError(_))) => Ok(false),
            Err(trouble) => Err(trouble),
        }
    }

    /// How long a lease lives on without being renewed, and how long when it is; `None` when it has ended.
    pub(super) async fn time_left(&mut self, lease: i64) -> Result<Option<(Duration, Duration)>, Trouble> {
        let answer = within(self.patience, self.client.lease_time_to_live(lease, None)).await?;
        let seconds = |seconds: i64| u64::try_from(seconds).ok().map(Duration::from_secs);
        Ok(seconds(answer.ttl()).zip(seconds(answer.granted_ttl())))
    }

    /// Ends a lease, and with it what stands under it. One that has ended already is no trouble.
    pub(super) async fn revoke(&mut self, lease: i64) -> Result<(), Trouble> {
        match within(self.patience, self.client.lease_revoke(lease)).await {
            Err(Trouble::Driver(etcd_client::Error::GRpcStatus(status))) if status.message().contains("not found") => {
                Ok(())
            }
            other => other.map(drop),
        }
    }

    /// Writes a key if it is as `condition` says; returns the revision of the change, or what stands there instead.
    pub(super) async fn put_if(
        &mut self,
        condition: Compare,
        key: &str,
        value: Vec<u8>,
        lease: i64,
    ) -> Result<Result<i64, Option<Found>>, Trouble> {
        let write = TxnOp::put(key, value, Some(PutOptions::new().with_lease(lease)));
        let change = Txn::new().when([condition]).and_then([write]).or_else([TxnOp::get(key, None)]);
        let answer = within(self.patience, self.client.txn(change)).await?;
        if answer.succeeded() {
            return Ok(Ok(answer.header().map_or(0, |header| header.revision())));
        }
        let instead = answer.op_responses().into_iter().find_map(|response| match response {
            TxnOpResponse::Get(answer) => answer.kvs().first().map(found),
            _ => None,
        });
        Ok(Err(instead))
    }

    pub(super) async fn delete(&mut self, key: &str) -> Result<(), Trouble> {
        within(self.patience, self.client.delete(key, None)).await.map(drop)
    }

    /// What a message of the watch says; `None` when it has to be begun anew because the register has forgotten what
    /// was to be heard.
    pub(super) fn changes(&self, message: &WatchResponse) -> Result<Option<Vec<Change>>, Trouble> {
        if message.compact_revision() > 0 {
            return Ok(None);
        }
        if message.canceled() {
            return Err(Trouble::Unwatched(message.cancel_reason().to_owned()));
        }
        Ok(Some(message.events().iter().filter_map(|event| change(&self.keys, event)).collect()))
    }
}

/// There is no such key.
pub(super) fn is_free(key: &str) -> Compare {
    Compare::create_revision(key, CompareOp::Equal, 0)
}

/// The key is as it was at `revision`.
pub(super) fn is_unchanged(key: &str, revision: i64) -> Compare {
    Compare::mod_revision(key, CompareOp::Equal, revision)
}

/// The key stands under this lease.
pub(super) fn is_under(key: &str, lease: i64) -> Compare {
    Compare::lease(key, CompareOp::Equal, lease)
}

async fn within<T>(
    patience: Duration,
    request: impl Future<Output = Result<T, etcd_client::Error>>,
) -> Result<T, Trouble> {
    Ok(tokio::time::timeout(patience, request).await.map_err(|_| Trouble::Silence(patience))??)
}

fn found(kv: &KeyValue) -> Found {
    Found { value: kv.value().to_vec(), revision: kv.mod_revision(), lease: kv.lease() }
}

fn read(keys: &Keys, kv: &KeyValue) -> Option<Record> {
    let name = keys.name(kv.key())?;
    let record = Record::read(name, kv.value());
    if record.is_none() {
        tracing::warn!(
            "membership: what stands under {} is no node's record; it is ignored",
            kv.key_str().unwrap_or(name)
        );
    }
    record
}

fn change(keys: &Keys, event: &Event) -> Option<Change> {
    let kv = event.kv()?;
    let name = keys.name(kv.key())?.to_owned();
    let record = if event.event_type() == EventType::Put { read(keys, kv) } else { None };
    Some(Change { name, revision: kv.mod_revision(), record })
}
