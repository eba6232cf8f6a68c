//! Why a template cannot be used, or cannot be filled in.

use super::render::MAX_RENDERED;
use super::syntax::excerpt;
use crate::suggest;

/// Why a template cannot be used, or cannot be filled in. None of these goes away by trying again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no placeholder of this name.
    #[error(
        "`{{{{{name}}}}}` is not a placeholder{}: there are {}; write `{{{{{{{{` where a literal `{{{{` is meant",
        suggest::did_you_mean(.name, known.iter().copied()), listed(.known)
    )]
    Unknown {
        /// What stands between the braces.
        name: String,
        /// What may.
        known: &'static [&'static str],
    },
    /// A placeholder is opened and not closed.
    #[error(
        "`{excerpt}` opens a placeholder that is not closed: end it with `}}}}`, or write `{{{{{{{{` where a literal `{{{{` is meant"
    )]
    Unclosed {
        /// Its beginning.
        excerpt: String,
    },
    /// The run and the job have no value of this name.
    #[error("`{{{{params.{name}}}}}` has no value: add `{name}` to the job's params, or give it with the run")]
    NoParam {
        /// The param.
        name: String,
    },
    /// The run was not given a secret of this name.
    #[error("`{{{{secret.{name}}}}}` has no value: the run was not given it")]
    NoSecret {
        /// The secret.
        name: String,
    },
    /// A param's value uses a secret.
    #[error(
        "`{{{{secret.{name}}}}}` stands in the value of a param, which everybody may read: write it in the command, its \
         env or stdin, or in the url, headers or body of the call"
    )]
    SecretInParam {
        /// The secret.
        name: String,
    },
    /// A param's own value uses another param.
    #[error(
        "params.{name}: its value uses `{{{{params.…}}}}`; the value of a param may use the other placeholders only"
    )]
    Nested {
        /// The param whose value it is.
        name: String,
    },
    /// The job's zone is not known here, so that there is no local date.
    #[error("`{{{{due_date}}}}` cannot be told: the time zone `{zone}` of the job is not in the database")]
    Zone {
        /// The job's zone.
        zone: String,
    },
    /// A NUL cannot be handed to a process.
    #[error("{what} contains a NUL character, which no command, variable or URL can carry: take it out")]
    Nul {
        /// The text or value that has it.
        what: String,
    },
    /// What comes out would be too long.
    #[error("the text with its values filled in is longer than {MAX_RENDERED} bytes: pass what is long in a file")]
    TooLong,
    /// A value would lead to another folder of a URL.
    #[error(
        "the value of `{{{{{name}}}}}` is `{value}`, which means another folder wherever it stands in a URL: give it another value"
    )]
    Folder {
        /// The placeholder.
        name: String,
        /// What it stands for.
        value: String,
    },
    /// A placeholder stands right after a backslash in a JSON text.
    #[error(
        "`{{{{{name}}}}}` stands right after a backslash, where its value cannot be escaped in JSON: write `\\\\` for a backslash"
    )]
    Escaped {
        /// The placeholder.
        name: String,
    },
    /// A placeholder stands where no quoting keeps its value from being executed.
    #[error(
        "`{{{{{name}}}}}` stands {place}, where its value cannot be quoted safely: set a variable first, like \
         `x={{{{{name}}}}}`, and use \"$x\" there"
    )]
    Unsafe {
        /// The placeholder.
        name: String,
        /// Where it stands.
        place: &'static str,
    },
}

impl Error {
    /// There is no placeholder of this name among those that are `known`.
    #[must_use]
    pub fn unknown(name: &str, known: &'static [&'static str]) -> Self {
        Self::Unknown { name: excerpt(name), known }
    }
}

/// `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => "none".to_owned(),
    }
}
