//! Instants as people write them into fields.

use cronbus_core::time::Timestamp;

use crate::web::problem::Problem;

/// An instant: RFC 3339, or without an offset, which means UTC; absent where nothing was written.
///
/// # Errors
/// 400 for what is neither.
pub(super) fn instant(name: &str, text: &str) -> Result<Option<Timestamp>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let bare = text.replace(' ', "T");
    let forms = [text.to_owned(), format!("{bare}Z"), format!("{bare}:00Z"), format!("{bare}T00:00:00Z")];
    let read = forms.iter().find_map(|form| form.parse::<Timestamp>().ok());
    read.map(Some).ok_or_else(|| {
        Problem::not_one_of(name, text, "an instant like 2026-11-22 09:00 (UTC) or 2026-11-22T17:00:00+08:00")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_without_an_offset_is_utc() {
        let expected = Some("2026-11-22T09:00:00Z".parse().unwrap());
        for text in ["2026-11-22T09:00", "2026-11-22 09:00", "2026-11-22 09:00:00", "2026-11-22T17:00:00+08:00"] {
            assert_eq!(instant("from", text).unwrap(), expected, "{text}");
        }
        assert!(instant("from", "2026-11-22").unwrap().is_some());
        for (name, text) in [("from", "yesterday"), ("until", "<script>")] {
            assert_eq!(instant(name, text).unwrap_err().field.as_deref(), Some(name));
        }
    }
}
