//! The job that a row becomes, and every difference that its owner should know of.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::reading::Reading;
use super::row::Row;
use crate::document::validate;
use crate::duration::Period;
use crate::job::target::{Nodes, Target};
use crate::job::{Command, Definition, JobName, Overlap};
use crate::schedule::{Schedule, Settings, preview};
use crate::template::escape;
use crate::time::Timestamp;

/// How many moments are compared.
const COMPARED: usize = 10;

/// How long gocron let a call take.
const CALL: Duration = Duration::from_secs(300);

/// What is known beside the table.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The IANA zone of gocron's machine.
    pub timezone: &'a str,
    /// What the names of the jobs begin with.
    pub prefix: &'a str,
    /// `[machine]` of its `conf.ini`: the addresses of each group.
    pub machines: &'a BTreeMap<String, Vec<String>>,
    /// Moments after this instant are compared.
    pub now: Timestamp,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Became {
    /// A job.
    Job(Box<Definition>),
    /// Nothing: why.
    Refused(String),
}

/// A row with its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The row's number.
    pub job: i64,
    /// Its name there.
    pub name: String,
    /// What became of it.
    pub became: Became,
    /// The next moments as cronbus reads the rule.
    pub here: Vec<Timestamp>,
    /// The next moments as gocron reads it, or why that cannot be told.
    pub there: Result<Vec<Timestamp>, String>,
    /// What means something else here.
    pub changes: Vec<String>,
}

/// Makes jobs of rows. Each row has its answer; one that is refused does not keep the others from becoming jobs.
#[must_use]
pub fn import(rows: &[Row], options: &Options<'_>) -> Vec<Import> {
    let mut names = BTreeSet::new();
    rows.iter().map(|row| one(row, options, &mut names)).collect()
}

fn one(row: &Row, options: &Options<'_>, names: &mut BTreeSet<String>) -> Import {
    let there = Reading::parse(&row.rule, options.timezone);
    let there = there.map(|reading| reading.fires(options.now, COMPARED)).map_err(|error| error.to_string());
    let mut changes = Vec::new();
    let (became, here) = match definition(row, options, names, &mut changes) {
        Ok(definition) => {
            let here = moments(&definition, options.now);
            (Became::Job(Box::new(definition)), here)
        }
        Err(reason) => {
            changes.clear();
            (Became::Refused(reason), Vec::new())
        }
    };
    Import { job: row.job, name: row.name.clone(), became, here, there, changes }
}

fn moments(definition: &Definition, now: Timestamp) -> Vec<Timestamp> {
    let name = definition.name.as_str();
    let settings = Settings { timezone: &definition.timezone, anchor: now, name, ..Settings::default() };
    let schedule = definition.schedule.as_ref().and_then(|rule| Schedule::parse(rule, &settings).ok());
    let fires = schedule.map(|schedule| preview(&schedule, now, COMPARED)).unwrap_or_default();
    fires.into_iter().map(|fire| fire.at).collect()
}

fn definition(
    row: &Row,
    options: &Options<'_>,
    names: &mut BTreeSet<String>,
    changes: &mut Vec<String>,
) -> Result<Definition, String> {
    let (command, timeout) = command(row, changes)?;
    let definition = Definition {
        description: description(row),
        schedule: Some(row.rule.trim().to_owned()),
        timezone: options.timezone.to_owned(),
        target: target(row, options, changes),
        overlap: overlap(row, changes),
        timeout,
        enabled: row.state == 1,
        ..Definition::new(name(row, options.prefix, names)?, command)
    };
    if !row.year.trim().is_empty() && row.year.trim() != "0" {
        changes.push(format!("runyear is `{}`: it is not carried over", row.year.trim()));
    }
    if !(row.email.trim().is_empty() && row.mobile.trim().is_empty()) {
        let told = format!("{} {}", row.email.trim(), row.mobile.trim());
        changes.push(format!("gocron would tell {}: name channels in `alerts`", told.trim()));
    }
    match validate(&definition, options.now).first() {
        None => Ok(definition),
        Some(fault) => Err(format!("{}: {}", fault.field, fault.message)),
    }
}

fn description(row: &Row) -> String {
    let parts = [row.remark.trim(), row.author.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The name, in the letters that names have; the number behind it where another row has that already.
fn name(row: &Row, prefix: &str, names: &mut BTreeSet<String>) -> Result<JobName, String> {
    let allowed = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let slug: String = row.name.trim().chars().take(100).map(allowed).collect();
    let slug = slug.trim_matches('-');
    let is_number = slug.chars().all(|c| c.is_ascii_digit());
    let base = if is_number { format!("{prefix}job-{}", row.job) } else { format!("{prefix}{slug}") };
    let free = if names.contains(&base) { format!("{base}-{}", row.job) } else { base };
    let name = JobName::new(&free).map_err(|error| error.to_string())?;
    if !names.insert(free.clone()) {
        return Err(format!("another row became `{free}` already"));
    }
    Ok(name)
}

fn command(row: &Row, changes: &mut Vec<String>) -> Result<(Command, Option<Period>), String> {
    let text = row.command.trim();
    if text.is_empty() {
        return Err("its cmd is empty".to_owned());
    }
    let kind = row.kind.trim().to_ascii_lowercase();
    if matches!(kind.as_str(), "curl" | "wget") {
        changes.push(format!("{kind}: success is a status of 200 to 299, whatever the answer says"));
        if kind == "wget" {
            changes.push("wget: nothing is saved as a file; the answer is kept with the run".to_owned());
        }
        let call = serde_json::from_value(json!({ "http": { "url": escape(text) } }));
        return Ok((call.map_err(|error| format!("cmd: {error}"))?, Some(Period(CALL))));
    }
    changes.push("success is exit code 0, whatever was printed: gocron took any output for a failure".to_owned());
    changes.push(
        "it runs by executor.shell, which is /bin/sh: set it to /bin/bash, which gocron took, on its nodes".to_owned(),
    );
    Ok((Command::shell(&escape(text)), None))
}

fn target(row: &Row, options: &Options<'_>, changes: &mut Vec<String>) -> Target {
    let group = row.group.trim();
    if group.is_empty() {
        return Target::default();
    }
    changes.push(match options.machines.get(group) {
        Some(addresses) => format!(
            "runat: it is executed on the nodes of group {group}, not sent by them, as gocron had it; those at {} are in \
             it",
            addresses.join(", ")
        ),
        None => format!(
            "runat: it is executed on the nodes of group {group}, which [machine] does not have: start some with --group \
             {group}"
        ),
    });
    Target { nodes: Nodes::Group(group.to_owned()), broadcast: false }
}

fn overlap(row: &Row, changes: &mut Vec<String>) -> Overlap {
    match row.overflow {
        0 | 1 => Overlap::Skip,
        2 => Overlap::Replace,
        3 => Overlap::Healthy,
        4 => Overlap::Allow,
        other => {
            changes.push(format!("overflow is {other}, which means nothing: a run that overlaps is skipped"));
            Overlap::Skip
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str) -> Row {
        let (command, rule) = ("echo hi".to_owned(), "*/5 * * * *".to_owned());
        Row { job: 7, name: name.to_owned(), command, rule, state: 1, ..Row::default() }
    }

    fn imported(rows: &[Row]) -> Vec<Import> {
        let machines = BTreeMap::from([("php".to_owned(), vec!["10.0.0.1".to_owned(), "10.0.0.2".to_owned()])]);
        let now = Timestamp::from_seconds(1_795_000_000);
        import(rows, &Options { timezone: "Asia/Shanghai", prefix: "", machines: &machines, now })
    }

    fn job(import: &Import) -> &Definition {
        match &import.became {
            Became::Job(definition) => definition,
            Became::Refused(reason) => panic!("{reason}"),
        }
    }

    #[test]
    fn a_command_line_becomes_a_job() {
        let row =
            Row { group: "php".to_owned(), overflow: 3, state: 2, author: "ann".to_owned(), ..row("报表 nightly!") };
        let imports = imported(&[row]);
        let job = job(&imports[0]);
        assert_eq!((job.name.as_str(), job.enabled, job.overlap), ("报表-nightly", false, Overlap::Healthy));
        assert_eq!(job.target.nodes, Nodes::Group("php".to_owned()));
        assert_eq!(imports[0].there.as_ref(), Ok(&imports[0].here));
        assert_eq!(imports[0].here.len(), COMPARED);
        let changes = imports[0].changes.join("\n");
        assert!(changes.contains("exit code 0") && changes.contains("10.0.0.1, 10.0.0.2"), "{changes}");
    }

    #[test]
    fn a_call_becomes_a_request_of_five_minutes() {
        let row = Row { kind: "wget".to_owned(), command: "http://a.example/x?{{y}}".to_owned(), ..row("call") };
        let imports = imported(&[row]);
        let job = job(&imports[0]);
        assert!(matches!(job.command, Command::Http(_)) && job.timeout == Some(Period(CALL)));
        assert!(imports[0].changes.iter().any(|change| change.starts_with("wget")));
    }

    #[test]
    fn both_readings_are_told_where_they_differ() {
        let imports = imported(&[Row { rule: "0 0 */10 * 1".to_owned(), ..row("a") }]);
        assert_ne!(imports[0].there.as_ref(), Ok(&imports[0].here));
        let imports = imported(&[Row { rule: "@every 5m".to_owned(), ..row("a") }]);
        assert!(imports[0].there.is_err() && imports[0].here.len() == COMPARED);
    }

    #[test]
    fn names_are_made_usable_and_told_apart() {
        let names = ["a b", "a/b", "12", ""].map(row);
        let imports = imported(&names.map(|row| Row { job: i64::try_from(row.name.len()).unwrap(), ..row }));
        let names: Vec<&str> = imports.iter().map(|import| job(import).name.as_str()).collect();
        assert_eq!(names, ["a-b", "a-b-3", "job-2", "job-0"]);
    }

    #[test]
    fn what_cannot_be_is_refused_alone() {
        let rows =
            [Row { rule: "61 * * * *".to_owned(), ..row("a") }, Row { command: " ".to_owned(), ..row("b") }, row("c")];
        let refused = imported(&rows).into_iter().map(|import| matches!(import.became, Became::Refused(_)));
        assert_eq!(refused.collect::<Vec<_>>(), [true, true, false]);
    }
}
