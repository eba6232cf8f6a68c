//! Whether others can refer to what the job names: labels, groups, alert channels, params.

use std::collections::{BTreeMap, HashSet};

use super::faults::Faults;
use crate::job::Definition;
use crate::job::target::Nodes;
use crate::template;

const MAX_DESCRIPTION: usize = 4096;
const MAX_LABELS: usize = 64;
const MAX_LABEL_VALUE: usize = 256;
const MAX_ALERTS: usize = 32;
const MAX_PARAMS: usize = 256;
const MAX_PARAM: usize = 64 * 1024;

/// The rule for every name that is not a job's or a node's.
const NAME_RULE: &str = "use 1 to 64 letters, digits, `-`, `_`, `.` or `/`, starting with a letter or digit";

pub(super) fn check(job: &Definition, faults: &mut Faults) {
    faults.check_text("description", &job.description, MAX_DESCRIPTION);
    check_labels("labels", &job.labels, faults);
    match &job.target.nodes {
        Nodes::Group(group) => check_name("target.group", group, faults),
        Nodes::Labels(labels) => check_labels("target.labels", labels, faults),
        Nodes::Any | Nodes::Named(_) => {}
    }
    check_alerts(job, faults);
    check_params(job, faults);
}

fn check_name(field: &str, name: &str, faults: &mut Faults) {
    if !is_name(name) {
        faults.add(field, name, NAME_RULE);
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    starts_well && name.len() <= 64 && name.chars().all(allowed)
}

fn check_labels(field: &str, labels: &BTreeMap<String, String>, faults: &mut Faults) {
    faults.check_count(field, labels, MAX_LABELS);
    for (name, value) in labels {
        let field = format!("{field}.{name}");
        if !is_name(name) {
            faults.add(&field, name, format!("the name of a label: {NAME_RULE}"));
        }
        if value.len() > MAX_LABEL_VALUE || value.contains(char::is_control) {
            faults.add(&field, value, format!("a label's value is one line of at most {MAX_LABEL_VALUE} bytes"));
        }
    }
}

fn check_alerts(job: &Definition, faults: &mut Faults) {
    if job.alerts.len() > MAX_ALERTS {
        faults.add_number("alerts", job.alerts.len(), format!("at most {MAX_ALERTS} channels are allowed"));
    }
    let mut seen = HashSet::new();
    for (index, channel) in job.alerts.iter().enumerate() {
        let field = format!("alerts[{index}]");
        check_name(&field, channel, faults);
        if !seen.insert(channel) {
            faults.add(field, channel, "this channel is named already: name each once");
        }
    }
}

fn check_params(job: &Definition, faults: &mut Faults) {
    faults.check_count("params", &job.params, MAX_PARAMS);
    for (name, value) in &job.params {
        let field = format!("params.{name}");
        if !template::is_param_name(name) {
            faults.add(
                &field,
                name,
                "a param's name has 1 to 64 letters, digits, `_`, `-` and `.`, and begins with a letter or `_`",
            );
        }
        faults.check_text(&field, value, MAX_PARAM);
        match template::params_used(value) {
            Ok(used) if used.is_empty() => {}
            Ok(_) => faults.add(&field, value, template::Error::Nested { name: name.clone() }.to_string()),
            Err(error) => faults.add(&field, value, error.to_string()),
        }
        for secret in template::secrets_used(value).unwrap_or_default() {
            faults.add(&field, value, template::Error::SecretInParam { name: secret.to_owned() }.to_string());
        }
    }
}
