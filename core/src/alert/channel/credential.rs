//! What proves who sends.

use std::path::{Path, PathBuf};

use crate::config::Secret;

/// A secret as it is configured: its text, or the file that holds it. `Debug` hides the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential {
    text: Secret,
    file: PathBuf,
}

impl Credential {
    /// The text itself; empty stands for none.
    #[must_use]
    pub fn of_text(text: impl Into<String>) -> Self {
        Self { text: Secret::new(text), file: PathBuf::new() }
    }

    /// What this file holds.
    #[must_use]
    pub fn of_file(file: impl Into<PathBuf>) -> Self {
        Self { text: Secret::default(), file: file.into() }
    }

    /// The text; `None` when there is none, or it is still in its file.
    #[must_use]
    pub fn reveal(&self) -> Option<&str> {
        self.text.reveal()
    }

    /// The file whose text has not been read yet.
    #[must_use]
    pub fn unread(&self) -> Option<&Path> {
        (self.text.reveal().is_none() && !self.file.as_os_str().is_empty()).then_some(&self.file)
    }

    /// Whether there is neither text nor file.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.text.reveal().is_none() && self.file.as_os_str().is_empty()
    }

    /// Takes the text of its file. Blanks and line ends around it do not count.
    pub(super) fn fill<E>(&mut self, read: &mut impl FnMut(&Path) -> Result<String, E>) -> Result<(), E> {
        if let Some(file) = self.unread() {
            self.text = Secret::new(read(file)?.trim());
        }
        Ok(())
    }
}
