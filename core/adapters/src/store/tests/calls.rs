//! Random calls of the port and what can be read afterwards, as text: two stores that were called alike answer alike.

use std::sync::Arc;
use std::time::Duration;

use cronbus_core::account::{
    AccountName, ApiToken, ApiTokenFacts, Grants, Holder, Identity, Role, SecretHash, Session, User,
};
use cronbus_core::id::{Epoch, JobId, Partition, Revision};
use cronbus_core::job::{Definition, Pause};
use cronbus_core::port::Store;
use cronbus_core::port::store::{
    Advance, ChangeSequence, Creation, Error, Fence, JobFilter, Page, Recording, Retention, RunFilter, Submission,
    Update, Write,
};
use cronbus_core::run::{Ending, State};
use cronbus_core::suite::store::samples::{add, at, definition, ended, furnished, missed, node, waiting};
use proptest::prelude::*;

/// One call of the port, in the small world of a few jobs, seconds, names and keys, where calls meet often.
#[derive(Clone, Debug)]
pub(in crate::store) enum Call {
    Claim { jobs: Vec<i64>, at_least: i64 },
    Create { runs: Vec<(i64, i64, u8)>, advance: Option<(i64, i64, i64)> },
    Record { updates: Vec<(i64, i64, u8, u8)>, follow_up: Option<i64>, fence: Option<(i64, i64)> },
    Submit { run: (i64, i64, u8), key: Option<String> },
    Change { writes: Vec<(u8, i64, usize)>, second: i64 },
    Prune { before: i64, per_job: u32, limit: usize },
    Account { kind: u8, name: usize, number: i64 },
}

const ACCOUNTS: [&str; 3] = ["anna", "b@b", "c.c"];

const NAMES: [&str; 3] = ["a", "b/b", "ç"];

fn sample((job, second, kind): (i64, i64, u8)) -> cronbus_core::run::Run {
    match kind {
        0 => waiting(job, second),
        1 => ended(job, second, Ending::Succeeded),
        2 => missed(job, second),
        _ => furnished(job, second),
    }
}

/// Any call.
pub(in crate::store) fn call() -> impl Strategy<Value = Call> {
    let run = || (1_i64..4, 0_i64..4, 0_u8..4);
    let jobs = prop::collection::vec(1_i64..4, 0..3);
    let runs = prop::collection::vec(run(), 0..5);
    let advance = prop::option::of((1_i64..4, 0_i64..4, 0_i64..4));
    let update = (1_i64..4, 0_i64..4, 0_u8..4, 0_u8..4).prop_map(|(job, second, from, to)| {
        let to = if state(from).is_terminal() { from } else { to };
        (job, second, from, to)
    });
    let updates = prop::collection::vec(update, 0..5);
    let writes = prop::collection::vec((0_u8..6, 1_i64..5, 0..NAMES.len()), 1..4);
    prop_oneof![
        (jobs, 0_i64..4).prop_map(|(jobs, at_least)| Call::Claim { jobs, at_least }),
        (runs, advance).prop_map(|(runs, advance)| Call::Create { runs, advance }),
        (updates, prop::option::of(0_i64..4), prop::option::of((1_i64..4, 0_i64..4)))
            .prop_map(|(updates, follow_up, fence)| Call::Record { updates, follow_up, fence }),
        (run(), prop::option::of("[ab]")).prop_map(|(run, key)| Call::Submit { run, key }),
        (writes, 0_i64..9).prop_map(|(writes, second)| Call::Change { writes, second }),
        (0_i64..4, 0_u32..3, 0_usize..4).prop_map(|(before, per_job, limit)| Call::Prune { before, per_job, limit }),
        (0_u8..10, 0..ACCOUNTS.len(), 0_i64..4).prop_map(|(kind, name, number)| Call::Account { kind, name, number }),
    ]
}

fn change((kind, job, name): (u8, i64, usize)) -> Write {
    let job = JobId(job);
    let pause = Pause { since: at(0), until: Some(at(5)), note: String::new(), by: "ann".to_owned() };
    let other = Arc::new(Definition { priority: 9, ..definition(NAMES[name]) });
    match kind {
        0 => add(NAMES[name]),
        1 => Write::Replace { job, expected: None, definition: other },
        2 => Write::Replace { job, expected: Some(Revision(1)), definition: other },
        3 => Write::Pause { job, pause },
        4 => Write::Resume { job },
        _ => Write::Delete { job },
    }
}

/// One call of the port of accounts.
async fn account(store: &impl Store, kind: u8, name: &str, number: i64) -> String {
    let name = AccountName::new(name).unwrap();
    let identity = Identity { issuer: "i".to_owned(), subject: number.to_string() };
    let user = User::new(name.clone(), Grants::everywhere(Role::Viewer), "ben", at(number));
    let user = User { identity: (number > 1).then_some(identity), revision: number, ..user };
    let facts = ApiTokenFacts {
        name: name.clone(),
        grants: Grants::everywhere(Role::Viewer),
        created_at: at(number),
        created_by: "ben".to_owned(),
        expires_at: None,
    };
    let hash = SecretHash::of(&number.to_string());
    let holder = if number > 1 { Holder::User(name.clone()) } else { Holder::SetUp };
    let session = Session { hash, holder, generation: number, opened_at: at(number), used_at: at(number) };
    match kind {
        0 => format!("{:?}", store.add_user(&User { revision: 1, ..user }).await),
        1 => format!("{:?}", store.add_first_user(&User { revision: 1, ..user }).await),
        2 => format!("{:?}", store.replace_user(&User { identity: None, ..user }).await),
        3 => format!("{:?}", store.delete_user(&name).await),
        4 => format!("{:?}", store.note_sign_in(&name, at(number)).await),
        5 => format!(
            "{:?}",
            store.add_api_token(&ApiToken { hash: SecretHash::of(name.as_str()), facts, used_at: None }).await
        ),
        6 => format!("{:?}", store.revoke_api_token(&name).await),
        7 => match store.session(&hash).await.unwrap() {
            Some(known) => format!("{known:?}"),
            None => format!("{:?}", store.open_session(&session).await),
        },
        8 => format!("{:?}", store.end_session(&hash).await),
        _ => format!("{:?}", store.prune_sessions(at(number), at(number)).await),
    }
}

fn state(number: u8) -> State {
    [State::Created, State::Assigned, State::Running, State::Succeeded][usize::from(number)]
}

/// Makes the call; the answer as text, to be compared.
pub(in crate::store) async fn make(store: &impl Store, call: &Call) -> String {
    match call.clone() {
        Call::Claim { jobs, at_least } => {
            let partitions: Vec<Partition> = jobs.into_iter().map(|job| JobId(job).partition()).collect();
            format!("{:?}", store.claim_partitions(&partitions, &node("alpha"), Epoch(at_least)).await)
        }
        Call::Create { runs, advance } => {
            let advance = advance.map(|(job, epoch, second)| Advance {
                partition: JobId(job).partition(),
                epoch: Epoch(epoch),
                watermark: at(second),
            });
            let runs = runs.into_iter().map(sample).collect();
            format!(
                "{:?}",
                store.create(&Creation { runs, advances: advance.into_iter().collect(), ..Creation::default() }).await
            )
        }
        Call::Record { updates, follow_up, fence: fence_of } => {
            let next_attempt = follow_up.map(|second| Box::new(furnished(1, second)));
            let update = |(job, second, from, to)| {
                let run = cronbus_core::run::Run { id: waiting(job, second).id, state: state(to), ..furnished(9, 9) };
                Update { from: state(from), run, next_attempt: next_attempt.clone() }
            };
            let updates = updates.into_iter().map(update).collect();
            let fence = |(job, epoch)| Fence { partition: JobId(job).partition(), epoch: Epoch(epoch) };
            let fences = fence_of.map(fence).into_iter().collect();
            format!("{:?}", store.record(&Recording { fences, updates, ..Recording::default() }).await)
        }
        Call::Submit { run, key } => {
            format!("{:?}", store.submit(&Submission { run: sample(run), idempotency_key: key, record: None }).await)
        }
        Call::Change { writes, second } => {
            let writes: Vec<Write> = writes.into_iter().map(change).collect();
            format!("{:?}", store.write_jobs(&writes, "ben", at(second)).await)
        }
        Call::Account { kind, name, number } => account(store, kind, ACCOUNTS[name], number).await,
        Call::Prune { before, per_job, limit } => {
            format!("{:?}", store.prune(Retention { before: at(before), per_job, limit }).await)
        }
    }
}

/// All that can be read, as text.
pub(in crate::store) async fn everything(store: &impl Store) -> Result<Vec<String>, Error> {
    let all: Vec<Partition> = Partition::all().collect();
    let (runs, _) = store.runs(&RunFilter::default(), &Page { after: None, limit: 1000 }).await?;
    let (jobs, _) = store.jobs(&JobFilter::default(), &Page { after: None, limit: 1000 }, at(3)).await?;
    let mut read = vec![
        format!("{runs:#?}"),
        format!("{jobs:#?}"),
        format!("{:#?}", store.unfinished(&all, None, 1000).await?),
        format!("{:#?}", store.executing(1000).await?),
        format!("{:#?}", store.count_runs(None, at(1)).await?),
        format!("{:#?}", store.tally(at(1), at(3), Duration::from_millis(1)).await?),
        format!("{:#?}", store.job_changes(ChangeSequence::default(), 1000).await?),
        format!("{:#?}", store.users(&Page { after: None, limit: 10 }).await?),
        format!("{:#?}", store.api_tokens(&Page { after: None, limit: 10 }).await?),
        format!("{:#?}", store.claim_partitions(&all, &node("omega"), Epoch(0)).await?),
    ];
    for job in 1..8 {
        read.push(format!("{:#?}", store.revisions(JobId(job), 10).await?));
    }
    Ok(read)
}
