//! Looking for what nobody tells of: that jobs which failed succeed again, that others do not succeed for too long, that
//! runs take too long or have not started. Each look is bounded; what it leaves out comes with the next.

use std::collections::HashMap;
use std::time::Duration;

use cronbus_core::alert::{Aspect, Event, EventId, EventKind, Incident, JobFacts, of_no_success, of_unfinished};
use cronbus_core::id::{JobId, Partition, RunId};
use cronbus_core::job::Job;
use cronbus_core::port::store::{Page, Result, RunFilter};
use cronbus_core::run::{Run, State};
use cronbus_core::time::Timestamp;

use super::actor::Mind;

/// How many jobs one look asks the store about, for each question.
const JOBS_AT_A_TIME: usize = 200;

/// How many runs that are not over are read at a time, and how many one look reads.
const RUNS: (usize, usize) = (1_000, 10_000);

/// How many successes a job's usual duration is taken from, and how few are too few.
const SUCCESSES: (usize, usize) = (200, 10);

/// How long a job's usual duration is taken for granted.
const USUAL_FOR: Duration = Duration::from_secs(600);

/// How many of a job's newest successes are looked at for one that ends what was wrong.
const LATEST: usize = 20;

/// What is remembered between looks.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// The incident that the last look ended with.
    after: Option<EventId>,
    /// When to look again whether a job has succeeded.
    next_success: HashMap<JobId, Timestamp>,
    /// How long nearly all runs of a job take, and when that was worked out.
    usual: HashMap<JobId, (Timestamp, Option<Duration>)>,
    /// When old alerts were forgotten last.
    forgot_at: Timestamp,
}

impl Mind {
    /// Looks for all of it.
    pub(super) async fn look(&self, now: Timestamp) -> Result<Vec<Event>> {
        let mut noticed = self.recovered().await?;
        noticed.extend(self.silent_jobs(now).await?);
        noticed.extend(self.slow_runs(now).await?);
        noticed.extend(self.nodes_gone_and_back(now));
        Ok(noticed)
    }

    /// The incidents that a failure comes on top of, although the job succeeded in between: they end first.
    pub(super) async fn recoveries_before(&self, events: &[Event]) -> Result<Vec<Event>> {
        let going_on: Vec<(Incident, Timestamp)> = {
            let lead = self.lead.borrow();
            let Some(lead) = lead.as_ref() else { return Ok(Vec::new()) };
            let incident = |event: &Event| lead.engine.incident(&event.subject.key(), event.aspect).cloned();
            let of_jobs = events.iter().filter(|event| event.subject.job().is_some());
            of_jobs.filter_map(|event| Some((incident(event)?, event.at))).collect()
        };
        let mut recoveries = Vec::new();
        for (incident, until) in going_on {
            recoveries.extend(self.recovery(&incident).await?.filter(|recovery| recovery.at < until));
        }
        Ok(recoveries)
    }

    /// Some of the incidents, by turns, that a success has ended.
    async fn recovered(&self) -> Result<Vec<Event>> {
        let mut recoveries = Vec::new();
        for incident in self.some_incidents() {
            recoveries.extend(self.recovery(&incident).await?);
        }
        Ok(recoveries)
    }

    fn some_incidents(&self) -> Vec<Incident> {
        let mut lead = self.lead.borrow_mut();
        let Some(lead) = lead.as_mut() else { return Vec::new() };
        self.forget_deleted(&mut lead.engine);
        let mut looks = self.looks.borrow_mut();
        let mut of_jobs: Vec<&Incident> =
            lead.engine.incidents().filter(|incident| incident.subject.job().is_some()).collect();
        of_jobs.sort_by_key(|incident| incident.id);
        let from = looks.after.map_or(0, |after| of_jobs.partition_point(|incident| incident.id <= after));
        let mut some: Vec<Incident> = of_jobs.iter().skip(from).take(JOBS_AT_A_TIME).copied().cloned().collect();
        if some.is_empty() {
            some = of_jobs.iter().take(JOBS_AT_A_TIME).copied().cloned().collect();
        }
        looks.after = some.last().map(|incident| incident.id);
        some
    }

    /// What is wrong with a job that there is no more is over, and nobody needs to hear of that.
    fn forget_deleted(&self, engine: &mut cronbus_core::alert::Engine) {
        if self.setup.catalog.all_seen().is_none() {
            return;
        }
        let is_gone = |job: &&JobFacts| self.setup.catalog.get(job.id).is_none();
        let gone: Vec<String> = engine
            .incidents()
            .filter(|incident| incident.subject.job().is_some_and(|job| is_gone(&job)))
            .map(|incident| incident.subject.key())
            .collect();
        gone.iter().for_each(|subject| engine.forget(subject));
    }

    /// The success that ended an incident, if there was one.
    async fn recovery(&self, incident: &Incident) -> Result<Option<Event>> {
        let (Some(job), Some(from)) = (incident.subject.job(), incident.ends_with_success_from()) else {
            return Ok(None);
        };
        let last = incident.last.at;
        let successes = self.successes(job.id, Some(from), LATEST).await?;
        let ended = successes.into_iter().filter(|run| run.ended_at.is_some_and(|at| at > last));
        let first = ended.min_by_key(|run| run.ended_at);
        Ok(first.map(|run| {
            let subject = incident.subject.clone();
            Event {
                node: run.node.clone(),
                ..Event::recovered(incident.aspect, subject, run.ended_at.unwrap_or(last), run.id)
            }
        }))
    }

    /// A job's newest successes, the newest first.
    async fn successes(&self, job: JobId, from: Option<Timestamp>, limit: usize) -> Result<Vec<Run>> {
        let filter = RunFilter { job: Some(job), states: vec![State::Succeeded], from, ..RunFilter::default() };
        Ok(self.setup.store.runs(&filter, &Page { after: None, limit }).await?.0)
    }

    /// Jobs that have not succeeded for too long.
    async fn silent_jobs(&self, now: Timestamp) -> Result<Vec<Event>> {
        let mut silent = Vec::new();
        if !self.setup.rules.are_about(EventKind::NoSuccess) {
            return Ok(silent);
        }
        for (job, limit) in self.jobs_to_ask_about(now) {
            let facts = JobFacts::of(&job);
            let newest = self.successes(job.id, Some(now - limit), 1).await?.into_iter().next();
            // Nobody can have waited for it before it was there.
            let floor = job.created_at.max(job.effective_from);
            let since = newest.and_then(|run| run.ended_at).unwrap_or(floor.max(now - limit - ONE)).max(floor);
            self.looks.borrow_mut().next_success.insert(job.id, since + limit);
            silent.extend(of_no_success(&self.setup.rules, &facts, since, now));
        }
        Ok(silent)
    }

    fn jobs_to_ask_about(&self, now: Timestamp) -> Vec<(std::sync::Arc<Job>, Duration)> {
        let lead = self.lead.borrow();
        let looks = self.looks.borrow();
        let is_told = |job: &Job| {
            let subject = format!("job/{}", job.id);
            lead.as_ref().is_some_and(|lead| lead.engine.incident(&subject, Aspect::Success).is_some())
        };
        let is_due = |job: &Job| looks.next_success.get(&job.id).is_none_or(|at| *at <= now);
        let (jobs, _) = self.setup.catalog.all();
        jobs.into_iter()
            .filter(|job| job.is_active(now) && is_due(job) && !is_told(job))
            .filter_map(|job| Some((self.setup.rules.no_success_for(&JobFacts::of(&job))?, job)))
            .map(|(limit, job)| (job, limit))
            .take(JOBS_AT_A_TIME)
            .collect()
    }

    /// Runs that have not started, or take too long.
    async fn slow_runs(&self, now: Timestamp) -> Result<Vec<Event>> {
        let rules = &self.setup.rules;
        let mut slow = Vec::new();
        if !rules.are_about(EventKind::LateStart) && !rules.are_about(EventKind::RunningLong) {
            return Ok(slow);
        }
        let everywhere: Vec<Partition> = Partition::all().collect();
        let (mut after, mut seen): (Option<RunId>, usize) = (None, 0);
        while seen < RUNS.1 {
            let runs = self.setup.store.unfinished(&everywhere, after, RUNS.0).await?;
            for run in &runs {
                slow.extend(self.slow(run, now).await?);
            }
            seen += runs.len();
            after = runs.last().map(|run| run.id);
            if runs.len() < RUNS.0 {
                break;
            }
        }
        Ok(slow)
    }

    async fn slow(&self, run: &Run, now: Timestamp) -> Result<Option<Event>> {
        let Some(job) = self.setup.catalog.get(run.job) else { return Ok(None) };
        let facts = JobFacts::of(&job);
        let asks = run.started_at.is_some() && self.setup.rules.asks_for_p95(&facts);
        let usual = if asks { self.usual(run.job, now).await? } else { None };
        Ok(of_unfinished(&self.setup.rules, &facts, run, usual, now))
    }

    /// How long 95 of 100 runs of a job take, if there were enough of them.
    async fn usual(&self, job: JobId, now: Timestamp) -> Result<Option<Duration>> {
        if let Some((at, usual)) = self.looks.borrow().usual.get(&job)
            && now.since(*at) < USUAL_FOR
        {
            return Ok(*usual);
        }
        let runs = self.successes(job, None, SUCCESSES.0).await?;
        let mut durations: Vec<Duration> =
            runs.iter().filter_map(|run| Some(run.ended_at?.since(run.started_at?))).collect();
        durations.sort_unstable();
        let rank = (durations.len() * 95).div_ceil(100);
        let usual = durations.get(rank.saturating_sub(1)).copied().filter(|_| durations.len() >= SUCCESSES.1);
        self.looks.borrow_mut().usual.insert(job, (now, usual));
        Ok(usual)
    }

    /// Forgets what nobody needs any more, from time to time.
    pub(super) async fn forget_old(&self, now: Timestamp) -> Result<()> {
        let settings = &self.setup.settings;
        if now.since(self.looks.borrow().forgot_at) < settings.forget_every {
            return Ok(());
        }
        let mut looks = std::mem::take(&mut *self.looks.borrow_mut());
        looks.forgot_at = now;
        // Jobs come and go: what is remembered of them is asked for again.
        looks.usual.clear();
        looks.next_success.retain(|job, _| self.setup.catalog.get(*job).is_some());
        self.looks.replace(looks);
        self.setup.store.prune_alerts(now - settings.keep, RUNS.1).await?;
        Ok(())
    }
}

/// The least span of time.
const ONE: Duration = Duration::from_millis(1);
