//! What a shim is asked to run. It is handed over in memory (memfd_create(2)), with the run's file and the command's input
//! beside it: arguments, environment and input may hold secrets, and never lie on disk.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io::{self, IoSlice, Read, Seek, Write};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use cronbus_mask::Mask;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};

use crate::group::Group;
use crate::message;
use crate::native::Program;
use crate::words::{Reader, Writer};

/// A command and its limits.
#[derive(Debug)]
pub struct Order {
    /// What is started.
    pub program: Program,
    /// Its timeout in milliseconds; 0 when it has none, or nobody is to end it for that.
    pub timeout_ms: u64,
    /// From TERM to KILL, in milliseconds.
    pub grace_ms: u64,
    /// How many bytes of output are kept.
    pub output_limit: u64,
    /// What is taken out of its output before that lies on disk.
    pub mask: Mask,
    /// The group that its program enters, where it is limited.
    pub group: Option<Group>,
}

/// An order, and what came with it.
#[derive(Debug)]
pub struct Handed {
    /// What to do.
    pub order: Order,
    /// The run's file, with its plan.
    pub file: File,
    /// What the command reads.
    pub input: OwnedFd,
}

impl Order {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = Writer::default();
        let Program { path, arguments, environment, directory } = &self.program;
        bytes.bytes(path.as_bytes());
        for list in [arguments, environment] {
            bytes.u32(u32::try_from(list.len()).unwrap_or(u32::MAX));
            for text in list {
                bytes.bytes(text.as_bytes());
            }
        }
        bytes.u8(u8::from(directory.is_some())).bytes(directory.as_ref().map_or(b"", |text| text.as_bytes()));
        bytes.u64(self.timeout_ms).u64(self.grace_ms).u64(self.output_limit);
        bytes.u32(u32::try_from(self.mask.forms().len()).unwrap_or(u32::MAX));
        for form in self.mask.forms() {
            bytes.bytes(form);
        }
        let group = self.group.as_ref().map(|group| group.path().as_os_str().as_encoded_bytes());
        bytes.bytes(group.unwrap_or_default());
        bytes.0
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Reader(bytes);
        let path = text(&mut bytes)?;
        let arguments = list(&mut bytes)?;
        let environment = list(&mut bytes)?;
        let has_directory = bytes.u8()? == 1;
        let directory = Some(text(&mut bytes)?).filter(|_| has_directory);
        let program = Program { path, arguments, environment, directory };
        let (timeout_ms, grace_ms, output_limit) = (bytes.u64()?, bytes.u64()?, bytes.u64()?);
        // A node of an earlier version says nothing of it.
        let mask = if bytes.0.is_empty() { Mask::default() } else { mask(&mut bytes)? };
        let group = if bytes.0.is_empty() { b"" } else { bytes.bytes()? };
        let group = (!group.is_empty()).then(|| Group::at(OsStr::from_bytes(group).into()));
        Some(Self { program, timeout_ms, grace_ms, output_limit, mask, group })
    }

    /// Hands it to the shim at the other end of `socket`.
    ///
    /// # Errors
    /// When there is no memory for it, or nobody at the other end.
    pub fn hand(&self, socket: BorrowedFd<'_>, file: &File, input: BorrowedFd<'_>) -> io::Result<()> {
        let mut memory = File::from(memfd_create(c"cronbus-order", MFdFlags::MFD_CLOEXEC)?);
        memory.write_all(&self.encode())?;
        let descriptors = [memory.as_raw_fd(), file.as_raw_fd(), input.as_raw_fd()];
        let control = [ControlMessage::ScmRights(&descriptors)];
        let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
        sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(&[message::ORDER])], &control, flags, None)?;
        Ok(())
    }
}

impl Handed {
    /// What came with an order; `None` when it is not what it should be.
    pub(crate) fn from(descriptors: Vec<OwnedFd>) -> Option<Self> {
        let [memory, file, input] = <[OwnedFd; 3]>::try_from(descriptors).ok()?;
        let mut memory = File::from(memory);
        let mut bytes = Vec::new();
        memory.rewind().ok()?;
        memory.read_to_end(&mut bytes).ok()?;
        Some(Self { order: Order::decode(&bytes)?, file: file.into(), input })
    }
}

fn text(bytes: &mut Reader<'_>) -> Option<CString> {
    CString::new(bytes.bytes()?).ok()
}

fn list(bytes: &mut Reader<'_>) -> Option<Vec<CString>> {
    let count = bytes.u32()?;
    let mut texts = Vec::new();
    for _ in 0..count {
        texts.push(text(bytes)?);
    }
    Some(texts)
}

fn mask(bytes: &mut Reader<'_>) -> Option<Mask> {
    let count = bytes.u32()?;
    let mut forms = Vec::new();
    for _ in 0..count {
        forms.push(bytes.bytes()?.to_vec());
    }
    Some(Mask::new(forms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn orders_are_read_as_they_were_written() {
        for directory in [None, Some(c"/tmp".to_owned())] {
            let group = directory.is_some().then(|| Group::at("/sys/fs/cgroup/x".into()));
            let program = Program {
                path: c"/bin/sh".to_owned(),
                arguments: vec![c"sh".to_owned(), c"-c".to_owned(), c"".to_owned()],
                environment: vec![c"A=1".to_owned()],
                directory,
            };
            let mask = Mask::new(vec![b"hunter2".to_vec(), b"hunter".to_vec()]);
            let order = Order { program, timeout_ms: 1, grace_ms: 2, output_limit: 3, mask, group };
            let read = Order::decode(&order.encode()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{order:?}"));
            assert_eq!(read.mask, order.mask);
        }
    }

    proptest! {
        #[test]
        fn garbage_is_read_without_panic(garbage in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Order::decode(&garbage);
        }
    }
}
