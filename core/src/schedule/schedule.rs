//! [`Schedule`]: a rule that was read and accepted, and the questions it answers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::time::Timestamp;

use super::civil::Civil;
use super::describe;
use super::error::Error;
use super::every::Every;
use super::expression::{Body, Expression};
use super::rule::Rule;
use super::search::{self, Answers};
use super::settings::{Dialect, Dst, Settings};
use super::zone::Zone;

/// When a job is due. Cheap to clone.
#[derive(Clone)]
pub struct Schedule(Arc<Inner>);

struct Inner {
    expression: Box<str>,
    zone: Arc<Zone>,
    dst: Dst,
    plan: Plan,
}

enum Plan {
    Cron { rule: Rule, civil: Civil, answers: Answers },
    Every(Every),
    At(Timestamp),
    Reboot,
}

/// What sort of rule it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Fields, or a name that stands for them.
    Cron,
    /// `@every`: instants a fixed period apart.
    Every(Duration),
    /// `@at`: one instant.
    At(Timestamp),
    /// `@reboot`: never by the clock, once on each matching node when that node starts.
    Reboot,
}

/// One due moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fire {
    /// When.
    pub at: Timestamp,
    /// What a clock change did to it, if one did.
    pub moved: Option<Moved>,
}

/// How a clock change touched a due moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// The clock skipped one or more due moments; this one, right after the gap, makes up for all of them.
    AfterGap,
    /// The clock skipped the due moment; it comes as much later as the clock was moved.
    Shifted,
    /// The clock shows this moment twice; this is the first time.
    FirstOfFold,
    /// The clock shows this moment twice; this is the second time.
    SecondOfFold,
}

impl Schedule {
    /// Reads a rule. It may be
    ///
    /// * five fields, minute, hour, day of month, month and day of week, as in Debian's crontab(5);
    /// * six fields, a second before those; seven, a year (1970 to 2199) after those six;
    /// * a name: `@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight`, `@hourly`, or `@reboot`;
    /// * `@every 1h30m`: a period in whole seconds, counted from the anchor; `@at 2026-12-01T08:00:00+08:00`: once;
    /// * any of them with `CRON_TZ=Zone` or `TZ=Zone` before it.
    ///
    /// A field is a list of `*`, `a`, `a-b` (around the end where a is greater: `FRI-MON`, `22-2`), `*/n`, `a/n` (from
    /// a to the end), `a-b/n`, and `H`, `H(a-b)`, `H/n`, `H(a-b)/n`, where the job's name picks the value or where the
    /// steps start, the same one for ever. Months and weekdays have three-letter names. Days of the month know `L` (the
    /// last), `L-n` (n days before it), `LW` (the last Monday to Friday) and `nW` (the Monday to Friday nearest to day
    /// n, within the month); days of the week `dL` (the last in the month), `d#k` (the k-th) and `L` (Saturday); both
    /// `?` for `*`. Where both day fields are restricted, either one is enough, unless one begins with `*` (`*/2`):
    /// then both have to match, as in Vixie cron. That last rule is not Quartz's and does not hold in its dialect.
    ///
    /// A rule that only lies in the past is accepted, since it may have run: see [`Self::check_fires_after`].
    ///
    /// # Errors
    /// When the text is too long, cannot be read, or matches no moment from 1970 to 2199; when the zone is unknown.
    pub fn parse(expression: &str, settings: &Settings<'_>) -> Result<Self, Error> {
        let parts = Expression::read(expression)?;
        let zone = Zone::find(parts.zone.unwrap_or(settings.timezone))?;
        let words: Vec<&str> = expression.split_ascii_whitespace().collect();
        let plan = Plan::new(&parts.body, settings)?;
        let schedule = Self(Arc::new(Inner { expression: words.join(" ").into(), zone, dst: settings.dst, plan }));
        let long_ago = Timestamp::from_seconds(-1);
        if schedule.kind() == Kind::Cron && schedule.next_after(long_ago).is_none() {
            return Err(Error::NeverFires { text: schedule.expression().to_owned() });
        }
        Ok(schedule)
    }

    /// What sort of rule it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match &self.0.plan {
            Plan::Cron { .. } => Kind::Cron,
            Plan::Every(every) => Kind::Every(every.period.duration()),
            Plan::At(at) => Kind::At(*at),
            Plan::Reboot => Kind::Reboot,
        }
    }

    /// The first due moment strictly after an instant. None when there is none left, for `@reboot`, and for cron rules
    /// from the year 2200 on.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Fire> {
        let unmoved = |at| Fire { at, moved: None };
        match &self.0.plan {
            Plan::Cron { civil, answers, .. } => search::next_after(civil, &self.0.zone, *answers, after),
            Plan::Every(every) => every.next_after(after).map(unmoved),
            Plan::At(at) => (*at > after).then_some(unmoved(*at)),
            Plan::Reboot => None,
        }
    }

    /// All due moments strictly after an instant, in rising order, each instant once.
    pub fn fires(&self, after: Timestamp) -> impl Iterator<Item = Fire> + '_ {
        std::iter::successors(self.next_after(after), |fire| self.next_after(fire.at))
    }

    /// Whether it will not be due by the clock after `now` although it was meant to be; never true of `@reboot`.
    #[must_use]
    pub fn is_exhausted(&self, now: Timestamp) -> bool {
        self.kind() != Kind::Reboot && self.next_after(now).is_none()
    }

    /// For the moment a rule is entered: a rule that is over is a mistake then.
    ///
    /// # Errors
    /// When nothing is due after `now`; the error names the last moment.
    pub fn check_fires_after(&self, now: Timestamp) -> Result<(), Error> {
        if !self.is_exhausted(now) {
            return Ok(());
        }
        Err(Error::Over { text: self.expression().to_owned(), last: self.last_until(now), now })
    }

    /// The last due moment at or before `now`, given that none follows: halving finds it in 60 steps.
    fn last_until(&self, now: Timestamp) -> Timestamp {
        if let Plan::At(at) = self.0.plan {
            return at;
        }
        let (mut not_over, mut over) = (-1000, now.millis());
        while over.saturating_sub(not_over) > 1 {
            let middle = not_over.midpoint(over);
            match self.next_after(Timestamp::from_millis(middle)) {
                Some(fire) => not_over = fire.at.millis() - 1,
                None => over = middle,
            }
        }
        Timestamp::from_millis(over)
    }

    /// The rule in English, with its zone.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.0.plan {
            Plan::Cron { rule, .. } => describe::cron(rule, self.timezone(), self.0.dst),
            Plan::Every(every) => describe::every(every.period),
            Plan::At(at) => describe::at(*at, &self.0.zone),
            Plan::Reboot => describe::reboot(),
        }
    }

    /// The IANA name of the zone the rule is read in.
    #[must_use]
    pub fn timezone(&self) -> &str {
        self.0.zone.name()
    }

    /// The rule as entered, with single blanks.
    #[must_use]
    pub fn expression(&self) -> &str {
        &self.0.expression
    }

    /// A text that is equal only for schedules that always fire alike, whoever's they are: `H` is resolved in it, and
    /// different ways to write the same rule give the same text.
    #[must_use]
    pub fn interning_key(&self) -> String {
        match &self.0.plan {
            Plan::Cron { rule, answers, .. } => {
                let sets = format!("cron {}", rule.key());
                match self.0.zone.constant_offset() {
                    Some(offset) => format!("{sets} {offset}"),
                    None => format!("{sets} {} {}", self.timezone(), answers.key()),
                }
            }
            Plan::Every(every) => every.key(),
            Plan::At(at) => format!("at {}", at.millis()),
            Plan::Reboot => "reboot".to_owned(),
        }
    }

    pub(super) fn offset_at(&self, at: Timestamp) -> i64 {
        self.0.zone.offset_at(at.seconds())
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule").field("expression", &self.expression()).field("timezone", &self.timezone()).finish()
    }
}

impl Plan {
    fn new(body: &Body<'_>, settings: &Settings<'_>) -> Result<Self, Error> {
        match body {
            Body::Fields(text) => Self::cron(text, settings),
            Body::Named(text) => Self::cron(text, &Settings { dialect: Dialect::Unix, ..*settings }),
            Body::Every(period) => Every::parse(period, settings.anchor).map(Self::Every),
            Body::At(instant) => {
                let at = instant.parse::<Timestamp>();
                at.map(Self::At).map_err(|error| Error::At { problem: error.to_string() })
            }
            Body::Reboot => Ok(Self::Reboot),
        }
    }

    fn cron(text: &str, settings: &Settings<'_>) -> Result<Self, Error> {
        let rule = Rule::parse(text, settings)?;
        let civil = Civil::new(&rule).ok_or_else(|| Error::NeverFires { text: text.to_owned() })?;
        let answers = Answers::new(settings.dst, !rule.recurring);
        Ok(Self::Cron { rule, civil, answers })
    }
}
