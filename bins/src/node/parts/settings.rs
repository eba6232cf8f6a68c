//! How the actors work, by the configuration.

use std::sync::Arc;

use cronbus_actors::node::{Alerting, Executing, Retention, Settings};
use cronbus_core::alert::{Limits, Rules, Spared};
use cronbus_core::config::{Config, OnStop, Orphans};
use cronbus_core::port::membership::Member;
use cronbus_core::{dispatch, planner};

/// How the actors work, by the configuration.
pub(in crate::node) fn settings(config: &Config, member: &Member) -> Settings {
    let (scheduler, dispatcher, executor) = (&config.scheduler, &config.dispatcher, &config.executor);
    let retention = &config.retention;
    Settings {
        planner: planner::Settings {
            lookahead: scheduler.lookahead.duration(),
            misfire_after: scheduler.misfire_after.duration(),
            batch: count(scheduler.batch),
            missed_rows_per_job: count(scheduler.missed_rows_per_job),
            ..planner::Settings::default()
        },
        dispatch: dispatching(config, member),
        flush: dispatcher.flush.duration(),
        flush_rows: count(dispatcher.flush_rows),
        executing: Executing {
            queue: count(executor.queue),
            kill_grace: executor.kill_grace.duration(),
            output_limit: executor.output_limit.0,
            kill_orphans: executor.orphans == Orphans::Kill,
            leaves_runs: executor.on_stop == OnStop::Leave,
        },
        refresh: config.monitor.refresh.duration(),
        late_after: config.monitor.late_after.duration(),
        retention: Retention {
            every: retention.every.duration(),
            runs_age: retention.runs_age.duration(),
            runs_per_job: retention.runs_per_job,
            revisions: retention.revisions,
            log_age: retention.log_age.duration(),
            audit_age: config.audit.keep.duration(),
        },
        alerting: alerting(config),
        ..Settings::sole(member)
    }
}

fn alerting(config: &Config) -> Alerting {
    let alerts = &config.alerts;
    let usual = Limits {
        group_wait: alerts.group_wait.duration(),
        group_over: alerts.group_over,
        rate: alerts.rate,
        rate_window: alerts.rate_window.duration(),
    };
    let own = alerts.channel.iter().filter_map(|(name, channel)| Some((name.clone(), channel.sparing.limits(&usual)?)));
    Alerting {
        spared: Spared { own: own.collect(), usual },
        url: alerts.url.clone(),
        give_up_after: alerts.give_up_after.duration(),
        look_every: alerts.look_every.duration(),
        node_lost_after: alerts.node_lost_after.duration(),
        service_lost_after: alerts.service_lost_after.duration(),
        keep: config.retention.runs_age.duration(),
        forget_every: config.retention.every.duration(),
        ..Alerting::default()
    }
}

/// Whether somebody else may take over from this node decides what the database must know before a run is handed over.
fn dispatching(config: &Config, member: &Member) -> dispatch::Settings {
    let settings = match config.membership.url.scheme() {
        "local" => dispatch::Settings::sole(member.name.clone()),
        _ => dispatch::Settings::among_others(member.name.clone(), config.membership.lease.duration()),
    };
    let scheduler = &config.scheduler;
    dispatch::Settings {
        lost_after: config.dispatcher.lost_after.duration().max(config.membership.lease.duration()),
        lookahead: scheduler.lookahead.duration(),
        misfire_after: scheduler.misfire_after.duration(),
        rules: Arc::new(Rules::new(config.alerts.rule.clone())),
        ..settings
    }
}

pub(super) fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
