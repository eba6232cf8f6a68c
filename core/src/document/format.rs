//! The languages of documents, and how to tell which one a text is in.

use std::fmt;

/// The language a document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// TOML 1.0: `[[job]]` tables.
    Toml,
    /// YAML 1.2.
    Yaml,
    /// JSON (RFC 8259).
    Json,
}

impl Format {
    /// By the end of a file's name, and by the text where that tells nothing (`-`, no ending).
    #[must_use]
    pub fn of(name: &str, text: &str) -> Self {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        match ending.as_deref() {
            Some("toml") => Self::Toml,
            Some("yaml" | "yml") => Self::Yaml,
            Some("json") => Self::Json,
            _ => Self::sniff(text),
        }
    }

    /// By the first line that is not blank or a comment: JSON opens with a bracket, TOML with a `[[table]]` or
    /// `key = value`, and anything else is YAML.
    #[must_use]
    pub fn sniff(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let telling = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
        let Some(line) = telling else { return Self::Toml };
        let is_table = line.starts_with("[[") && line.contains("]]") && !line.contains(['{', '"', ',']);
        let key = line.split(['=', ':']).next().unwrap_or_default();
        let is_assignment = line.get(key.len()..).is_some_and(|rest| rest.starts_with('='));
        if is_table {
            Self::Toml
        } else if line.starts_with(['{', '[']) {
            Self::Json
        } else if is_assignment {
            Self::Toml
        } else {
            Self::Yaml
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
            Self::Json => "JSON",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_or_else_the_text_tells_the_format() {
        for (name, text, format) in [
            ("a.toml", "{", Format::Toml),
            ("A.YML", "", Format::Yaml),
            ("jobs.json", "", Format::Json),
            ("-", "# jobs\n[[job]]\nname = \"a\"", Format::Toml),
            ("-", "name = \"a:b\"", Format::Toml),
            ("-", "{\"job\":[]}", Format::Json),
            ("-", " [\n{}", Format::Json),
            ("-", "[[{}]]", Format::Json),
            ("-", "job:\n- name: a=b", Format::Yaml),
            ("-", "- name: a", Format::Yaml),
            ("-", "---\n", Format::Yaml),
            ("-", "", Format::Toml),
        ] {
            assert_eq!(Format::of(name, text), format, "{name} {text}");
        }
    }
}
