//! The servers of the configuration: whether they answer, how old they are, and what time it is there.

use std::sync::Arc;

use cronbus_adapters::examined::{Examined, Offset};
use cronbus_core::config::Config;
use cronbus_core::port::Clock;
use cronbus_core::port::health::Service;

use super::finding::Finding;
use crate::node;

/// The oldest version of each that cronbus works with, as README.md says.
const OLDEST: [(&str, Version); 6] = [
    ("MySQL", (8, 0)),
    ("MariaDB", (10, 6)),
    ("PostgreSQL", (13, 0)),
    ("NATS", (2, 9)),
    ("etcd", (3, 4)),
    ("Redis", (3, 2)),
];

/// The first two numbers of a version.
type Version = (u32, u32);

/// Clocks that differ by more are worth a word, in milliseconds.
const APART_MS: i64 = 1_000;

/// What is found about them, all asked at once.
pub(super) async fn look(config: &Config, clock: &Arc<dyn Clock>) -> Vec<Finding> {
    let skew_ms = i64::try_from(config.cluster.clock_skew.duration().as_millis()).unwrap_or(i64::MAX);
    let answers = node::examine(config, clock).await;
    answers.into_iter().flat_map(|(service, answer)| told(service, answer, skew_ms)).collect()
}

fn told(service: Service, answer: Result<Examined, String>, skew_ms: i64) -> Vec<Finding> {
    let check = name(service);
    let examined = match answer {
        Ok(examined) => examined,
        Err(reason) => {
            let advice = format!("bring it back, or mend {}: {}", key(service), service.without());
            return vec![Finding::fail(check, reason, advice)];
        }
    };
    let mut findings = vec![aged(check, &examined)];
    let complaints = examined.complaints.iter();
    findings.extend(complaints.map(|complaint| complained(check, complaint)));
    findings.extend(examined.clock.map(|offset| apart(check, offset, skew_ms)));
    findings
}

/// A schema that lacks something keeps nodes from starting, as does a NATS that keeps nothing; the rest works.
fn complained(check: &'static str, complaint: &str) -> Finding {
    let (detail, advice) = complaint.split_once(": ").unwrap_or((complaint, "see README.md"));
    let is_needed = detail.starts_with("the schema lacks") || detail.starts_with("JetStream");
    if is_needed { Finding::fail(check, detail, advice) } else { Finding::warn(check, detail, advice) }
}

fn aged(check: &'static str, examined: &Examined) -> Finding {
    let Examined { product, version, .. } = examined;
    let oldest = OLDEST.iter().find(|(name, _)| name == product).map_or((0, 0), |(_, oldest)| *oldest);
    let (major, minor) = oldest;
    let Some(found) = numbers(version) else {
        return Finding::ok(
            check,
            format!("{product} answers, and does not say its version ({major}.{minor} or newer is needed)"),
        );
    };
    let detail = format!("{product} {version} answers ({major}.{minor} or newer is needed)");
    if found < oldest { Finding::fail(check, detail, "upgrade it") } else { Finding::ok(check, detail) }
}

fn numbers(version: &str) -> Option<Version> {
    let mut parts = version.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let major = parts.next()?.parse().ok()?;
    Some((major, parts.next().and_then(|part| part.parse().ok()).unwrap_or(0)))
}

fn apart(check: &'static str, offset: Offset, skew_ms: i64) -> Finding {
    let Offset { ahead_ms, give_or_take_ms } = offset;
    let detail = format!("its clock is {ahead_ms} ms ahead of this one, give or take {give_or_take_ms} ms");
    let advice = "have both clocks kept right";
    match offset.at_least_ms() {
        least if least > skew_ms => {
            Finding::fail(check, detail, format!("{advice}: more than cluster.clock_skew, so messages are refused"))
        }
        least if least > APART_MS => Finding::warn(check, detail, advice),
        _ => Finding::ok(check, detail),
    }
}

const fn name(service: Service) -> &'static str {
    match service {
        Service::Database => "database",
        Service::Bus => "bus",
        Service::Membership => "membership",
        Service::Guard => "guard",
    }
}

const fn key(service: Service) -> &'static str {
    match service {
        Service::Database => "database.url",
        Service::Bus => "bus.url",
        Service::Membership => "membership.url",
        Service::Guard => "guard.url",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctl::doctor::finding::Level;

    fn examined(product: &'static str, version: &str) -> Examined {
        Examined { product, version: version.to_owned(), clock: None, complaints: Vec::new() }
    }

    #[test]
    fn versions_are_compared_by_their_first_two_numbers() {
        for (product, version, level) in [
            ("MariaDB", "10.11.6-MariaDB-0+deb12u1", Level::Ok),
            ("MariaDB", "10.5.0-MariaDB", Level::Fail),
            ("PostgreSQL", "15.14 (Debian 15.14-0+deb12u1)", Level::Ok),
            ("PostgreSQL", "12.2", Level::Fail),
            ("NATS", "2.10.0", Level::Ok),
            ("NATS", "v2.8.4", Level::Fail),
            ("Redis", "3.2.0", Level::Ok),
            ("Redis", "", Level::Ok),
            ("etcd", "3", Level::Fail),
        ] {
            assert_eq!(aged("x", &examined(product, version)).level, level, "{product} {version}");
        }
    }

    #[test]
    fn clocks_apart_are_told_of_as_far_as_that_is_sure() {
        for (ahead_ms, give_or_take_ms, level) in
            [(900, 0, Level::Ok), (-1_500, 0, Level::Warn), (1_500, 600, Level::Ok), (40_000, 100, Level::Fail)]
        {
            assert_eq!(apart("bus", Offset { ahead_ms, give_or_take_ms }, 30_000).level, level, "{ahead_ms}");
        }
    }

    #[test]
    fn what_keeps_nodes_from_starting_fails() {
        assert_eq!(complained("database", "the schema lacks x: run `cronbus migrate` once").level, Level::Fail);
        assert_eq!(complained("bus", "the server does not ask: give it users").level, Level::Warn);
    }
}
