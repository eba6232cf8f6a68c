//! What neither std nor nix wraps in safe code: `posix_spawn` with all of its actions, `wait4`, `pidfd_open`,
//! `pidfd_send_signal`, descriptors that come over a socket, and the clocks. Nothing is decided here.
//!
//! `posix_spawn` and never `fork`: glibc implements it with `CLONE_VM | CLONE_VFORK`, so starting a process costs the
//! same from a node of one gigabyte as from one of ten megabytes. The calling thread is suspended until the new program
//! is loaded, which is why it is called on threads that may block.
#![allow(unsafe_code, reason = "these calls have no safe wrapper; every block says why it is sound")]

use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use nix::unistd::Pid;

/// How many descriptors a message has at the most.
const MOST_DESCRIPTORS: usize = 4;

/// A program and everything it is given.
#[derive(Debug)]
pub struct Program {
    /// The executable's path; PATH is not searched.
    pub path: CString,
    /// Its arguments, the first being its own name.
    pub arguments: Vec<CString>,
    /// Its whole environment, as `NAME=value`.
    pub environment: Vec<CString>,
    /// Where it starts; the caller's directory when absent.
    pub directory: Option<CString>,
}

/// The descriptors that become 0, 1 and 2 of a new process. It gets no other.
///
/// They are numbered 3 or higher: std opens `/dev/null` on 0 to 2 at start where they are closed.
#[derive(Clone, Copy, Debug)]
pub struct Standard<'fd> {
    /// Becomes 0.
    pub input: BorrowedFd<'fd>,
    /// Becomes 1.
    pub output: BorrowedFd<'fd>,
    /// Becomes 2.
    pub error: BorrowedFd<'fd>,
}

/// Starts a program as the leader of a session and process group of its own, with no signal blocked or ignored.
///
/// # Errors
/// What the system said; of a program that could not be loaded, too.
pub fn spawn(program: &Program, standard: Standard<'_>) -> Result<Pid, Errno> {
    let actions = Actions::new()?;
    actions.fill(program.directory.as_deref(), standard)?;
    let attributes = Attributes::new()?;
    attributes.fill()?;
    let arguments = pointers(&program.arguments);
    let environment = pointers(&program.environment);
    let mut pid: libc::pid_t = 0;
    // SAFETY: both arrays end with a null pointer and, like the path, live until the call returns; actions and
    // attributes were initialised.
    let result = unsafe {
        libc::posix_spawn(
            &raw mut pid,
            program.path.as_ptr(),
            actions.raw(),
            attributes.raw(),
            arguments.as_ptr(),
            environment.as_ptr(),
        )
    };
    answer(result).map(|()| Pid::from_raw(pid))
}

fn pointers(texts: &[CString]) -> Vec<*mut libc::c_char> {
    texts.iter().map(|text| text.as_ptr().cast_mut()).chain([ptr::null_mut()]).collect()
}

/// The posix_spawn family returns its error instead of setting `errno`.
fn answer(result: libc::c_int) -> Result<(), Errno> {
    if result == 0 { Ok(()) } else { Err(Errno::from_raw(result)) }
}

/// What the new process does to its descriptors and directory before it loads the program. Boxed, because the C library
/// does not promise that the value may be moved.
struct Actions(Box<MaybeUninit<libc::posix_spawn_file_actions_t>>);

impl Actions {
    fn new() -> Result<Self, Errno> {
        let mut actions = Box::new(MaybeUninit::uninit());
        // SAFETY: init writes the whole value.
        answer(unsafe { libc::posix_spawn_file_actions_init(actions.as_mut_ptr()) })?;
        Ok(Self(actions))
    }

    fn raw(&self) -> *mut libc::posix_spawn_file_actions_t {
        self.0.as_ptr().cast_mut()
    }

    fn fill(&self, directory: Option<&CStr>, standard: Standard<'_>) -> Result<(), Errno> {
        let Standard { input, output, error } = standard;
        for (from, to) in [(input, 0), (output, 1), (error, 2)] {
            // SAFETY: the actions are initialised; only the number of the descriptor is stored.
            answer(unsafe { libc::posix_spawn_file_actions_adddup2(self.raw(), from.as_raw_fd(), to) })?;
        }
        if let Some(directory) = directory {
            // SAFETY: the actions are initialised; the path is copied.
            answer(unsafe { libc::posix_spawn_file_actions_addchdir_np(self.raw(), directory.as_ptr()) })?;
        }
        // SAFETY: the actions are initialised.
        answer(unsafe { libc::posix_spawn_file_actions_addclosefrom_np(self.raw(), 3) })
    }
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: initialised by `new`, destroyed once.
        unsafe { libc::posix_spawn_file_actions_destroy(self.raw()) };
    }
}

/// What the new process does to its session and signals.
struct Attributes(Box<MaybeUninit<libc::posix_spawnattr_t>>);

impl Attributes {
    fn new() -> Result<Self, Errno> {
        let mut attributes = Box::new(MaybeUninit::uninit());
        // SAFETY: init writes the whole value.
        answer(unsafe { libc::posix_spawnattr_init(attributes.as_mut_ptr()) })?;
        Ok(Self(attributes))
    }

    fn raw(&self) -> *mut libc::posix_spawnattr_t {
        self.0.as_ptr().cast_mut()
    }

    fn fill(&self) -> Result<(), Errno> {
        let flags =
            libc::c_int::from(libc::POSIX_SPAWN_SETSID) | libc::POSIX_SPAWN_SETSIGDEF | libc::POSIX_SPAWN_SETSIGMASK;
        let flags = libc::c_short::try_from(flags).map_err(|_| Errno::EINVAL)?;
        let mut none = MaybeUninit::uninit();
        let mut all = MaybeUninit::uninit();
        // SAFETY: the attributes are initialised; both sets are filled before they are read.
        unsafe {
            libc::sigemptyset(none.as_mut_ptr());
            libc::sigfillset(all.as_mut_ptr());
            answer(libc::posix_spawnattr_setsigmask(self.raw(), none.as_ptr()))?;
            answer(libc::posix_spawnattr_setsigdefault(self.raw(), all.as_ptr()))?;
            answer(libc::posix_spawnattr_setflags(self.raw(), flags))
        }
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: initialised by `new`, destroyed once.
        unsafe { libc::posix_spawnattr_destroy(self.raw()) };
    }
}

/// A descriptor that becomes readable when the process ends. Sound against reuse of the number only for a child that
/// was not waited for, or together with a look at when the process started.
///
/// # Errors
/// When there is no such process, or no descriptor left.
pub fn pidfd_open(pid: Pid) -> Result<OwnedFd, Errno> {
    // SAFETY: takes two numbers and returns a new descriptor (with close-on-exec) or -1.
    let result = unsafe { libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0) };
    let number = libc::c_int::try_from(Errno::result(result)?).map_err(|_| Errno::EBADF)?;
    // SAFETY: the descriptor is new and nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Sends a signal to exactly the process behind the descriptor.
///
/// # Errors
/// When it has ended, or may not be signalled.
pub fn pidfd_send_signal(process: BorrowedFd<'_>, signal: Signal) -> Result<(), Errno> {
    let number = signal as libc::c_int;
    let no_info = ptr::null::<libc::siginfo_t>();
    // SAFETY: the descriptor is open for the call; a null siginfo means that of kill(2).
    let result = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, process.as_raw_fd(), number, no_info, 0) };
    Errno::result(result).map(drop)
}

/// How a child ended and what it used.
#[derive(Clone, Copy, Debug)]
pub struct Waited {
    /// The status word of wait(2).
    pub status: i32,
    /// CPU time in user mode and in the kernel, in milliseconds, with the descendants it waited for.
    pub user_ms: u64,
    /// See above.
    pub system_ms: u64,
    /// The largest resident set, in KiB; 0 when it was no larger than this process's own.
    ///
    /// A spawned child shares this process's memory until it executes its program, and Linux counts that as the
    /// child's (`exec_mmap` keeps the old memory's high-water mark): below it nothing is known.
    pub max_rss_kib: u64,
}

/// Waits for a child that has ended; `None` when it has not.
///
/// # Errors
/// When it is no child, or was waited for.
pub fn wait4(pid: Pid) -> Result<Option<Waited>, Errno> {
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are valid for writing; a zeroed rusage is a valid one.
    let (result, usage) = unsafe {
        let result = libc::wait4(pid.as_raw(), &raw mut status, libc::WNOHANG, usage.as_mut_ptr());
        (result, usage.assume_init())
    };
    if Errno::result(result)? == 0 {
        return Ok(None);
    }
    Ok(Some(Waited {
        status,
        user_ms: millis(usage.ru_utime),
        system_ms: millis(usage.ru_stime),
        max_rss_kib: u64::try_from(usage.ru_maxrss).ok().filter(|peak| *peak > own_peak_kib()).unwrap_or(0),
    }))
}

/// The largest resident set this process ever had, in KiB.
fn own_peak_kib() -> u64 {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_SELF);
    usage.map_or(0, |usage| u64::try_from(usage.max_rss()).unwrap_or(0))
}

fn millis(time: libc::timeval) -> u64 {
    u64::try_from(time.tv_sec.saturating_mul(1000).saturating_add(time.tv_usec / 1000)).unwrap_or(0)
}

/// How many clock ticks passed since boot, by the clock and in the unit that `/proc/<pid>/stat` dates processes by
/// (proc(5), field 22); `None` where the system does not say.
#[must_use]
pub fn ticks_since_boot() -> Option<u64> {
    let mut time = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the pointer is valid for writing, and the value is read only when the call says that it was written.
    let time = unsafe {
        let result = libc::clock_gettime(libc::CLOCK_BOOTTIME, time.as_mut_ptr());
        (result == 0).then(|| time.assume_init())
    }?;
    // SAFETY: takes a number and returns one.
    let per_second = u64::try_from(unsafe { libc::sysconf(libc::_SC_CLK_TCK) }).ok().filter(|rate| *rate > 0)?;
    let nanos_per_tick = 1_000_000_000_u64.checked_div(per_second)?;
    let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u64::try_from(time.tv_nsec).ok()?);
    seconds.checked_mul(per_second)?.checked_add(nanos.checked_div(nanos_per_tick)?)
}

/// The wall clock, in milliseconds since 1970: what is written of a run is dated by it.
#[must_use]
pub fn wall_ms() -> i64 {
    let mut time = MaybeUninit::<libc::timespec>::uninit();
    // SAFETY: the pointer is valid for writing, and the value is read only when the call says that it was written.
    let time = unsafe {
        let result = libc::clock_gettime(libc::CLOCK_REALTIME, time.as_mut_ptr());
        (result == 0).then(|| time.assume_init())
    };
    time.map_or(0, |time| time.tv_sec.saturating_mul(1000).saturating_add(time.tv_nsec / 1_000_000))
}

/// What came over a socket: how many bytes, and descriptors with them.
#[derive(Debug)]
pub struct Received {
    /// 0: the other end is closed.
    pub bytes: usize,
    /// In the order they were sent.
    pub descriptors: Vec<OwnedFd>,
}

/// Takes one message from a socket that keeps messages apart.
///
/// # Errors
/// What the system said.
pub fn receive(socket: BorrowedFd<'_>, buffer: &mut [u8], flags: MsgFlags) -> Result<Received, Errno> {
    let mut space = nix::cmsg_space!([RawFd; MOST_DESCRIPTORS]);
    let mut into = [std::io::IoSliceMut::new(buffer)];
    let flags = flags | MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut into, Some(&mut space), flags)?;
    let bytes = message.bytes;
    let mut descriptors = Vec::new();
    for control in message.cmsgs().into_iter().flatten() {
        if let ControlMessageOwned::ScmRights(numbers) = control {
            // SAFETY: the kernel has just made them for this process, and nobody else owns them.
            descriptors.extend(numbers.into_iter().map(|number| unsafe { OwnedFd::from_raw_fd(number) }));
        }
    }
    Ok(Received { bytes, descriptors })
}
