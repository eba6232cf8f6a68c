//! What is said to the server.
//!
//! Claims are `SET key holder NX PX lease`, as bare as they come; only keys that somebody has already are looked at
//! again, by a script: they may be the caller's own.

use std::time::Duration;

use cronbus_core::id::{NodeName, RunId};
use futures::{StreamExt, TryStreamExt, stream};
use redis::{Cmd, ErrorKind, RedisResult, Value};

use super::connection::Connection;

/// Before every run id.
const PREFIX: &str = "cronbus:once:";
/// Written to learn whether writing works.
const PROBE: &str = "cronbus:once:probe";
/// How many claims are sent at a time. The next ones are on their way while these are answered.
const CLAIMS_AT_A_TIME: usize = 512;
/// How many such lots are on their way at once.
const IN_FLIGHT: usize = 8;

/// Grants keys that are free or the holder's; ARGV: holder, lease in milliseconds.
const CLAIM: &str = "local granted = {} \
    for i, key in ipairs(KEYS) do \
      local has = redis.call('GET', key) \
      if has == false then redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) granted[i] = 1 \
      elseif has == ARGV[1] then redis.call('PEXPIRE', key, ARGV[2]) granted[i] = 1 \
      else granted[i] = 0 end \
    end \
    return granted";

/// Lets the holder's keys last longer; ARGV: holder, milliseconds.
const CONFIRM: &str = "for _, key in ipairs(KEYS) do \
      if redis.call('GET', key) == ARGV[1] then redis.call('PEXPIRE', key, ARGV[2]) end \
    end \
    return 0";

/// Deletes the holder's keys; ARGV: holder.
const RELEASE: &str = "for _, key in ipairs(KEYS) do \
      if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end \
    end \
    return 0";

/// Asks for a lease on each id.
pub(super) async fn claim(
    connection: &Connection,
    ids: &[RunId],
    holder: &NodeName,
    lease: Duration,
) -> RedisResult<Vec<bool>> {
    let lots: Vec<_> = ids.chunks(CLAIMS_AT_A_TIME).map(|lot| set_all(connection, lot, holder, lease)).collect();
    let mut granted: Vec<bool> = stream::iter(lots).buffered(IN_FLIGHT).try_concat().await?;
    let taken: Vec<_> = ids.iter().zip(&granted).filter(|&(_, granted)| !granted).map(|(id, _)| *id).collect();
    if taken.is_empty() {
        return Ok(granted);
    }
    let mut again = claim_again(connection, &taken, holder, lease).await?.into_iter();
    for place in granted.iter_mut().filter(|granted| !**granted) {
        *place = again.next().unwrap_or(false);
    }
    Ok(granted)
}

/// Lets entries of the holder last for `keep`.
pub(super) async fn confirm(
    connection: &Connection,
    ids: &[RunId],
    holder: &NodeName,
    keep: Duration,
) -> RedisResult<()> {
    let keep = millis(keep);
    scripts(connection, CONFIRM, ids, |script| script.arg(holder.as_str()).arg(keep)).await.map(drop)
}

/// Deletes entries of the holder.
pub(super) async fn release(connection: &Connection, ids: &[RunId], holder: &NodeName) -> RedisResult<()> {
    scripts(connection, RELEASE, ids, |script| script.arg(holder.as_str())).await.map(drop)
}

/// Writes an entry that is gone at once: a server that answers but takes no writes is of no use.
pub(super) async fn probe(connection: &Connection) -> RedisResult<()> {
    let mut command = redis::cmd("SET");
    command.arg(PROBE).arg("").arg("PX").arg(1);
    connection.clone().run(vec![command]).await.map(drop)
}

fn set_all<'a>(
    connection: &Connection,
    lot: &'a [RunId],
    holder: &'a NodeName,
    lease: Duration,
) -> impl Future<Output = RedisResult<Vec<bool>>> + use<'a> {
    let connection = connection.clone();
    async move {
        let lease = millis(lease);
        let commands = lot.iter().map(|id| set(*id, holder, lease)).collect();
        let answers = connection.run(commands).await?;
        expect(answers.len(), lot.len())?;
        answers.into_iter().map(was_set).collect()
    }
}

fn set(id: RunId, holder: &NodeName, lease: u64) -> Cmd {
    let mut command = Cmd::with_capacity(6, 128);
    command.arg("SET").arg(key(id)).arg(holder.as_str()).arg("NX").arg("PX").arg(lease);
    command
}

fn was_set(answer: Value) -> RedisResult<bool> {
    match answer {
        Value::Okay => Ok(true),
        Value::Nil => Ok(false),
        _ => Err((ErrorKind::UnexpectedReturnType, "SET NX answers OK or nothing").into()),
    }
}

async fn claim_again(
    connection: &Connection,
    ids: &[RunId],
    holder: &NodeName,
    lease: Duration,
) -> RedisResult<Vec<bool>> {
    let lease = millis(lease);
    let answers = scripts(connection, CLAIM, ids, |script| script.arg(holder.as_str()).arg(lease)).await?;
    let granted: Vec<Vec<u8>> = answers.into_iter().map(redis::from_redis_value).collect::<Result<_, _>>()?;
    let granted = granted.concat();
    expect(granted.len(), ids.len())?;
    Ok(granted.into_iter().map(|granted| granted == 1).collect())
}

/// Runs a script over all ids. It is sent whole each time, so that it does not matter what the server has forgotten.
async fn scripts(
    connection: &Connection,
    script: &str,
    ids: &[RunId],
    arguments: impl Fn(&mut Cmd) -> &mut Cmd,
) -> RedisResult<Vec<Value>> {
    let command = |lot: &[RunId]| {
        let mut command = Cmd::with_capacity(lot.len() + 5, script.len() + lot.len() * 64);
        command.arg("EVAL").arg(script).arg(lot.len());
        for id in lot {
            command.arg(key(*id));
        }
        arguments(&mut command);
        command
    };
    let commands: Vec<_> = ids.chunks(connection.keys_per_script()).map(command).collect();
    let mut answers = Vec::with_capacity(commands.len());
    let mut commands = commands.into_iter().peekable();
    while commands.peek().is_some() {
        let lot = commands.by_ref().take(CLAIMS_AT_A_TIME).collect();
        answers.extend(connection.clone().run(lot).await?);
    }
    Ok(answers)
}

fn key(id: RunId) -> String {
    format!("{PREFIX}{id}")
}

/// The server refuses a lease of nothing.
fn millis(period: Duration) -> u64 {
    u64::try_from(period.as_millis()).unwrap_or(u64::MAX).clamp(1, 1 << 40)
}

fn expect(found: usize, expected: usize) -> RedisResult<()> {
    if found == expected {
        return Ok(());
    }
    let detail = format!("{found} instead of {expected}");
    Err((ErrorKind::UnexpectedReturnType, "the server gave another number of answers", detail).into())
}
