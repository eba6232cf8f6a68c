//! Placeholders like `{{due_date}}` in commands, variables, URLs and bodies, and the values that take their place.
//!
//! A text is cut into pieces by `syntax`; `values` answers each placeholder from the assignment (alerts have a lookup of
//! their own, in [`crate::alert`]); `render` puts them together. Where a value enters a shell command, `shell` follows the
//! quoting of the text around it, so that the value arrives as data whatever is in it; `url` and `json` do the same for
//! URLs, forms and bodies that are JSON. What a program then does with that data (`eval`, `sh -c`, arithmetic) is outside
//! the shell's quoting and outside of this module.
//!
//! A literal `{{` is written `{{{{`. Closing braces need nothing: outside of a placeholder they mean themselves.

mod error;
mod json;
mod render;
mod shell;
mod syntax;
mod url;
mod values;

#[cfg(test)]
mod http_tests;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use json::{check_json, render_json};
pub use render::{MAX_RENDERED, check, check_shell, render_plain, render_shell};
pub use syntax::{escape, is_param_name, params_used, secrets_used};
pub use url::{percent_encode, render_form, render_url};
pub use values::{Lookup, Values};
