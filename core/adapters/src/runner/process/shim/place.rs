//! The folder with the files of runs.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use cronbus_core::id::RunId;

/// The file of a run in the folder of runs.
#[must_use]
pub(crate) fn file_of(folder: &Path, run: RunId) -> PathBuf {
    folder.join(format!("{run}.run"))
}

/// The folder. What runs print lies there until it is in their logs, so nobody else may look into it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    folder: PathBuf,
}

impl Place {
    /// # Errors
    /// When the folder is not there and cannot be made.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Makes the file of a run. One that is there is of a run that never began.
    pub(super) fn create(&self, run: RunId) -> io::Result<File> {
        let path = file_of(&self.folder, run);
        let create = || File::options().read(true).write(true).create_new(true).mode(0o600).open(&path);
        match create() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&path)?;
                create()
            }
            created => created,
        }
    }

    /// Opens the file of a run, if it is there.
    pub(super) fn open_file(&self, run: RunId) -> io::Result<Option<File>> {
        match File::open(file_of(&self.folder, run)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        }
    }

    /// Removes the file of a run.
    pub(super) fn remove(&self, run: RunId) {
        if let Err(error) = fs::remove_file(file_of(&self.folder, run))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%run, %error, "the file of a run that is over could not be removed");
        }
    }

    /// The runs that have files.
    pub(super) fn runs(&self) -> Vec<RunId> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter_map(|name| name.strip_suffix(".run")?.parse().ok()).collect()
    }
}
