//! What is found out in the background, while somebody looks at the overview. When nobody has for a while it ends, and
//! costs the database nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::web::block;
use cronbus_core::port::membership::Availability;
use cronbus_core::port::store;
use cronbus_core::time::Timestamp;

use super::failing::{self, Failing};
use super::forecast::Forecast;
use super::hours::Hours;
use super::rules::Rules;
use crate::web::site::Site;

/// How long it goes on after the last look.
const LOOKED_AT_FOR: Duration = Duration::from_secs(10 * 60);

/// Between two looks for something to do.
const TICK: Duration = Duration::from_millis(500);

/// Between two hours that are read: others need the database, too.
const BREATH: Duration = Duration::from_millis(5);

/// How often it is looked which jobs fail.
const FAILING_EVERY: Duration = Duration::from_secs(10);

/// How often the coming day is worked out anew, at the most, and how many times as long as it takes it rests.
const FORECAST_EVERY: Duration = Duration::from_secs(20);
const FORECAST_REST: u32 = 20;

/// How many changes of jobs are read at a time.
const CHANGES: usize = 1000;

/// How many sets of channels that jobs name are shown.
const CHANNELS: usize = 50;

/// How many nodes are remembered.
const NODES: usize = 1000;

/// What is known.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) hours: Hours,
    pub(super) failing: Vec<Failing>,
    pub(super) forecast: Option<Forecast>,
    /// Which channels jobs name themselves, and how many do.
    channels_of_jobs: Option<Vec<(String, u64)>>,
    /// When each node was seen last, and whether it took work then.
    nodes: BTreeMap<String, (Timestamp, bool)>,
    looked_at: Option<Duration>,
    is_watching: bool,
}

impl Known {
    /// The nodes that were there at some view, took work, and are not there any more.
    pub(super) fn lost(&self, living: &[String]) -> Vec<(String, Timestamp)> {
        let gone = self.nodes.iter().filter(|(name, (_, active))| *active && !living.contains(name));
        gone.map(|(name, (at, _))| (name.clone(), *at)).collect()
    }

    fn see(&mut self, nodes: Vec<(String, bool)>, now: Timestamp) {
        let old = now - Duration::from_secs(24 * 3600);
        self.nodes.retain(|_, (at, _)| *at > old);
        for (name, active) in nodes.into_iter().take(NODES) {
            self.nodes.insert(name, (now, active));
        }
    }
}

/// What is found out in the background.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch(Arc<Mutex<Known>>);

impl Watch {
    /// What is known now.
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which channels jobs name themselves, with how many do; absent while that is not known yet.
    pub(crate) fn channels_of_jobs(&self) -> Option<Vec<(String, u64)>> {
        self.known().channels_of_jobs.clone()
    }

    /// Somebody looks: watches from now on, if nobody did.
    pub(crate) fn look(&self, site: &Site) {
        let mut known = self.known();
        known.looked_at = Some(site.clock.monotonic());
        if !known.is_watching {
            known.is_watching = true;
            actix_web::rt::spawn(Watcher::new(self.clone(), site.clone()).watch());
        }
    }
}

/// Who does it.
struct Watcher {
    watch: Watch,
    site: Site,
    rules: Rules,
    failing_at: Option<Duration>,
    /// When the coming day was worked out, and how long that took.
    forecast_at: Option<(Duration, Duration)>,
}

/// Says that nobody watches any more, also when the server ends in the middle.
struct Ending(Watch);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.known().is_watching = false;
    }
}

impl Watcher {
    fn new(watch: Watch, site: Site) -> Self {
        Self { watch, site, rules: Rules::default(), failing_at: None, forecast_at: None }
    }

    async fn watch(mut self) {
        let _ending = Ending(self.watch.clone());
        while self.is_looked_at() {
            let pause = match self.step().await {
                Ok(true) => BREATH,
                Ok(false) => TICK,
                Err(error) => {
                    tracing::debug!(%error, "the overview waits for the database");
                    TICK * 4
                }
            };
            self.site.clock.sleep(pause).await;
        }
    }

    fn is_looked_at(&self) -> bool {
        let now = self.site.clock.monotonic();
        self.watch.known().looked_at.is_some_and(|at| now.saturating_sub(at) < LOOKED_AT_FOR)
    }

    /// Does one thing; false when there was nothing to read.
    async fn step(&mut self) -> store::Result<bool> {
        self.see_nodes().await;
        let has_read = self.read_hour().await?;
        self.find_failing().await?;
        self.look_ahead().await?;
        Ok(has_read)
    }

    async fn see_nodes(&self) {
        let members = self.site.operations.roster().await;
        let node = |active: Availability| active == Availability::Active;
        let nodes = members.into_iter().map(|member| (member.name.to_string(), node(member.state)));
        let nodes = nodes.collect();
        self.watch.known().see(nodes, self.site.clock.now());
    }

    async fn read_hour(&self) -> store::Result<bool> {
        let clock = &self.site.clock;
        let begun = clock.monotonic();
        let next = self.watch.known().hours.next(clock.now(), begun);
        let Some(hour) = next else { return Ok(false) };
        let tally = self.site.store.tally(hour.start(), hour.end(), self.site.admin.late_after).await?;
        let ended = clock.monotonic();
        self.watch.known().hours.learn(hour, &tally, ended, ended.saturating_sub(begun));
        Ok(true)
    }

    async fn find_failing(&mut self) -> store::Result<()> {
        let now = self.site.clock.monotonic();
        if self.failing_at.is_some_and(|at| now < at + FAILING_EVERY) {
            return Ok(());
        }
        let hours = self.watch.known().hours.bad_hours(self.site.clock.now());
        let found = failing::find(&*self.site.store, &hours).await?;
        self.watch.known().failing = found;
        self.failing_at = Some(self.site.clock.monotonic());
        Ok(())
    }

    /// Works out the coming day, on a thread of its own: reading many rules takes a while.
    async fn look_ahead(&mut self) -> store::Result<()> {
        let begun = self.site.clock.monotonic();
        if self.forecast_at.is_some_and(|(at, took)| begun < at + FORECAST_EVERY.max(took * FORECAST_REST)) {
            return Ok(());
        }
        let now = self.site.clock.now();
        let mut rules = std::mem::take(&mut self.rules);
        loop {
            let changes = self.site.store.job_changes(rules.read, CHANGES).await?;
            let is_last = changes.len() < CHANGES;
            let learnt = block(move || {
                rules.learn(&changes, now);
                rules
            });
            // A thread that ended in a panic took the rules with it: they are read again.
            rules = learnt.await.unwrap_or_default();
            if is_last {
                break;
            }
        }
        self.watch.known().channels_of_jobs = Some(rules.channels(CHANNELS));
        let worked_out = block(move || (Forecast::of(&rules, now), rules)).await;
        if let Ok((forecast, rules)) = worked_out {
            self.rules = rules;
            self.watch.known().forecast = Some(forecast);
        }
        let ended = self.site.clock.monotonic();
        self.forecast_at = Some((ended, ended.saturating_sub(begun)));
        Ok(())
    }
}
