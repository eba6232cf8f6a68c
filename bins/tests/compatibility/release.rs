//! The releases that are recorded, and the files of each.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

/// Says which release is to be recorded: `CRONBUS_RECORD=0.2.0`.
const VARIABLE: &str = "CRONBUS_RECORD";

/// What is kept of one release.
pub(crate) struct Release {
    version: Vec<u64>,
    folder: PathBuf,
}

impl Release {
    /// All that are recorded, oldest first; that which is being recorded is not.
    pub(crate) fn all() -> Vec<Self> {
        let folders = fs::read_dir(root().join("recorded")).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<Self> = folders.map(Self::at).collect();
        all.sort_by(|one, other| one.version.cmp(&other.version));
        let being_recorded = Self::to_record().map(|release| release.version);
        all.retain(|release| Some(&release.version) != being_recorded.as_ref());
        all
    }

    /// The one to record, if somebody asked for that.
    pub(crate) fn to_record() -> Option<Self> {
        let version = std::env::var(VARIABLE).ok()?;
        Some(Self::at(root().join("recorded").join(version)))
    }

    fn at(folder: PathBuf) -> Self {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let numbers: Result<Vec<u64>, _> = name.split('.').map(str::parse).collect();
        let version = numbers.unwrap_or_else(|_| panic!("`{name}` is no version of a release: write one like 0.2.0"));
        Self { version, folder }
    }

    /// Its version, as in `Cargo.toml`.
    pub(crate) fn version(&self) -> String {
        let numbers: Vec<String> = self.version.iter().map(u64::to_string).collect();
        numbers.join(".")
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    pub(crate) fn text(&self, file: &str) -> String {
        let path = self.path(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn json(&self, file: &str) -> Value {
        serde_json::from_str(&self.text(file)).unwrap()
    }

    /// The files of a folder whose names begin and end so, by name.
    pub(crate) fn files(&self, folder: &str, begin: &str, end: &str) -> Vec<String> {
        let names = fs::read_dir(self.path(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| name.starts_with(begin) && name.ends_with(end));
        names.sort();
        names
    }

    /// Takes a file that somebody writes over from the release before, unless it is there already.
    pub(crate) fn inherit(&self, folder: &str, begin: &str, end: &str) {
        let Some(before) = Self::all().into_iter().rfind(|release| release.version < self.version) else { return };
        for name in before.files(folder, begin, end) {
            let (from, to) = (before.path(folder).join(&name), self.path(folder).join(&name));
            fs::create_dir_all(self.path(folder)).unwrap();
            if !to.exists() {
                fs::copy(from, to).unwrap();
            }
        }
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn write_json(&self, file: &str, value: &impl Serialize) {
        self.write(file, &(serde_json::to_string_pretty(value).unwrap() + "\n"));
    }
}

/// Where all of this is.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/compatibility"))
}

#[test]
fn the_version_that_is_built_is_recorded() {
    let version = env!("CARGO_PKG_VERSION");
    let is_recorded = Release::all().iter().any(|release| release.version() == version);
    assert!(
        is_recorded || Release::to_record().is_some(),
        "release {version} is not recorded, so that nobody would notice if the next one broke with it. Run\n  \
         CRONBUS_RECORD={version} cargo test --workspace --test compatibility record::\nand commit what it writes"
    );
}
