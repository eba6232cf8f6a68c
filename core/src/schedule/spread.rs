//! `H`: a value picked by the job's name, so that a thousand nightly jobs do not all start at midnight.
//!
//! The pick has to be the same on every node, in every release, for ever: a changed pick would move jobs. So it is
//! fixed here, and a test holds it: the first eight bytes, read as a big-endian number, of SHA-256 over the text
//! `cronbus H v1`, a zero byte, the field's name, a zero byte and the job's name; modulo the number of choices. Each
//! field hashes for itself, so that a second or a year added to a rule does not move its minute.

use sha2::{Digest, Sha256};

/// Picks for one job.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread<'a> {
    job: &'a str,
}

impl<'a> Spread<'a> {
    pub(super) const fn of_job(name: &'a str) -> Self {
        Self { job: name }
    }

    /// A number below `choices` (0 when there is nothing to choose from).
    pub(super) fn pick(self, field: &str, choices: usize) -> usize {
        let mut hash = Sha256::new();
        for part in ["cronbus H v1", field] {
            hash.update(part);
            hash.update([0]);
        }
        hash.update(self.job);
        let number = hash.finalize().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let choices = u64::try_from(choices).unwrap_or(u64::MAX).max(1);
        usize::try_from(number % choices).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_the_same_for_ever() {
        let picks = |job| ["minute", "hour", "month"].map(|field| Spread::of_job(job).pick(field, 60));
        assert_eq!([picks("backup"), picks("report"), picks("")], [[37, 8, 41], [16, 36, 2], [13, 43, 29]]);
    }

    #[test]
    fn spreads_evenly() {
        let mut counts = [0_u32; 60];
        for job in 0..6_000 {
            let name = format!("job-{job}");
            counts[Spread::of_job(&name).pick("minute", 60)] += 1;
        }
        assert!(counts.iter().all(|count| (50..=160).contains(count)), "{counts:?}");
    }

    #[test]
    fn survives_no_choice() {
        assert_eq!(Spread::of_job("a").pick("minute", 0), 0);
    }
}
