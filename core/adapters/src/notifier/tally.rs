//! What came of telling several recipients, as one answer.

use std::time::Duration;

use cronbus_core::alert::ChannelName;
use cronbus_core::alert::preset::Verdict;
use cronbus_core::port::notifier::{Error, Receipt};

/// What came of one attempt.
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    /// For how long the other end asked to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// Whether the other end said anything. Where it did not, it will say nothing for other recipients either.
    pub(super) is_answer: bool,
}

impl Outcome {
    pub(super) const fn of(verdict: Verdict) -> Self {
        Self { verdict, retry_after: None, is_answer: true }
    }

    /// No answer came.
    pub(super) const fn silence(verdict: Verdict) -> Self {
        Self { verdict, retry_after: None, is_answer: false }
    }
}

/// What came of all of them so far.
#[derive(Default)]
pub(super) struct Tally {
    delivered: Vec<String>,
    refused: Vec<String>,
    unavailable: Vec<String>,
    retry_after: Option<Duration>,
}

impl Tally {
    /// `to` is empty where there is one recipient only.
    pub(super) fn add(&mut self, to: &str, outcome: Outcome) {
        let named = |detail: String| if to.is_empty() { detail } else { format!("{to}: {detail}") };
        match outcome.verdict {
            Verdict::Delivered(detail) => self.delivered.push(named(detail)),
            Verdict::Refused(detail) => self.refused.push(named(detail)),
            Verdict::Unavailable(detail) => self.unavailable.push(named(detail)),
        }
        self.retry_after = self.retry_after.max(outcome.retry_after);
    }

    /// Whoever was not reached is tried again. A message that at least one took was taken; the receipt says who did not.
    pub(super) fn finish(self, channel: &ChannelName) -> Result<Receipt, Error> {
        let channel = channel.clone();
        if !self.unavailable.is_empty() {
            let detail = self.unavailable.join("; ");
            return Err(Error::Unavailable { channel, detail, retry_after: self.retry_after });
        }
        if self.delivered.is_empty() {
            return Err(Error::Refused { channel, detail: self.refused.join("; ") });
        }
        let mut detail = self.delivered.join("; ");
        if !self.refused.is_empty() {
            detail.push_str(&format!("; refused: {}", self.refused.join("; ")));
        }
        Ok(Receipt { detail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tallied(verdicts: &[(&str, Verdict)]) -> String {
        let mut tally = Tally::default();
        for (to, verdict) in verdicts {
            tally.add(to, Outcome { retry_after: Some(Duration::from_secs(3)), ..Outcome::of(verdict.clone()) });
        }
        match tally.finish(&ChannelName::new("ops").unwrap()) {
            Ok(receipt) => format!("taken: {}", receipt.detail),
            Err(error) => format!("{}: {error}", error.is_retryable()),
        }
    }

    #[test]
    fn one_that_was_not_reached_counts_more_than_those_that_refused_and_those_that_took() {
        let [took, refused, away] = [
            ("a", Verdict::Delivered("250".to_owned())),
            ("b", Verdict::Refused("550".to_owned())),
            ("c", Verdict::Unavailable("451".to_owned())),
        ];
        assert_eq!(tallied(&[took.clone(), refused.clone()]), "taken: a: 250; refused: b: 550");
        assert_eq!(tallied(&[took, refused.clone(), away]), "true: channel `ops`: c: 451");
        assert_eq!(tallied(&[refused]), "false: channel `ops`: b: 550");
    }
}
