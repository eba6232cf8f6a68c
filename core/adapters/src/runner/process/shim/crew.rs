//! Starting shims.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use cronbus_shim_kit::native::{self, Program, Standard};
use cronbus_shim_kit::{Process, proc};
use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::unistd::Pid;

/// A shim that this process started.
#[derive(Debug)]
pub(super) struct Shim {
    pub(super) pid: Pid,
    pub(super) process: Process,
    /// Readable once it has ended.
    pub(super) pidfd: OwnedFd,
    pub(super) socket: Arc<OwnedFd>,
}

/// What shims are started from.
#[derive(Debug)]
pub(super) struct Crew {
    program: Program,
    nothing: File,
}

impl Crew {
    /// # Errors
    /// When `/dev/null` cannot be opened, or the path cannot be one.
    pub(super) fn new(executable: &Path) -> io::Result<Self> {
        let path = CString::new(executable.as_os_str().as_encoded_bytes()).map_err(io::Error::other)?;
        // Nothing of the node's environment: it holds its secrets. It stays in no folder that somebody may want to unmount.
        let program = Program {
            arguments: vec![c"cronbus-shim".to_owned()],
            environment: Vec::new(),
            directory: Some(c"/".to_owned()),
            path,
        };
        Ok(Self { program, nothing: File::options().read(true).write(true).open("/dev/null")? })
    }

    /// What they are.
    pub(super) fn executable(&self) -> &Path {
        Path::new(OsStr::from_bytes(self.program.path.as_bytes()))
    }

    /// Starts one. The thread is suspended until its program is loaded.
    ///
    /// # Errors
    /// Why not, for people.
    pub(super) fn start(&self) -> Result<Shim, String> {
        self.try_start().map_err(|errno| {
            format!("its supervisor {} could not be started: {}", self.program.path.to_string_lossy(), errno.desc())
        })
    }

    fn try_start(&self) -> Result<Shim, Errno> {
        let (ours, theirs) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
        let nothing = self.nothing.as_fd();
        let standard = Standard { input: theirs.as_fd(), output: nothing, error: nothing };
        let pid = native::spawn(&self.program, standard)?;
        let stat = proc::Stat::read(pid.as_raw().unsigned_abs());
        match (native::pidfd_open(pid), stat) {
            (Ok(pidfd), Some(stat)) => Ok(Shim { pid, process: stat.process, pidfd, socket: Arc::new(ours) }),
            (pidfd, _) => {
                // It ends when its socket does.
                drop((ours, theirs));
                let _ = nix::sys::wait::waitpid(pid, None);
                Err(pidfd.err().unwrap_or(Errno::ESRCH))
            }
        }
    }
}
