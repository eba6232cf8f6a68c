//! What is said to the server.
//!
//! Each call is scripts over many keys: a script costs the server as much as its commands would, and both sides are
//! spared a message and an answer for each key.

use std::time::Duration;

use cronbus_core::id::{NodeName, RunId};
use redis::{Cmd, ErrorKind, RedisError, RedisResult, Value};

use super::connection::Connection;

/// Before every run id.
const PREFIX: &str = "cronbus:once:";
/// Written to learn whether writing works.
const PROBE: &str = "cronbus:once:probe";
/// How many scripts are sent at a time.
const SCRIPTS_AT_A_TIME: usize = 512;

/// Takes keys that are free or the holder's, and tells the places of the others; ARGV: holder, lease in milliseconds.
const CLAIM: &str = "local taken = {} \
    for i, key in ipairs(KEYS) do \
      if not redis.call('SET', key, ARGV[1], 'NX', 'PX', ARGV[2]) then \
        if redis.call('GET', key) == ARGV[1] then redis.call('PEXPIRE', key, ARGV[2]) \
        else taken[#taken + 1] = i end \
      end \
    end \
    return taken";

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

/// Asks for a lease on each id; whether each was granted.
pub(super) async fn claim(
    connection: &Connection,
    ids: &[RunId],
    holder: &NodeName,
    lease: Duration,
) -> RedisResult<Vec<bool>> {
    let lease = millis(lease);
    let answers = scripts(connection, CLAIM, ids, |script| script.arg(holder.as_str()).arg(lease)).await?;
    let mut granted = vec![true; ids.len()];
    for (lot, answer) in granted.chunks_mut(connection.keys_per_script()).zip(answers) {
        for place in redis::from_redis_value::<Vec<usize>>(answer)? {
            *lot.get_mut(place.wrapping_sub(1)).ok_or_else(|| no_such_place(place))? = false;
        }
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
        let lot = commands.by_ref().take(SCRIPTS_AT_A_TIME).collect();
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

fn no_such_place(place: usize) -> RedisError {
    let detail = format!("place {place} of a script's keys");
    (ErrorKind::UnexpectedReturnType, "the server names a key that it was not given", detail).into()
}
