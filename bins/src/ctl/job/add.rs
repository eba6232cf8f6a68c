//! `cronbus job add`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use cronbus_core::document::{self, Format};
use serde_json::{Map, Value, json};

use super::fields;
use crate::ctl::client::Client;
use crate::ctl::connection::Connection;
use crate::ctl::exit::WrongUsage;
use crate::ctl::input;
use crate::ctl::pair::{self, Pair};
use crate::ctl::terminal::{Terminal, harmless};
use crate::web::view::JobView;

/// What the job shall be.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The job's name
    #[arg(value_name = "NAME", conflicts_with = "name")]
    positional: Option<String>,
    /// Add the jobs of a document instead: TOML, YAML or JSON; `-` is the standard input
    #[arg(long, short = 'f', value_name = "FILE", conflicts_with_all = ["positional", "name", "schedule", "kind"])]
    file: Option<PathBuf>,
    /// The job's name
    #[arg(long)]
    name: Option<String>,
    /// When it is due: '0 3 * * *', '@every 5m', '@daily'; left out: only when asked to
    #[arg(long, short = 's', value_name = "RULE", allow_hyphen_values = true)]
    schedule: Option<String>,
    /// The IANA zone of the rule [default: UTC]
    #[arg(long, visible_alias = "tz", value_name = "ZONE")]
    timezone: Option<String>,
    /// How weekdays are numbered: unix or quartz [default: unix]
    #[arg(long)]
    dialect: Option<String>,
    #[command(flatten)]
    command: CommandOptions,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// How long a run may take, like 1h30m
    #[arg(long, value_name = "PERIOD")]
    timeout: Option<String>,
    /// When it is due while an earlier run is not over: skip, healthy, replace, queue or allow
    #[arg(long)]
    overlap: Option<String>,
    /// How often a failed run is tried again
    #[arg(long, value_name = "N")]
    retries: Option<u32>,
    /// Where it may run: any, node=NAME, group=NAME or label:NAME=VALUE
    #[arg(long)]
    target: Option<String>,
    /// Which of several waiting runs goes first, 0 to 9, 9 first
    #[arg(long, value_name = "0-9")]
    priority: Option<u8>,
    /// A value for templates; may be given several times
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<Pair>,
    /// A label; may be given several times
    #[arg(long = "label", value_name = "NAME=VALUE")]
    labels: Vec<Pair>,
    /// The rule makes no slots until the job is enabled
    #[arg(long)]
    disabled: bool,
    /// Any other field, written as in a document: retry.delay=30s
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<Pair>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What is executed.
#[derive(Debug, Args)]
#[command(next_help_heading = "What is executed")]
struct CommandOptions {
    /// A command line for the shell
    #[arg(long, value_name = "LINE", group = "kind", allow_hyphen_values = true)]
    shell: Option<String>,
    /// One HTTP request to this URL
    #[arg(long, value_name = "URL", group = "kind")]
    http: Option<String>,
    /// Nothing: succeeds at once
    #[arg(long, group = "kind")]
    noop: bool,
    /// The user to run the command as
    #[arg(long, requires = "shell")]
    user: Option<String>,
    /// The working directory of the command
    #[arg(long, value_name = "DIR", requires = "shell")]
    cwd: Option<String>,
    /// A variable for the command; may be given several times
    #[arg(long = "env", value_name = "NAME=VALUE", requires = "shell")]
    env: Vec<Pair>,
    /// The method of the request [default: GET]
    #[arg(long, requires = "http")]
    method: Option<String>,
    /// A header field of the request; may be given several times
    #[arg(long = "header", value_name = "NAME=VALUE", requires = "http")]
    headers: Vec<Pair>,
    /// The body of the request
    #[arg(long, value_name = "TEXT", requires = "http")]
    body: Option<String>,
}

impl Options {
    /// Adds a job.
    ///
    /// # Errors
    /// When no node answers, or it refuses.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let as_json = self.json;
        let client = Client::new(&self.connection)?;
        let definitions = match &self.file {
            Some(path) => from_file(path)?,
            None => vec![self.definition()?],
        };
        for definition in &definitions {
            let job: JobView = client.post("/api/v1/jobs", definition).await?;
            if as_json {
                terminal.json(&job)?;
                continue;
            }
            let next = job.next_at.map_or_else(String::new, |at| format!("; due next at {at}"));
            terminal.line(format!("added {} (id {}){next}", job.definition.name, job.id))?;
            if let Some(why) = &job.no_node {
                terminal.note(format_args!("its runs would wait now: {}", harmless(why)));
            }
        }
        Ok(())
    }

    /// The job's definition as JSON. The node checks it.
    fn definition(self) -> Result<Value> {
        let mut job = Map::new();
        let mut put = |field: &str, value: Option<Value>| {
            if let Some(value) = value {
                job.insert(field.to_owned(), value);
            }
        };
        put("name", self.name.or(self.positional).map(Into::into));
        put("schedule", self.schedule.map(Into::into));
        put("timezone", self.timezone.map(Into::into));
        put("dialect", self.dialect.map(Into::into));
        put("command", self.command.value());
        put("description", self.description.map(Into::into));
        put("timeout", self.timeout.map(Into::into));
        put("overlap", self.overlap.map(Into::into));
        put("retry", self.retries.map(|max| json!({ "max": max })));
        put("target", self.target.as_deref().map(target).transpose()?);
        put("priority", self.priority.map(Into::into));
        put("params", table(self.params));
        put("labels", table(self.labels));
        put("enabled", self.disabled.then_some(Value::Bool(false)));
        for pair in &self.set {
            fields::set(&mut job, pair)?;
        }
        if !job.contains_key("name") {
            return Err(WrongUsage("the job has no name: write `cronbus job add NAME …`".to_owned()).into());
        }
        if !job.contains_key("command") {
            let message = "the job has no command: give one of --shell, --http and --noop";
            return Err(WrongUsage(message.to_owned()).into());
        }
        Ok(Value::Object(job))
    }
}

impl CommandOptions {
    fn value(self) -> Option<Value> {
        let mut command = Map::new();
        if let Some(line) = self.shell {
            command.insert("shell".to_owned(), line.into());
            command.extend(self.user.map(|user| ("user".to_owned(), user.into())));
            command.extend(self.cwd.map(|cwd| ("cwd".to_owned(), cwd.into())));
            command.extend(table(self.env).map(|env| ("env".to_owned(), env)));
        } else if let Some(url) = self.http {
            let mut http = Map::from_iter([("url".to_owned(), url.into())]);
            http.extend(self.method.map(|method| ("method".to_owned(), method.into())));
            http.extend(table(self.headers).map(|headers| ("headers".to_owned(), headers)));
            http.extend(self.body.map(|body| ("body".to_owned(), body.into())));
            command.insert("http".to_owned(), Value::Object(http));
        } else if self.noop {
            command.insert("noop".to_owned(), Value::Bool(true));
        } else {
            return None;
        }
        Some(Value::Object(command))
    }
}

/// The jobs of a document as JSON. The node checks them.
fn from_file(path: &Path) -> Result<Vec<Value>> {
    let text = input::read(path)?;
    let jobs = document::read(&text, Format::of(&path.to_string_lossy(), &text))?;
    if jobs.is_empty() {
        return Err(WrongUsage(format!("{} names no job", path.display())).into());
    }
    jobs.iter().map(|job| Ok(serde_json::to_value(job)?)).collect()
}

fn table(pairs: Vec<Pair>) -> Option<Value> {
    (!pairs.is_empty()).then(|| json!(pair::map(pairs)))
}

fn target(text: &str) -> Result<Value> {
    let pair = || text.parse::<Pair>().ok();
    match (text, pair()) {
        ("any", _) => Ok("any".into()),
        (_, Some(Pair { name, value })) if name == "node" || name == "group" => {
            Ok(Value::Object(Map::from_iter([(name, value.into())])))
        }
        (_, Some(Pair { name, value })) if name.starts_with("label:") => {
            let label = name.trim_start_matches("label:").to_owned();
            Ok(json!({ "labels": Map::from_iter([(label, Value::from(value))]) }))
        }
        _ => Err(WrongUsage(format!("--target {text}: write any, node=NAME, group=NAME or label:NAME=VALUE")).into()),
    }
}
