//! Secrets that jobs name and nobody reads: `{{secret.NAME}}` in a command, its environment and input, and in the URL,
//! headers and body of an HTTP call.
//!
//! ```text
//!   set ─▶ sealed under the secrets key, bound to name and version ─▶ port::store::Secrets
//!                                                                        │ when a run is handed over
//!   the host that runs it: opened, given to the run, masked in its output ◀── sealed anew for the way
//! ```
//!
//! Nothing here encrypts: that is the adapters' (`vault`). What is opened is in [`Values`], which never shows itself.

mod mask;
mod name;
mod stored;
mod used;
mod values;

pub use cronbus_mask::Mask;
pub use name::{SecretName, SecretNameError};
pub use stored::{LONGEST_VALUE, SHORTEST_VALUE, Secret, ValueError, check_value};
pub use used::used_by;
pub use values::Values;
