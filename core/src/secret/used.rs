//! Which secrets a job names.

use std::collections::BTreeSet;

use super::name::SecretName;
use crate::job::{Command, Definition};
use crate::template::secrets_used;

/// The secrets that the command of a job names. Texts that are no templates name none.
#[must_use]
pub fn used_by(definition: &Definition) -> BTreeSet<SecretName> {
    let mut used = BTreeSet::new();
    let mut look = |text: &str| {
        // Most texts have no placeholder at all, and this is asked of every run that is handed over.
        if text.contains("secret.") {
            used.extend(
                secrets_used(text).unwrap_or_default().into_iter().filter_map(|name| SecretName::new(name).ok()),
            );
        }
    };
    match &definition.command {
        Command::Shell(shell) => {
            look(&shell.line);
            look(&shell.stdin);
            shell.env.values().for_each(|text| look(text));
        }
        Command::Http(http) => {
            look(&http.url);
            look(&http.body);
            http.headers.values().for_each(|text| look(text));
        }
        Command::Noop => {}
    }
    used
}
