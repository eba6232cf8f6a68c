//! Goes through the newest runs of a job, until one of the bounds is met.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use cronbus_core::id::{Revision, RunId};
use cronbus_core::job::{Job, JobName};
use cronbus_core::port::log::{self, Excerpt, Subject};
use cronbus_core::port::store::{Page, RunFilter};
use cronbus_core::run::Run;
use tokio::sync::Semaphore;

use super::scan::Scanner;
use super::view::{RunLines, SearchView, Stop, UnreadView};
use crate::web::api::run_log::printed_nothing;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::site::Site;

/// The longest text that is looked for, in characters.
const LONGEST_TEXT: usize = 200;

/// How many runs are looked at unless more or fewer are asked for, and how many at the most.
const USUAL_RUNS: usize = 50;
const MOST_RUNS: usize = 500;

/// How many rows of runs are read at a time, and how many times: those that never began have no log.
const ROWS: usize = 100;
const READS: usize = 20;

/// How much is read at a time, of one run, and for one search.
const PART_BYTES: usize = 256 << 10;
const RUN_BYTES: u64 = 16 << 20;
const ALL_BYTES: u64 = 64 << 20;

/// How many lines are shown of one run, and of all.
const RUN_LINES: usize = 20;
const ALL_LINES: usize = 500;

/// How long one search may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many searches there may be at a time on this node, so that they leave it time for everything else.
static TURNS: Semaphore = Semaphore::const_new(2);

/// How many revisions are searched for the name that a run's job had.
const REVISIONS: usize = 1000;

/// What is looked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The text.
    pub(crate) text: String,
    /// In how many runs.
    pub(crate) runs: usize,
    /// In those before this one.
    pub(crate) before: Option<RunId>,
}

impl Asked {
    /// The parameters `q`, `runs` and `cursor`; absent where no text is given.
    ///
    /// # Errors
    /// 400 for what cannot be read and for a text that is too long.
    pub(crate) fn of(read: &mut Parameters) -> Result<Option<Self>, Problem> {
        let text = read.text("q").unwrap_or_default().trim().to_owned();
        let runs = read.read::<usize>("runs")?.unwrap_or(USUAL_RUNS);
        let before = read.read("cursor")?;
        if !(1..=MOST_RUNS).contains(&runs) {
            return Err(Problem::not_one_of("runs", &runs.to_string(), "a number from 1 to 500"));
        }
        if text.chars().count() > LONGEST_TEXT {
            return Err(Problem::not_one_of("q", &text, "at most 200 characters"));
        }
        Ok((!text.is_empty()).then_some(Self { text, runs, before }))
    }
}

/// Looks for a text in what the newest runs of a job printed.
///
/// # Errors
/// 503 without a database, or when others search already.
pub(crate) async fn search(site: &Site, job: &Job, asked: &Asked) -> Result<SearchView, Problem> {
    let _turn = TURNS.try_acquire().map_err(|_| {
        let detail = "logs are being searched on this node already; try again in a moment";
        Problem::plain(StatusCode::SERVICE_UNAVAILABLE, detail)
    })?;
    let begun = site.clock.monotonic();
    let search = Search { site, job, asked, begun, names: HashMap::new(), found: SearchView::default(), lines: 0 };
    search.go().await
}

struct Search<'a> {
    site: &'a Site,
    job: &'a Job,
    asked: &'a Asked,
    begun: Duration,
    /// What the job was called at other revisions.
    names: HashMap<Revision, JobName>,
    found: SearchView,
    lines: usize,
}

impl Search<'_> {
    async fn go(mut self) -> Result<SearchView, Problem> {
        let filter = RunFilter { job: Some(self.job.id), ..RunFilter::default() };
        let mut after = self.asked.before;
        for _ in 0..READS {
            let (runs, next) = self.site.store.runs(&filter, &Page { after, limit: ROWS }).await?;
            for run in runs.iter().filter(|run| run.started_at.is_some()) {
                self.found.stopped = self.bound();
                if self.found.stopped.is_some() {
                    return Ok(self.found);
                }
                self.look_at(run).await?;
                self.found.next = Some(run.id.to_string());
            }
            after = next;
            if after.is_none() {
                self.found.next = None;
                return Ok(self.found);
            }
        }
        self.found.next = after.map(|run| run.to_string());
        self.found.stopped = Some(Stop::Runs);
        Ok(self.found)
    }

    /// The bound that is met.
    fn bound(&self) -> Option<Stop> {
        match () {
            () if self.found.runs >= self.asked.runs => Some(Stop::Runs),
            () if self.found.bytes >= ALL_BYTES => Some(Stop::Bytes),
            () if self.lines >= ALL_LINES => Some(Stop::Lines),
            () if self.left().is_zero() => Some(Stop::Time),
            () => None,
        }
    }

    fn left(&self) -> Duration {
        PATIENCE.saturating_sub(self.site.clock.monotonic().saturating_sub(self.begun))
    }

    async fn look_at(&mut self, run: &Run) -> Result<(), Problem> {
        self.found.runs += 1;
        if printed_nothing(run) {
            return Ok(());
        }
        let subject = Subject { run: run.id, job: self.name_at(run.revision).await?, node: run.node.clone() };
        let mut scanner = Scanner::new(&self.asked.text, RUN_LINES.min(ALL_LINES - self.lines.min(ALL_LINES)));
        if let Some(why) = self.read(&subject, &mut scanner).await {
            self.found.unread.push(UnreadView { run: run.id, why });
        }
        scanner.close();
        self.lines += scanner.found.len();
        if !scanner.found.is_empty() {
            let (lines, more) = (scanner.found, scanner.more);
            let (due_at, state, node) = (run.due_at, run.state, run.node.clone());
            self.found.items.push(RunLines { run: run.id, due_at, state, node, lines, more });
        }
        Ok(())
    }

    /// Reads a log; says why not all of it.
    async fn read(&mut self, subject: &Subject, scanner: &mut Scanner) -> Option<String> {
        let (mut from, mut bytes) = (0, 0_u64);
        while bytes < RUN_BYTES && self.found.bytes < ALL_BYTES {
            let read = tokio::time::timeout(self.left(), self.site.log.read(subject, from, PART_BYTES)).await;
            let part = match read {
                Ok(Ok(part)) => part,
                Ok(Err(log::Error::NotFound { .. })) => return None,
                Ok(Err(error)) => return Some(error.to_string()),
                Err(_) => return Some("it was not read within the time that a search may take".to_owned()),
            };
            let size: usize = part.chunks.iter().map(|chunk| chunk.bytes.len()).sum();
            (bytes, self.found.bytes) = (bytes + size as u64, self.found.bytes + size as u64);
            part.chunks.iter().for_each(|chunk| scanner.take(chunk));
            let Excerpt { chunks, next, complete, lack } = part;
            if complete || chunks.is_empty() || next <= from {
                return lack.map(|lack| lack.to_string());
            }
            from = next;
        }
        Some(format!("only the first {bytes} bytes of it were read"))
    }

    /// What the job was called at a revision: logs are kept under that name.
    async fn name_at(&mut self, revision: Revision) -> Result<JobName, Problem> {
        let newest = &self.job.definition.name;
        if revision == self.job.revision {
            return Ok(newest.clone());
        }
        if self.names.is_empty() {
            let revisions = self.site.store.revisions(self.job.id, REVISIONS).await?;
            self.names = revisions.iter().map(|job| (job.revision, job.definition.name.clone())).collect();
        }
        Ok(self.names.get(&revision).unwrap_or(newest).clone())
    }
}
