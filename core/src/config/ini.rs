//! The `conf.ini` of gocron, accepted as it is: its servers become URLs, the machine groups that this host is in become
//! the node's, and all of them and the mail addresses are kept as data.
//!
//! `#` begins a comment line, a value is everything after the first `=`. Where a section is written twice, as `[database]`
//! and `[database_local]`, the second counts: it is the one that gocron reads, whatever its manual says.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use toml::Value;

use crate::suggest;

use super::assignment::Assignment;
use super::error::{Error, MAX_ERRORS};
use super::legacy::{ALARM, AlarmMail, Legacy};
use super::origin::Origin;

const DATABASE_KEYS: &[&str] = &["username", "password", "host", "port", "database", "charset"];
const REDIS_KEYS: &[&str] = &["host", "port", "max_idle", "max_active"];
const MAIL_KEYS: &[&str] = &["cron_mail", "from_mail", "cron_url"];

/// The sections and what may stand in them; `None` where keys are names.
const SECTIONS: &[(&str, Option<&[&str]>)] = &[
    ("database", Some(DATABASE_KEYS)),
    ("database_local", Some(DATABASE_KEYS)),
    ("redis", Some(REDIS_KEYS)),
    ("redis_local", Some(REDIS_KEYS)),
    ("machine", None),
    ("alarm_mail_list", Some(MAIL_KEYS)),
];

/// Reads a `conf.ini`. `host` is what this host is called: the group of a machine is known by its address.
pub(super) fn read(name: &Arc<str>, text: &str, host: &[String], errors: &mut Vec<Error>) -> (Vec<Assignment>, Legacy) {
    let ini = Ini::parse(name, text, errors);
    let legacy = legacy(&ini);
    let database = ini.either("database_local", "database");
    let redis = ini.either("redis_local", "redis");
    let assignments = [
        assignment("database.url", database.first(), mysql_url(database)),
        // gocron had no second step between its configuration and its start.
        assignment("database.migrate", database.first(), true),
        assignment("guard.url", redis.first(), redis_url(redis)),
        groups(&ini, &legacy.groups_of(host)),
    ];
    (assignments.into_iter().flatten().chain(alarm(&ini, &legacy.alarm_mail)).collect(), legacy)
}

fn assignment(key: &str, line: Option<&Line>, value: impl Into<Value>) -> Option<Assignment> {
    Some(Assignment { key: key.to_owned(), value: value.into(), origin: line?.origin.clone() })
}

/// The list becomes a channel over the mail server of this host, since gocron had no key for another.
fn alarm(ini: &Ini, mail: &AlarmMail) -> Vec<Assignment> {
    let section = ini.get("alarm_mail_list");
    let line = |key: &str| section.lines.iter().rev().find(|line| line.key == key).or_else(|| section.first());
    let of_channel = |key: &str, line, value: Value| assignment(&format!("alerts.channel.{ALARM}.{key}"), line, value);
    let link = assignment("alerts.url", line("cron_url"), mail.link.as_str()).filter(|_| !mail.link.is_empty());
    if mail.to.is_empty() {
        return link.into_iter().collect();
    }
    let to: Vec<Value> = mail.to.iter().map(|to| Value::from(to.as_str())).collect();
    let from = if mail.from.is_empty() { "cronbus@localhost" } else { &mail.from };
    let channel = [
        of_channel("kind", section.first(), "email".into()),
        of_channel("host", section.first(), "localhost".into()),
        of_channel("encryption", section.first(), "none".into()),
        of_channel("from", line("from_mail"), from.into()),
        of_channel("to", line("cron_mail"), to.into()),
    ];
    channel.into_iter().flatten().chain(link).collect()
}

fn groups(ini: &Ini, groups: &[&str]) -> Option<Assignment> {
    let first = ini.get("machine").lines.iter().find(|line| groups.contains(&line.key.as_str()));
    assignment("node.groups", first, groups.iter().map(|group| Value::from(*group)).collect::<Vec<_>>())
}

/// One `key = value`.
struct Line {
    key: String,
    value: String,
    origin: Origin,
}

#[derive(Default)]
struct Section {
    lines: Vec<Line>,
}

impl Section {
    fn first(&self) -> Option<&Line> {
        self.lines.first()
    }

    fn get<'a>(&'a self, key: &str, default: &'a str) -> &'a str {
        self.lines.iter().rev().find(|line| line.key == key).map_or(default, |line| &line.value)
    }
}

#[derive(Default)]
struct Ini {
    sections: BTreeMap<String, Section>,
    empty: Section,
}

impl Ini {
    fn parse(name: &Arc<str>, text: &str, errors: &mut Vec<Error>) -> Self {
        let mut ini = Self::default();
        let mut section = String::new();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if errors.len() >= MAX_ERRORS {
                break;
            }
            let origin = Origin::File { name: Arc::clone(name), line: number + 1 };
            match parse_line(line.trim()) {
                Parsed::Nothing => {}
                Parsed::Section(found) => section = found.to_owned(),
                Parsed::Pair(key, value) => match unknown(&section, key, &origin) {
                    Some(error) => errors.push(error),
                    None => ini.section(&section).lines.push(Line { key: key.into(), value: value.into(), origin }),
                },
                Parsed::Neither => {
                    let message = "this line is neither `[section]` nor `key = value` nor a comment".to_owned();
                    errors.push(Error::Syntax { message, origin });
                }
            }
        }
        ini
    }

    fn section(&mut self, name: &str) -> &mut Section {
        self.sections.entry(name.to_owned()).or_default()
    }

    fn get(&self, name: &str) -> &Section {
        self.sections.get(name).unwrap_or(&self.empty)
    }

    fn either(&self, first: &str, second: &str) -> &Section {
        self.sections.get(first).unwrap_or_else(|| self.get(second))
    }
}

enum Parsed<'a> {
    Nothing,
    Section(&'a str),
    Pair(&'a str, &'a str),
    Neither,
}

fn parse_line(line: &str) -> Parsed<'_> {
    if line.is_empty() || line.starts_with('#') {
        return Parsed::Nothing;
    }
    if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Parsed::Section(name.trim());
    }
    line.split_once('=').map_or(Parsed::Neither, |(key, value)| Parsed::Pair(key.trim(), value.trim()))
}

fn unknown(section: &str, key: &str, origin: &Origin) -> Option<Error> {
    let found = SECTIONS.iter().find(|(name, _)| *name == section);
    let (written, nearest) = match found {
        None => (section, suggest::nearest(section, SECTIONS.iter().map(|(name, _)| *name))),
        Some((_, Some(keys))) if !keys.contains(&key) => (key, suggest::nearest(key, keys.iter().copied())),
        Some(_) => return None,
    };
    let shown = if found.is_some() { format!("[{section}] {written}") } else { format!("[{written}]") };
    let nearest = nearest.map(str::to_owned);
    Some(Error::UnknownKey { key: shown.chars().take(64).collect(), nearest, origin: origin.clone() })
}

/// The character set is not carried over: every connection speaks `utf8mb4`, of which the seed's `utf8` is a part.
fn mysql_url(section: &Section) -> String {
    let user_info = format!("{}:{}", encode(section.get("username", "root")), encode(section.get("password", "")));
    let address = format!("{}:{}", section.get("host", "localhost"), section.get("port", "3306"));
    format!("mysql://{user_info}@{address}/{}", encode(section.get("database", "cron")))
}

/// The sizes of the pool are not carried over: one connection carries all requests, pipelined.
fn redis_url(section: &Section) -> String {
    format!("redis://{}:{}", section.get("host", "localhost"), section.get("port", "6379"))
}

/// Percent-encoding of everything that is not unreserved (RFC 3986, 2.3).
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn legacy(ini: &Ini) -> Legacy {
    let split = |text: &str, at: fn(char) -> bool| -> Vec<String> {
        text.split(at).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let groups = ini.get("machine").lines.iter();
    let mail = ini.get("alarm_mail_list");
    Legacy {
        machine_groups: groups.map(|line| (line.key.clone(), split(&line.value, |c| c == '|'))).collect(),
        alarm_mail: AlarmMail {
            to: split(mail.get("cron_mail", ""), char::is_whitespace),
            from: mail.get("from_mail", "").to_owned(),
            link: mail.get("cron_url", "").to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_clean(text: &str) -> (Vec<(String, String)>, Legacy) {
        let mut errors = Vec::new();
        let host = ["web-7".to_owned(), "192.168.2.75".to_owned(), "::1".to_owned()];
        let (assignments, legacy) = read(&"conf.ini".into(), text, &host, &mut errors);
        assert!(errors.is_empty(), "{errors:?}");
        let pair = |found: Assignment| (found.key, found.value.to_string());
        (assignments.into_iter().map(pair).collect(), legacy)
    }

    #[test]
    fn servers_become_urls_and_the_rest_is_kept() {
        let (assignments, legacy) = read_clean(
            "# gocron\n[database]\nusername = root\npassword = a=b#c\nhost = db\nport = 3307\ndatabase = cron\n\
             charset = utf8\n[redis]\nhost = 192.168.100.60\nport = 6381\nmax_idle = 10\nmax_active = 60\n\
             [machine]\nphpgroup = 192.168.2.74|192.168.2.75\ncron74 = 192.168.100.74\n\
             [alarm_mail_list]\ncron_mail = ops@example.com duty@example.com\nfrom_mail = cron@example.com\n\
             cron_url = http://cron.example.com\n",
        );
        assert_eq!(
            assignments,
            [
                ("database.url", r#""mysql://root:a%3Db%23c@db:3307/cron""#),
                ("database.migrate", "true"),
                ("guard.url", r#""redis://192.168.100.60:6381""#),
                ("node.groups", r#"["phpgroup"]"#),
                ("alerts.channel.alarm_mail_list.kind", r#""email""#),
                ("alerts.channel.alarm_mail_list.host", r#""localhost""#),
                ("alerts.channel.alarm_mail_list.encryption", r#""none""#),
                ("alerts.channel.alarm_mail_list.from", r#""cron@example.com""#),
                ("alerts.channel.alarm_mail_list.to", r#"["ops@example.com", "duty@example.com"]"#),
                ("alerts.url", r#""http://cron.example.com""#),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
        assert_eq!(legacy.machine_groups["phpgroup"], ["192.168.2.74", "192.168.2.75"]);
        assert_eq!(legacy.machine_groups["cron74"], ["192.168.100.74"]);
        assert_eq!(legacy.alarm_mail.to, ["ops@example.com", "duty@example.com"]);
        assert_eq!(legacy.alarm_mail.link, "http://cron.example.com");
    }

    #[test]
    fn the_local_sections_are_the_ones_that_count() {
        let (assignments, _) = read_clean("[redis_local]\r\nhost = near\r\n[redis]\r\nhost = far\r\n");
        assert_eq!(assignments, [("guard.url".to_owned(), r#""redis://near:6379""#.to_owned())]);
    }

    #[test]
    fn what_it_does_not_know_is_named_with_its_line() {
        let mut errors = Vec::new();
        read(&"conf.ini".into(), "[databse]\nhost = a\n[redis]\nhots = b\nnonsense\n", &[], &mut errors);
        let shown: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "there is no key `[databse]`: did you mean `database`? (from file conf.ini, line 2)",
                "there is no key `[redis] hots`: did you mean `host`? (from file conf.ini, line 4)",
                "this line is neither `[section]` nor `key = value` nor a comment (from file conf.ini, line 5)",
            ]
        );
    }
}
