//! What jobs are filtered by that few of them have: labels, targets, channels, secrets, being off. A store keeps a list of the
//! jobs with each mark, by name, so that they are found among very many.

use std::collections::BTreeSet;
use std::fmt;

use super::Job;
use super::target::Nodes;
use crate::secret::{self, SecretName};

/// What few jobs have. Written as the store keeps it: a word, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// A label by its name, its value, or both: `team`, `billing`, `team=billing`.
    Label(String),
    /// For this node or group, or for nodes with such a label.
    Target(String),
    /// For the nodes of this group.
    Group(String),
    /// Told of on this alert channel.
    Channel(String),
    /// Whose command names this secret.
    Secret(SecretName),
    /// Switched off or paused. A pause that is over may still count.
    Inactive,
    /// Without a rule.
    Manual,
}

impl Mark {
    /// The mark of jobs with a label that was asked for as `name`, `value` or `name = value`.
    #[must_use]
    pub fn label(text: &str) -> Self {
        Self::Label(as_label(text))
    }

    /// The mark of jobs for a node, a group, or nodes with a label; none for `any`, as most are.
    #[must_use]
    pub fn target(text: &str) -> Option<Self> {
        (text != "any").then(|| Self::Target(as_label(text)))
    }

    /// All that a job has; a deleted one has none.
    #[must_use]
    pub fn of(job: &Job) -> BTreeSet<Self> {
        if job.deleted {
            return BTreeSet::new();
        }
        let definition = &job.definition;
        let mut marks: BTreeSet<Self> = labels(&definition.labels).map(Self::Label).collect();
        marks.extend(definition.alerts.iter().cloned().map(Self::Channel));
        marks.extend(secret::used_by(definition).into_iter().map(Self::Secret));
        match &definition.target.nodes {
            Nodes::Any => {}
            Nodes::Named(node) => marks.extend([Self::Target(node.as_str().to_owned())]),
            Nodes::Group(group) => marks.extend([Self::Target(group.clone()), Self::Group(group.clone())]),
            Nodes::Labels(wanted) => marks.extend(labels(wanted).map(Self::Target)),
        }
        marks.extend((!definition.enabled || job.pause.is_some()).then_some(Self::Inactive));
        marks.extend(definition.schedule.is_none().then_some(Self::Manual));
        marks
    }
}

fn as_label(text: &str) -> String {
    match text.split_once('=') {
        Some((name, value)) => format!("{}={}", name.trim(), value.trim()),
        None => text.to_owned(),
    }
}

fn labels<'a>(all: impl IntoIterator<Item = (&'a String, &'a String)>) -> impl Iterator<Item = String> {
    all.into_iter().flat_map(|(name, value)| [name.clone(), value.clone(), format!("{name}={value}")])
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => write!(f, "label {label}"),
            Self::Target(target) => write!(f, "target {target}"),
            Self::Group(group) => write!(f, "group {group}"),
            Self::Channel(channel) => write!(f, "channel {channel}"),
            Self::Secret(secret) => write!(f, "secret {secret}"),
            Self::Inactive => f.write_str("inactive"),
            Self::Manual => f.write_str("manual"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::id::JobId;
    use crate::job::{Command, Definition, JobName, Target};
    use crate::time::Timestamp;

    fn marks(change: impl FnOnce(&mut Definition)) -> Vec<String> {
        let mut definition = Definition::new(JobName::new("a").unwrap(), Command::Noop);
        definition.schedule = Some("* * * * *".to_owned());
        change(&mut definition);
        let job = Job::added(JobId(1), Arc::new(definition), "ann", Timestamp::EPOCH);
        Mark::of(&job).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_usual_job_has_none() {
        assert_eq!(marks(|_| ()), Vec::<String>::new());
    }

    #[test]
    fn each_is_what_somebody_asks_for() {
        let label = |job: &mut Definition| drop(job.labels.insert("team".to_owned(), "billing".to_owned()));
        assert_eq!(marks(label), ["label billing", "label team", "label team=billing"]);
        let group = Target { nodes: Nodes::Group("php".to_owned()), broadcast: false };
        assert_eq!(marks(|job| job.target = group), ["target php", "group php"]);
        assert_eq!(marks(|job| job.alerts = vec!["ops".to_owned()]), ["channel ops"]);
        assert_eq!(marks(|job| (job.enabled, job.schedule) = (false, None)), ["inactive", "manual"]);
        assert_eq!(Mark::label("team = billing").to_string(), "label team=billing");
        assert_eq!(Mark::target("any"), None);
    }
}
