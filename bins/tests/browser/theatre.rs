//! Where the scripts run: a copy of them in the target directory, so that what npm installs is not in the checkout.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::Node;

/// What the scripts need to be installed, and nothing else.
const MANIFESTS: [&str; 2] = ["package.json", "package-lock.json"];

/// Where Debian has the browser.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Long enough for the slowest machine: the scripts take a minute.
const DEADLINE: Duration = Duration::from_secs(15 * 60);

/// A folder with the scripts and what they are built on.
pub(crate) struct Theatre {
    folder: PathBuf,
}

impl Theatre {
    /// Copies the scripts and installs what they need, as the lock file says, if that is not there yet.
    pub(crate) fn build() -> Self {
        assert!(Path::new(CHROMIUM).exists(), "{CHROMIUM} is missing: run `make servers`, which installs it");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
        let theatre = Self { folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser") };
        std::fs::create_dir_all(&theatre.folder).unwrap();
        theatre.install(&from);
        let _ = std::fs::remove_dir_all(theatre.folder.join("scripts"));
        copy_all(&from.join("scripts"), &theatre.folder.join("scripts"));
        theatre
    }

    fn install(&self, from: &Path) {
        let installed = self.folder.join("installed");
        let wanted = std::fs::read(from.join("package-lock.json")).unwrap();
        if std::fs::read(&installed).is_ok_and(|there| there == wanted) {
            return;
        }
        for file in MANIFESTS {
            std::fs::copy(from.join(file), self.folder.join(file)).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&self.folder);
        let installed_now = npm.stdin(Stdio::null()).output();
        assert_well("npm ci", &installed_now.expect("npm: run `make servers`, which installs it with node"));
        std::fs::write(installed, wanted).unwrap();
    }

    /// Runs the scripts against a node; all of them must succeed.
    pub(crate) fn play(&self, node: &Node, gates: &Path) {
        let screenshots = self.folder.join("screenshots");
        let _ = std::fs::remove_dir_all(&screenshots);
        std::fs::create_dir_all(&screenshots).unwrap();
        let mut script = Command::new("node");
        script.arg("scripts/main.mjs").current_dir(&self.folder).stdin(Stdio::null());
        script.env("CRONBUS_SITE", node.url("")).env("CRONBUS_TOKEN", node.token());
        script.env("CRONBUS_SETUP", node.ask(&["account", "setup-link"]).trim());
        script.env("CRONBUS_GATES", gates).env("CRONBUS_CHROMIUM", CHROMIUM).env("CRONBUS_SCREENSHOTS", &screenshots);
        let output = output_within(script, DEADLINE);
        println!("{}screenshots: {}", String::from_utf8_lossy(&output.stdout), screenshots.display());
        assert_well("the scripts", &output);
    }
}

/// What a program says until it ends, which it does before a deadline.
fn output_within(mut command: Command, deadline: Duration) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    let reading = std::thread::spawn(move || child.wait_with_output().unwrap());
    let until = Instant::now() + deadline;
    while !reading.is_finished() {
        if Instant::now() >= until {
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    reading.join().unwrap()
}

fn assert_well(what: &str, output: &Output) {
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{what} failed:\n{said}\n{told}");
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
