//! Whether the job's answers to trouble make sense: bounds on counts and times.

use super::faults::Faults;
use crate::bytesize::ByteSize;
use crate::job::{Command, Definition, Isolation, Limits, Misfire, MisfirePolicy, Overlap, Retry, RetryOn};

const MAX_RETRIES: u32 = 1000;
const MAX_CATCH_UP: u32 = 100_000;
const MAX_QUEUE: u32 = 100_000;
const HIGHEST_PRIORITY: u8 = 9;
const LEAST_MEMORY: ByteSize = ByteSize::mib(4);
const LEAST_CPU: f64 = 0.01;
const MOST_CPU: f64 = 4096.0;
/// The kernel has no more numbers for them (`PID_MAX_LIMIT`).
const MOST_PROCESSES: u32 = 4_194_304;

pub(super) fn check(job: &Definition, faults: &mut Faults) {
    let zero = "it has to be longer than nothing; leave it out where there is no limit";
    for (field, period) in [("timeout", job.timeout), ("start_deadline", job.start_deadline)] {
        if period.is_some_and(crate::duration::Period::is_zero) {
            faults.add(field, "0s", zero);
        }
    }
    if job.priority > HIGHEST_PRIORITY {
        faults.add_number("priority", job.priority, "it is a number from 0 to 9, and 9 goes first");
    }
    if job.concurrency == Some(0) {
        faults.add_number("concurrency", 0, "it has to be at least 1; leave it out where there is no limit");
    }
    let queue_is_right = (1..=MAX_QUEUE).contains(&job.queue_limit);
    if job.overlap == Overlap::Queue && !queue_is_right {
        faults.add_number("queue_limit", job.queue_limit, format!("it is a number from 1 to {MAX_QUEUE}"));
    }
    if job.log.keep.is_some_and(crate::duration::Period::is_zero) {
        faults.add(
            "log.keep",
            "0s",
            "it has to be longer than nothing; write last = 1 to keep that of the newest run only",
        );
    }
    if job.log.last == Some(0) {
        faults.add_number("log.last", 0, "it has to be at least 1; leave it out where there is no limit");
    }
    check_limits(job, faults);
    check_misfire(job.misfire, faults);
    check_retry(&job.retry, faults);
}

fn check_limits(job: &Definition, faults: &mut Faults) {
    let Limits { memory, cpu, processes } = job.limits;
    if job.limits.is_none() {
        return;
    }
    if !matches!(job.command, Command::Shell(_)) {
        faults.add("limits", "", "only the processes of a shell command can be limited: remove it");
    }
    if job.isolation == Some(Isolation::Inline) {
        faults.add(
            "isolation",
            "inline",
            "a run with limits has a supervisor of its own: write \"shim\", or remove `limits`",
        );
    }
    if let Some(memory) = memory.filter(|memory| *memory < LEAST_MEMORY) {
        faults.add("limits.memory", &memory.to_string(), format!("no shell starts in less than {LEAST_MEMORY}"));
    }
    if let Some(cpu) = cpu.filter(|cpu| !(LEAST_CPU..=MOST_CPU).contains(cpu)) {
        let message = format!("it is a number of processors from {LEAST_CPU} to {MOST_CPU}, like 0.5 or 2");
        faults.add_number("limits.cpu", cpu, message);
    }
    if let Some(count) = processes.filter(|count| !(1..=MOST_PROCESSES).contains(count)) {
        let message =
            format!("it is a number from 1, the shell, to {MOST_PROCESSES}; leave it out where there is no limit");
        faults.add_number("limits.processes", count, message);
    }
}

fn check_misfire(misfire: Misfire, faults: &mut Faults) {
    if misfire.policy == MisfirePolicy::All && !(1..=MAX_CATCH_UP).contains(&misfire.max) {
        faults.add_number("misfire.max", misfire.max, format!("it is a number from 1 to {MAX_CATCH_UP}"));
    }
    if misfire.policy != MisfirePolicy::Skip && misfire.window.is_zero() {
        faults.add(
            "misfire.window",
            "0s",
            "nothing is missed so shortly ago: write policy = \"skip\", or a window like 1h",
        );
    }
}

fn check_retry(retry: &Retry, faults: &mut Faults) {
    if retry.max > MAX_RETRIES {
        faults.add_number("retry.max", retry.max, format!("it is a number from 0 to {MAX_RETRIES}"));
    }
    if !(0.0..=1.0).contains(&retry.jitter) {
        faults.add_number("retry.jitter", retry.jitter, "it is a part from 0 to 1, like 0.2 for a fifth");
    }
    if retry.delay > retry.max_delay {
        let message = format!("it is longer than max_delay, which is {}: make that longer too", retry.max_delay);
        faults.add("retry.delay", &retry.delay.to_string(), message);
    }
    if retry.max > 0 && retry.on.is_empty() {
        faults.add("retry.on", "", "it is empty, so that nothing is tried again: name endings, or write max = 0");
    }
    if retry.on.contains(&RetryOn::ExitCode(0)) {
        faults.add_number("retry.on", 0, "exit code 0 is success, which is not tried again: take it out");
    }
}
