//! A node for one test, and the ways to ask it by the command line.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use cronbus_servers::outlived;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use super::wait_for;

/// The executable, cut off from the environment of whoever runs the tests.
pub(crate) fn cronbus(data: &Path) -> Command {
    command(Path::new(env!("CARGO_BIN_EXE_cronbus")), data)
}

fn command(executable: &Path, data: &Path) -> Command {
    let mut command = Command::new(executable);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("CRONBUS_NODE__DATA_DIR", data);
    command.stdin(Stdio::null());
    command
}

/// A data directory, and the node that runs on it.
pub(crate) struct Node {
    folder: TempDir,
    child: Option<Child>,
    configuration: &'static str,
    variables: Vec<(&'static str, String)>,
    /// The executable, where it is not that of all tests.
    executable: PathBuf,
}

impl Node {
    /// A node that listens.
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// A node that listens, with this configuration file.
    pub(crate) fn start_with(configuration: &str) -> Self {
        let mut node = Self::prepare("cronbus.toml", configuration);
        node.start_again();
        node
    }

    /// A node that was not started yet, with a configuration file of this name.
    pub(crate) fn prepare(file: &'static str, configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let executable = PathBuf::from(env!("CARGO_BIN_EXE_cronbus"));
        let node = Self { folder, child: None, configuration: file, variables: Vec::new(), executable };
        std::fs::write(node.config_path(), configuration).unwrap();
        node
    }

    /// With a variable in its environment.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.variables.push((name, value.into()));
    }

    /// Of an executable of its own.
    pub(crate) fn of(&mut self, executable: &Path) {
        executable.clone_into(&mut self.executable);
    }

    /// Starts the node once more on its directory, with its configuration file.
    pub(crate) fn start_again(&mut self) {
        self.launch();
        self.until_it_listens();
    }

    /// The same, without waiting for anything.
    pub(crate) fn launch(&mut self) {
        let _ = std::fs::remove_file(self.node_file());
        let log = File::options().append(true).create(true).open(self.log_path()).unwrap();
        let mut command = command(&self.executable, &self.data());
        command.args(["node", "--listen", "127.0.0.1:0", "--config"]).arg(self.config_path());
        command.env("CRONBUS_NODE__NAME", "test");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        self.child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
    }

    /// Waits until it does.
    pub(crate) fn until_it_listens(&mut self) {
        let file = self.node_file();
        wait_for("the node to listen", || {
            let ended = self.child.as_mut().and_then(|child| child.try_wait().unwrap());
            assert!(ended.is_none(), "the node ended: {}", self.log());
            file.exists().then_some(())
        });
    }

    /// Where the node says that it listens, and where.
    fn node_file(&self) -> PathBuf {
        self.data().join("node.json")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn config_path(&self) -> PathBuf {
        self.folder.path().join(self.configuration)
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("stderr")
    }

    /// What the node wrote to its standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// The process that was started.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// The process that has the data directory.
    pub(crate) fn current_pid(&self) -> u32 {
        std::fs::read_to_string(self.data().join("node.lock")).unwrap().lines().next().unwrap().parse().unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid().try_into().unwrap()), signal).unwrap();
    }

    /// Waits for the node's end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        wait_for("the node to end", || child.try_wait().unwrap())
    }

    /// The URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        self.url_at("address", path)
    }

    /// The URL of a path where the node answers for its health alone.
    pub(crate) fn health_url(&self, path: &str) -> String {
        self.url_at("health", path)
    }

    fn url_at(&self, door: &str, path: &str) -> String {
        let text = std::fs::read_to_string(self.node_file()).unwrap();
        let node: Value = serde_json::from_str(&text).unwrap();
        format!("{}{path}", node[door].as_str().unwrap())
    }

    pub(crate) fn token(&self) -> String {
        std::fs::read_to_string(self.data().join("admin.token")).unwrap().trim().to_owned()
    }

    /// What the command line answers, whatever it is.
    pub(crate) fn try_ask(&self, words: &[&str]) -> Output {
        cronbus(&self.data()).args(words).output().unwrap()
    }

    /// What the command line answers; it must succeed.
    pub(crate) fn ask(&self, words: &[&str]) -> String {
        let output = self.try_ask(words);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {told}\n{}", self.log());
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same as JSON.
    pub(crate) fn ask_json(&self, words: &[&str]) -> Value {
        let mut words = words.to_vec();
        words.push("--json");
        serde_json::from_str(&self.ask(&words)).unwrap()
    }

    /// Adds a job that is only run by hand, and runs it; returns the run's id.
    pub(crate) fn run_shell(&self, name: &str, line: &str) -> String {
        self.ask(&["job", "add", name, "--shell", line]);
        self.ask(&["job", "run", name]).trim().to_owned()
    }

    /// Waits until a run is in one of these states; returns it.
    pub(crate) fn wait_for_run(&self, run: &str, states: &[&str]) -> Value {
        wait_for("the run's state", || {
            let view = self.ask_json(&["run", "show", run]);
            states.contains(&view["state"].as_str().unwrap()).then_some(view)
        })
    }
}

impl Node {
    /// Ends the process that the node went on in, if there is one.
    fn end_successor(&self, started: u32) {
        let lock = std::fs::read_to_string(self.data().join("node.lock")).unwrap_or_default();
        if let Some(Ok(pid)) = lock.lines().next().map(str::parse::<i32>)
            && pid.unsigned_abs() != started
        {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
            self.end_successor(child.id());
        }
        outlived::end_all(&self.data());
    }
}
