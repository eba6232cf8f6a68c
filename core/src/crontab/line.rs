//! Taking one line apart, by crontab(5). Knows nothing of the lines around it.

/// Whose crontab it is, which decides whether its entries name a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of one user, as `crontab -l` prints it: a command follows the rule.
    User,
    /// Of the system, like `/etc/crontab` and `/etc/cron.d/*`: a user stands between rule and command.
    System,
}

/// Accounts that are common on machines and improbable as commands.
const ACCOUNTS: [&str; 20] = [
    "root", "www-data", "nobody", "daemon", "mail", "news", "backup", "postgres", "mysql", "nginx", "apache", "redis",
    "munin", "smmsp", "logcheck", "list", "git", "ubuntu", "debian", "logstash",
];

impl Kind {
    /// Of the file at a path: where it is decides, and else its text, which is a system's when after every rule there
    /// stands a well-known account before the command.
    #[must_use]
    pub fn detect(path: &str, text: &str) -> Self {
        let of_system = path == "/etc/crontab" || path.contains("/cron.d/");
        if of_system || Self::names_users(text) { Self::System } else { Self::User }
    }

    fn names_users(text: &str) -> bool {
        let mut entries = text.lines().filter_map(|line| match Content::read(line, Self::System) {
            Content::Entry(entry) => Some(entry),
            Content::Malformed(_) => Some(Entry::default()),
            _ => None,
        });
        let is_account = |entry: Entry<'_>| entry.user.is_some_and(|user| ACCOUNTS.contains(&user));
        entries.next().is_some_and(is_account) && entries.all(is_account)
    }
}

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content<'a> {
    Blank,
    /// Without its `#`.
    Comment(&'a str),
    /// `NAME = value`, the quotes around the value taken off.
    Assignment {
        name: &'a str,
        value: &'a str,
    },
    Entry(Entry<'a>),
    /// Why it is none of these.
    Malformed(&'static str),
}

/// Rule, user and command.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// The fields, or a name after `@`.
    pub(super) rule: &'a str,
    /// In a system's crontab.
    pub(super) user: Option<&'a str>,
    /// Everything after it, `%` and all.
    pub(super) command: &'a str,
    /// Whether a `-` before the rule keeps the entry out of the system's log.
    pub(super) unlogged: bool,
}

impl<'a> Content<'a> {
    /// Reads a line without its end.
    pub(super) fn read(line: &'a str, kind: Kind) -> Self {
        let text = line.trim_start_matches(BLANKS);
        if text.trim_end().is_empty() {
            return Self::Blank;
        }
        if let Some(comment) = text.strip_prefix('#') {
            return Self::Comment(comment);
        }
        if let Some((name, value)) = assignment(text) {
            return Self::Assignment { name, value };
        }
        entry(text, kind)
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

/// `NAME = value`: blanks around `=` do not count, and quotes around name or value keep the blanks within.
fn assignment(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = match leading_quoted(text) {
        Some((name, rest)) => (name, rest.trim_start().strip_prefix('=')?),
        None => {
            let (name, rest) = text.split_once('=')?;
            (name.trim_end_matches(BLANKS), rest)
        }
    };
    if !is_variable_name(name) {
        return None;
    }
    let written = rest.trim();
    match leading_quoted(written) {
        Some((value, "")) => Some((name, value)),
        // A quote that is not closed, or closed too early, means itself.
        _ => Some((name, written)),
    }
}

fn leading_quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text.strip_prefix(quote)?.split_once(quote)
}

/// What a shell can name a variable (XBD 3.216).
fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn entry(text: &str, kind: Kind) -> Content<'_> {
    let (unlogged, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start_matches(BLANKS)),
        None => (false, text),
    };
    let words = if text.starts_with('@') { 1 } else { 5 };
    let Some((rule, rest)) = split_words(text, words) else {
        return Content::Malformed(
            "it is neither `NAME = value` nor an entry: five fields or a name like @daily, then a command",
        );
    };
    let (user, command) = match kind {
        Kind::User => (None, rest),
        Kind::System => match split_words(rest, 1) {
            Some((user, command)) => (Some(user), command),
            None => (None, ""),
        },
    };
    if command.trim().is_empty() {
        return Content::Malformed(match kind {
            Kind::User => "there is no command after the rule",
            Kind::System => "a user and a command have to follow the rule in a system's crontab",
        });
    }
    Content::Entry(Entry { rule, user, command, unlogged })
}

/// The first words as they stand, and what follows the blanks after them.
fn split_words(text: &str, count: usize) -> Option<(&str, &str)> {
    let mut rest = text;
    let mut taken = text.len();
    for _ in 0..count {
        rest = rest.trim_start_matches(BLANKS);
        let end = rest.find(BLANKS)?;
        rest = rest.get(end..)?;
        taken = text.len() - rest.len();
    }
    Some((text.get(..taken)?, rest.trim_start_matches(BLANKS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_keep_what_quotes_hold() {
        for (line, name, value) in [
            ("A=b", "A", "b"),
            ("  A = b c  ", "A", "b c"),
            ("A='  b '", "A", "  b "),
            ("A=\"it's\"", "A", "it's"),
            ("\"A\" = b", "A", "b"),
            ("A=", "A", ""),
            ("A=\"\"", "A", ""),
            ("A=\"b\" c", "A", "\"b\" c"),
            ("A='b", "A", "'b"),
            ("A=b=c # d", "A", "b=c # d"),
            ("PATH=$HOME/bin:/usr/bin", "PATH", "$HOME/bin:/usr/bin"),
        ] {
            assert_eq!(Content::read(line, Kind::User), Content::Assignment { name, value }, "{line}");
        }
    }

    #[test]
    fn entries_are_rule_user_and_command() {
        let entry = |rule, user, command| Content::Entry(Entry { rule, user, command, unlogged: false });
        for (line, kind, expected) in [
            ("* * * * * a b", Kind::User, entry("* * * * *", None, "a b")),
            ("\t5\t4 * *  1\t a=1 b  ", Kind::User, entry("5\t4 * *  1", None, "a=1 b  ")),
            ("@daily  a", Kind::User, entry("@daily", None, "a")),
            ("@daily root a b", Kind::System, entry("@daily", Some("root"), "a b")),
            ("5 4 * * 1 app\ta", Kind::System, entry("5 4 * * 1", Some("app"), "a")),
        ] {
            assert_eq!(Content::read(line, kind), expected, "{line}");
        }
        let unlogged = Entry { rule: "0 * * * *", user: Some("root"), command: "a", unlogged: true };
        assert_eq!(Content::read("-0 * * * * root a", Kind::System), Content::Entry(unlogged));
        for line in ["* * * * *", "hello", "@daily", "1 2 3", "-", "@daily \t", "* * * * * root"] {
            assert!(matches!(Content::read(line, Kind::System), Content::Malformed(_)), "{line}");
        }
        assert_eq!(Content::read(" \t ", Kind::User), Content::Blank);
        assert_eq!(Content::read("  # a", Kind::User), Content::Comment(" a"));
    }

    #[test]
    fn the_kind_follows_from_the_place_or_from_the_users() {
        let of_system = "SHELL=/bin/sh\n# c\n1 * * * * root a\n@daily www-data b\n";
        for (path, text, kind) in [
            ("/etc/crontab", "", Kind::System),
            ("/etc/cron.d/php", "* * * * * a b", Kind::System),
            ("-", of_system, Kind::System),
            ("-", "1 * * * * root a\n* * * * * backup.sh x", Kind::User),
            ("/var/spool/cron/crontabs/ann", "* * * * * a b", Kind::User),
            ("-", "", Kind::User),
        ] {
            assert_eq!(Kind::detect(path, text), kind, "{path} {text}");
        }
    }
}
