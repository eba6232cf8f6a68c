//! Taking known bytes out of what a run prints, also where they stand across two pieces of output.
//!
//! What is taken out, and in which forms it may be written, is for others to know (`cronbus_core::secret`). On its own
//! because the supervisor of a run (`cronbus-shim`) masks before anything lies on disk, and is to hold nothing else of
//! cronbus in memory.

use std::fmt;

/// What stands where something was taken out.
pub const MASK: &str = "••••";

/// How much is held back at the most, in bytes: forms that overlap each other without an end are told of in parts.
const MOST_HELD: usize = 256 << 10;

/// Takes bytes out of bytes. `Debug` tells how many forms it knows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Mask {
    /// Longest first.
    forms: Vec<Vec<u8>>,
    /// Which bytes a form may begin with.
    begins: Vec<u8>,
}

impl Mask {
    /// Takes these out. Empty ones are passed over.
    #[must_use]
    pub fn new(mut forms: Vec<Vec<u8>>) -> Self {
        forms.retain(|form| !form.is_empty());
        forms.sort_by(|one, other| other.len().cmp(&one.len()).then(one.cmp(other)));
        forms.dedup();
        let mut begins: Vec<u8> = forms.iter().filter_map(|form| form.first().copied()).collect();
        begins.sort_unstable();
        begins.dedup();
        Self { forms, begins }
    }

    /// What it takes out, longest first.
    #[must_use]
    pub fn forms(&self) -> &[Vec<u8>] {
        &self.forms
    }

    /// Whether it knows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// The text without them.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let mut held = Vec::new();
        let mut clean = self.pass(&mut held, text.as_bytes());
        clean.extend(self.rest(&mut held));
        String::from_utf8_lossy(&clean).into_owned()
    }

    /// What can be told of `held` and what follows it. What may be the beginning of a form stays in `held`.
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

    /// Where the forms end that overlap one of this length at the beginning of `rest`; unknown when what follows may
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

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({} forms)", self.forms.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mask(forms: &[&str]) -> Mask {
        Mask::new(forms.iter().map(|form| form.as_bytes().to_vec()).collect())
    }

    #[test]
    fn forms_are_taken_out() {
        let known = mask(&["hunter2!", "", "second line"]);
        for (text, expected) in [
            ("nothing", "nothing"),
            ("a hunter2! b", "a •••• b"),
            ("hunter2!hunter2!", "••••••••"),
            ("hunter2", "hunter2"),
            ("> second line", "> ••••"),
        ] {
            assert_eq!(known.text(text), expected, "{text}");
        }
        assert!(!format!("{known:?}").contains("hunter"));
        assert_eq!(mask(&["abcdef", "defghi"]).text("xabcdefghix"), "x••••x", "what overlaps leaves nothing");
        assert!(mask(&[""]).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_is_left_wherever_the_output_is_cut(
            form in "[ab]{4,7}",
            before in "[abc]{0,9}",
            after in "[abc]{0,9}",
            cuts in prop::collection::vec(1_usize..5, 0..12),
        ) {
            let mask = mask(&[&form]);
            let text = format!("{before}{form}{after}");
            let (mut held, mut clean, mut rest) = (Vec::new(), Vec::new(), text.as_bytes());
            for cut in cuts {
                let (piece, others) = rest.split_at(cut.min(rest.len()));
                clean.extend(mask.pass(&mut held, piece));
                rest = others;
            }
            clean.extend(mask.pass(&mut held, rest));
            clean.extend(mask.rest(&mut held));
            let clean = String::from_utf8(clean).unwrap();
            prop_assert!(!clean.contains(&form), "{clean}");
            prop_assert_eq!(clean, mask.text(&text));
        }
    }
}
