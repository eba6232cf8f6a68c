//! `cronbus job edit`.

use std::fs::{self, OpenOptions};
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use cronbus_core::document::{self, Format};
use cronbus_core::id::Revision;
use cronbus_core::job::Definition;
use serde_json::{Map, Value};

use super::fields;
use crate::ctl::client::{Client, job_path};
use crate::ctl::connection::Connection;
use crate::ctl::exit::WrongUsage;
use crate::ctl::input;
use crate::ctl::pair::Pair;
use crate::ctl::terminal::Terminal;
use crate::web::view::JobView;

/// Which job, and how.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Its name or its id
    job: String,
    /// Change this field instead of opening an editor: schedule='@hourly'; an empty value takes it away
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<Pair>,
    /// Take the job from a document instead of opening an editor; `-` is the standard input
    #[arg(long, short = 'f', value_name = "FILE", conflicts_with = "set")]
    file: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

impl Options {
    /// Changes a job. Someone else's change meanwhile is not overwritten.
    ///
    /// # Errors
    /// When no node answers, it refuses, someone changed the job meanwhile, or the editor failed.
    pub(crate) async fn run(self, terminal: &mut Terminal) -> Result<()> {
        let client = Client::new(&self.connection)?;
        let path = job_path(&self.job);
        let job: JobView = client.get(&path, &[]).await?;
        let edited = match &self.file {
            Some(path) => from_file(&job.definition, path)?,
            None if self.set.is_empty() => in_editor(&job.definition)?,
            None => by_fields(&job.definition, &self.set)?,
        };
        let Some(mut edited) = edited else {
            terminal.line(format!("{} is as it was", job.definition.name))?;
            return Ok(());
        };
        let Revision(revision) = job.revision;
        edited.insert("revision".to_owned(), revision.into());
        let job: JobView = client.put(&path, &Value::Object(edited)).await?;
        terminal.line(format!("changed {}; it is at revision {}", job.definition.name, job.revision.0))?;
        Ok(())
    }
}

fn by_fields(definition: &Definition, set: &[Pair]) -> Result<Option<Map<String, Value>>> {
    let before = as_fields(definition)?;
    let mut fields = before.clone();
    for pair in set {
        fields::set(&mut fields, pair)?;
    }
    Ok((fields != before).then_some(fields))
}

/// The job of a document: the only one, or the one that has the job's name.
fn from_file(definition: &Definition, path: &Path) -> Result<Option<Map<String, Value>>> {
    let text = input::read(path)?;
    let jobs = document::read(&text, Format::of(&path.to_string_lossy(), &text))?;
    let found = match jobs.as_slice() {
        [only] => Some(only),
        several => several.iter().find(|job| job.name == definition.name),
    };
    let Some(found) = found else {
        let message = format!("{} has no job named {}", path.display(), definition.name);
        return Err(WrongUsage(message).into());
    };
    if found == definition { Ok(None) } else { as_fields(found).map(Some) }
}

/// Opens the editor on the job as TOML until what it leaves can be read; absent when nothing was changed.
fn in_editor(definition: &Definition) -> Result<Option<Map<String, Value>>> {
    if !std::io::stdin().is_terminal() {
        let message = "there is no terminal for an editor: change single fields with --set FIELD=VALUE";
        return Err(WrongUsage(message.to_owned()).into());
    }
    let before = toml::to_string(definition)?;
    let draft = Draft::new(&before)?;
    open_editor(&draft.path)?;
    let after = fs::read_to_string(&draft.path).context("what the editor left could not be read")?;
    if after == before {
        return Ok(None);
    }
    match toml::from_str::<Definition>(&after) {
        Ok(edited) => Ok(Some(as_fields(&edited)?)),
        Err(error) => {
            let path = draft.keep();
            bail!("the job cannot be read: {error}\nwhat you wrote is kept in {}", path.display())
        }
    }
}

fn open_editor(path: &Path) -> Result<()> {
    let editor = ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|text| !text.is_empty()));
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    // As git and crontab do: the variable is a command line, the file its last argument.
    let status = Command::new("/bin/sh").arg("-c").arg(format!("{editor} \"$@\"")).arg(&editor).arg(path).status();
    let status = status.with_context(|| format!("the editor `{editor}` could not be started; set EDITOR"))?;
    if !status.success() {
        bail!("the editor `{editor}` ended with {status}: nothing was changed");
    }
    Ok(())
}

fn as_fields(definition: &Definition) -> Result<Map<String, Value>> {
    let Value::Object(fields) = serde_json::to_value(definition)? else { bail!("a job is an object") };
    Ok(fields)
}

/// A file for the editor that nobody else can read, removed in the end.
struct Draft {
    path: PathBuf,
    keep: bool,
}

impl Draft {
    fn new(text: &str) -> Result<Self> {
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).context("no random name could be made")?;
        let name = format!("cronbus-job-{:016x}.toml", u64::from_ne_bytes(random));
        let path = std::env::temp_dir().join(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = file.with_context(|| format!("{} could not be created", path.display()))?;
        file.write_all(text.as_bytes())?;
        Ok(Self { path, keep: false })
    }

    fn keep(mut self) -> PathBuf {
        self.keep = true;
        self.path.clone()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.keep {
            drop(fs::remove_file(&self.path));
        }
    }
}
