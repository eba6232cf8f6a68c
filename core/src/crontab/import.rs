//! From a whole crontab to jobs, with one answer for every line.

use std::collections::BTreeMap;

use super::command::Command;
use super::environment::{Environment, Zone};
use super::line::{Content, Entry, Kind};
use super::name::Names;
use crate::document::validate;
use crate::job::command::Shell;
use crate::job::{self, Definition, Misfire, MisfirePolicy, Overlap};
use crate::schedule::{Schedule, Settings};
use crate::template;
use crate::time::Timestamp;

/// The longest line that is read, in bytes. Debian's cron stops at 1000, others at 128 KiB.
const MAX_LINE: usize = 64 * 1024;
/// How many jobs one file may make.
const MAX_JOBS: usize = 10_000;
/// The longest description made of comments, in bytes.
const MAX_DESCRIPTION: usize = 2000;

/// What the file itself does not say.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Whether entries name a user. [`Kind::detect`] finds out.
    pub kind: Kind,
    /// The IANA zone of the machine the crontab is from.
    pub timezone: &'a str,
    /// What every job's name begins with; may be empty.
    pub prefix: &'a str,
}

/// What became of a crontab, line by line.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// One for every line, in order.
    pub lines: Vec<Line>,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    /// Without its end.
    pub text: String,
    /// What became of it.
    pub became: Became,
    /// What is good to know about it, for people; may be empty.
    pub note: String,
}

/// What a line became.
#[derive(Clone, Debug, PartialEq)]
pub enum Became {
    /// A job.
    Job(Box<Definition>),
    /// Something that holds for the entries below; the note says what.
    Environment,
    /// A comment; it describes the entry it stands directly above.
    Comment,
    /// Nothing.
    Blank,
    /// Nothing, and it should have: why.
    Refused(String),
}

impl Import {
    /// The jobs, in the order of their lines.
    pub fn jobs(&self) -> impl Iterator<Item = &Definition> {
        self.lines.iter().filter_map(|line| match &line.became {
            Became::Job(definition) => Some(&**definition),
            _ => None,
        })
    }

    /// The lines that were refused, with the reasons.
    pub fn refused(&self) -> impl Iterator<Item = (&Line, &str)> {
        self.lines.iter().filter_map(|line| match &line.became {
            Became::Refused(reason) => Some((line, reason.as_str())),
            _ => None,
        })
    }
}

/// Reads a crontab. Every line has its answer; a line that is refused does not keep the others from becoming jobs.
///
/// Entries become jobs that behave as under cron: `overlap = "allow"`, `misfire.policy = "skip"`, no timeout, no retry.
#[must_use]
pub fn import(text: &str, options: &Options<'_>) -> Import {
    let mut importer = Importer::new(*options);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate().map(|(index, line)| importer.line(index + 1, line)).collect();
    Import { lines }
}

struct Importer<'a> {
    options: Options<'a>,
    environment: Environment,
    names: Names,
    jobs: usize,
    /// The comments directly above.
    comments: Vec<&'a str>,
}

/// What a line became, and its note.
type Answer = (Became, String);

impl<'a> Importer<'a> {
    fn new(options: Options<'a>) -> Self {
        Self { options, environment: Environment::default(), names: Names::default(), jobs: 0, comments: Vec::new() }
    }

    fn line<'t: 'a>(&mut self, number: usize, text: &'t str) -> Line {
        let (became, note) = self.answer(text);
        if became != Became::Comment {
            self.comments.clear();
        }
        Line { number, text: text.to_owned(), became, note }
    }

    fn answer(&mut self, text: &'a str) -> Answer {
        if text.len() > MAX_LINE {
            return refused(format!("the line is longer than {MAX_LINE} bytes: put the command into a script"));
        }
        if text.contains('\0') {
            return refused("it contains a NUL character, which no command can carry".to_owned());
        }
        match Content::read(text, self.options.kind) {
            Content::Blank => (Became::Blank, String::new()),
            Content::Comment(comment) => {
                self.comment(comment);
                (Became::Comment, String::new())
            }
            Content::Assignment { name, value } => match self.environment.set(name, value) {
                Ok(note) => (Became::Environment, note),
                Err(reason) => refused(reason),
            },
            Content::Entry(entry) => self.entry(&entry),
            Content::Malformed(reason) => refused(reason.to_owned()),
        }
    }

    /// An entry that was taken out by a `#` describes nothing, and what stands above it was about it.
    fn comment(&mut self, comment: &'a str) {
        match Content::read(comment, self.options.kind) {
            Content::Entry(entry) if Schedule::parse(&rule(entry.rule), &Settings::default()).is_ok() => {
                self.comments.clear();
            }
            _ => self.comments.push(comment),
        }
    }

    fn entry(&mut self, entry: &Entry<'_>) -> Answer {
        let definition = self.timezone().and_then(|timezone| self.definition(entry, timezone));
        match definition {
            Ok(definition) => {
                self.jobs += 1;
                (Became::Job(Box::new(definition)), note(entry))
            }
            Err(reason) => refused(reason),
        }
    }

    fn timezone(&self) -> Result<String, String> {
        match self.environment.zone() {
            Zone::Machine => Ok(self.options.timezone.to_owned()),
            Zone::Named(zone) => Ok(zone.clone()),
            Zone::Unknown(zone) => Err(format!("CRON_TZ above is `{zone}`, which is not an IANA time zone")),
        }
    }

    fn definition(&mut self, entry: &Entry<'_>, timezone: String) -> Result<Definition, String> {
        if self.jobs >= MAX_JOBS {
            return Err(format!("more than {MAX_JOBS} entries: import the rest as another file"));
        }
        let name = self.names.give(self.options.prefix, entry.command);
        let name =
            name.ok_or_else(|| format!("`{}` cannot begin a job's name: give another prefix", self.options.prefix))?;
        let definition = Definition {
            description: description(&self.comments),
            schedule: Some(rule(entry.rule)),
            timezone,
            overlap: Overlap::Allow,
            misfire: Misfire { policy: MisfirePolicy::Skip, ..Misfire::default() },
            labels: self.labels(),
            ..Definition::new(name, job::Command::Shell(self.shell(entry)))
        };
        // Rules of crontabs have no year, so that no moment is too late for them.
        match validate(&definition, Timestamp::EPOCH).first() {
            None => Ok(definition),
            Some(fault) if fault.field == "command.user" => {
                Err(format!("the user before the command: {}", fault.message))
            }
            Some(fault) => Err(format!("{}: {}", fault.field, fault.message)),
        }
    }

    fn shell(&self, entry: &Entry<'_>) -> Shell {
        let Command { line, stdin } = Command::read(entry.command).escaped();
        let escaped = |(name, value): (&String, &String)| (name.clone(), template::escape(value));
        Shell {
            line,
            stdin,
            user: entry.user.map(ToOwned::to_owned),
            cwd: self.environment.home().map(ToOwned::to_owned),
            env: self.environment.variables().iter().map(escaped).collect(),
        }
    }

    fn labels(&self) -> BTreeMap<String, String> {
        self.environment.mail_to().map(|address| ("mailto".to_owned(), address.to_owned())).into_iter().collect()
    }
}

fn note(entry: &Entry<'_>) -> String {
    let mut notes = Vec::new();
    if entry.unlogged {
        notes.push("the `-` before the rule, which keeps cron from logging it, is left out");
    }
    if entry.rule.eq_ignore_ascii_case("@reboot") {
        notes.push("runs once when a node starts");
    }
    notes.join("; ")
}

fn refused(reason: String) -> Answer {
    (Became::Refused(reason), String::new())
}

/// The fields with single blanks; FreeBSD's name for every minute as the rule it stands for.
fn rule(written: &str) -> String {
    if written.eq_ignore_ascii_case("@every_minute") {
        return "* * * * *".to_owned();
    }
    let rule = written.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    if rule.starts_with('@') { rule.to_ascii_lowercase() } else { rule }
}

/// The comments as one text, without frames, pictures of the fields and what `crontab` writes at the top by itself.
fn description(comments: &[&str]) -> String {
    let after_header = comments.iter().rposition(|line| is_header(line)).map_or(0, |at| at + 1);
    let lines =
        comments.iter().skip(after_header).map(|line| line.trim_matches(|c: char| c == '#' || c.is_whitespace()));
    let lines: Vec<&str> = lines.filter(|line| line.contains(char::is_alphanumeric)).collect();
    let mut text = lines.join("\n").replace(|c: char| c.is_control() && c != '\n', " ");
    text.truncate(text.floor_char_boundary(MAX_DESCRIPTION));
    text
}

/// Whether a comment explains crontabs instead of the entry below.
fn is_header(comment: &str) -> bool {
    let words: Vec<&str> = comment.split_whitespace().collect();
    let text = words.join(" ");
    let beginnings =
        ["m h dom mon dow", ".---", "| ", "* * * * *", "DO NOT EDIT THIS FILE", "(Cron version", "(/tmp/crontab"];
    text == "|" || beginnings.iter().any(|beginning| text.starts_with(beginning))
}
