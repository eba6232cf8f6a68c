//! Patterns of names: `*` is any text, `?` one character, everything else itself.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

/// The longest pattern, in bytes.
const LONGEST: usize = 256;

/// A pattern of names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Pattern(Arc<str>);

/// The text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pattern of names has 1 to {LONGEST} bytes; `*` is any text, `?` any one character")]
pub struct PatternError;

impl Pattern {
    /// Checks the rule above.
    ///
    /// # Errors
    /// When the text breaks it.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() || text.len() > LONGEST { Err(PatternError) } else { Ok(Self(text.into())) }
    }

    /// Whether `name` is of this pattern. Takes at most the product of both lengths.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let (mut pattern, mut rest) = (self.0.chars(), name.chars());
        // Where to go on when what follows the last `*` does not fit: one character later.
        let mut retry = None;
        loop {
            let mut ahead = pattern.clone();
            match (ahead.next(), rest.clone().next()) {
                (None, None) => return true,
                (Some('*'), _) => {
                    pattern = ahead;
                    retry = Some((pattern.clone(), rest.clone()));
                    continue;
                }
                (Some(wanted), Some(found)) if wanted == '?' || wanted == found => {
                    pattern = ahead;
                    rest.next();
                    continue;
                }
                _ => {}
            }
            let Some((after, from)) = &mut retry else { return false };
            if from.next().is_none() {
                return false;
            }
            (pattern, rest) = (after.clone(), from.clone());
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, name, fits) in [
            ("*", "", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "a", true),
            ("nightly-*", "nightly-report", true),
            ("*-report", "nightly-report", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*ab", "aab", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("报?", "报表", true),
            ("", "a", false),
        ] {
            assert_eq!(Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(name)), fits, "{pattern} {name}");
        }
    }

    /// The rule, written down without any care for time.
    fn fits(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, None) => true,
            (Some((b'*', after)), _) => {
                fits(after, name) || name.split_first().is_some_and(|(_, rest)| fits(pattern, rest))
            }
            (Some((wanted, after)), Some((found, rest))) => (*wanted == b'?' || wanted == found) && fits(after, rest),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_rule(pattern in "[ab*?]{1,8}", name in "[ab]{0,8}") {
            prop_assert_eq!(Pattern::new(&pattern).unwrap().matches(&name), fits(pattern.as_bytes(), name.as_bytes()));
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let pattern = Pattern::new(&"*a".repeat(128)).unwrap();
        assert!(!pattern.matches(&format!("{}b", "a".repeat(100))));
    }
}
