//! What somebody who mistyped a name most likely meant. It only proposes; nothing is ever corrected silently.

/// The candidate nearest to `word`, when it is near enough to be what was meant: at most a third of the letters differ.
///
/// Words longer than 64 bytes have none, so that the search stays short whatever is written.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.len() > 64 {
        return None;
    }
    let folded = word.to_lowercase().replace('-', "_");
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `; did you mean …?` in words, or nothing: the tail of a message about an unknown name.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proposes_only_what_is_near() {
        let names = ["schedule", "timeout", "retry", "on_timeout"];
        for (word, expected) in [
            ("shedule", Some("schedule")),
            ("Timeout", Some("timeout")),
            ("on-timeout", Some("on_timeout")),
            ("rtery", Some("retry")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, names), expected, "{word}");
        }
        assert_eq!(nearest(&"x".repeat(1 << 20), names), None);
    }
}
