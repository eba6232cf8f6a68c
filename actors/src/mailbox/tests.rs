//! The bound, the deadlines and the figures. Every test runs on paused time, so waiting costs nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use actix::{Actor, AsyncContext, AtomicResponse, Context, Handler, Message, ResponseActFuture, WrapFuture};
use tokio::sync::Semaphore;

use super::*;
use crate::supervise::tests::{on_paused_time, start};

const SECOND: Duration = Duration::from_secs(1);

/// Handles each message when the gate lets one more through.
struct Gated {
    gate: Arc<Semaphore>,
    seen: Arc<AtomicUsize>,
}

impl Actor for Gated {
    type Context = Context<Self>;
}

#[derive(Message)]
#[rtype(result = "usize")]
struct InTurn;

impl Handler<InTurn> for Gated {
    type Result = AtomicResponse<Self, usize>;
    fn handle(&mut self, _: InTurn, _: &mut Self::Context) -> Self::Result {
        let (gate, seen) = (self.gate.clone(), self.seen.clone());
        let through = async move {
            gate.acquire().await.unwrap().forget();
            seen.fetch_add(1, SeqCst) + 1
        };
        AtomicResponse::new(Box::pin(through.into_actor(self)))
    }
}

#[derive(Message)]
#[rtype(result = "usize")]
struct Together;

impl Handler<Together> for Gated {
    type Result = ResponseActFuture<Self, usize>;
    fn handle(&mut self, _: Together, _: &mut Self::Context) -> Self::Result {
        let gate = self.gate.clone();
        let through = async move {
            gate.acquire().await.unwrap().forget();
            0
        };
        Box::pin(through.into_actor(self))
    }
}

#[derive(Message)]
#[rtype(result = "usize")]
struct AtOnce;

impl Handler<AtOnce> for Gated {
    type Result = usize;
    fn handle(&mut self, _: AtOnce, ctx: &mut Self::Context) -> usize {
        assert!(ctx.address().connected());
        self.seen.fetch_add(1, SeqCst) + 1
    }
}

struct World {
    mailbox: Mailbox<Gated>,
    gate: Arc<Semaphore>,
    seen: Arc<AtomicUsize>,
    _alive: crate::supervise::Supervised,
}

fn gated(capacity: usize) -> World {
    let (mailbox, inlet) = open("gated", capacity);
    let (gate, seen) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (inside, counted) = (gate.clone(), seen.clone());
    let alive = start(inlet, move || Gated { gate: inside.clone(), seen: counted.clone() });
    World { mailbox, gate, seen, _alive: alive }
}

#[test]
fn an_answer_comes_back() {
    on_paused_time(async {
        let world = gated(4);
        assert_eq!(world.mailbox.ask(AtOnce, SECOND).await, Ok(1));
        assert_eq!(world.mailbox.clone().ask(AtOnce, SECOND).await, Ok(2));
        let status = world.mailbox.gauges().status();
        assert_eq!((status.handled, status.queued, status.capacity), (2, 0, 4));
    });
}

#[test]
fn a_full_mailbox_refuses_at_once_or_makes_wait_and_counts_the_wait() {
    on_paused_time(async {
        let world = gated(2);
        world.mailbox.tell(InTurn).await.unwrap();
        world.mailbox.clone().try_tell(InTurn).unwrap();
        // The first is being handled by now, but it is not handled yet: its place is not free.
        tokio::task::yield_now().await;
        assert!(matches!(world.mailbox.clone().try_tell(InTurn), Err(Error::Full { .. })));
        let full = world.mailbox.ask(InTurn, SECOND).await.unwrap_err();
        assert!(matches!(full, Error::Full { capacity: 2, .. }) && full.is_retryable(), "{full}");
        assert_eq!(world.mailbox.gauges().status().backpressure_us, 1_000_000);

        let late_gate = world.gate.clone();
        actix_rt::spawn(async move {
            tokio::time::sleep(2 * SECOND).await;
            late_gate.add_permits(1);
        });
        world.mailbox.tell(InTurn).await.unwrap();
        let status = world.mailbox.gauges().status();
        assert_eq!((status.handled, status.queued), (1, 2));
        assert_eq!(status.backpressure_us / 1000, 3_000);
        assert!(status.handling_us >= 3_000_000, "{status:?}");
    });
}

#[test]
fn an_asynchronous_handler_keeps_its_place_until_it_has_answered() {
    on_paused_time(async {
        let world = gated(2);
        world.mailbox.try_tell(Together).unwrap();
        world.mailbox.try_tell(Together).unwrap();
        tokio::time::sleep(SECOND).await;
        assert!(world.mailbox.try_tell(Together).is_err());
        world.gate.add_permits(2);
        tokio::time::sleep(SECOND).await;
        assert_eq!(world.mailbox.gauges().queued(), 0);
    });
}

#[test]
fn a_late_answer_is_an_error_and_the_message_is_handled_all_the_same() {
    on_paused_time(async {
        let world = gated(2);
        let late = world.mailbox.ask(InTurn, SECOND).await.unwrap_err();
        assert!(matches!(late, Error::Late { .. }), "{late}");
        drop(tokio::time::timeout(SECOND, world.mailbox.ask(InTurn, 9 * SECOND)).await);
        world.gate.add_permits(2);
        tokio::time::sleep(SECOND).await;
        assert_eq!(world.seen.load(SeqCst), 2);
    });
}

#[test]
fn an_ended_actor_closes_its_mailbox_for_those_who_wait() {
    on_paused_time(async {
        let World { mailbox, _alive: alive, .. } = gated(1);
        let (asked, waiting) = (mailbox.clone(), mailbox.clone());
        let asked = actix_rt::spawn(async move { asked.ask(InTurn, 60 * SECOND).await });
        tokio::task::yield_now().await;
        let waiting = actix_rt::spawn(async move { waiting.tell(InTurn).await });
        tokio::time::sleep(SECOND).await;
        drop(alive);
        assert!(matches!(asked.await.unwrap(), Err(Error::Closed { .. })));
        assert!(matches!(waiting.await.unwrap(), Err(Error::Closed { .. })));
        assert!(matches!(mailbox.try_tell(InTurn), Err(Error::Closed { .. })));
        assert!(mailbox.is_closed());
    });
}

/// Notes how many messages were unhandled at the most.
struct Crowded {
    unhandled: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Actor for Crowded {
    type Context = Context<Self>;
}

#[derive(Message)]
#[rtype(result = "()")]
struct Counted;

impl Handler<Counted> for Crowded {
    type Result = ();
    fn handle(&mut self, _: Counted, _: &mut Self::Context) {
        let now = self.unhandled.fetch_sub(1, SeqCst);
        self.most.fetch_max(now, SeqCst);
    }
}

#[test]
fn the_bound_holds_against_many_clones_on_many_threads() {
    const CAPACITY: usize = 16;
    const SENDERS: usize = 4;
    const EACH: usize = 2_000;
    let (mailbox, inlet) = open("crowded", CAPACITY);
    let (unhandled, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (down, seen) = (unhandled.clone(), most.clone());
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (mailbox, unhandled) = (mailbox.clone(), unhandled.clone());
            std::thread::spawn(move || {
                futures::executor::block_on(async {
                    for _ in 0..EACH {
                        mailbox.clone().tell(Counted).await.unwrap();
                        unhandled.fetch_add(1, SeqCst);
                    }
                });
            })
        })
        .collect();
    actix_rt::System::new().block_on(async move {
        // Each sender counts a message after it was sent, so the count may run behind by one for each.
        down.fetch_add(SENDERS, SeqCst);
        let _alive = start(inlet, move || Crowded { unhandled: down.clone(), most: seen.clone() });
        let gauges = mailbox.gauges().clone();
        while gauges.status().handled < (SENDERS * EACH) as u64 {
            assert!(gauges.queued() <= CAPACITY);
            tokio::task::yield_now().await;
        }
    });
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    assert!(most.load(SeqCst) <= CAPACITY + SENDERS, "{most:?}");
}

#[test]
fn a_knock_is_answered_behind_what_was_sent_before_and_not_kept_out_by_a_full_mailbox() {
    on_paused_time(async {
        let world = gated(1);
        world.mailbox.tell(InTurn).await.unwrap();
        assert!(matches!(world.mailbox.try_tell(AtOnce), Err(Error::Full { .. })));
        let late = world.mailbox.knock(SECOND).await;
        assert!(matches!(late, Err(Error::Late { .. })), "{late:?}");
        let (answer, ()) = futures::join!(world.mailbox.knock(SECOND), async { world.gate.add_permits(1) });
        assert_eq!(answer, Ok(()));
        assert_eq!(world.seen.load(SeqCst), 1);
    });
}
