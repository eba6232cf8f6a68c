//! What the pages say, in the languages of the catalogues in `bins/locales` (Fluent, <https://projectfluent.org>).

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Chinese, simplified.
    Chinese,
}

impl Language {
    /// All of them, in the order of the switch.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The tag of the language (BCP 47), for browsers and the cookie.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// What those who speak it call it.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    /// The language of this tag.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The one that a browser likes best, by the header `Accept-Language` (RFC 9110, 12.5.4); English where it likes none.
    pub(crate) fn liked_best(accept: &str) -> Self {
        let mut best = (Self::English, 0.0_f32);
        for part in accept.split(',').take(20) {
            let mut words = part.split(';');
            let Some(language) = Self::of_tag(words.next().unwrap_or_default().trim()) else { continue };
            let weight = words.find_map(|word| word.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        static ENGLISH: LazyLock<FluentBundle<FluentResource>> =
            LazyLock::new(|| bundle("en", include_str!("../../../locales/en.ftl")));
        static CHINESE: LazyLock<FluentBundle<FluentResource>> =
            LazyLock::new(|| bundle("zh", include_str!("../../../locales/zh.ftl")));
        match self {
            Self::English => &ENGLISH,
            Self::Chinese => &CHINESE,
        }
    }

    /// What is called `key` in the catalogue; the key itself where nothing is.
    pub(crate) fn say(self, key: &str) -> String {
        self.say_of(key, &FluentArgs::new())
    }

    /// The same about something: its values by name. They are data, and stay so.
    pub(crate) fn say_with<const N: usize>(self, key: &str, values: [(&str, &str); N]) -> String {
        let mut args = FluentArgs::with_capacity(N);
        values.into_iter().for_each(|(name, value)| args.set(name.to_owned(), value.to_owned()));
        self.say_of(key, &args)
    }

    /// The same about a number of things, which may change the words.
    pub(crate) fn say_count(self, key: &str, count: u64) -> String {
        let mut args = FluentArgs::new();
        args.set("count", FluentValue::from(count));
        self.say_of(key, &args)
    }

    fn say_of(self, key: &str, args: &FluentArgs<'_>) -> String {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else { return key.to_owned() };
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, Some(args), &mut errors).into_owned()
    }
}

/// A catalogue. What cannot be read of it is left out; a test sees to it that nothing is.
fn bundle(tag: &str, text: &str) -> FluentBundle<FluentResource> {
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(read, _)| read);
    let language: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The marks around values are for texts of both directions; here they would be seen in titles and copied.
    bundle.set_use_isolating(false);
    let _doubles = bundle.add_resource(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    const CATALOGUES: [&str; 2] = [include_str!("../../../locales/en.ftl"), include_str!("../../../locales/zh.ftl")];

    fn keys(catalogue: &str) -> BTreeSet<&str> {
        let lines = catalogue.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
        lines.filter_map(|line| Some(line.split_once('=')?.0.trim())).collect()
    }

    /// Every text in quotation marks after `say("`, `say_with("` or `say_count("` of a file.
    fn asked_for(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for call in ["say(\"", "say_with(\"", "say_count(\""] {
            for rest in text.split(call).skip(1) {
                found.extend(rest.split('"').next().map(str::to_owned));
            }
        }
        found
    }

    fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if !path.ends_with("words.rs") {
                found.push(std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn the_catalogues_can_be_read_and_say_the_same_things() {
        for catalogue in CATALOGUES {
            assert!(FluentResource::try_new(catalogue.to_owned()).is_ok());
        }
        assert_eq!(keys(CATALOGUES[0]), keys(CATALOGUES[1]));
    }

    #[test]
    fn whatever_a_page_says_is_in_the_catalogues() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut texts = Vec::new();
        sources(&root.join("templates"), &mut texts);
        sources(&root.join("src/web/admin"), &mut texts);
        let keys = keys(CATALOGUES[0]);
        let asked: Vec<_> = texts.iter().flat_map(|text| asked_for(text)).collect();
        assert!(asked.len() > 20);
        for key in asked {
            assert!(keys.contains(key.as_str()), "no catalogue says {key}");
        }
    }

    #[test]
    fn the_browser_says_which_language() {
        for (accept, expected) in [
            ("", Language::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("en-US,en;q=0.9,zh;q=0.8", Language::English),
            ("de, zh;q=0.5, en;q=0.2", Language::Chinese),
            ("fr", Language::English),
            ("zh;q=0", Language::English),
            ("zh;q=x", Language::Chinese),
        ] {
            assert_eq!(Language::liked_best(accept), expected, "{accept}");
        }
    }

    #[test]
    fn values_stay_data() {
        let said = Language::English.say_with("job-paused", [("job", "{ $x }<b>")]);
        assert!(said.contains("{ $x }<b>"), "{said}");
        assert_eq!(Language::Chinese.say("no such key"), "no such key");
    }
}
