//! Whether the job is ever due, and in a zone that there is.

use std::time::Duration;

use super::faults::Faults;
use crate::job::Definition;
use crate::schedule::{Error, Kind, Schedule, Settings};
use crate::time::Timestamp;

pub(super) fn check(job: &Definition, now: Timestamp, faults: &mut Faults) {
    let schedule = match &job.schedule {
        Some(rule) => parse(job, rule, now, faults),
        None => {
            // Without a rule the zone still says which day `{{due_date}}` is.
            parse(job, "@daily", now, faults);
            None
        }
    };
    let window_is_right = check_window(job, faults);
    if let (Some(schedule), true) = (schedule, window_is_right) {
        check_fires(job, &schedule, now, faults);
    }
}

fn parse(job: &Definition, rule: &str, now: Timestamp, faults: &mut Faults) -> Option<Schedule> {
    let name = job.name.as_str();
    let settings = Settings { dialect: job.dialect, timezone: &job.timezone, dst: job.dst, anchor: now, name };
    Schedule::parse(rule, &settings).map_err(|error| told(job, rule, &error, faults)).ok()
}

fn told(job: &Definition, rule: &str, error: &Error, faults: &mut Faults) {
    let field = error.field();
    let value = if field == "timezone" { &job.timezone } else { rule };
    let message = error.to_string();
    let message = message.strip_prefix(field).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&message);
    faults.add(field, value, message);
}

fn check_window(job: &Definition, faults: &mut Faults) -> bool {
    let (Some(from), Some(until)) = (job.valid_from, job.valid_until) else { return true };
    if from < until {
        return true;
    }
    faults.add("valid_until", &until.to_string(), format!("it has to be later than valid_from, which is {from}"));
    false
}

/// A rule that is over, or has no moment while the job is valid, is a mistake when it is entered.
fn check_fires(job: &Definition, schedule: &Schedule, now: Timestamp, faults: &mut Faults) {
    let rule = schedule.expression();
    if let Err(error) = schedule.check_fires_after(now) {
        return told(job, rule, &error, faults);
    }
    if schedule.kind() == Kind::Reboot {
        return;
    }
    let from = job.valid_from.map_or(now, |from| now.max(from - Duration::from_millis(1)));
    let next = schedule.next_after(from).map(|fire| fire.at);
    let until = job.valid_until.unwrap_or(Timestamp::MAX);
    if next.is_none_or(|at| at >= until) {
        faults.add(
            "schedule",
            rule,
            "it has no moment from now on while the job is valid: change valid_from or valid_until",
        );
    }
}
