use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::id::JobId;
use crate::job::{Definition, Job, JobName, Pause};
use crate::port::store::Write;
use crate::time::Timestamp;

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(second)
}

fn trail(second: i64, nonce: u64) -> Trail {
    Trail { actor: Actor::node("a test"), at: at(second), nonce }
}

fn object() -> Object {
    Object::named(ObjectKind::Node, "alpha")
}

#[test]
fn every_action_has_a_word_of_its_own_that_reads_back() {
    let mut words: Vec<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
    for (action, word) in Action::ALL.iter().zip(&words) {
        assert_eq!(word.parse(), Ok(*action));
        assert_eq!(serde_json::to_value(action).unwrap(), *word);
    }
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), Action::ALL.len());
    assert!("job.updated".parse::<Action>().unwrap_err().to_string().contains("`job.updated`"));
}

#[test]
fn an_entry_tells_what_a_definition_was_and_became() {
    let name = |name: &str| JobName::new(name).unwrap();
    let definition = Arc::new(Definition::new(name("a"), crate::job::Command::Noop));
    let job = Job::added(JobId(7), Arc::clone(&definition), "ann", at(1));
    let added = of_job(&trail(1, 5), 0, &Write::Add(Arc::clone(&definition)), None, &job);
    assert_eq!((added.action, added.before), (Action::JobCreate, None));
    assert_eq!(added.object, Object::with_id(ObjectKind::Job, "a", 7));
    assert_eq!(added.after.as_ref().unwrap()["definition"]["name"], "a");

    let pause = Pause { since: at(2), until: None, note: "late".to_owned(), by: "ann".to_owned() };
    let write = Write::Pause { job: job.id, pause };
    let paused = job.changed(&write, "ann", at(2), Timestamp::EPOCH);
    let entry = of_job(&trail(2, 5), 0, &write, Some(&job), &paused);
    assert_eq!(entry.before.unwrap()["pause"], serde_json::Value::Null);
    assert_eq!(entry.after.unwrap()["pause"]["note"], "late");

    let entry = of_job(&trail(3, 5), 0, &Write::Delete { job: job.id }, Some(&job), &paused);
    assert_eq!((entry.action, entry.after), (Action::JobDelete, None));
}

#[test]
fn who_is_not_known_is_told_by_a_name_that_harms_nobody() {
    let actor = Actor::nobody(&format!("a\r\nb{}", "x".repeat(1000)), Door::Page, None);
    assert_eq!((actor.name.len(), actor.name.starts_with("abx"), actor.kind), (100, true, Kind::Nobody));
}

#[test]
fn documents_are_compared_field_by_field() {
    let before = serde_json::json!({ "revision": 1, "definition": { "name": "a", "env": { "A": "1" }, "old": true } });
    let after = serde_json::json!({ "revision": 2, "definition": { "name": "a", "env": { "A": "2", "B": [1] } } });
    let told: Vec<_> = differences(Some(&before), Some(&after))
        .into_iter()
        .map(|one| format!("{}: {} > {}", one.field, one.from.unwrap_or_default(), one.to.unwrap_or_default()))
        .collect();
    let expected =
        ["definition.env.A: 1 > 2", "definition.env.B:  > [1]", "definition.old: true > ", "revision: 1 > 2"];
    assert_eq!(told, expected);
    assert_eq!(differences(None, Some(&after)).len(), 4);
    assert_eq!(differences(None, None), vec![]);
}

proptest! {
    #[test]
    fn ids_sort_by_time_and_then_by_number(a in 0_i64..1 << 30, b in 0_i64..1 << 30, nonce: u64, number in 0_usize..4095) {
        let id = |second, number| trail(second, nonce).entry(number, Action::Login, object()).id;
        prop_assert_eq!(a.cmp(&b), id(a, 0).cmp(&id(b, 0)));
        prop_assert!(id(a, number) < id(a, number + 1));
        prop_assert!(EntryId::floor(at(a)) <= id(a, number) && id(a, number) < EntryId::floor(at(a + 1)));
        prop_assert_eq!(id(a, number).to_string().parse(), Ok(id(a, number)));
    }

    #[test]
    fn an_entry_reads_back(second in 0_i64..1 << 30, nonce: u64) {
        let entry = trail(second, nonce).entry(3, Action::RunKill, object()).changing(None, Some(1.into()));
        let text = serde_json::to_string(&entry).unwrap();
        prop_assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
    }
}
