//! Numbers, durations and sizes: from where to where.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::alert::desk::{GROUP_OVER, GROUP_WAIT, RATE, RATE_WINDOW};
use crate::bytesize::ByteSize;
use crate::config::root::Config;
use crate::duration::Period;

use super::Fault;

/// A key, how to reach its value, and its least and greatest value.
type Row<T> = (&'static str, fn(&Config) -> T, RangeInclusive<T>);

const SECOND: Period = Period::from_secs(1);
const MINUTE: Period = Period::from_secs(60);
const HOUR: Period = Period::from_secs(3_600);
const DAY: Period = Period::from_secs(86_400);

const COUNTS: &[Row<u32>] = &[
    ("database.pool", |c| c.database.pool, 1..=256),
    ("bus.replicas", |c| c.bus.replicas, 1..=5),
    ("bus.max_waiting", |c| c.bus.max_waiting, 10..=1_000_000),
    ("bus.in_flight", |c| c.bus.in_flight, 1..=4_096),
    ("scheduler.batch", |c| c.scheduler.batch, 1..=1_000_000),
    ("scheduler.missed_rows_per_job", |c| c.scheduler.missed_rows_per_job, 1..=1_000_000),
    ("dispatcher.flush_rows", |c| c.dispatcher.flush_rows, 1..=100_000),
    ("executor.slots", |c| c.executor.slots, 0..=100_000),
    ("executor.queue", |c| c.executor.queue, 1..=10_000_000),
    ("alerts.group_over", |c| c.alerts.group_over, GROUP_OVER),
    ("alerts.rate", |c| c.alerts.rate, RATE),
    ("retention.runs_per_job", |c| c.retention.runs_per_job, 1..=u32::MAX),
    ("retention.revisions", |c| c.retention.revisions, 1..=u32::MAX),
];

const PERIODS: &[Row<Period>] = &[
    ("database.busy_timeout", |c| c.database.busy_timeout, Period::from_millis(10)..=HOUR),
    ("database.connect_timeout", |c| c.database.connect_timeout, Period::from_millis(100)..=MINUTE),
    ("database.statement_timeout", |c| c.database.statement_timeout, Period::from_millis(100)..=HOUR),
    ("database.idle_timeout", |c| c.database.idle_timeout, SECOND..=DAY),
    ("bus.log_max_age", |c| c.bus.log_max_age, MINUTE..=Period::from_secs(10 * 365 * 86_400)),
    ("membership.lease", |c| c.membership.lease, Period::from_secs(2)..=Period::from_secs(300)),
    ("guard.timeout", |c| c.guard.timeout, Period::from_millis(10)..=MINUTE),
    ("guard.keep", |c| c.guard.keep, SECOND..=DAY),
    ("cluster.message_ttl", |c| c.cluster.message_ttl, MINUTE..=DAY),
    ("cluster.clock_skew", |c| c.cluster.clock_skew, Period::from_millis(0)..=HOUR),
    ("scheduler.lookahead", |c| c.scheduler.lookahead, Period::from_millis(0)..=MINUTE),
    ("scheduler.misfire_after", |c| c.scheduler.misfire_after, SECOND..=DAY),
    ("dispatcher.flush", |c| c.dispatcher.flush, Period::from_millis(1)..=Period::from_secs(10)),
    ("dispatcher.lost_after", |c| c.dispatcher.lost_after, SECOND..=HOUR),
    ("executor.kill_grace", |c| c.executor.kill_grace, Period::from_millis(0)..=HOUR),
    ("node.upgrade_timeout", |c| c.node.upgrade_timeout, Period::from_secs(1)..=HOUR),
    ("executor.shutdown_wait", |c| c.executor.shutdown_wait, Period::from_millis(0)..=DAY),
    ("monitor.refresh", |c| c.monitor.refresh, Period::from_millis(10)..=MINUTE),
    ("monitor.late_after", |c| c.monitor.late_after, Period::from_millis(1)..=DAY),
    ("oidc.timeout", |c| c.oidc.timeout, SECOND..=MINUTE),
    ("alerts.timeout", |c| c.alerts.timeout, SECOND..=Period::from_secs(120)),
    ("alerts.group_wait", |c| c.alerts.group_wait, GROUP_WAIT),
    ("alerts.rate_window", |c| c.alerts.rate_window, RATE_WINDOW),
    ("alerts.give_up_after", |c| c.alerts.give_up_after, MINUTE..=Period::from_secs(30 * 86_400)),
    ("alerts.look_every", |c| c.alerts.look_every, Period::from_millis(100)..=HOUR),
    ("alerts.node_lost_after", |c| c.alerts.node_lost_after, Period::from_millis(0)..=DAY),
    ("alerts.service_lost_after", |c| c.alerts.service_lost_after, Period::from_millis(0)..=DAY),
    ("retention.runs_age", |c| c.retention.runs_age, MINUTE..=Period::MAX),
    ("retention.log_age", |c| c.retention.log_age, MINUTE..=Period::MAX),
    ("audit.keep", |c| c.audit.keep, DAY..=Period::MAX),
    ("retention.every", |c| c.retention.every, SECOND..=DAY),
];

const SIZES: &[Row<ByteSize>] = &[
    ("bus.max_bytes", |c| c.bus.max_bytes, ByteSize::mib(16)..=ByteSize::mib(16 << 20)),
    ("bus.log_max_bytes", |c| c.bus.log_max_bytes, ByteSize::mib(16)..=ByteSize::mib(16 << 20)),
    ("web.max_body", |c| c.web.max_body, ByteSize::kib(1)..=ByteSize::mib(1_024)),
    ("executor.output_limit", |c| c.executor.output_limit, ByteSize::kib(1)..=ByteSize::mib(1_024)),
];

pub(in crate::config) fn check(config: &Config) -> Vec<Fault> {
    let counts = COUNTS.iter().filter_map(|row| outside(config, row));
    let periods = PERIODS.iter().filter_map(|row| outside(config, row));
    let sizes = SIZES.iter().filter_map(|row| outside(config, row));
    counts.chain(periods).chain(sizes).collect()
}

fn outside<T: PartialOrd + Display>(config: &Config, (key, value, range): &Row<T>) -> Option<Fault> {
    let reason = || format!("allowed is {} to {}", range.start(), range.end());
    (!range.contains(&value(config))).then(|| Fault { key, reason: reason() })
}
