//! Taking known secrets out of texts that people will read: messages, logs, answers of servers.
//!
//! What is not known cannot be found: this is the last of several walls, not the first.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use crate::template::percent_encode;

pub use cronbus_mask::MASK;

/// Secrets that are shorter would be found in innocent words all over.
const SHORTEST: usize = 6;

/// How many first bytes of a secret it is looked up by.
const PREFIX: usize = 4;

/// Knows secrets and takes them out of texts. `Debug` tells how many there are.
///
/// A secret is found as it is, percent-encoded as in URLs, and escaped as in JSON. One of fewer than six bytes is not
/// looked for. The time to look is bounded by the length of the text, not by the number of secrets, unless many of them
/// begin alike.
#[derive(Clone, Default)]
pub struct Redactor {
    /// By their first bytes, longest first.
    by_prefix: HashMap<[u8; PREFIX], Vec<Box<[u8]>>>,
}

impl Redactor {
    /// Knows these secrets. Blanks around them do not count.
    #[must_use]
    pub fn new<'secret>(secrets: impl IntoIterator<Item = &'secret str>) -> Self {
        let mut redactor = Self::default();
        for secret in secrets.into_iter().map(str::trim).filter(|secret| secret.len() >= SHORTEST) {
            redactor.learn(secret);
            redactor.learn(&percent_encode(secret));
            let quoted = serde_json::Value::from(secret).to_string();
            redactor.learn(quoted.trim_matches('"'));
        }
        redactor.by_prefix.values_mut().for_each(|known| known.sort_by_key(|secret| std::cmp::Reverse(secret.len())));
        redactor
    }

    fn learn(&mut self, secret: &str) {
        let bytes = secret.as_bytes();
        let Some(prefix) = bytes.first_chunk() else { return };
        let known = self.by_prefix.entry(*prefix).or_default();
        if !known.iter().any(|other| &**other == bytes) {
            known.push(bytes.into());
        }
    }

    /// The text without the secrets; untouched when it has none. Secrets that overlap leave nothing of either.
    #[must_use]
    pub fn redact<'text>(&self, text: &'text str) -> Cow<'text, str> {
        let mut clean = String::new();
        let mut copied = 0;
        // Up to where secrets were found, from the first of those that overlap.
        let mut hidden: Option<(usize, usize)> = None;
        for (at, _) in text.char_indices() {
            let Some(end) = self.end_of_secret(text.as_bytes(), at) else { continue };
            hidden = match hidden {
                Some((start, until)) if at <= until => Some((start, until.max(end))),
                Some((start, until)) => {
                    clean.push_str(text.get(copied..start).unwrap_or_default());
                    clean.push_str(MASK);
                    copied = until;
                    Some((at, end))
                }
                None => Some((at, end)),
            };
        }
        let Some((start, until)) = hidden else { return Cow::Borrowed(text) };
        clean.push_str(text.get(copied..start).unwrap_or_default());
        clean.push_str(MASK);
        clean.push_str(text.get(until..).unwrap_or_default());
        Cow::Owned(clean)
    }

    /// Where the longest secret that begins at `at` ends.
    fn end_of_secret(&self, text: &[u8], at: usize) -> Option<usize> {
        let rest = text.get(at..)?;
        let known = self.by_prefix.get(rest.first_chunk()?)?;
        let found = known.iter().find(|secret| rest.starts_with(secret))?;
        Some(at + found.len())
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} secrets)", self.by_prefix.values().map(Vec::len).sum::<usize>())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_are_masked_however_they_are_written() {
        let redactor =
            Redactor::new(["hunter2!", "p\"w/d$x", "abcdef", "cdefgh", "abcdefghij", "tiny", "  密码密码\n"]);
        for (text, expected) in [
            ("nothing here", "nothing here"),
            ("hunter2!", "••••"),
            ("a hunter2! b hunter2!", "a •••• b ••••"),
            ("?key=hunter2%21&x", "?key=••••&x"),
            (r#"{"key":"p\"w/d$x"}"#, r#"{"key":"••••"}"#),
            ("xabcdefghx", "x••••x"),
            ("abcdefghijk", "••••k"),
            ("tiny", "tiny"),
            ("密码密码密", "••••密"),
            ("", ""),
        ] {
            assert_eq!(redactor.redact(text), expected, "{text}");
        }
        assert!(!format!("{redactor:?}").contains("hunter"));
    }

    proptest! {
        #[test]
        fn no_secret_is_left(secrets in proptest::collection::vec("[ab密]{6,9}", 0..6), text in "[ab密c]{0,60}") {
            let redactor = Redactor::new(secrets.iter().map(String::as_str));
            let clean = redactor.redact(&text);
            for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST) {
                prop_assert!(!clean.contains(secret), "{clean}");
            }
            prop_assert!(!secrets.iter().all(|secret| !text.contains(secret)) || clean == text);
        }
    }
}
