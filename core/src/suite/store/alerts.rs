//! Events with what they follow from, one alerter at a time, and what people read.

use super::audit::entry;
use super::samples::{at, ended, missed, node, rows, update, waiting};
use crate::alert::{
    Acknowledgement, ChannelName, Delivery, Desk, Event, EventId, EventKind, Incident, JobFacts, Matcher, Message,
    MessageId, Progress, Silence, Subject,
};
use crate::id::{Epoch, JobId};
use crate::job::JobName;
use crate::port::Store;
use crate::port::store::{AlertStep, Creation, DeliveryFilter, Error, EventFilter, Page, Recording};
use crate::run::{Ending, Outcome, Run};

fn first<K>(limit: usize) -> Page<K> {
    Page { after: None, limit }
}

fn job(id: i64) -> Subject {
    let name = JobName::new(&format!("job-{id}")).unwrap();
    let labels = [("team".to_owned(), "é".to_owned())].into();
    Subject::Job(JobFacts {
        id: JobId(id),
        name,
        group: Some("php".to_owned()),
        labels,
        alerts: vec!["ops".to_owned()],
    })
}

fn failed(run: &Run) -> Event {
    let event = Event::of_run(EventKind::Failed, job(run.job.0), run.ended_at.unwrap_or(run.due_at), run.id);
    Event { exit_code: Some(7), node: Some(node("alpha")), attempt: Some(2), ..event.because("it said 'no'") }
}

fn gone(name: &str, second: i64) -> Event {
    Event::new(EventKind::NodeLost, Subject::Node { node: node(name) }, at(second))
}

fn incident(event: &Event) -> Incident {
    let value = serde_json::json!({
        "id": event.id, "subject": event.subject, "aspect": event.aspect, "since": event.at, "count": 1, "last": event,
        "told": { "ops": { "kind": "failed", "at": event.at } }, "escalations": [],
    });
    serde_json::from_value(value).unwrap()
}

fn delivery(number: u128, second: i64) -> Delivery {
    let message = Message {
        id: MessageId(uuid::Uuid::from_u128(number)),
        thread: uuid::Uuid::from_u128(number),
        is_first_of_thread: true,
        kind: EventKind::Failed,
        severity: EventKind::Failed.severity(),
        title: "it failed: \"é\" 报".to_owned(),
        at: at(second),
        lines: Vec::new(),
        job: None,
        run: None,
        node: None,
        reason: None,
        log_tail: None,
        url: None,
        grouped: 1,
    };
    Delivery::new(ChannelName::new("ops").unwrap(), message, at(second))
}

async fn history(store: &impl Store) -> Vec<Event> {
    store.alert_events(&EventFilter::default(), &first(100)).await.unwrap().0
}

/// With the rows that they are of, and not with rows that were there.
pub async fn events_come_with_new_rows(store: &impl Store) {
    let [new, old] = [missed(1, 0), missed(2, 0)];
    store.create(&rows(std::slice::from_ref(&old))).await.unwrap();
    let creation = Creation {
        runs: vec![new.clone(), old.clone()],
        events: vec![failed(&new), failed(&old)],
        ..Creation::default()
    };
    store.create(&creation).await.unwrap();
    assert_eq!(store.new_events(10).await.unwrap(), vec![failed(&new)], "the other row was there");
    store.create(&creation).await.unwrap();
    assert_eq!(store.new_events(10).await.unwrap().len(), 1, "doing it again changes nothing");
}

/// With the updates that apply, and not with those that do not.
pub async fn events_come_with_updates_that_apply(store: &impl Store) {
    let [free, taken] = [waiting(1, 0), waiting(2, 0)];
    store.create(&rows(&[free.clone(), ended(2, 0, Ending::Succeeded)])).await.unwrap();
    let assigned = |run: &Run| update(run, crate::run::Event::Assign { node: node("alpha") }).run;
    let over = |run: &Run| {
        let outcome = Outcome::bare(Ending::Failed, None, at(2), "no");
        let end = update(&assigned(run), crate::run::Event::End(Box::new(outcome)));
        crate::port::store::Update { from: crate::run::State::Created, ..end }
    };
    let updates = vec![over(&free), over(&taken)];
    let events = updates.iter().map(|update| failed(&update.run)).collect();
    let recording = Recording { updates, events, ..Recording::default() };
    assert_eq!(store.record(&recording).await.unwrap().conflicts.len(), 1);
    assert_eq!(store.new_events(10).await.unwrap(), vec![recording.events[0].clone()], "one did not apply");
    store.record(&recording).await.unwrap();
    assert_eq!(store.new_events(10).await.unwrap().len(), 1, "doing it again changes nothing");
}

/// Whoever is not the alerter any more writes nothing.
pub async fn one_alerter_at_a_time(store: &impl Store) {
    let event = gone("beta", 5);
    store.raise(&[gone("gamma", 9), event.clone()]).await.unwrap();
    let old = store.claim_alerts(&node("alpha"), Epoch(7)).await.unwrap();
    assert_eq!(old, Epoch(7));
    let new = store.claim_alerts(&node("beta"), Epoch(3)).await.unwrap();
    assert!(new > old, "epochs only grow");
    let step = AlertStep {
        epoch: old,
        handled: vec![event.id],
        incidents: vec![incident(&event)],
        deliveries: vec![delivery(1, 5)],
        ..AlertStep::default()
    };
    let refused = store.advance_alerts(&step).await;
    assert_eq!(refused, Err(Error::Superseded { used: old, current: new }), "the former one is refused");
    assert_eq!(store.new_events(10).await.unwrap(), vec![event.clone(), gone("gamma", 9)], "in order, none dealt with");
    assert_eq!(store.incidents(&first(9)).await.unwrap().0, vec![]);
    assert_eq!(store.due_deliveries(at(99), &[], 9).await.unwrap(), vec![]);

    store.advance_alerts(&AlertStep { epoch: new, ..step.clone() }).await.unwrap();
    assert_eq!(store.new_events(1).await.unwrap(), vec![gone("gamma", 9)]);
    store.raise(std::slice::from_ref(&event)).await.unwrap();
    assert_eq!(store.new_events(10).await.unwrap().len(), 1, "what is dealt with does not come again");
    assert_eq!(store.incidents(&first(9)).await.unwrap().0, step.incidents, "the incident reads back");
    assert_eq!(store.due_deliveries(at(5), &[], 9).await.unwrap(), step.deliveries, "so does the delivery");
}

/// What the alerter writes of an incident leaves who looks after it as it is; with the incident that goes, too.
pub async fn an_acknowledgement_stays_while_the_incident_goes_on(store: &impl Store) {
    let event = gone("beta", 5);
    let epoch = store.claim_alerts(&node("alpha"), Epoch(0)).await.unwrap();
    let acknowledgement = |by: &str| Acknowledgement { by: by.to_owned(), at: at(6), note: "on it".to_owned() };
    assert!(!store.acknowledge(event.id, &acknowledgement("ann"), &entry("ann", 6)).await.unwrap(), "there is nothing");
    let step = AlertStep { epoch, incidents: vec![incident(&event)], ..AlertStep::default() };
    store.advance_alerts(&step).await.unwrap();
    assert!(store.acknowledge(event.id, &acknowledgement("ann"), &entry("ann", 6)).await.unwrap());
    assert!(store.acknowledge(event.id, &acknowledgement("ben"), &entry("ben", 6)).await.unwrap());
    let more = Incident { count: 2, ..incident(&event) };
    store.advance_alerts(&AlertStep { incidents: vec![more.clone()], ..step.clone() }).await.unwrap();
    assert_eq!(store.acknowledgements().await.unwrap(), vec![(event.id, acknowledgement("ann"))], "the first stands");
    let shown = Incident { acknowledgement: Some(acknowledgement("ann")), ..more };
    assert_eq!(store.incidents(&first(9)).await.unwrap().0, vec![shown]);
    let over = AlertStep { epoch, over: vec![event.id], ..AlertStep::default() };
    store.advance_alerts(&over).await.unwrap();
    assert_eq!(store.incidents(&first(9)).await.unwrap(), (vec![], None));
}

/// Desks and deliveries are kept as they were written last.
pub async fn desks_and_deliveries_read_back(store: &impl Store) {
    let epoch = store.claim_alerts(&node("alpha"), Epoch(0)).await.unwrap();
    let desk = Desk::new(ChannelName::new("ops").unwrap());
    let deliveries: Vec<Delivery> = (1_u8..=3).map(|n| delivery(n.into(), 10 - i64::from(n))).collect();
    let step = AlertStep { epoch, desks: vec![desk.clone()], deliveries: deliveries.clone(), ..AlertStep::default() };
    store.advance_alerts(&step).await.unwrap();
    store.advance_alerts(&step).await.unwrap();
    assert_eq!(store.alert_desks().await.unwrap(), vec![desk], "once, however often it was written");
    let due = store.due_deliveries(at(8), &[], 9).await.unwrap();
    assert_eq!(due, vec![deliveries[2].clone(), deliveries[1].clone()], "those that wait longest first");
    assert_eq!(store.due_deliveries(at(8), &[], 1).await.unwrap(), due[..1], "no more than asked for");
    let others = [deliveries[0].channel.clone(), ChannelName::new("other").unwrap()];
    assert_eq!(store.due_deliveries(at(8), &others[1..], 9).await.unwrap(), due, "over other channels");
    assert_eq!(store.due_deliveries(at(8), &others, 9).await.unwrap(), vec![], "but for some channels");
    let taken = Delivery { progress: Progress::Delivered, detail: "250".to_owned(), tries: 1, ..due[0].clone() };
    let settled = AlertStep { epoch, deliveries: vec![taken.clone()], ..AlertStep::default() };
    store.advance_alerts(&settled).await.unwrap();
    assert_eq!(store.due_deliveries(at(8), &[], 9).await.unwrap().len(), 1);
    let (page, next) = store.deliveries(&DeliveryFilter::default(), &first(2)).await.unwrap();
    assert_eq!(page, vec![taken.clone(), deliveries[1].clone()], "the newest first");
    let rest = store.deliveries(&DeliveryFilter::default(), &Page { after: next, limit: 2 }).await.unwrap();
    assert_eq!(rest, (vec![deliveries[0].clone()], None));
    let delivered = DeliveryFilter { progress: Some(Progress::Delivered), ..DeliveryFilter::default() };
    assert_eq!(store.deliveries(&delivered, &first(9)).await.unwrap().0, vec![taken]);
    let other = DeliveryFilter { channel: ChannelName::new("sms").ok(), ..DeliveryFilter::default() };
    assert_eq!(store.deliveries(&other, &first(9)).await.unwrap().0, vec![]);
}

/// Page by page, the newest first, also what the alerter noticed itself.
pub async fn events_are_listed_newest_first(store: &impl Store) {
    let epoch = store.claim_alerts(&node("alpha"), Epoch(0)).await.unwrap();
    let of_job = failed(&ended(3, 7, Ending::Failed));
    let [old, new] = [gone("beta", 5), gone("beta", 900)];
    store.raise(&[old.clone(), of_job.clone()]).await.unwrap();
    let step = AlertStep { epoch, noticed: vec![new.clone()], ..AlertStep::default() };
    store.advance_alerts(&step).await.unwrap();
    assert_eq!(store.new_events(9).await.unwrap(), vec![old.clone(), of_job.clone()], "what it noticed is dealt with");
    assert_eq!(history(store).await, vec![new.clone(), of_job.clone(), old.clone()]);
    let (page, next) = store.alert_events(&EventFilter::default(), &first(2)).await.unwrap();
    assert_eq!((page.len(), next), (2, Some(of_job.id)));
    let rest = store.alert_events(&EventFilter::default(), &Page { after: next, limit: 2 }).await.unwrap();
    assert_eq!(rest, (vec![old.clone()], None));
    let job = EventFilter { job: Some(JobId(3)), ..EventFilter::default() };
    assert_eq!(store.alert_events(&job, &first(9)).await.unwrap().0, vec![of_job]);
    let kind = EventFilter { kind: Some(EventKind::NodeLost), ..EventFilter::default() };
    assert_eq!(store.alert_events(&kind, &first(9)).await.unwrap().0, vec![new, old]);
}

/// Until they end, and each as it was changed last.
pub async fn silences_are_listed_until_they_end(store: &impl Store) {
    let silence = |second, until, why: &str| {
        Silence::new(
            Matcher { kind: Some(EventKind::Lost), ..Matcher::default() },
            at(second),
            at(until),
            "ann",
            why,
            "",
        )
    };
    let [first, second] = [silence(0, 50, "é"), silence(5, 20, "b")];
    store.put_silence(&second, &entry("ann", 5)).await.unwrap();
    store.put_silence(&first, &entry("ann", 5)).await.unwrap();
    assert_eq!(store.silences(at(10)).await.unwrap(), vec![first.clone(), second.clone()]);
    let ended = Silence { until: at(10), ..first.clone() };
    store.put_silence(&ended, &entry("ann", 5)).await.unwrap();
    assert_eq!(store.silences(at(10)).await.unwrap(), vec![second]);
    assert_eq!(store.silence(first.id).await.unwrap(), Some(ended));
    let nobodys = "00000000-0000-8000-8000-000000000001".parse().unwrap();
    assert_eq!(store.silence(nobodys).await.unwrap(), None);
}

/// What is not dealt with, or not told, is never forgotten.
pub async fn only_what_is_dealt_with_is_forgotten(store: &impl Store) {
    let epoch = store.claim_alerts(&node("alpha"), Epoch(0)).await.unwrap();
    let [done, open] = [gone("beta", 5), gone("gamma", 6)];
    store.raise(&[done.clone(), open.clone()]).await.unwrap();
    let told = Delivery { progress: Progress::Delivered, ..delivery(1, 5) };
    let handled: Vec<EventId> = vec![done.id];
    let step = AlertStep { epoch, handled, deliveries: vec![told, delivery(2, 5)], ..AlertStep::default() };
    store.advance_alerts(&step).await.unwrap();
    assert_eq!(store.prune_alerts(at(5), 9).await.unwrap(), 0, "it is not old enough");
    assert_eq!(store.prune_alerts(at(6), 9).await.unwrap(), 2);
    assert_eq!(history(store).await, vec![open]);
    assert_eq!(store.deliveries(&DeliveryFilter::default(), &first(9)).await.unwrap().0, vec![delivery(2, 5)]);
}
