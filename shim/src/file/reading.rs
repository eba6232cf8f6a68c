//! The node's end of the file: follows the output, wherever it begins to.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::exit::Exit;
use super::record::{self, HEADER, LONGEST};
use super::slots::{self, BLOCK, Plan, Started};

/// How much is read at a time: the longest record, and then some.
const AT_A_TIME: usize = LONGEST + HEADER + 4096;

/// What is next of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// It was printed.
    Output {
        /// Whether it came from standard error.
        is_error: bool,
        /// When, by the wall clock, in milliseconds.
        at_ms: i64,
        /// What.
        bytes: &'a [u8],
    },
    /// So many bytes were printed and are not there: the limit left them out, or the disk did not take them.
    LeftOut(u64),
}

/// The reading end.
#[derive(Debug)]
pub struct Reading {
    file: File,
    place: u64,
    /// How many bytes were read or left out; what lies before is not told again.
    told: u64,
}

impl Reading {
    /// From the first byte on that was not told before.
    #[must_use]
    pub const fn new(file: File, told: u64) -> Self {
        Self { file, place: BLOCK as u64, told }
    }

    /// How many bytes were told or left out.
    #[must_use]
    pub const fn told(&self) -> u64 {
        self.told
    }

    /// Gives what there is, at most about `most` bytes; returns whether there may be more.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&mut self, most: usize, mut each: impl FnMut(Piece<'_>)) -> io::Result<bool> {
        let mut taken = 0;
        let mut buffer = Vec::new();
        while taken < most {
            let count = self.fill(&mut buffer)?;
            let used = self.tell(buffer.get(..count).unwrap_or_default(), &mut each);
            if used == 0 && !self.jump()? {
                return Ok(false);
            }
            taken += used;
        }
        Ok(true)
    }

    /// A short run has little output, and a large buffer would cost more than reading it.
    fn fill(&self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let length = self.file.metadata()?.len().saturating_sub(self.place);
        let wanted = usize::try_from(length).unwrap_or(AT_A_TIME).min(AT_A_TIME);
        buffer.resize(wanted.max(buffer.len()), 0);
        let Some(into) = buffer.get_mut(..wanted) else { return Ok(0) };
        let mut filled = 0;
        while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, self.place + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// Tells the whole records that `bytes` begin with; returns how many bytes they are.
    fn tell(&mut self, bytes: &[u8], each: &mut impl FnMut(Piece<'_>)) -> usize {
        let mut rest = bytes;
        while let Some((record, length)) = record::take(rest) {
            if record.offset > self.told {
                each(Piece::LeftOut(record.offset - self.told));
                self.told = record.offset;
            }
            let known = usize::try_from(self.told - record.offset).unwrap_or(usize::MAX);
            if let Some(news) = record.bytes.get(known..).filter(|news| !news.is_empty()) {
                each(Piece::Output { is_error: record.is_error, at_ms: record.at_ms, bytes: news });
                self.told += news.len() as u64;
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        let used = bytes.len() - rest.len();
        self.place += used as u64;
        used
    }

    /// Goes on behind the hole, where that is what one stands before.
    fn jump(&mut self) -> io::Result<bool> {
        let Some(hole) = slots::read_hole(&self.file)?.filter(|hole| hole.place > self.place) else { return Ok(false) };
        self.place = hole.place;
        Ok(true)
    }

    /// Whose file it is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn plan(&self) -> io::Result<Option<Plan>> {
        slots::read_plan(&self.file)
    }

    /// Its start, once there was one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn started(&self) -> io::Result<Option<Started>> {
        slots::read_started(&self.file)
    }

    /// Its end, once there is one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn exit(&self) -> io::Result<Option<Exit>> {
        slots::read_exit(&self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::super::writing::Writing;
    use super::*;
    use crate::Process;
    use proptest::prelude::*;
    use std::os::unix::fs::MetadataExt;

    fn empty() -> File {
        let file = tempfile::tempfile().unwrap();
        let shim = Process { pid: 1, start_ticks: 1 };
        let plan = Plan { run: [0; 16], job: "a".to_owned(), output_limit: 0, boot: String::new(), shim };
        slots::create(&file, &plan).unwrap();
        file
    }

    fn all(reading: &mut Reading) -> (Vec<u8>, u64) {
        let (mut bytes, mut left_out) = (Vec::new(), 0);
        let mut each = |piece: Piece<'_>| match piece {
            Piece::Output { bytes: more, .. } => bytes.extend_from_slice(more),
            Piece::LeftOut(count) => left_out += count,
        };
        while reading.read(100, &mut each).unwrap() {}
        (bytes, left_out)
    }

    proptest! {
        #[test]
        fn who_begins_anywhere_is_told_the_rest(
            pieces in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 1..90)), 0..20),
            told in any::<prop::sample::Index>(),
            cut in 0_u64..200,
        ) {
            let file = empty();
            let mut writing = Writing::new(file.try_clone().unwrap(), 1 << 20);
            let mut whole = Vec::new();
            for (is_error, bytes) in &pieces {
                writing.append(*is_error, 7, bytes);
                whole.extend_from_slice(bytes);
            }
            let told = told.index(whole.len() + 1);
            let mut reading = Reading::new(file.try_clone().unwrap(), told as u64);
            prop_assert_eq!(all(&mut reading), (whole[told..].to_vec(), 0));
            let length = file.metadata().unwrap().len();
            file.set_len(length.saturating_sub(cut)).unwrap();
            let (torn, _) = all(&mut Reading::new(file, 0));
            prop_assert!(whole.starts_with(&torn));
        }
    }

    #[test]
    fn a_flood_leaves_its_head_and_its_tail() {
        const LIMIT: u64 = 1 << 20;
        let file = empty();
        let mut writing = Writing::new(file.try_clone().unwrap(), LIMIT);
        let mut slow = Reading::new(file.try_clone().unwrap(), 0);
        let piece = vec![b'x'; 50_000];
        for _ in 0..400 {
            writing.append(false, 7, &piece);
        }
        let (bytes, left_out) = all(&mut slow);
        assert_eq!(bytes.len() as u64 + left_out, writing.printed());
        assert!(bytes.len() as u64 >= LIMIT && left_out > 10 * LIMIT, "{} kept, {left_out} left out", bytes.len());
        let kept = file.metadata().unwrap().blocks() * 512;
        assert!(kept < 4 * LIMIT, "{kept} bytes on disk");
    }
}
