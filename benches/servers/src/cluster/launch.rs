//! Bringing a cluster up.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::node::Node;
use super::plan::{NodePlan, Plan};
use crate::error::Error;
use crate::kind::Kind;
use crate::proxy::Proxy;
use crate::server::Server;

/// How long the nodes may take until all of them know each other.
const PATIENCE: Duration = Duration::from_secs(60);

/// A cluster that runs for as long as its value lives.
#[derive(Debug)]
pub struct Cluster {
    /// Its nodes, in the order of the plan.
    pub nodes: Vec<Node>,
    /// NATS.
    pub nats: Server,
    /// etcd.
    pub etcd: Server,
    /// Redis.
    pub redis: Server,
    /// MariaDB or PostgreSQL.
    pub database: Server,
    executable: PathBuf,
    folder: TempDir,
}

impl Cluster {
    /// Starts the servers and the nodes, and waits until every node is among the members.
    ///
    /// # Errors
    /// When a server or a node does not start; says which, with the end of its log. What the nodes wrote is kept then.
    pub fn start(plan: Plan) -> Result<Self, Error> {
        let mut cluster = Self::prepare(plan)?;
        match cluster.launch() {
            Ok(()) => Ok(cluster),
            Err(error) => {
                cluster.folder.disable_cleanup(true);
                Err(error)
            }
        }
    }

    fn launch(&mut self) -> Result<(), Error> {
        let token = self.token_file();
        for node in &mut self.nodes {
            node.launch()?;
            if node.plan().has_web() {
                wait_for_file(node, &token)?;
            }
        }
        self.wait_for_members()?;
        for node in &mut self.nodes {
            // It is a member before it listens.
            let file = node.data().join("node.json");
            wait_for_file(node, &file)?;
        }
        Ok(())
    }

    /// Starts the servers, makes the schema and the key, and writes the configuration of every node.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn prepare(plan: Plan) -> Result<Self, Error> {
        let folder = tempfile::Builder::new()
            .prefix("cronbus-cluster-")
            .tempdir()
            .map_err(Error::system("make a folder for a cluster"))?;
        let arguments: Vec<&str> = plan.database_arguments.iter().map(String::as_str).collect();
        let mut cluster = Self {
            nodes: Vec::new(),
            nats: Server::start(Kind::Nats)?,
            etcd: Server::start(Kind::Etcd)?,
            redis: Server::start(Kind::Redis)?,
            database: Server::start_with(plan.database, &arguments)?,
            executable: plan.executable,
            folder,
        };
        cluster.run(&["cluster", "init", "--key-file", &path_text(&cluster.key_file())])?;
        for node in plan.nodes {
            cluster.add(node, plan.lease, &plan.configuration, plan.through_proxies)?;
        }
        if let Some(first) = cluster.nodes.first() {
            cluster.run(&["migrate", "--config", &path_text(&first.config_file())])?;
        }
        Ok(cluster)
    }

    /// The node of this name.
    #[must_use]
    pub fn node(&mut self, name: &str) -> Option<&mut Node> {
        self.nodes.iter_mut().find(|node| node.name() == name)
    }

    /// The servers, by kind.
    pub fn servers(&mut self) -> [&mut Server; 4] {
        [&mut self.nats, &mut self.etcd, &mut self.redis, &mut self.database]
    }

    /// Where everything of the cluster is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file with the key that its nodes sign with.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("cluster.key")
    }

    /// The file with the token that its nodes ask for.
    #[must_use]
    pub fn token_file(&self) -> PathBuf {
        self.folder.path().join("admin.token")
    }

    /// Where the first web node that lives listens.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        self.nodes.iter().filter(|node| node.pid().is_some()).find_map(Node::address)
    }

    /// What the command line answers when it asks the first web node that lives.
    ///
    /// # Errors
    /// When the command line cannot be started.
    pub fn ask(&self, words: &[&str]) -> Result<Output, Error> {
        let token = std::fs::read_to_string(self.token_file()).unwrap_or_default();
        self.command_line()
            .args(words)
            .env("CRONBUS_SERVER", self.address().unwrap_or_default())
            .env("CRONBUS_TOKEN", token.trim())
            .output()
            .map_err(Error::system("start the command line"))
    }

    /// Waits until every node that was started is among the members.
    ///
    /// # Errors
    /// When one of them ended, or they have not found each other in a minute.
    pub fn wait_for_members(&mut self) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            for node in &mut self.nodes {
                if let Some(how) = node.ended()? {
                    return Err(ended(node, how));
                }
            }
            let listed = self.ask(&["nodes", "list", "--json"])?;
            let text = String::from_utf8_lossy(&listed.stdout);
            let mut started = self.nodes.iter().filter(|node| node.pid().is_some());
            let missing = started.find(|node| !text.contains(&format!("\"{}\"", node.name())));
            let Some(missing) = missing else { return Ok(()) };
            if Instant::now() > deadline {
                return Err(not_ready(missing));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn add(&mut self, plan: NodePlan, lease: Duration, shared: &str, through_proxies: bool) -> Result<(), Error> {
        let mut proxies = BTreeMap::new();
        let mut ports = BTreeMap::new();
        for server in [&self.nats, &self.etcd, &self.redis, &self.database] {
            let mut port = server.port();
            if through_proxies {
                let proxy = Proxy::to(port)?;
                port = proxy.port();
                proxies.insert(server.kind().name(), proxy);
            }
            ports.insert(server.kind().name(), server.kind().url(port));
        }
        let folder = self.folder.path().join(&plan.name);
        let own = plan.configuration.clone();
        let text = self.configuration(&plan, &folder, &ports, lease) + shared + &own;
        self.nodes.push(Node::new(plan, &self.executable, folder, &text, proxies)?);
        Ok(())
    }

    fn configuration(
        &self,
        plan: &NodePlan,
        folder: &Path,
        urls: &BTreeMap<&'static str, String>,
        lease: Duration,
    ) -> String {
        let url = |kind: Kind| urls.get(kind.name()).cloned().unwrap_or_default();
        let mut text = String::new();
        let mut section = |name: &str, pairs: &[(&str, String)]| {
            let _infallible = writeln!(text, "[{name}]");
            for (key, value) in pairs {
                let _infallible = writeln!(text, "{key} = {value}");
            }
        };
        let data = quoted(&path_text(&folder.join("data")));
        let node = [
            ("name", quoted(&plan.name)),
            ("roles", list(&plan.roles)),
            ("groups", list(&plan.groups)),
            ("data_dir", data),
        ];
        section("node", &node);
        section("web", &[("listen", quoted("127.0.0.1:0")), ("token_file", quoted(&path_text(&self.token_file())))]);
        if !plan.has_web() {
            section("health", &[("listen", quoted("127.0.0.1:0"))]);
        }
        section("database", &[("url", quoted(&url(self.database.kind())))]);
        // It is on loopback, and its server knows nobody.
        section("bus", &[("url", quoted(&url(Kind::Nats))), ("submit", "true".to_owned())]);
        let lease = quoted(&format!("{}ms", lease.as_millis()));
        section("membership", &[("url", quoted(&url(Kind::Etcd))), ("lease", lease)]);
        section("guard", &[("url", quoted(&url(Kind::Redis)))]);
        section("cluster", &[("key_file", quoted(&path_text(&self.key_file())))]);
        text
    }

    /// Runs a command of the executable that must succeed.
    fn run(&self, words: &[&str]) -> Result<(), Error> {
        let output = self.command_line().args(words).output().map_err(Error::system("start the command line"))?;
        if output.status.success() {
            return Ok(());
        }
        let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        Err(Error::Preparation { command: format!("cronbus {}", words.join(" ")), output: printed })
    }

    fn command_line(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command.env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null()).current_dir(self.folder.path());
        command
    }
}

/// Waits until a node that was launched has written a file, or has ended.
fn wait_for_file(node: &mut Node, file: &Path) -> Result<(), Error> {
    let deadline = Instant::now() + PATIENCE;
    while std::fs::metadata(file).map_or(0, |metadata| metadata.len()) == 0 {
        if let Some(how) = node.ended()? {
            return Err(ended(node, how));
        }
        if Instant::now() > deadline {
            return Err(not_ready(node));
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn not_ready(node: &Node) -> Error {
    let tail = format!("{}:\n{}", node.name(), tail(node));
    Error::NotReady { what: "a node", seconds: PATIENCE.as_secs(), log: node.log_file(), tail }
}

fn ended(node: &Node, how: ExitStatus) -> Error {
    Error::NodeEnded { node: node.name().to_owned(), how, log: node.log_file(), tail: tail(node) }
}

/// The last lines of what a node wrote.
fn tail(node: &Node) -> String {
    let text = node.log();
    let lines: Vec<&str> = text.lines().rev().take(20).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

fn path_text(path: &Path) -> String {
    path.display().to_string()
}

/// As TOML writes a string; nothing here has control characters.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn list(words: &[impl AsRef<str>]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word.as_ref())).collect();
    format!("[{}]", words.join(", "))
}
