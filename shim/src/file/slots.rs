//! The slots at the beginning of the file: length u32, CRC-32 u32, content. A slot of zeros is empty.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::exit::Exit;
use crate::Process;
use crate::words::{Reader, Writer};

/// What the slots take together.
pub(super) const BLOCK: usize = 4096;

/// What a plan begins with; the last byte is the version.
const MAGIC: [u8; 8] = *b"CBRUN\0\0\x01";

/// Length and checksum.
const HEADER: usize = 8;

/// Where something has its place.
#[derive(Clone, Copy, Debug)]
struct Slot {
    at: u64,
    size: usize,
}

const PLAN: Slot = Slot { at: 0, size: 1024 };
const STARTED: Slot = Slot { at: 1024, size: 256 };
const HOLE: Slot = Slot { at: 1280, size: 256 };
const EXIT: Slot = Slot { at: 2048, size: 2048 };

impl Slot {
    fn write(self, file: &File, content: &[u8]) -> io::Result<()> {
        file.write_all_at(&self.framed(content)?, self.at)
    }

    fn framed(self, content: &[u8]) -> io::Result<Vec<u8>> {
        if content.len() + HEADER > self.size {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "more than its place in the run's file holds"));
        }
        let mut bytes = Writer::default();
        bytes.u32(u32::try_from(content.len()).unwrap_or(u32::MAX)).u32(crc32fast::hash(content));
        bytes.0.extend_from_slice(content);
        Ok(bytes.0)
    }

    /// `None` when nothing was written there, or not all of it.
    fn read(self, file: &File) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = vec![0; self.size];
        match file.read_exact_at(&mut bytes, self.at) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        Ok(unframed(&bytes).map(<[u8]>::to_vec))
    }
}

fn unframed(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader(bytes);
    let (length, checksum) = (usize::try_from(reader.u32()?).ok()?, reader.u32()?);
    let content = reader.slice(length).filter(|content| !content.is_empty())?;
    (crc32fast::hash(content) == checksum).then_some(content)
}

/// Whose file it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The run's id.
    pub run: [u8; 16],
    /// The name of its job: its log is found by it.
    pub job: String,
    /// How many bytes of output are kept.
    pub output_limit: u64,
    /// The boot of the machine on which it was planned.
    pub boot: String,
    /// The shim that supervises it.
    pub shim: Process,
}

/// Its command was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// The leader of its session and group.
    pub process: Process,
    /// When, by the wall clock, in milliseconds.
    pub at_ms: i64,
}

/// Where the output goes on behind the hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hole {
    /// The place of the first record behind it.
    pub(super) place: u64,
}

fn put_process(bytes: &mut Writer, process: Process) {
    bytes.u32(process.pid).u64(process.start_ticks);
}

fn take_process(bytes: &mut Reader<'_>) -> Option<Process> {
    Some(Process { pid: bytes.u32()?, start_ticks: bytes.u64()? })
}

impl Plan {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = Writer(MAGIC.to_vec());
        bytes.0.extend_from_slice(&self.run);
        bytes.bytes(self.job.as_bytes()).u64(self.output_limit).bytes(self.boot.as_bytes());
        put_process(&mut bytes, self.shim);
        bytes.0
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Reader(bytes.strip_prefix(&MAGIC)?);
        Some(Self {
            run: bytes.array()?,
            job: bytes.text()?,
            output_limit: bytes.u64()?,
            boot: bytes.text()?,
            shim: take_process(&mut bytes)?,
        })
    }
}

impl Started {
    /// As it is written, and sent.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Writer::default();
        put_process(&mut bytes, self.process);
        bytes.i64(self.at_ms);
        bytes.0
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Reader(bytes);
        Some(Self { process: take_process(&mut bytes)?, at_ms: bytes.i64()? })
    }
}

/// Writes the plan and makes room for all slots.
///
/// # Errors
/// When the disk does not take it, or the job's name is too long.
pub fn create(file: &File, plan: &Plan) -> io::Result<()> {
    let mut block = PLAN.framed(&plan.encode())?;
    block.resize(BLOCK, 0);
    file.write_all_at(&block, 0)
}

/// Whose file it is; `None` when it is no such file.
///
/// # Errors
/// When it cannot be read.
pub fn read_plan(file: &File) -> io::Result<Option<Plan>> {
    Ok(PLAN.read(file)?.as_deref().and_then(Plan::decode))
}

/// Its start, once there was one.
///
/// # Errors
/// When it cannot be read.
pub fn read_started(file: &File) -> io::Result<Option<Started>> {
    Ok(STARTED.read(file)?.as_deref().and_then(Started::decode))
}

/// Its end, once there is one.
///
/// # Errors
/// When it cannot be read.
pub fn read_exit(file: &File) -> io::Result<Option<Exit>> {
    Ok(EXIT.read(file)?.as_deref().and_then(Exit::decode))
}

pub(super) fn write_started(file: &File, started: Started) -> io::Result<()> {
    STARTED.write(file, &started.encode())
}

pub(super) fn write_exit(file: &File, exit: &Exit) -> io::Result<()> {
    EXIT.write(file, &exit.encode())
}

pub(super) fn write_hole(file: &File, hole: Hole) -> io::Result<()> {
    let mut bytes = Writer::default();
    bytes.u64(hole.place);
    HOLE.write(file, &bytes.0)
}

pub(super) fn read_hole(file: &File) -> io::Result<Option<Hole>> {
    let content = HOLE.read(file)?;
    Ok(content.and_then(|content| Some(Hole { place: Reader(&content).u64()? })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plan() -> Plan {
        let shim = Process { pid: 7, start_ticks: 9 };
        Plan { run: [3; 16], job: "a/b".to_owned(), output_limit: 1 << 20, boot: "boot".to_owned(), shim }
    }

    #[test]
    fn slots_are_read_as_they_were_written() {
        let file = tempfile::tempfile().unwrap();
        create(&file, &plan()).unwrap();
        assert_eq!(read_plan(&file).unwrap(), Some(plan()));
        assert_eq!(read_started(&file).unwrap(), None);
        let started = Started { process: Process { pid: 1, start_ticks: 2 }, at_ms: -3 };
        write_started(&file, started).unwrap();
        assert_eq!(read_started(&file).unwrap(), Some(started));
        assert_eq!(file.metadata().unwrap().len(), BLOCK as u64);
        let long = Plan { job: "x".repeat(2000), ..plan() };
        assert!(create(&file, &long).is_err());
    }

    proptest! {
        #[test]
        fn a_torn_file_has_no_slot_or_the_whole(cut in 0_usize..BLOCK, flip in 0_usize..200) {
            let file = tempfile::tempfile().unwrap();
            create(&file, &plan()).unwrap();
            let mut bytes = vec![0; BLOCK];
            file.read_exact_at(&mut bytes, 0).unwrap();
            bytes[flip] ^= 0x40;
            bytes.truncate(cut);
            file.set_len(0).unwrap();
            file.write_all_at(&bytes, 0).unwrap();
            let read = read_plan(&file).unwrap();
            prop_assert!(read.is_none() || read == Some(plan()));
            prop_assert!(read_exit(&file).unwrap().is_none());
        }
    }
}
