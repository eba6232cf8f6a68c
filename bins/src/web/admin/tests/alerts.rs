//! The page of alerts: what it shows, what is done there, and what stays text.

use cronbus_core::account::Action;
use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use cronbus_core::alert::{
    ChannelName, Delivery, Event, EventKind, Incident, JobFacts, Matcher, Message, MessageId, Silence, Subject,
};
use cronbus_core::id::{Epoch, NodeName};
use cronbus_core::port::store::AlertStep;

use super::browser::Browser;
use super::pages::{HOSTILE, assert_tame, hostile};
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::tests::stage::{NOW, site};

/// Something of a job is wrong, with hostile words; it was told once, and refused.
async fn wrong(site: &Site) -> String {
    hostile(site).await;
    let job = site.job("nightly/report", &Principal::admin(), Action::View).await.unwrap();
    let mut event = Event::new(EventKind::Failed, Subject::Job(JobFacts::of(&job)), NOW);
    event.reason = HOSTILE.to_owned();
    event.node = Some(NodeName::new("n1").unwrap());
    let incident = Incident {
        id: event.id,
        subject: event.subject.clone(),
        aspect: event.aspect,
        since: NOW,
        count: 3,
        last: event.clone(),
        told: BTreeMap::new(),
        escalations: Vec::new(),
        acknowledgement: None,
    };
    let message = Message { title: HOSTILE.to_owned(), ..sample() };
    let delivery = Delivery { detail: HOSTILE.to_owned(), tries: 2, ..Delivery::new(channel("ops"), message, NOW) };
    let epoch = site.store.claim_alerts(&NodeName::new("a").unwrap(), Epoch(1)).await.unwrap();
    let id = incident.id.to_string();
    let step = AlertStep {
        epoch,
        noticed: vec![event],
        incidents: vec![incident],
        deliveries: vec![delivery],
        ..AlertStep::default()
    };
    site.store.advance_alerts(&step).await.unwrap();
    id
}

fn channel(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

fn sample() -> Message {
    cronbus_core::alert::template::sample("ops", MessageId(uuid::Uuid::from_u128(7)), NOW)
}

#[actix_web::test]
async fn what_is_wrong_stands_first_and_stays_text() {
    let browser = Browser::signed_in(site(true)).await;
    let id = wrong(&browser.site).await;
    for path in ["/alerts", "/alerts/history", "/alerts/history?kind=failed&job=nightly%2Freport", "/alerts/deliveries"]
    {
        let page = browser.page(path).await;
        assert_tame(&page, path);
        assert!(page.contains("&#60;script&#62;alert(1)"), "{path}: {page}");
    }
    let page = browser.page("/alerts").await;
    for part in [&*id, "nightly/report", "Failed", "deaf", "slack", "https://x/***", "Nothing is"] {
        assert_eq!(page.contains(part), part != "Nothing is", "{part}: {page}");
    }
    assert!(!browser.page("/alerts/history?kind=lost").await.contains("nightly/report"));
    assert!(browser.page("/alerts/history?job=nobody").await.contains("Nothing that fits has happened"));
    assert!(!browser.page("/alerts/deliveries?progress=delivered&channel=ops").await.contains("alert(1)"));
    for path in ["/alerts/history?kind=%3Cscript%3E", "/alerts/deliveries?progress=x", "/alerts?x=1"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_tame(&answer.text(), path);
    }
}

#[actix_web::test]
async fn somebody_says_that_he_looks_after_it() {
    let browser = Browser::signed_in(site(true)).await;
    let id = wrong(&browser.site).await;
    let path = format!("/alerts/{id}/acknowledge");
    assert_eq!(browser.post(&path, &[("note", HOSTILE)]).await.location(), "/alerts");
    let page = browser.page("/alerts").await;
    assert_tame(&page, &path);
    assert!(page.contains("Looked after by") && !page.contains(&format!("action=\"{path}\"")), "{page}");
    let gone = browser.post("/alerts/01980000-0000-8000-8000-000000000000/acknowledge", &[]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.post("/alerts/x/acknowledge", &[]).await.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn a_silence_is_made_and_ended_and_a_refused_one_keeps_its_fields() {
    let browser = Browser::signed_in(site(true)).await;
    let refused = browser.post("/alerts/silences", &[("job", "back*"), ("for", "2")]).await;
    assert_eq!(refused.location(), "/alerts?job=back%2A&for=2#silence");
    let page = browser.page("/alerts?job=back%2A&for=2").await;
    assert!(page.contains("flash-refused") && page.contains("value=\"back*\""), "{page}");
    let fields = [("kind", "failed"), ("for", "2h"), ("until", "2026-11-22 12:00"), ("why", HOSTILE)];
    assert_eq!(browser.post("/alerts/silences", &fields).await.location(), "/alerts");
    let silences = browser.site.store.silences(NOW).await.unwrap();
    assert_eq!(silences.len(), 1);
    let Silence { id, until, matcher, .. } = silences.into_iter().next().unwrap();
    assert_eq!((until.to_string().as_str(), matcher.kind), ("2026-11-22T12:00:00.000Z", Some(EventKind::Failed)));
    assert_eq!(Matcher { kind: None, ..matcher }, Matcher::default());
    assert_tame(&browser.page("/alerts").await, "/alerts");
    assert_eq!(browser.post(&format!("/alerts/silences/{id}/end"), &[]).await.location(), "/alerts");
    let now = browser.site.clock.now();
    assert!(browser.site.store.silences(now).await.unwrap().is_empty());
    let again = browser.post(&format!("/alerts/silences/{id}/end"), &[]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "it is over");
}

#[actix_web::test]
async fn a_channel_is_tried_and_its_answer_shown() {
    let browser = Browser::signed_in(site(true)).await;
    browser.page("/alerts").await;
    for (name, class) in [("ops", "flash-done"), ("deaf", "flash-refused")] {
        assert_eq!(browser.post(&format!("/alerts/channels/{name}/test"), &[]).await.location(), "/alerts");
        let page = browser.page("/alerts").await;
        assert!(page.contains(class), "{page}");
        assert_eq!(page.contains("status 404"), name == "deaf", "{page}");
    }
    assert_eq!(browser.post("/alerts/channels/nobody/test", &[]).await.status, StatusCode::NOT_FOUND);
}
