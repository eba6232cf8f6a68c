//! A message without the secrets that are known.

use super::message::{Fact, Message};
use crate::redact::Redactor;

impl Message {
    /// The same, with every text that people will read redacted.
    #[must_use]
    pub fn redacted(&self, redactor: &Redactor) -> Self {
        let clean = |text: &str| redactor.redact(text).into_owned();
        let fact = |fact: &Fact| Fact { label: clean(&fact.label), value: clean(&fact.value) };
        Self {
            title: clean(&self.title),
            lines: self.lines.iter().map(fact).collect(),
            reason: self.reason.as_deref().map(clean),
            log_tail: self.log_tail.as_deref().map(clean),
            url: self.url.as_deref().map(clean),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::message::MessageId;
    use super::super::template::sample;
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn every_text_is_redacted() {
        let mut message = sample("ops", MessageId(Uuid::nil()), Timestamp::from_millis(0));
        let secret = || "hunter22 here".to_owned();
        message.title = secret();
        message.lines = vec![Fact { label: secret(), value: secret() }];
        (message.reason, message.log_tail, message.url) = (Some(secret()), Some(secret()), Some(secret()));
        let clean = serde_json::to_string(&message.redacted(&Redactor::new(["hunter22"]))).unwrap();
        assert!(!clean.contains("hunter22") && clean.contains("•••• here"), "{clean}");
    }
}
