//! The environment a process gets: cron's four variables, the job's own, and what cronbus says of the run. Nothing of
//! the node's own environment is passed on: it holds the node's secrets.

use std::collections::BTreeMap;
use std::ffi::CString;

use cronbus_core::wire::Assignment;

use super::user::Identity;

/// The run's id. It also marks the run's processes, so that those which left its session are found when it is killed.
pub(super) const RUN_ID: &str = "CRONBUS_RUN_ID";

/// The variables of one process, by name.
pub(super) type Variables = BTreeMap<String, String>;

/// What cron sets (crontab(5)), for the user the process runs as.
pub(super) fn of_cron(identity: &Identity, shell: &str, path: &str) -> Variables {
    let pairs = [
        ("PATH", path),
        ("SHELL", shell),
        ("HOME", &identity.home),
        ("LOGNAME", &identity.name),
        ("USER", &identity.name),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What cronbus says of the run.
pub(super) fn of_run(assignment: &Assignment) -> impl Iterator<Item = (String, String)> {
    assignment.variables().into_iter().map(|(name, value)| (name.to_owned(), value))
}

/// As `NAME=value`, the way a process is given them.
///
/// # Errors
/// When a name is empty or holds `=`, or a NUL byte stands anywhere.
pub(super) fn encode(variables: &Variables) -> Result<Vec<CString>, String> {
    variables.iter().map(|(name, value)| encode_one(name, value)).collect()
}

fn encode_one(name: &str, value: &str) -> Result<CString, String> {
    if name.is_empty() || name.contains('=') {
        return Err(format!("env: `{name}` cannot name a variable: it must not be empty or hold `=`"));
    }
    CString::new(format!("{name}={value}"))
        .map_err(|_| format!("env: variable `{}` holds a NUL byte; remove it", name.replace('\0', "\\0")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_variable_is_refused() {
        for (name, value, part) in [("", "x", "cannot name"), ("A=B", "x", "cannot name"), ("A", "x\0y", "NUL byte")] {
            let refused = encode(&Variables::from([(name.to_owned(), value.to_owned())])).unwrap_err();
            assert!(refused.contains(part), "{refused}");
        }
        let fine = encode(&Variables::from([("A".to_owned(), "x=y z".to_owned())])).unwrap();
        assert_eq!(fine, [c"A=x=y z".to_owned()]);
    }
}
