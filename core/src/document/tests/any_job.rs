//! Any job that can be written, allowed or not.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use crate::bytesize::ByteSize;
use crate::duration::Period;
use crate::id::NodeName;
use crate::job::command::{Http, Shell, StatusRange};
use crate::job::target::Nodes;
use crate::job::{
    Backoff, Command, Definition, Isolation, JobName, Limits, LogKeep, Misfire, MisfirePolicy, OnTimeout, Overlap,
    Retry, RetryOn, Routing, Target,
};
use crate::schedule::{Dialect, Dst, Fold, Gap};
use crate::time::Timestamp;

/// Texts that languages take for something else, and any others.
fn text() -> impl Strategy<Value = String> {
    let tricky = [
        "",
        "true",
        "no",
        "on",
        "~",
        "null",
        "0",
        "007",
        "1e3",
        "0x1F",
        ".inf",
        ".NaN",
        "-",
        "- a",
        "a: b",
        "# a",
        "a #b",
        "{{due_date}}",
        "[a]",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a`",
        "'",
        "\"",
        "\\",
        " a ",
        "\ta\t",
        "a\n",
        "\n",
        "\na",
        "a\n\nb\n\n",
        "  a\n b",
        "\r\n",
        "a\rb",
        "|",
        ">",
        "?",
        "<<",
        "---",
        "...",
        "2026-11-22",
        "12:30",
        "\u{feff}",
        "\u{85}",
        "\u{2028}",
        "\u{7f}",
        "\u{1}",
        "\u{1b}[0m",
        "'''",
        "\"\"\"",
        "é",
        "😀",
        "=",
        "a=b",
        "1_000",
        "+1",
        "0o7",
    ];
    prop_oneof![
        proptest::sample::select(tricky.to_vec()).prop_map(ToOwned::to_owned),
        "\\PC{0,12}",
        "[ \\n\\ta-c:#'\"-]{0,12}",
        any::<String>().prop_map(|text| text.chars().take(12).filter(|c| *c != '\0').collect()),
    ]
}

fn table() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map(text(), text(), 0..3)
}

fn period() -> impl Strategy<Value = Period> {
    (0..=Period::MAX.millis()).prop_map(Period::from_millis)
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-62_000_000_000_000..250_000_000_000_000_i64).prop_map(Timestamp::from_millis)
}

fn command() -> impl Strategy<Value = Command> {
    let shell = (text(), text(), option::of(text()), option::of(text()), table())
        .prop_map(|(line, stdin, user, cwd, env)| Command::Shell(Shell { line, stdin, user, cwd, env }));
    let status = (100..=599_u16, 100..=599_u16).prop_map(|(a, b)| StatusRange { first: a.min(b), last: a.max(b) });
    let http = (text(), text(), table(), text(), vec(status, 0..3), any::<u8>(), any::<bool>(), period()).prop_map(
        |(method, url, headers, body, expect_status, max_redirects, verify_tls, connect_timeout)| {
            Command::Http(Http {
                method,
                url,
                headers,
                body,
                expect_status,
                max_redirects,
                verify_tls,
                connect_timeout,
            })
        },
    );
    prop_oneof![shell, http, Just(Command::Noop)]
}

fn target() -> impl Strategy<Value = Target> {
    let nodes = prop_oneof![
        Just(Nodes::Any),
        "[a-z][a-z0-9.-]{0,8}".prop_map(|name| Nodes::Named(NodeName::new(&name).unwrap())),
        text().prop_map(Nodes::Group),
        btree_map(text(), text(), 1..3).prop_map(Nodes::Labels),
    ];
    (nodes, any::<bool>()).prop_map(|(nodes, broadcast)| Target { nodes, broadcast })
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + use<T> {
    proptest::sample::select(values.to_vec())
}

fn misfire() -> impl Strategy<Value = Misfire> {
    let policy = one_of(&[MisfirePolicy::Skip, MisfirePolicy::Latest, MisfirePolicy::All]);
    (policy, period(), any::<u32>()).prop_map(|(policy, window, max)| Misfire { policy, window, max })
}

fn retry() -> impl Strategy<Value = Retry> {
    let ending = prop_oneof![
        one_of(&[RetryOn::Failed, RetryOn::TimedOut, RetryOn::Lost]),
        any::<u8>().prop_map(RetryOn::ExitCode),
    ];
    let backoff = one_of(&[Backoff::Fixed, Backoff::Exponential]);
    (
        any::<u32>(),
        period(),
        backoff,
        period(),
        (0..=1000_u16).prop_map(|part| f64::from(part) / 1000.0),
        vec(ending, 0..4),
    )
        .prop_map(|(max, delay, backoff, max_delay, jitter, on)| Retry {
            max,
            delay,
            backoff,
            max_delay,
            jitter,
            on,
        })
}

fn name() -> impl Strategy<Value = JobName> {
    "[a-zé报][a-z0-9_.-]{0,10}(/[a-z]{1,3})?".prop_map(|name| JobName::new(&name).unwrap())
}

/// What says when.
fn timed() -> impl Strategy<Value = Definition> {
    let gap = option::of(one_of(&[Gap::RunAfter, Gap::Skip, Gap::Shift]));
    let dst = (gap, option::of(one_of(&[Fold::Once, Fold::Twice]))).prop_map(|(gap, fold)| Dst { gap, fold });
    let dialect = one_of(&[Dialect::Unix, Dialect::Quartz]);
    let window = (option::of(instant()), option::of(instant()));
    (name(), command(), text(), option::of(text()), dialect, text(), dst, window).prop_map(
        |(name, command, description, schedule, dialect, timezone, dst, (valid_from, valid_until))| Definition {
            description,
            schedule,
            dialect,
            timezone,
            dst,
            valid_from,
            valid_until,
            ..Definition::new(name, command)
        },
    )
}

/// Any job.
pub(super) fn any_job() -> impl Strategy<Value = Definition> {
    let routing =
        one_of(&[Routing::RoundRobin, Routing::LeastLoaded, Routing::Random, Routing::Hash, Routing::Failover]);
    let overlap = one_of(&[Overlap::Skip, Overlap::Healthy, Overlap::Replace, Overlap::Queue, Overlap::Allow]);
    let place = (target(), routing, option::of(any::<u32>()), any::<u8>(), any::<bool>());
    let times = (
        option::of(period()),
        one_of(&[OnTimeout::Kill, OnTimeout::Alert]),
        option::of(period()),
        option::of(period()),
        option::of(one_of(&[Isolation::Shim, Isolation::Inline])),
    );
    let limits = (option::of(any::<u64>()), option::of(1_u32..4_000), option::of(any::<u32>()));
    let limits = limits.prop_map(|(memory, quarters, processes)| Limits {
        memory: memory.map(ByteSize),
        cpu: quarters.map(|quarters| f64::from(quarters) / 4.0),
        processes,
    });
    let log = (option::of(period()), option::of(any::<u32>())).prop_map(|(keep, last)| LogKeep { keep, last });
    let trouble = (overlap, any::<u32>(), misfire(), retry(), log, limits);
    let tables = (table(), table(), vec(text(), 0..3));
    (timed(), place, times, trouble, tables).prop_map(|(job, place, times, trouble, tables)| Definition {
        target: place.0,
        routing: place.1,
        concurrency: place.2,
        priority: place.3,
        enabled: place.4,
        timeout: times.0,
        on_timeout: times.1,
        kill_grace: times.2,
        isolation: times.4,
        start_deadline: times.3,
        overlap: trouble.0,
        queue_limit: trouble.1,
        misfire: trouble.2,
        retry: trouble.3,
        log: trouble.4,
        limits: trouble.5,
        params: tables.0,
        labels: tables.1,
        alerts: tables.2,
        ..job
    })
}
