//! What people are promised: told once, told that it is well only if they were told that it was not, never told what is
//! silenced, never told more than so often.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::duration::Period;
use crate::id::{JobId, RunId};
use crate::job::{Command, Definition, Job, JobName};
use crate::port::notifier;
use crate::run::{Run, State};
use crate::time::Timestamp;

const LIMITS: Limits =
    Limits { group_wait: Duration::from_secs(5), group_over: 3, rate: 4, rate_window: Duration::from_secs(600) };

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_000_000 + second)
}

fn channel(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

fn rule(text: &str) -> Rule {
    toml::from_str(text).unwrap()
}

fn job(id: i64, alerts: &[&str]) -> Job {
    let name = JobName::new(&format!("job-{id}")).unwrap();
    let alerts = alerts.iter().map(ToString::to_string).collect();
    let definition = Definition { alerts, ..Definition::new(name, Command::Noop) };
    Job::added(JobId(id), Arc::new(definition), "ann", at(0))
}

/// A run of a job that ended so.
fn run(job: i64, second: i64, state: State) -> Run {
    let id = RunId::submission(at(second), JobId(job), &second.to_string());
    let run = Run::new(id, JobId(job), crate::id::Revision(1), at(second), at(second));
    Run { state, started_at: Some(at(second)), ended_at: Some(at(second)), ..run }
}

struct World {
    engine: Engine,
    rules: Arc<Rules>,
    limits: Limits,
    /// What a store would have, as it would have it.
    incidents: BTreeMap<EventId, String>,
    desks: BTreeMap<ChannelName, String>,
    silences: Vec<Silence>,
    out: Vec<(i64, ChannelName, Message)>,
}

impl World {
    fn new(rules: &[&str]) -> Self {
        Self::with(rules, LIMITS)
    }

    fn with(rules: &[&str], limits: Limits) -> Self {
        let rules = Arc::new(Rules::new(rules.iter().map(|text| rule(text)).collect()));
        let engine = Engine::new(Arc::clone(&rules), limits, "https://c".to_owned(), [], []);
        let (incidents, desks) = (BTreeMap::new(), BTreeMap::new());
        Self { engine, rules, limits, incidents, desks, silences: Vec::new(), out: Vec::new() }
    }

    /// Begins anew with what is durable.
    fn restart(&mut self) {
        let incidents: Vec<Incident> =
            self.incidents.values().map(|text| serde_json::from_str(text).unwrap()).collect();
        let desks: Vec<Desk> = self.desks.values().map(|text| serde_json::from_str(text).unwrap()).collect();
        let rules = Arc::clone(&self.rules);
        self.engine = Engine::new(rules, self.limits, "https://c".to_owned(), incidents, desks);
    }

    fn handle(&mut self, event: &Event, second: i64) {
        self.engine.handle(event, &self.silences, at(second));
        self.tick(second);
    }

    fn tick(&mut self, second: i64) {
        self.engine.tick(&self.silences, at(second));
        let Changes { kept, over, desks, messages } = self.engine.take_changes();
        for id in over {
            self.incidents.remove(&id);
        }
        for incident in kept {
            self.incidents.insert(incident.id, serde_json::to_string(&incident).unwrap());
        }
        for desk in desks {
            self.desks.insert(desk.channel.clone(), serde_json::to_string(&desk).unwrap());
        }
        self.out.extend(messages.into_iter().map(|(channel, message)| (second, channel, message)));
    }

    /// Fails, with this many seconds behind it.
    fn fails(&mut self, id: i64, second: i64) {
        let event = Event::of_run(EventKind::Failed, facts(id), at(second), run(id, second, State::Failed).id);
        self.handle(&event, second);
    }

    fn recovers(&mut self, id: i64, second: i64) {
        let run = run(id, second, State::Succeeded).id;
        self.handle(&Event::recovered(Aspect::Outcome, facts(id), at(second), run), second);
    }

    fn titles(&mut self, until: i64) -> Vec<String> {
        self.tick(until);
        std::mem::take(&mut self.out)
            .into_iter()
            .map(|(_, channel, message)| format!("{channel}: {}", message.title))
            .collect()
    }
}

fn facts(id: i64) -> Subject {
    Subject::Job(JobFacts::of(&job(id, &[])))
}

#[test]
fn told_once_and_once_more_when_it_is_well() {
    let mut world = World::new(&["name = 'all'\nchannels = ['ops']"]);
    world.fails(1, 0);
    world.fails(1, 10);
    assert_eq!(world.titles(20), ["ops: job-1 failed"]);
    world.recovers(1, 30);
    assert_eq!(world.titles(40), ["ops: job-1 succeeded again"]);
    world.recovers(1, 50);
    assert_eq!(world.titles(60), Vec::<String>::new());
}

#[test]
fn a_recovery_is_a_message_of_the_same_thread() {
    let mut world = World::new(&["name = 'all'\nchannels = ['ops']"]);
    world.fails(1, 0);
    world.tick(10);
    world.recovers(1, 30);
    world.tick(40);
    let [(_, _, failure), (_, _, recovery)] = &world.out[..] else { panic!("{:?}", world.out) };
    assert!(failure.is_first_of_thread && !recovery.is_first_of_thread);
    assert_eq!(failure.thread, recovery.thread);
    assert_eq!(failure.url.as_deref(), Some(&*format!("https://c/runs/{}", failure.run.unwrap())));
}

#[test]
fn only_after_so_many_in_a_row() {
    let mut world = World::new(&["name = 'third'\nafter = 3\nchannels = ['ops']"]);
    world.fails(1, 0);
    world.fails(1, 10);
    world.recovers(1, 20);
    world.fails(1, 30);
    world.fails(1, 40);
    assert_eq!(world.titles(50), Vec::<String>::new(), "neither the failures nor that they are over");
    world.fails(1, 60);
    assert_eq!(world.titles(70), ["ops: job-1 failed (3 times in a row)"]);
}

#[test]
fn every_time_where_a_rule_says_so_and_another_kind_is_news() {
    let mut world =
        World::new(&["name = 'all'\nonly_on_change = false\nchannels = ['loud']", "name = 'b'\nchannels = ['calm']"]);
    world.fails(1, 0);
    world.titles(10);
    world.fails(1, 20);
    assert_eq!(world.titles(30), ["loud: job-1 failed (2 times in a row)"]);
    let lost = Event::of_run(EventKind::Lost, facts(1), at(40), run(1, 40, State::Lost).id);
    world.handle(&lost, 40);
    assert_eq!(world.titles(50).len(), 2, "both are told that it is lost now");
}

#[test]
fn a_storm_is_one_message_and_the_rate_holds() {
    let mut world = World::new(&["name = 'all'\nchannels = ['ops']"]);
    for id in 0..1_000 {
        world.fails(id, id / 300);
    }
    let titles = world.titles(10);
    assert_eq!(titles, ["ops: 1000 alerts: 1000 failed"]);
    for second in 10..500 {
        world.fails(2_000 + second, second);
    }
    assert_eq!(world.titles(599).len(), 3, "four in all within the window");
    let later = world.titles(1_300);
    assert_eq!(later.len(), 1, "the rest is told together: {later:?}");
}

#[test]
fn a_silence_ends_and_what_still_fails_is_told_then() {
    let mut world = World::new(&["name = 'all'\nchannels = ['ops']"]);
    let matcher = Matcher { job: Some(Pattern::new("job-*").unwrap()), ..Matcher::default() };
    world.silences.push(Silence::new(matcher, at(0), at(100), "ann", "moving", ""));
    world.fails(1, 10);
    assert_eq!(world.titles(50), Vec::<String>::new());
    world.recovers(1, 60);
    assert_eq!(world.titles(70), Vec::<String>::new(), "nobody knew");
    world.fails(1, 80);
    world.fails(1, 110);
    assert_eq!(world.titles(120), ["ops: job-1 failed (2 times in a row)"]);
}

#[test]
fn what_nobody_acknowledges_is_told_to_others() {
    let rules = "name = 'all'\nchannels = ['ops']\nescalate = { after = '30m', channels = ['duty'] }";
    let mut world = World::new(&[rules]);
    world.fails(1, 0);
    world.fails(2, 0);
    let acknowledged = world.engine.incident("job/2", Aspect::Outcome).unwrap().id;
    let ack = Acknowledgement { by: "ann".to_owned(), at: at(5), note: String::new() };
    world.engine.acknowledged(acknowledged, &ack);
    assert_eq!(world.titles(1_000).len(), 2);
    world.tick(1_801);
    assert_eq!(world.titles(1_810), ["duty: Nobody has acknowledged: job-1 failed"]);
    world.fails(1, 2_000);
    assert_eq!(world.titles(9_000), Vec::<String>::new(), "once is enough");
    world.recovers(1, 9_100);
    assert_eq!(world.titles(9_200).len(), 2, "both who were told hear that it is well");
}

#[test]
fn a_job_names_its_own_channels() {
    let mut world = World::new(&[]);
    let job = job(7, &["mine"]);
    let rules = Rules::default();
    let [event] = &of_run(&rules, &job, &run(7, 0, State::TimedOut))[..] else { panic!("one event") };
    world.handle(event, 0);
    assert_eq!(world.titles(10), ["mine: job-7 was ended by its timeout"]);
    assert_eq!(of_run(&rules, &job, &run(7, 0, State::Killed)), [], "somebody wanted that");
    assert_eq!(of_run(&rules, &job, &run(7, 0, State::Succeeded)), []);
}

#[test]
fn what_nobody_could_want_is_no_event() {
    let rules = Rules::new(vec![rule("name = 'a'\njobs = ['nightly-*']\nchannels = ['ops']")]);
    assert_eq!(of_run(&rules, &job(1, &[]), &run(1, 0, State::Failed)), []);
    let healthy = Run { healthy: true, ..run(1, 0, State::Skipped) };
    assert_eq!(of_run(&Rules::new(vec![rule("name = 'a'\nchannels = ['ops']")]), &job(1, &[]), &healthy), []);
}

#[test]
fn a_channel_with_limits_of_its_own_is_spared_apart_from_others() {
    let mut world = World::new(&["name = 'a'\nchannels = ['ops', 'duty']"]);
    let own = Limits { group_wait: Duration::from_secs(60), rate: 1, ..LIMITS };
    let spared = Spared { usual: LIMITS, own: [(channel("duty"), own)].into() };
    world.engine = Engine::new(Arc::clone(&world.rules), spared, String::new(), [], []);
    world.fails(1, 0);
    world.fails(2, 10);
    assert_eq!(world.titles(20), ["ops: job-1 failed", "ops: job-2 failed"], "the other waits for a minute");
    assert_eq!(world.titles(61), ["duty: 2 alerts: 2 failed"]);
}

#[test]
fn late_starts_and_long_runs_are_found_once() {
    let limits =
        "name = 'a'\nchannels = ['ops']\nlate_after = '10s'\nrunning_longer_than = '1h'\nrunning_longer_than_p95 = 2.5";
    let rules = Rules::new(vec![rule(limits)]);
    let late = Run { started_at: Some(at(11)), ended_at: Some(at(12)), ..run(1, 0, State::Succeeded) };
    let [event] = &of_run(&rules, &job(1, &[]), &late)[..] else { panic!("one event") };
    assert_eq!((event.kind, event.at), (EventKind::LateStart, at(10)));
    let facts = JobFacts::of(&job(1, &[]));
    let waiting = Run { state: State::Created, started_at: None, ended_at: None, ..late.clone() };
    let seen = |run, p95, second| of_unfinished(&rules, &facts, run, p95, at(second));
    assert_eq!(seen(&waiting, None, 9), None);
    assert_eq!(seen(&waiting, None, 60).unwrap().id, event.id, "the same as when it has started");
    let running = Run { state: State::Running, started_at: Some(at(0)), ended_at: None, ..waiting.clone() };
    assert_eq!(seen(&running, None, 3_599), None);
    assert_eq!(seen(&running, None, 3_601).unwrap().kind, EventKind::RunningLong);
    let usual = Some(Duration::from_secs(10));
    assert_eq!(seen(&running, usual, 25), None);
    assert_eq!(seen(&running, usual, 26).unwrap().id, seen(&running, usual, 900).unwrap().id);
}

#[test]
fn silence_of_a_job_is_found_when_it_lasts_too_long() {
    let rules = Rules::new(vec![rule("name = 'a'\nchannels = ['ops']\nno_success_for = '1d'")]);
    let facts = JobFacts::of(&job(1, &[]));
    assert_eq!(of_no_success(&rules, &facts, at(0), at(86_400)), None);
    let event = of_no_success(&rules, &facts, at(0), at(86_401)).unwrap();
    assert_eq!(of_no_success(&rules, &facts, at(0), at(100_000)).unwrap().id, event.id);
}

#[test]
fn rules_that_cannot_be_are_refused() {
    for (text, reason) in [
        ("name = 'a'\nchannels = ['a b']", "cannot name a channel"),
        ("name = 'a'\nchannels = ['a']\nevents = ['fail']", "unknown variant"),
        ("name = 'a'\nchannels = ['a']\nrunning_longer_than_p95 = 0.5", "from 1 to 1000"),
        ("name = 'a'\nchannels = ['a']\nafterwards = 2", "unknown field"),
        ("name = 'a'", "missing field `channels`"),
    ] {
        let error = toml::from_str::<Rule>(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
    assert_eq!(
        Period::from_secs(1_800),
        rule("name='a'\nchannels=[]\nescalate={after='30m',channels=[]}").escalate.unwrap().after
    );
}

#[test]
fn tries_are_further_and_further_apart_and_end() {
    let mut world = World::new(&["name = 'all'\nchannels = ['ops']"]);
    world.fails(1, 0);
    world.tick(10);
    let (_, channel, message) = world.out.remove(0);
    let mut delivery = Delivery::new(channel.clone(), message, at(0));
    let away = |retry_after| -> Attempted {
        Err(notifier::Error::Unavailable { channel: channel.clone(), detail: "no".to_owned(), retry_after })
    };
    let give_up = Duration::from_secs(86_400);
    let mut now = at(0);
    let mut pauses = Vec::new();
    for _ in 0..12 {
        delivery = delivery.after(&away(None), now, give_up);
        pauses.push(delivery.due_at.since(now).as_secs());
        now = delivery.due_at;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
    let asked = delivery.clone().after(&away(Some(Duration::from_secs(1_000))), now, give_up);
    assert_eq!((asked.progress, asked.due_at), (Progress::Waiting, now + Duration::from_secs(1_000)));
    assert_eq!(delivery.clone().after(&away(None), at(86_400), give_up).progress, Progress::GaveUp);
    let refused = Err(notifier::Error::Refused { channel: channel.clone(), detail: "no".to_owned() });
    assert_eq!(delivery.clone().after(&refused, now, give_up).progress, Progress::Refused);
    let taken = Ok(notifier::Receipt { detail: "250 OK".to_owned() });
    assert_eq!(delivery.after(&taken, now, give_up).progress, Progress::Delivered);
}

#[derive(Clone, Debug)]
enum Step {
    Fail { job: i64, kind: u8 },
    Recover { job: i64 },
    Again { which: usize },
    Silence { job: i64, seconds: i64 },
}

fn step() -> impl Strategy<Value = (i64, Step)> {
    let job = || 0_i64..4;
    let step = prop_oneof![
        5 => (job(), 0_u8..2).prop_map(|(job, kind)| Step::Fail { job, kind }),
        3 => job().prop_map(|job| Step::Recover { job }),
        2 => (0_usize..50).prop_map(|which| Step::Again { which }),
        1 => (job(), 1_i64..200).prop_map(|(job, seconds)| Step::Silence { job, seconds }),
    ];
    (0_i64..60, step)
}

/// What goes out when these things happen. `replays`: whether what happened is handed over again.
fn play(steps: &[(i64, Step)], limits: Limits, replays: bool) -> World {
    play_with_restarts(steps, limits, replays, usize::MAX)
}

/// The same, where the alerter is begun anew from what is durable after so many steps, again and again.
fn play_with_restarts(steps: &[(i64, Step)], limits: Limits, replays: bool, every: usize) -> World {
    let mut world =
        World::with(&["name = 'all'\nchannels = ['ops']", "name = 'b'\nafter = 2\nchannels = ['duty']"], limits);
    let (mut now, mut events) = (0, Vec::new());
    for (number, (pause, step)) in steps.iter().enumerate() {
        now += pause;
        if number % every == every - 1 {
            world.restart();
        }
        let event = match step {
            Step::Fail { job, kind } => {
                let kind = [EventKind::Failed, EventKind::TimedOut][usize::from(*kind)];
                Event::of_run(kind, facts(*job), at(now), run(*job, now, State::Failed).id)
            }
            Step::Recover { job } => {
                let run = run(*job, now, State::Succeeded).id;
                Event::recovered(Aspect::Outcome, facts(*job), at(now), run)
            }
            Step::Again { which } => match events.get(*which) {
                Some(event) if replays => Event::clone(event),
                _ => {
                    world.tick(now);
                    continue;
                }
            },
            Step::Silence { job, seconds } => {
                let matcher = Matcher { job: Pattern::new(&format!("job-{job}")).ok(), ..Matcher::default() };
                world.silences.push(Silence::new(matcher, at(now), at(now + seconds), "ann", "", ""));
                continue;
            }
        };
        // What happens to a job twice in one millisecond is one thing.
        if matches!(step, Step::Again { .. }) || !events.contains(&event) {
            world.handle(&event, now);
            events.push(event);
        }
    }
    for second in now..now + 30 {
        world.tick(second);
    }
    world
}

/// No limits, so that every message stands for itself.
const FREE: Limits = Limits { group_wait: Duration::ZERO, group_over: u32::MAX, rate: u32::MAX, ..LIMITS };

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn each_change_is_told_once_and_a_recovery_only_to_those_who_were_told(steps in prop::collection::vec(step(), 1..60)) {
        let world = play(&steps, FREE, true);
        let mut knows: BTreeMap<(ChannelName, JobName, uuid::Uuid), EventKind> = BTreeMap::new();
        for (second, channel, message) in world.out {
            let key = (channel, message.job.clone().unwrap(), message.thread);
            let silenced = world.silences.iter().any(|silence| {
                silence.since < at(second) && silence.holds(at(second)) && silence.matcher.job.as_ref().unwrap().matches(key.1.as_str())
            });
            prop_assert!(!silenced, "silenced: {message:?}");
            if message.kind == EventKind::Recovered {
                prop_assert!(knows.remove(&key).is_some(), "nobody was told before: {message:?}");
            } else {
                prop_assert!(knows.insert(key, message.kind) != Some(message.kind), "told twice: {message:?}");
            }
        }
    }

    #[test]
    fn never_more_than_the_rate(steps in prop::collection::vec(step(), 1..120)) {
        let world = play(&steps, LIMITS, false);
        for channel in ["ops", "duty"].map(channel) {
            let sent: Vec<i64> =
                world.out.iter().filter(|(_, to, _)| *to == channel).map(|(second, _, _)| *second).collect();
            let window = i64::try_from(LIMITS.rate_window.as_secs()).unwrap();
            for (first, later) in sent.iter().zip(sent.iter().skip(LIMITS.rate as usize)) {
                prop_assert!(later - first >= window, "{sent:?}");
            }
        }
    }

    #[test]
    fn the_same_event_again_changes_nothing(steps in prop::collection::vec(step(), 1..60)) {
        let (once, again) = (play(&steps, LIMITS, false), play(&steps, LIMITS, true));
        let titles = |world: &World| -> Vec<_> {
            world.out.iter().map(|(_, channel, message)| (channel.clone(), message.title.clone(), message.grouped)).collect()
        };
        prop_assert_eq!(titles(&once), titles(&again));
    }

    #[test]
    fn what_was_durable_goes_on_as_if_nothing_had_happened(
        steps in prop::collection::vec(step(), 1..60),
        every in 1_usize..5,
    ) {
        let titles = |world: &World| -> Vec<_> {
            world.out.iter().map(|(second, channel, message)| (*second, channel.clone(), message.clone())).collect()
        };
        let restarted = play_with_restarts(&steps, LIMITS, false, every);
        prop_assert_eq!(titles(&play(&steps, LIMITS, false)), titles(&restarted));
    }
}
