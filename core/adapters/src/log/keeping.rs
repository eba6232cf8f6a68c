//! How long the logs of single jobs are kept: a file for each job that says so itself, beside the days.
//!
//! A host without a database executes jobs, too, and knows of a job what comes with its runs. So what a job says of its logs
//! is noted when one is begun here, and holds from then on.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cronbus_core::job::{JobName, LogKeep};

use super::place;

/// The folder of the notes.
const FOLDER: &str = "keep";

/// What jobs say of their logs, by the name of their folders.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    folder: Arc<Path>,
    known: Arc<Mutex<BTreeMap<String, LogKeep>>>,
}

impl Rules {
    /// Those that were noted in former lives. What cannot be read is passed over: the next run of its job notes it anew.
    pub(super) fn open(logs: &Path) -> io::Result<Self> {
        let folder = logs.join(FOLDER);
        let mut known = BTreeMap::new();
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            other => Some(other?),
        };
        for entry in entries.into_iter().flatten() {
            let path = entry?.path();
            let rule = fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
            let name = path.file_name().and_then(|name| name.to_str());
            known.extend(name.map(str::to_owned).zip(rule));
        }
        Ok(Self { folder: folder.into(), known: Arc::new(Mutex::new(known)) })
    }

    /// What is noted, by the name of the folder of the job.
    pub(super) fn all(&self) -> BTreeMap<String, LogKeep> {
        self.known().clone()
    }

    /// Whether a job says this already.
    pub(super) fn knows(&self, job: &JobName, rule: LogKeep) -> bool {
        self.known().get(&place::folder_name(job.as_str())).copied().unwrap_or_default() == rule
    }

    /// Notes what a job says. Blocks.
    pub(super) fn note(&self, job: &JobName, rule: LogKeep) -> io::Result<()> {
        let name = place::folder_name(job.as_str());
        if rule == LogKeep::default() {
            return self.forget(&name);
        }
        fs::create_dir_all(&self.folder)?;
        // Whoever reads a file finds all of it: another name is taken first. No job's folder begins with a dot.
        let draft = self.folder.join(format!(".{name}"));
        fs::write(&draft, serde_json::to_vec(&rule)?)?;
        fs::rename(draft, self.folder.join(&name))?;
        self.known().insert(name, rule);
        Ok(())
    }

    /// Forgets what was noted of a folder. Blocks.
    pub(super) fn forget(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.known().remove(name);
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, LogKeep>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
