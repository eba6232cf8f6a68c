//! Ends a server when the process that started it dies without saying so, as tests do that keep servers in statics.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A shell that waits for the end of its standard input, which only this process holds open.
#[derive(Debug)]
pub(crate) struct Guardian {
    shell: Child,
}

impl Guardian {
    /// Watches over the process group `process` and the folder.
    pub(crate) fn over(process: u32, folder: &Path) -> io::Result<Self> {
        use std::os::unix::process::CommandExt as _;
        let shell = Command::new("/bin/sh")
            .args(["-c", "read -r _; kill -s KILL -- -\"$1\" 2>/dev/null; rm -rf -- \"$2\"", "guardian"])
            .arg(process.to_string())
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self { shell })
    }
}

impl Drop for Guardian {
    /// Dismissed: whoever drops it ends the server itself.
    fn drop(&mut self) {
        let _gone = self.shell.kill();
        let _reaped = self.shell.wait();
    }
}
