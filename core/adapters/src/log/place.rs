//! Where a run's log is.

use std::path::{Path, PathBuf};

use cronbus_core::id::RunId;
use cronbus_core::port::log::Subject;
use cronbus_core::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How long a job's folder name may be: file systems allow 255 bytes.
const NAME_LIMIT: usize = 200;

/// The file of a run's log.
pub(super) fn path(folder: &Path, subject: &Subject) -> PathBuf {
    let day = day_of(subject.run.due_at()).to_string();
    folder.join(day).join(folder_name(subject.job.as_str())).join(format!("{}.log", subject.run))
}

/// The day of an instant in UTC.
pub(super) fn day_of(at: Timestamp) -> Date {
    at.to_jiff().to_zoned(TimeZone::UTC).date()
}

/// The run whose log a file is.
pub(super) fn run_of(path: &Path) -> Option<RunId> {
    path.file_name()?.to_str()?.strip_suffix(".log")?.parse().ok()
}

/// A job's name as one folder. Two names may share one: the files in it are named by run.
pub(super) fn folder_name(job: &str) -> String {
    let mut name = String::with_capacity(job.len());
    for (index, byte) in job.bytes().enumerate() {
        let is_plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || byte == b'.' && index > 0;
        if is_plain {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name.truncate(NAME_LIMIT);
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use cronbus_core::suite::log::subject;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_name_leaves_its_folder(name in any::<String>()) {
            let safe = folder_name(&name);
            prop_assert!(safe.len() <= NAME_LIMIT && !safe.contains(['/', '\0']) && !safe.starts_with('.'));
        }
    }

    #[test]
    fn a_path_says_day_job_and_run() {
        let subject = subject("etl/daily.load", 1_795_338_000, 1);
        let path = path(Path::new("/log"), &subject);
        assert_eq!(path, Path::new("/log/2026-11-22/etl%2Fdaily.load").join(format!("{}.log", subject.run)));
        assert_eq!(run_of(&path), Some(subject.run));
        assert_eq!(run_of(Path::new("/log/x.txt")), None);
    }
}
