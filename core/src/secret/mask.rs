//! The forms in which the values of secrets are taken out of what a run prints.
//!
//! Known are a value as it is, percent-encoded, escaped as in JSON, line by line, and in base64 at each of the three ways
//! it can lie within the groups of three bytes. What a program makes of a value otherwise cannot be known.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use cronbus_mask::Mask;

use super::stored::SHORTEST_VALUE;
use crate::template::percent_encode;

/// A line of a value that is shorter is no secret of its own.
const SHORTEST_LINE: usize = 8;

/// What takes these values out.
pub(super) fn mask_of<'value>(values: impl IntoIterator<Item = &'value str>) -> Mask {
    let forms = values.into_iter().flat_map(forms_of);
    Mask::new(forms.filter(|form| form.len() >= SHORTEST_VALUE).collect())
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

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use cronbus_mask::MASK;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_masked_however_they_are_written() {
        let mask = mask_of(["hunter2!", "p\"w/d", "first line\nsecond line"]);
        for (text, expected) in [
            ("a hunter2! b", "a •••• b"),
            ("k=hunter2%21&", "k=••••&"),
            (r#"{"a":"p\"w/d"}"#, r#"{"a":"••••"}"#),
            ("> second line", "> ••••"),
        ] {
            assert_eq!(mask.text(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_base64_of_a_value_is_left(value in "[a-z0-9]{9,20}", before in "[a-z]{0,5}", after in "[a-z]{0,5}") {
            let mask = mask_of([value.as_str()]);
            let clean = mask.text(&STANDARD.encode(format!("{before}{value}{after}")));
            prop_assert!(clean.contains(MASK), "{clean}");
        }
    }
}
