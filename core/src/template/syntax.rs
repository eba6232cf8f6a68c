//! Cutting a text into literal pieces and placeholders. Knows the names, not their values.

use super::error::Error;

/// The placeholders of a run.
pub(super) const NAMES: &[&str] =
    &["due_date", "due_at", "run_id", "attempt", "job", "shard_index", "shard_total", "params.NAME", "secret.NAME"];

/// The longest name of a param, in bytes.
const MAX_PARAM_NAME: usize = 64;

/// A placeholder's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name<'a> {
    DueDate,
    DueAt,
    RunId,
    Attempt,
    Job,
    ShardIndex,
    ShardTotal,
    Param(&'a str),
    Secret(&'a str),
}

impl<'a> Name<'a> {
    /// From what stands between the braces.
    pub(super) fn parse(written: &'a str) -> Result<Self, Error> {
        match written.trim() {
            "due_date" => Ok(Self::DueDate),
            "due_at" => Ok(Self::DueAt),
            "run_id" => Ok(Self::RunId),
            "attempt" => Ok(Self::Attempt),
            "job" => Ok(Self::Job),
            "shard_index" => Ok(Self::ShardIndex),
            "shard_total" => Ok(Self::ShardTotal),
            other => match (other.strip_prefix("params."), other.strip_prefix("secret.")) {
                (Some(param), _) if is_param_name(param) => Ok(Self::Param(param)),
                (_, Some(secret)) if is_param_name(secret) => Ok(Self::Secret(secret)),
                _ => Err(Error::unknown(other, NAMES)),
            },
        }
    }

    /// As it is written between the braces.
    pub(super) fn text(self) -> String {
        match self {
            Self::DueDate => "due_date".to_owned(),
            Self::DueAt => "due_at".to_owned(),
            Self::RunId => "run_id".to_owned(),
            Self::Attempt => "attempt".to_owned(),
            Self::Job => "job".to_owned(),
            Self::ShardIndex => "shard_index".to_owned(),
            Self::ShardTotal => "shard_total".to_owned(),
            Self::Param(name) => format!("params.{name}"),
            Self::Secret(name) => format!("secret.{name}"),
        }
    }
}

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Place(Name<'a>),
}

/// A part of a template whose placeholders nobody has looked at yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut<'a> {
    Text(&'a str),
    /// What stands between the braces, without blanks around it.
    Place(&'a str),
}

/// Whether a param can have this name: 1 to 64 ASCII letters, digits, `_`, `-` and `.`, the first a letter or `_`.
#[must_use]
pub fn is_param_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts_well && name.len() <= MAX_PARAM_NAME && name.chars().all(allowed)
}

/// The text written so that it means itself as a template.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace("{{", "{{{{")
}

/// The params a template asks for, in order, with repetitions.
///
/// # Errors
/// When the text is not a template.
pub fn params_used(text: &str) -> Result<Vec<&str>, Error> {
    let pieces = parse(text)?;
    Ok(pieces
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Place(Name::Param(name)) => Some(name),
            _ => None,
        })
        .collect())
}

/// The secrets a template asks for, in order, with repetitions.
///
/// # Errors
/// When the text is not a template.
pub fn secrets_used(text: &str) -> Result<Vec<&str>, Error> {
    let pieces = parse(text)?;
    Ok(pieces
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Place(Name::Secret(name)) => Some(name),
            _ => None,
        })
        .collect())
}

/// Cuts a text into pieces, and looks their names up.
pub(super) fn parse(text: &str) -> Result<Vec<Piece<'_>>, Error> {
    let known = |cut| match cut {
        Cut::Text(text) => Ok(Piece::Text(text)),
        Cut::Place(name) => Name::parse(name).map(Piece::Place),
    };
    cut(text)?.into_iter().map(known).collect()
}

/// Cuts a text into pieces. In a run of opening braces every four are a literal `{{`; of what remains, two open a
/// placeholder and one is itself, before it (`{{{job}}}` is a `{`, the job's name, and a `}`).
pub(super) fn cut(text: &str) -> Result<Vec<Cut<'_>>, Error> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, braces)) = split_at_found(rest, "{{") {
        pieces.push(Cut::Text(before));
        let after = braces.trim_start_matches('{');
        let run = braces.len() - after.len();
        pieces.extend(std::iter::repeat_n(Cut::Text("{{"), run / 4));
        if !run.is_multiple_of(2) {
            pieces.push(Cut::Text("{"));
        }
        rest = if run % 4 >= 2 { placeholder(after, &mut pieces)? } else { after };
    }
    pieces.push(Cut::Text(rest));
    Ok(pieces)
}

/// Reads a placeholder whose opening braces are behind; what follows it is left.
fn placeholder<'a>(after: &'a str, pieces: &mut Vec<Cut<'a>>) -> Result<&'a str, Error> {
    let Some((name, rest)) = after.split_once("}}") else {
        return Err(Error::Unclosed { excerpt: format!("{{{{{}", excerpt(after)) });
    };
    pieces.push(Cut::Place(name.trim()));
    Ok(rest)
}

fn split_at_found<'a>(text: &'a str, pattern: &str) -> Option<(&'a str, &'a str)> {
    text.find(pattern).and_then(|at| text.split_at_checked(at))
}

pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The pieces as one line: literal text as it is, placeholders as `<name>`.
    fn shown(text: &str) -> Result<String, Error> {
        Ok(parse(text)?
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.to_owned(),
                Piece::Place(name) => format!("<{}>", name.text()),
            })
            .collect())
    }

    #[test]
    fn braces_open_placeholders_unless_doubled() {
        for (text, expected) in [
            ("", ""),
            ("plain { } }} text", "plain { } }} text"),
            ("{{due_date}}", "<due_date>"),
            ("a{{ due_at }}b{{run_id}}", "a<due_at>b<run_id>"),
            ("{{params.x-1}}/{{attempt}}", "<params.x-1>/<attempt>"),
            ("{{{job}}}", "{<job>}"),
            (r#"{"a":{{{job}}}}"#, r#"{"a":{<job>}}"#),
            ("{{{{.Names}}", "{{.Names}}"),
            ("{{{{{", "{{{"),
            ("{{{{{{job}}", "{{<job>"),
            ("{{{{{{{job}}", "{{{<job>"),
            ("{{{{{{{{", "{{{{"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn mistakes_are_named_with_advice() {
        for (text, advice) in [
            ("{{due_dat}}", "did you mean `due_date`?"),
            ("{{.Names}}", "write `{{{{` where a literal `{{` is meant"),
            ("{{}}", "is not a placeholder"),
            ("{{params.}}", "is not a placeholder"),
            ("{{params.a b}}", "is not a placeholder"),
            ("echo {{job", "`{{job` opens a placeholder that is not closed"),
        ] {
            let error = shown(text).unwrap_err().to_string();
            assert!(error.contains(advice), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn an_escaped_text_means_itself(text in "([{}]|[a-z]|\\{\\{job\\}\\}|\\PC){0,40}") {
            prop_assert_eq!(shown(&escape(&text)), Ok(text));
        }

        #[test]
        fn arbitrary_text_is_answered(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
