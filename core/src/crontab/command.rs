//! What cron makes of the text after the rule: a command line and what it reads.

use crate::template;

/// A command line and its standard input, both as cron would hand them over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) line: String,
    pub(super) stdin: String,
}

impl Command {
    /// The first `%` ends the command line; what follows is its input, in which every further `%` is a newline. `\%` is
    /// a `%`, and no other backslash is touched (crontab(5)).
    pub(super) fn read(text: &str) -> Self {
        match first_percent(text).and_then(|at| text.split_at_checked(at)) {
            Some((line, input)) => Self {
                line: line.trim_end().replace(r"\%", "%"),
                stdin: input_text(input.get(1..).unwrap_or_default()),
            },
            None => Self { line: text.trim_end().replace(r"\%", "%"), stdin: String::new() },
        }
    }

    /// The texts as templates that mean exactly them.
    pub(super) fn escaped(self) -> Self {
        Self { line: template::escape(&self.line), stdin: template::escape(&self.stdin) }
    }
}

/// Where the first `%` is that no backslash stands before; a backslash before a backslash takes its force.
fn first_percent(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '%' => return Some(at),
            _ => {}
        }
    }
    None
}

/// The input with its newlines; cron ends the last line when the crontab does not.
fn input_text(written: &str) -> String {
    let mut input = String::with_capacity(written.len());
    let mut backslash = false;
    for c in written.chars() {
        match (backslash, c) {
            (true, '%') => input.push('%'),
            (true, _) => {
                input.push('\\');
                push_unless_backslash(&mut input, c);
            }
            (false, '%') => input.push('\n'),
            (false, _) => push_unless_backslash(&mut input, c),
        }
        backslash = c == '\\';
    }
    if backslash {
        input.push('\\');
    }
    if !input.is_empty() && !input.ends_with('\n') {
        input.push('\n');
    }
    input
}

fn push_unless_backslash(input: &mut String, c: char) {
    if c != '\\' {
        input.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs_make_lines_of_input() {
        for (text, line, stdin) in [
            ("a b", "a b", ""),
            ("date +\\%F", "date +%F", ""),
            ("date '+\\%F \\\\n'", "date '+%F \\\\n'", ""),
            ("mail -s hi root%Hello,%%bye", "mail -s hi root", "Hello,\n\nbye\n"),
            ("cat%100\\%%done%", "cat", "100%\ndone\n"),
            ("cat%a\\b\\", "cat", "a\\b\\\n"),
            ("cat%a\\\\%b", "cat", "a\\%b\n"),
            ("a%", "a", ""),
            ("a\\\\%b", "a\\\\", "b\n"),
        ] {
            let expected = Command { line: line.to_owned(), stdin: stdin.to_owned() };
            assert_eq!(Command::read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_placeholder_stays_text() {
        let command = Command::read("docker ps --format '{{.Names}} {{{x'%{{job}}").escaped();
        assert_eq!(command.line, "docker ps --format '{{{{.Names}} {{{{{x'");
        assert_eq!(command.stdin, "{{{{job}}\n");
    }
}
