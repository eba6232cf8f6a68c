//! Making names of commands: readable, unique in the file, the same at every import of it.

use std::collections::{HashMap, HashSet};

use crate::job::JobName;

/// The longest part of a name made of a command, in characters.
const MAX_SLUG: usize = 48;

/// How much of a command is looked at, in bytes.
const MAX_LOOKED_AT: usize = 4096;

/// Commands that prepare the real one.
const PREPARING: [&str; 17] = [
    "cd", "test", "[", "[[", "true", "false", ":", "sleep", "export", "set", "umask", "ulimit", "source", ".", "exit",
    "command", "for",
];

/// Words of the shell's grammar that stand before a command.
const KEYWORDS: [&str; 10] = ["if", "then", "elif", "else", "fi", "while", "until", "do", "done", "!"];

/// Commands that run the command in their arguments.
const WRAPPING: [&str; 18] = [
    "nice",
    "ionice",
    "nohup",
    "sudo",
    "env",
    "time",
    "timeout",
    "flock",
    "chronic",
    "setsid",
    "exec",
    "chrt",
    "su",
    "runuser",
    "doas",
    "systemd-cat",
    "cronic",
    "eatmydata",
];

/// Programs that are named by what they are given.
const INTERPRETERS: [&str; 14] =
    ["sh", "bash", "dash", "zsh", "ksh", "php", "python", "perl", "ruby", "node", "java", "awk", "lua", "Rscript"];

/// The names given so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: HashSet<String>,
    /// Where counting goes on for a name that is taken, so that many alike entries do not count from 2 each.
    next: HashMap<String, u32>,
}

impl Names {
    /// A name nobody has yet: the prefix and the command's program; `-2` and so on where that is taken.
    pub(super) fn give(&mut self, prefix: &str, command: &str) -> Option<JobName> {
        let base = format!("{prefix}{}", slug(command));
        let next = self.next.entry(base.clone()).or_insert(1);
        let mut free = base.clone();
        while self.given.contains(&free) {
            *next = next.saturating_add(1);
            free = format!("{base}-{next}");
        }
        let name = JobName::new(&free).ok()?;
        self.given.insert(free);
        Some(name)
    }
}

/// The program a command is about, in letters, digits and `-`.
fn slug(command: &str) -> String {
    let looked_at = command.get(..command.floor_char_boundary(MAX_LOOKED_AT)).unwrap_or(command);
    let bare = without_inner_text(looked_at);
    let main = simple_commands(&bare).find_map(program).or_else(|| simple_commands(&bare).find_map(first_word));
    let words = main.map(|text| slug_of(&text)).unwrap_or_default();
    match words.as_str() {
        "" => "job".to_owned(),
        digits if digits.chars().all(|c| c.is_ascii_digit()) => format!("job-{digits}"),
        _ => words,
    }
}

/// The command without what stands in single quotes and in `$(…)`, roughly: a wrong cut only makes a plainer name.
fn without_inner_text(command: &str) -> String {
    let outside_quotes = command.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    let mut parts = outside_quotes.split("$(");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push_str(part.split_once(')').map_or("", |(_, after)| after));
    }
    bare
}

/// The parts between the shell's operators.
fn simple_commands(command: &str) -> impl Iterator<Item = &str> {
    command.split(['&', '|', ';', '(', ')', '{', '}', '\n', '`']).map(str::trim).filter(|part| !part.is_empty())
}

/// What a simple command runs, or nothing when it only prepares or is given its program as text.
fn program(simple: &str) -> Option<String> {
    let mut words = simple.split_whitespace().filter(|word| !is_assignment(word) && !is_redirection(word)).peekable();
    loop {
        let name = base_name(words.next()?.trim_matches(['"', '\'']));
        if PREPARING.contains(&name) {
            return None;
        }
        if WRAPPING.contains(&name) {
            while words.next_if(|word| is_option_or_value(word)).is_some() {}
        } else if !KEYWORDS.contains(&name) {
            return named_by_argument(name, words);
        }
    }
}

/// The program's own name, but that of its script for an interpreter; `run-parts` has both.
fn named_by_argument<'a>(name: &str, words: impl Iterator<Item = &'a str>) -> Option<String> {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_interpreter = INTERPRETERS.contains(&plain);
    if !is_interpreter && name != "run-parts" {
        return Some(name.to_owned());
    }
    let argument = words.map(|word| word.trim_matches(['"', '\''])).find(|word| !word.starts_with('-'))?;
    let argument = base_name(argument);
    Some(if is_interpreter { argument.to_owned() } else { format!("{name}-{argument}") })
}

fn first_word(simple: &str) -> Option<String> {
    let mut words = simple.split_whitespace().filter(|word| !KEYWORDS.contains(word));
    words.next().map(|word| base_name(word).to_owned())
}

/// `A=1`, but not `--a=1`.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.starts_with('-')
    })
}

fn is_redirection(word: &str) -> bool {
    word.contains(['<', '>'])
}

/// What stands between a wrapper and its command: options, numbers, durations, lock files, users.
fn is_option_or_value(word: &str) -> bool {
    let is_number = word.starts_with(|c: char| c.is_ascii_digit());
    word.starts_with('-')
        || is_number
        || word.ends_with(".lock")
        || word.contains("/lock/")
        || word.starts_with("/run/")
}

fn base_name(word: &str) -> &str {
    word.trim_end_matches('/').rsplit('/').next().unwrap_or(word)
}

fn slug_of(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if slug.chars().count() >= MAX_SLUG {
            break;
        }
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_named_by_what_they_run() {
        for (command, name) in [
            ("/usr/local/bin/backup.sh", "backup-sh"),
            ("cd / && run-parts --report /etc/cron.hourly", "run-parts-cron-hourly"),
            ("test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }", "run-parts-cron-daily"),
            (
                "[ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; then /usr/lib/php/sessionclean; fi",
                "sessionclean",
            ),
            ("python3.11 -u /opt/etl/load.py --all", "load-py"),
            ("A=1 B=2 nice -n 19 ionice -c 3 /opt/x/run >/dev/null 2>&1", "run"),
            ("flock -n /run/lock/a.lock -c /opt/sync", "sync"),
            ("bash", "bash"),
            ("sh -c 'cd /x && y'", "sh"),
            ("test -x /a -a \\! -d /b && perl -e 'sleep int(rand(43200))' && certbot -q renew", "certbot"),
            ("if [ -x /a ] && [ $(date +%d) -le 7 ]; then /usr/share/mdadm/checkarray --cron; fi", "checkarray"),
            ("while true; do a; done", "a"),
            ("12345", "job-12345"),
            ("???", "job"),
            ("/opt/报表.sh", "报表-sh"),
            ("true", "true"),
        ] {
            assert_eq!(slug(command), name, "{command}");
        }
    }

    #[test]
    fn a_taken_name_is_numbered() {
        let mut names = Names::default();
        let mut give = |command| names.give("web/", command).map(|name| name.to_string());
        let given = ["a.sh", "a.sh", "/x/a-sh-2", "/y/a.sh"].map(&mut give);
        assert_eq!(given.map(Option::unwrap), ["web/a-sh", "web/a-sh-2", "web/a-sh-2-2", "web/a-sh-3"]);
        assert_eq!(Names::default().give("no good ", "a"), None);
    }
}
