//! How a job answers trouble: overlap, misfire, timeout, retry. Only the words; the deciding is in [`crate::policy`].

use serde::{Deserialize, Serialize};

use crate::duration::Period;
use crate::suggest;

/// What happens when a job is due while an earlier run of it is not over. Read as a word or as the seed's number,
/// written as a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "WrittenOverlap")]
pub enum Overlap {
    /// The new one is skipped and told of (the seed's 1).
    #[default]
    Skip,
    /// The new one is skipped quietly: a long-lived job that is still there is healthy (the seed's 3).
    Healthy,
    /// The old one is killed, then the new one starts (the seed's 2).
    Replace,
    /// The new one waits for the old one, up to `queue_limit`.
    Queue,
    /// Both run (the seed's 4).
    Allow,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenOverlap {
    Number(u64),
    Word(String),
}

impl TryFrom<WrittenOverlap> for Overlap {
    type Error = String;
    fn try_from(written: WrittenOverlap) -> Result<Self, Self::Error> {
        let word = match written {
            WrittenOverlap::Number(number) => number.to_string(),
            WrittenOverlap::Word(word) => word,
        };
        match word.as_str() {
            "skip" | "1" => Ok(Self::Skip),
            "replace" | "2" => Ok(Self::Replace),
            "healthy" | "3" => Ok(Self::Healthy),
            "allow" | "4" => Ok(Self::Allow),
            "queue" => Ok(Self::Queue),
            _ => Err(unknown_overlap(&word)),
        }
    }
}

fn unknown_overlap(word: &str) -> String {
    let advice = suggest::did_you_mean(word, ["skip", "healthy", "replace", "queue", "allow"]);
    let shown: String = word.chars().take(40).collect();
    format!("overlap: `{shown}` is none of skip, replace, healthy, allow and queue{advice}")
}

/// What happens when a run takes longer than its `timeout`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnTimeout {
    /// It is ended: TERM, grace, KILL.
    #[default]
    Kill,
    /// It goes on, and people are told.
    Alert,
}

/// Who supervises a shell run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// A process of its own, which outlives the node.
    Shim,
    /// The node: the run ends with it.
    Inline,
}

/// Which of the slots missed while nobody was there are still run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MisfirePolicy {
    /// None.
    Skip,
    /// The last one.
    #[default]
    Latest,
    /// All of them, in order, the newest `max` of them.
    All,
}

/// The answer to missed slots: every one gets a row, those within `window` may still run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Misfire {
    /// Which of them run; `latest` by default.
    #[serde(skip_serializing_if = "is_default")]
    pub policy: MisfirePolicy,
    /// How old a missed slot may be to run; `1h` by default.
    #[serde(skip_serializing_if = "is_default_window")]
    pub window: Period,
    /// How many missed slots run at the most; 10 by default.
    #[serde(skip_serializing_if = "is_default_count")]
    pub max: u32,
}

impl Default for Misfire {
    fn default() -> Self {
        Self { policy: MisfirePolicy::default(), window: Period(std::time::Duration::from_secs(3600)), max: 10 }
    }
}

/// How the wait between tries grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backoff {
    /// Always `delay`.
    Fixed,
    /// `delay`, then twice as long each time, up to `max_delay`.
    #[default]
    Exponential,
}

/// An ending that is tried again: a class, or an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryOn {
    /// A non-zero exit code, a signal, an unexpected status, a refused connection.
    Failed,
    /// Ended by its timeout.
    TimedOut,
    /// Nobody knows how it ended: the node died. It may have had its effect already.
    Lost,
    /// This exit code.
    #[serde(untagged)]
    ExitCode(u8),
}

/// Whether and how a run is tried again. Tries are rows, so they survive restarts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// How many more tries there are after the first; 0 by default.
    #[serde(skip_serializing_if = "is_default")]
    pub max: u32,
    /// The wait before the second try; `10s` by default.
    #[serde(skip_serializing_if = "is_default_delay")]
    pub delay: Period,
    /// How the wait grows.
    #[serde(skip_serializing_if = "is_default")]
    pub backoff: Backoff,
    /// The longest wait; `10m` by default.
    #[serde(skip_serializing_if = "is_default_max_delay")]
    pub max_delay: Period,
    /// How far a wait may be shortened or lengthened, as a part of it from 0 to 1; 0 by default.
    #[serde(skip_serializing_if = "is_default")]
    pub jitter: f64,
    /// Which endings are tried again; `["failed", "timed_out"]` by default.
    #[serde(skip_serializing_if = "is_default_on")]
    pub on: Vec<RetryOn>,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            max: 0,
            delay: Period(std::time::Duration::from_secs(10)),
            backoff: Backoff::default(),
            max_delay: Period(std::time::Duration::from_secs(600)),
            jitter: 0.0,
            on: vec![RetryOn::Failed, RetryOn::TimedOut],
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_default_window(window: &Period) -> bool {
    *window == Misfire::default().window
}

fn is_default_count(count: &u32) -> bool {
    *count == Misfire::default().max
}

fn is_default_delay(delay: &Period) -> bool {
    *delay == Retry::default().delay
}

fn is_default_max_delay(delay: &Period) -> bool {
    *delay == Retry::default().max_delay
}

fn is_default_on(on: &Vec<RetryOn>) -> bool {
    *on == Retry::default().on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_is_a_word_or_the_number_it_once_had() {
        for (text, expected) in [
            ("\"skip\"", Overlap::Skip),
            ("1", Overlap::Skip),
            ("2", Overlap::Replace),
            ("3", Overlap::Healthy),
            ("\"4\"", Overlap::Allow),
            ("\"queue\"", Overlap::Queue),
        ] {
            assert_eq!(serde_json::from_str::<Overlap>(text).unwrap(), expected, "{text}");
        }
        assert_eq!(serde_json::to_string(&Overlap::Healthy).unwrap(), "\"healthy\"");
        for (text, advice) in [("0", "none of skip, replace"), ("\"alow\"", "did you mean `allow`?"), ("5", "none of")]
        {
            let error = serde_json::from_str::<Overlap>(text).unwrap_err().to_string();
            assert!(error.contains(advice), "{error}");
        }
    }
}
