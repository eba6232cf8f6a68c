//! The words for what happens and for how messages fare. Pure.

use cronbus_core::alert::{EventKind, Progress, Severity, Subject};

use crate::web::admin::link;
use crate::web::admin::parts::Badge;
use crate::web::admin::words::Language;

/// What something happened to: its name, and its page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct About {
    pub(super) text: String,
    pub(super) href: String,
}

/// What an event is about.
pub(super) fn about(subject: &Subject, language: Language) -> About {
    if let Some(job) = subject.job() {
        return About { text: job.name.to_string(), href: link::job(job.name.as_str(), job.id) };
    }
    let node = subject.node().map(ToString::to_string).unwrap_or_default();
    let text = match subject {
        Subject::Service { service, .. } => {
            let service = service.to_string();
            language.say_with("alert-service-of", [("service", &service), ("node", &node)])
        }
        _ => language.say_with("where-node", [("node", &node)]),
    };
    About { text, href: "/nodes".to_owned() }
}

/// The word for what happened.
pub(super) fn kind_word(kind: EventKind, language: Language) -> String {
    language.say(&format!("event-{}", kind.as_str().replace('_', "-")))
}

/// What happened, by how bad it is and by word.
pub(super) fn kind_badge(kind: EventKind, language: Language) -> Badge {
    let class = match kind.severity() {
        Severity::Good => "succeeded",
        Severity::Warning => "missed",
        Severity::Critical => "failed",
    };
    Badge::named(class, kind_word(kind, language))
}

/// How far a message has come, by colour and by word.
pub(super) fn progress_badge(progress: Progress, language: Language) -> Badge {
    let class = match progress {
        Progress::Waiting => "assigned",
        Progress::Delivered => "succeeded",
        Progress::Refused | Progress::GaveUp => "failed",
    };
    Badge::named(class, progress_word(progress, language))
}

/// The word for how far a message has come.
pub(super) fn progress_word(progress: Progress, language: Language) -> String {
    language.say(&format!("progress-{}", progress.as_str().replace('_', "-")))
}

/// Every kind with its word, to choose from.
pub(super) fn kinds(language: Language) -> Vec<(&'static str, String)> {
    EventKind::ALL.into_iter().map(|kind| (kind.as_str(), kind_word(kind, language))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_can_happen_has_a_word() {
        for language in Language::ALL {
            for kind in EventKind::ALL {
                assert!(!kind_word(kind, language).starts_with("event-"), "{kind}");
            }
            for progress in Progress::ALL {
                assert!(!progress_word(progress, language).starts_with("progress-"), "{progress:?}");
            }
        }
    }
}
