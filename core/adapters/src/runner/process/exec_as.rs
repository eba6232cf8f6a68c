//! Becoming another user, then another program: what the executable does when it is called with [`SUBCOMMAND`].
//!
//! Users cannot be switched by `posix_spawn`, and switching between `fork` and `exec` would mean to fork the whole node.
//! So the node spawns its own executable, which switches by the code here and turns into the job's shell. Called by
//! somebody who is not root it can do nothing that they could not do themselves.
//!
//! ```text
//! cronbus __exec-as <uid> <gid> <gid,gid,…> <directory> <program> <argument>…
//! ```

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;

use nix::unistd::{Gid, Uid, chdir, setgroups, setresgid, setresuid};

use super::user::Identity;

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "__exec-as";

/// The exit code when it fails, as a shell's for a command that cannot be executed.
pub const EXIT_CODE: i32 = 126;

/// The program could not be executed as the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The arguments are not those of the subcommand.
    #[error("{SUBCOMMAND} is called by the node itself, with <uid> <gid> <gid,…> <directory> <program> <argument>…")]
    Usage,
    /// The system refused a step.
    #[error("could not {step}: {reason}")]
    Refused {
        /// What was tried.
        step: String,
        /// What the system said.
        reason: String,
    },
}

/// The arguments that make this process `identity`, in `directory`, before it becomes the program that follows them.
pub(super) fn arguments(identity: &Identity, directory: &str) -> [String; 5] {
    let groups: Vec<String> = identity.groups.iter().map(Gid::to_string).collect();
    [SUBCOMMAND.to_owned(), identity.uid.to_string(), identity.gid.to_string(), groups.join(","), directory.to_owned()]
}

/// Switches this process to another user and executes a program. `arguments` are those after the subcommand. Returns
/// only when it fails; the caller prints the error and exits with [`EXIT_CODE`].
///
/// # Errors
/// When the arguments are wrong, the process may not switch, or the directory or program cannot be used by the user.
pub fn exec_as(arguments: &[OsString]) -> Result<Infallible, Error> {
    let [uid, gid, groups, directory, program, rest @ ..] = arguments else { return Err(Error::Usage) };
    let (uid, gid) = (Uid::from_raw(number(uid)?), Gid::from_raw(number(gid)?));
    let groups = group_list(groups)?;
    // In this order: once the user is switched, the groups cannot be any more.
    setgroups(&groups).map_err(|errno| refused("set the groups", errno))?;
    setresgid(gid, gid, gid).map_err(|errno| refused(format!("become group {gid}"), errno))?;
    setresuid(uid, uid, uid).map_err(|errno| refused(format!("become user {uid}"), errno))?;
    chdir(directory.as_os_str())
        .map_err(|errno| refused(format!("enter {} as user {uid}", directory.display()), errno))?;
    let error = std::process::Command::new(program).args(rest).exec();
    Err(refused(format!("execute {} as user {uid}", program.display()), error))
}

fn number(text: &OsStr) -> Result<u32, Error> {
    text.to_str().and_then(|text| text.parse().ok()).ok_or(Error::Usage)
}

fn group_list(text: &OsStr) -> Result<Vec<Gid>, Error> {
    let text = text.to_str().ok_or(Error::Usage)?;
    let numbers = text.split(',').filter(|part| !part.is_empty());
    numbers.map(|part| part.parse().map(Gid::from_raw).map_err(|_| Error::Usage)).collect()
}

fn refused(step: impl Into<String>, reason: impl std::fmt::Display) -> Error {
    Error::Refused { step: step.into(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_arguments_are_refused_before_anything_happens() {
        for words in ["", "0 0 0 /", "x 0 0 / /bin/true", "0 -1 0 / /bin/true", "0 0 1,b / /bin/true"] {
            let arguments: Vec<OsString> = words.split_whitespace().map(OsString::from).collect();
            assert_eq!(exec_as(&arguments).unwrap_err(), Error::Usage, "{words}");
        }
    }
}
