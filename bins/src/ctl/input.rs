//! Reading what a command is given: a file, or the standard input for `-`.

use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};

/// More than this is no document.
const LARGEST: u64 = 256 << 20;

/// The text of a file, or of the standard input.
///
/// # Errors
/// When it cannot be read, is too large, or is not UTF-8.
pub(crate) fn read(path: &Path) -> Result<String> {
    let from_stdin = path == Path::new("-");
    let shown = if from_stdin { "the standard input".to_owned() } else { path.display().to_string() };
    let failed = || format!("{shown} could not be read");
    let source: Box<dyn Read> =
        if from_stdin { Box::new(io::stdin()) } else { Box::new(std::fs::File::open(path).with_context(failed)?) };
    let mut text = String::new();
    source.take(LARGEST + 1).read_to_string(&mut text).with_context(failed)?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > LARGEST {
        bail!("{shown} is larger than {} MiB: split it", LARGEST >> 20);
    }
    Ok(text)
}
