//! Becoming a program within a control group: its limits hold from the program's first instruction on. The supervisor itself
//! never enters it, or the end of a run that is out of memory could be its own.

use std::convert::Infallible;
use std::ffi::{CString, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;

use crate::group::Group;
use crate::native::Program;

/// The first argument of the executable that has it do this.
pub const SUBCOMMAND: &str = "within";

/// The exit code when it fails, as a shell's for a command that cannot be executed.
pub const EXIT_CODE: u8 = 126;

/// The program by which `executable`, a `cronbus-shim`, becomes `program` within `group`.
///
/// # Errors
/// When a path holds a NUL byte.
pub fn within(executable: &Path, group: &Group, program: Program) -> io::Result<Program> {
    let text = |path: &Path| CString::new(path.as_os_str().as_encoded_bytes()).map_err(io::Error::other);
    let own = [c"cronbus-shim".to_owned(), CString::new(SUBCOMMAND).map_err(io::Error::other)?, text(group.path())?];
    let arguments = own.into_iter().chain(program.arguments).collect();
    Ok(Program { path: text(executable)?, arguments, ..program })
}

/// Enters the group and executes the program: `arguments` are those after [`SUBCOMMAND`]. Returns only when it fails.
///
/// # Errors
/// What could not be done.
pub fn enter(arguments: &[OsString]) -> io::Result<Infallible> {
    let [group, program, rest @ ..] = arguments else {
        return Err(io::Error::other("it is called by the node itself, with <group> <program> <argument>…"));
    };
    Group::at(group.into()).enter()?;
    let error = std::process::Command::new(program).args(rest).exec();
    Err(io::Error::new(error.kind(), format!("{}: {error}", program.display())))
}
