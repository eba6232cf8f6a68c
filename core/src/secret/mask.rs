//! Taking the values of secrets out of what a run prints, also where one stands across two pieces of output.
//!
//! Known are a value as it is, percent-encoded, escaped as in JSON, line by line, and in base64 at each of the three ways
//! it can lie within the groups of three bytes. What a program makes of a value otherwise cannot be known.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::stored::{LONGEST_VALUE, SHORTEST_VALUE};
use crate::redact::MASK;
use crate::template::percent_encode;

/// How much is held back at the most, in bytes: values that follow each other without an end are told of in parts.
const MOST_HELD: usize = 4 * LONGEST_VALUE;

/// A line of a value that is shorter is no secret of its own.
const SHORTEST_LINE: usize = 8;

/// Knows the values of a run's secrets and takes them out of bytes. `Debug` tells how many forms it knows.
#[derive(Clone, Default)]
pub struct Mask {
    /// Longest first.
    forms: Vec<Vec<u8>>,
    /// Which bytes a form may begin with.
    begins: Vec<u8>,
}

impl Mask {
    /// Knows these values.
    #[must_use]
    pub fn new<'value>(values: impl IntoIterator<Item = &'value str>) -> Self {
        let mut forms: Vec<Vec<u8>> = values.into_iter().flat_map(forms_of).collect();
        forms.retain(|form| form.len() >= SHORTEST_VALUE);
        forms.sort_by(|one, other| other.len().cmp(&one.len()).then(one.cmp(other)));
        forms.dedup();
        let mut begins: Vec<u8> = forms.iter().filter_map(|form| form.first().copied()).collect();
        begins.sort_unstable();
        begins.dedup();
        Self { forms, begins }
    }

    /// Whether it knows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// The text without the values.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let mut held = Vec::new();
        let mut clean = self.pass(&mut held, text.as_bytes());
        clean.extend(self.rest(&mut held));
        String::from_utf8_lossy(&clean).into_owned()
    }

    /// What can be told of `held` and what follows it. What may be the beginning of a value stays in `held`.
    #[must_use]
    pub fn pass(&self, held: &mut Vec<u8>, more: &[u8]) -> Vec<u8> {
        held.extend_from_slice(more);
        self.clean(held, false)
    }

    /// What is left in `held` when nothing follows it.
    #[must_use]
    pub fn rest(&self, held: &mut Vec<u8>) -> Vec<u8> {
        self.clean(held, true)
    }

    /// What is known of `held`; what is not stays there.
    fn clean(&self, held: &mut Vec<u8>, is_end: bool) -> Vec<u8> {
        let mut clean = Vec::with_capacity(held.len());
        let mut at = 0;
        while let Some(rest) = held.get(at..).filter(|rest| !rest.is_empty()) {
            let may_begin = rest.first().is_some_and(|first| self.begins.binary_search(first).is_ok());
            if may_begin && !is_end && self.forms.iter().any(|form| form.len() > rest.len() && form.starts_with(rest)) {
                break;
            }
            match self.forms.iter().find(|form| may_begin && rest.starts_with(form)) {
                Some(form) => {
                    let Some(end) = self.end_of(rest, form.len(), is_end || rest.len() > MOST_HELD) else { break };
                    clean.extend_from_slice(MASK.as_bytes());
                    at += end;
                }
                None => {
                    clean.extend(rest.first());
                    at += 1;
                }
            }
        }
        held.drain(..at);
        clean
    }

    /// Where the values end that overlap one of this length at the beginning of `rest`; unknown when what follows may
    /// belong to one of them.
    fn end_of(&self, rest: &[u8], length: usize, is_end: bool) -> Option<usize> {
        let mut end = length;
        let mut at = 1;
        while at < end {
            let within = rest.get(at..).unwrap_or_default();
            if !is_end && self.forms.iter().any(|form| form.len() > within.len() && form.starts_with(within)) {
                return None;
            }
            if let Some(form) = self.forms.iter().find(|form| within.starts_with(form)) {
                end = end.max(at + form.len());
            }
            at += 1;
        }
        Some(end)
    }
}

/// The ways in which a value may be written.
fn forms_of(value: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![value.as_bytes().to_vec(), percent_encode(value).into_bytes()];
    let quoted = serde_json::Value::from(value).to_string();
    forms.push(quoted.trim_matches('"').as_bytes().to_vec());
    forms.push(value.trim().as_bytes().to_vec());
    let lines = value.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE);
    forms.extend(lines.map(|line| line.as_bytes().to_vec()));
    forms.extend((0..3).map(|shift| base64_within(value.as_bytes(), shift)));
    forms.extend((0..3).map(|shift| url_safe(&base64_within(value.as_bytes(), shift))));
    forms
}

/// The characters that base64 has for `value` for sure when `shift` bytes stand before it in its group of three.
fn base64_within(value: &[u8], shift: usize) -> Vec<u8> {
    let mut padded = vec![0; shift];
    padded.extend_from_slice(value);
    let text = STANDARD_NO_PAD.encode(&padded).into_bytes();
    // The first characters depend on what stands before, the last one on what follows.
    let from = (shift * 8).div_ceil(6);
    let until = padded.len() * 8 / 6;
    text.get(from..until).unwrap_or_default().to_vec()
}

fn url_safe(text: &[u8]) -> Vec<u8> {
    let other = |byte: &u8| match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => *other,
    };
    text.iter().map(other).collect()
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({} forms)", self.forms.len())
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_masked_however_they_are_written() {
        let mask = Mask::new(["hunter2!", "p\"w/d", "first line\nsecond line"]);
        for (text, expected) in [
            ("nothing", "nothing"),
            ("a hunter2! b", "a •••• b"),
            ("hunter2!hunter2!", "••••••••"),
            ("hunter2", "hunter2"),
            ("k=hunter2%21&", "k=••••&"),
            (r#"{"a":"p\"w/d"}"#, r#"{"a":"••••"}"#),
            ("> second line", "> ••••"),
        ] {
            assert_eq!(mask.text(text), expected, "{text}");
        }
        assert!(!format!("{mask:?}").contains("hunter"));
        assert_eq!(Mask::new(["abcdef", "defghi"]).text("xabcdefghix"), "x••••x", "what overlaps leaves nothing");
    }

    proptest! {
        #[test]
        fn no_value_is_left_wherever_the_output_is_cut(
            value in "[ab]{4,7}",
            before in "[abc]{0,9}",
            after in "[abc]{0,9}",
            cuts in proptest::collection::vec(1_usize..5, 0..12),
        ) {
            let mask = Mask::new([value.as_str()]);
            let text = format!("{before}{value}{after}");
            let (mut held, mut clean, mut rest) = (Vec::new(), Vec::new(), text.as_bytes());
            for cut in cuts {
                let (piece, others) = rest.split_at(cut.min(rest.len()));
                clean.extend(mask.pass(&mut held, piece));
                rest = others;
            }
            clean.extend(mask.pass(&mut held, rest));
            clean.extend(mask.rest(&mut held));
            let clean = String::from_utf8(clean).unwrap();
            prop_assert!(!clean.contains(&value), "{clean}");
            prop_assert_eq!(clean, mask.text(&text));
        }

        #[test]
        fn no_base64_of_a_value_is_left(value in "[a-z0-9]{9,20}", before in "[a-z]{0,5}", after in "[a-z]{0,5}") {
            let mask = Mask::new([value.as_str()]);
            let clean = mask.text(&STANDARD.encode(format!("{before}{value}{after}")));
            prop_assert!(clean.contains(MASK), "{clean}");
        }
    }
}
