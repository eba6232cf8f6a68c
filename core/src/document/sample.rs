//! The sample that every new node starts with: it has to be readable, allowed, and kept by every format.

use super::*;
use crate::time::Timestamp;

#[test]
fn the_sample_jobs_are_allowed() {
    let text = include_str!("../../../conf/sample-jobs.toml");
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let jobs = read_valid(text, Format::of("sample-jobs.toml", text), now).map_err(|error| error.to_string()).unwrap();
    assert!((5..=8).contains(&jobs.len()));
    assert!(jobs.iter().all(|job| !job.description.is_empty()));
    for format in [Format::Toml, Format::Yaml, Format::Json] {
        assert_eq!(read(&write(&jobs, format).unwrap(), format), Ok(jobs.clone()), "{format}");
    }
}
