//! Looking at a Redis without claiming anything there.

use cronbus_core::port::Clock;
use cronbus_core::time::Timestamp;
use redis::Value;

use super::address::{Address, Options};
use super::link::{establish, explain};
use crate::examined::{Examined, Offset, Unusable};

/// Connects, writes an entry that is gone at once, and asks for the version and the clock. It takes as long as
/// connecting may take, several times at most.
///
/// # Errors
/// When the URL cannot be used, or no server answers or lets this node in.
pub async fn examine(options: &Options, clock: &dyn Clock) -> Result<Examined, Unusable> {
    let unusable = |reason| Unusable { place: options.url.to_string(), reason };
    let address = Address::of(options).map_err(unusable)?;
    let connection = establish(&address).await.map_err(|error| unusable(explain(&error)))?;
    let before = clock.now();
    let time = connection.clone().run(vec![redis::cmd("TIME")]).await;
    let after = clock.now();
    let mut info = redis::cmd("INFO");
    info.arg("server");
    // A user may not be allowed to ask; a cluster answers once for each server.
    let info = connection.run(vec![info]).await.ok().and_then(|answers| answers.into_iter().next());
    let there = time.ok().and_then(|answers| moment(answers.into_iter().next()?));
    Ok(Examined {
        product: "Redis",
        version: info.and_then(version).unwrap_or_default(),
        clock: there.map(|there| Offset::measured(before, there, after)),
        complaints: Vec::new(),
    })
}

/// Seconds and microseconds.
fn moment(answer: Value) -> Option<Timestamp> {
    let (seconds, micros): (i64, i64) = redis::from_redis_value(answer).ok()?;
    Some(Timestamp::from_millis(seconds.checked_mul(1_000)?.checked_add(micros / 1_000)?))
}

fn version(answer: Value) -> Option<String> {
    let text: String = redis::from_redis_value(answer).ok()?;
    text.lines().find_map(|line| line.strip_prefix("redis_version:")).map(|version| version.trim().to_owned())
}
