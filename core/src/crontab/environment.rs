//! The variables that hold for the entries below them.

use std::collections::BTreeMap;

use jiff::tz::TimeZoneDatabase;

/// How many variables a crontab may set, and how long each may be, in bytes.
const MAX_VARIABLES: usize = 256;
const MAX_VALUE: usize = 32 * 1024;

/// The shell cron runs commands with when nothing else is said.
const DEFAULT_SHELL: &str = "/bin/sh";

/// Whether a text can be a label's value.
fn fits_label(text: &str) -> bool {
    text.len() <= 256 && !text.contains(char::is_control)
}

/// The zone rules are read in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Zone {
    /// The machine's.
    #[default]
    Machine,
    /// From `CRON_TZ`.
    Named(String),
    /// `CRON_TZ` names none that there is.
    Unknown(String),
}

/// What has been set so far.
#[derive(Debug, Default)]
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
    zone: Zone,
    mail_to: Option<String>,
}

impl Environment {
    /// Sets a variable for all entries below, and tells what that means; an error says why it means nothing.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<String, String> {
        if value.len() > MAX_VALUE {
            return Err(format!("the value of {name} is longer than {MAX_VALUE} bytes"));
        }
        if self.variables.len() >= MAX_VARIABLES && !self.variables.contains_key(name) {
            return Err(format!("more than {MAX_VARIABLES} variables are set"));
        }
        match name {
            "CRON_TZ" => return self.set_zone(value),
            "SHELL" if !value.starts_with('/') => {
                return Err(format!("SHELL is `{value}`, which cron would not find: write its whole path"));
            }
            "LOGNAME" | "USER" => {
                return Ok(format!("{name} is not taken over: as with cron it follows from the user who runs the job"));
            }
            "MAILTO" => self.mail_to = Some(value.to_owned()),
            _ => {}
        }
        self.variables.insert(name.to_owned(), value.to_owned());
        Ok(self.meaning(name, value))
    }

    fn set_zone(&mut self, value: &str) -> Result<String, String> {
        if value.is_empty() {
            self.zone = Zone::Machine;
            return Ok("rules below are read in the machine's time zone".to_owned());
        }
        if TimeZoneDatabase::bundled().get(value).is_err() {
            self.zone = Zone::Unknown(value.chars().take(64).collect());
            return Err(format!("`{value}` is not an IANA time zone: the entries below would run at other times"));
        }
        self.zone = Zone::Named(value.to_owned());
        Ok(format!("rules below are read in {value}"))
    }

    fn meaning(&self, name: &str, value: &str) -> String {
        match name {
            "MAILTO" if value.is_empty() => "nobody gets mail, as here; output is kept with the run".to_owned(),
            "MAILTO" if !fits_label(value) => "variable of the jobs below; too long for a label".to_owned(),
            "MAILTO" => "kept as the label `mailto`; output is kept with the run instead of mailed: name an alert \
                         channel in `alerts` to be told of failures"
                .to_owned(),
            "SHELL" if value == DEFAULT_SHELL => "variable of the jobs below".to_owned(),
            "SHELL" => format!("variable of the jobs below, whose commands run in {value}"),
            "HOME" => "variable of the jobs below, and their working directory".to_owned(),
            "TZ" => "variable of the jobs below; as with cron it does not move their rules (CRON_TZ does)".to_owned(),
            "RANDOM_DELAY" | "START_HOURS_RANGE" => {
                "variable of the jobs below; what cronie and anacron do with it is not done here".to_owned()
            }
            _ => "variable of the jobs below".to_owned(),
        }
    }

    /// The variables of an entry that comes now.
    pub(super) const fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The zone of an entry that comes now.
    pub(super) const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Who would get its output.
    pub(super) fn mail_to(&self) -> Option<&str> {
        let fits = |address: &&str| !address.is_empty() && fits_label(address);
        self.mail_to.as_deref().filter(fits)
    }

    /// Its working directory, where it is not the user's home.
    pub(super) fn home(&self) -> Option<&str> {
        self.variables.get("HOME").map(String::as_str).filter(|home| !home.is_empty())
    }
}
