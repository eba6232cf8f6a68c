//! What a shell command becomes: the program, its arguments, environment, directory and user. Starts nothing.

use std::ffi::CString;
use std::path::Path;

use cronbus_core::job::command::Shell;
use cronbus_core::secret;
use cronbus_core::template::{self, Values};
use cronbus_core::wire::Assignment;
use nix::unistd::Uid;

use super::environment::{self, Variables};
use super::exec_as;
use super::native::Program;
use super::user::Identity;

/// What every process of this node is started with.
#[derive(Debug)]
pub(super) struct Ground {
    /// The shell's path.
    pub shell: String,
    /// The PATH variable.
    pub path: String,
    /// This node's executable, for switching users.
    pub executable: String,
    /// The user this node runs as.
    pub own: Identity,
}

/// A process to be started. It holds secrets and does not show itself.
pub(super) struct Plan {
    /// The program.
    pub program: Program,
    /// Where the program, or the shell under another user, starts; for messages.
    pub directory: String,
    /// What it reads; empty means nothing.
    pub stdin: String,
}

impl Plan {
    /// Prepares a command. May ask the user database: call it where blocking is allowed.
    ///
    /// # Errors
    /// Why it cannot be started, for people.
    pub(super) fn new(
        command: &Shell,
        assignment: &Assignment,
        secrets: &secret::Values,
        ground: &Ground,
    ) -> Result<Self, String> {
        let values = Values::of(assignment).with(secrets);
        let line = template::render_shell(&command.line, &values).map_err(|error| error.to_string())?;
        let switched = switched_identity(command, &ground.own)?;
        let identity = switched.as_ref().unwrap_or(&ground.own);
        let variables = variables(command, assignment, &values, identity, ground)?;
        let directory = directory(command, identity);
        let shell = variables.get("SHELL").filter(|shell| shell.starts_with('/')).unwrap_or(&ground.shell);
        let words = [shell.clone(), "-c".to_owned(), line];
        let environment = environment::encode(&variables)?;
        let program = match &switched {
            Some(identity) => as_other(ground, identity, &directory, words, environment),
            None => as_self(&directory, words, environment),
        };
        let stdin = template::render_plain(&command.stdin, &values).map_err(|error| error.to_string())?;
        Ok(Self { program: program?, directory, stdin })
    }
}

/// The user to switch to; `None` where that is the node's own.
fn switched_identity(command: &Shell, own: &Identity) -> Result<Option<Identity>, String> {
    let Some(text) = &command.user else { return Ok(None) };
    let identity = Identity::resolve(text)?;
    if identity.uid == own.uid {
        return Ok(None);
    }
    if own.uid != Uid::from_raw(0) {
        return Err(format!(
            "user: this node runs as `{}` and may not run anything as `{text}`: run the node as root, or remove `user`",
            own.name
        ));
    }
    Ok(Some(identity))
}

fn variables(
    command: &Shell,
    assignment: &Assignment,
    values: &Values,
    identity: &Identity,
    ground: &Ground,
) -> Result<Variables, String> {
    let mut variables = environment::of_cron(identity, &ground.shell, &ground.path);
    for (name, text) in &command.env {
        let value = template::render_plain(text, values).map_err(|error| error.to_string())?;
        variables.insert(name.clone(), value);
    }
    variables.extend(environment::of_run(assignment));
    Ok(variables)
}

/// The job's directory, below the home when it is relative; by default the home, or `/` for a user without one.
fn directory(command: &Shell, identity: &Identity) -> String {
    let home = Path::new(&identity.home);
    match &command.cwd {
        Some(written) => home.join(written).to_string_lossy().into_owned(),
        None if home.is_dir() => identity.home.clone(),
        None => "/".to_owned(),
    }
}

fn as_self(directory: &str, words: [String; 3], environment: Vec<CString>) -> Result<Program, String> {
    let arguments = c_strings(words)?;
    let path = arguments.first().cloned().unwrap_or_default();
    let directory = CString::new(directory).map_err(|_| "cwd: it holds a NUL byte; remove it".to_owned())?;
    Ok(Program { path, arguments, environment, directory: Some(directory) })
}

fn as_other(
    ground: &Ground,
    identity: &Identity,
    directory: &str,
    words: [String; 3],
    environment: Vec<CString>,
) -> Result<Program, String> {
    let switch = exec_as::arguments(identity, directory);
    let arguments = c_strings([ground.executable.clone()].into_iter().chain(switch).chain(words))?;
    let path = arguments.first().cloned().unwrap_or_default();
    Ok(Program { path, arguments, environment, directory: None })
}

fn c_strings(texts: impl IntoIterator<Item = String>) -> Result<Vec<CString>, String> {
    let refused = |_| "command: it holds a NUL byte, which no program can be given; remove it".to_owned();
    texts.into_iter().map(|text| CString::new(text).map_err(refused)).collect()
}
