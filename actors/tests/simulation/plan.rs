//! What kind of world a seed makes: how many nodes, which faults and how often.

use std::time::Duration;

use cronbus_core::port::membership::Role;

use crate::chance::Chance;

/// What may go wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    StoreRefuses,
    StoreAmbiguous,
    StoreSlow,
    BusRefuses,
    BusAmbiguous,
    BusLate,
    BusTwice,
    GuardAway,
    SpoolRefuses,
}

impl Fault {
    pub(crate) const COUNT: usize = 9;

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::StoreRefuses => "refused commits",
            Self::StoreAmbiguous => "ambiguous commits",
            Self::StoreSlow => "slow commits",
            Self::BusRefuses => "refused messages",
            Self::BusAmbiguous => "ambiguous messages",
            Self::BusLate => "late messages",
            Self::BusTwice => "doubled messages",
            Self::GuardAway => "guard failures",
            Self::SpoolRefuses => "spool failures",
        }
    }
}

/// Which nodes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One that does everything.
    Alone,
    /// Three that do everything.
    Alike,
    /// Two that schedule, two that dispatch, two that execute, one that watches and serves the web.
    Split,
}

impl Kind {
    pub(crate) fn roles(self) -> Vec<Vec<Role>> {
        match self {
            Self::Alone => vec![Role::ALL.to_vec()],
            Self::Alike => vec![Role::ALL.to_vec(); 3],
            Self::Split => vec![
                vec![Role::Scheduler],
                vec![Role::Dispatcher],
                vec![Role::Executor],
                vec![Role::Executor],
                vec![Role::Monitor, Role::Web],
                vec![Role::Scheduler],
                vec![Role::Dispatcher],
            ],
        }
    }
}

/// What a world is like. Not every world has every fault: some bugs only show when others keep quiet.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// What each node does; its place is its number.
    pub(crate) roles: Vec<Vec<Role>>,
    /// Whether the one node relies on nobody taking over ([`cronbus_core::dispatch::Handover::Sole`]).
    pub(crate) sole: bool,
    /// How long things go wrong. No job has slots after that.
    pub(crate) horizon: Duration,
    /// In a thousand calls.
    pub(crate) rates: [u64; Fault::COUNT],
    /// Within how many passages a node crashes; `None` for never.
    pub(crate) passages: Option<u64>,
    /// Mean pause between two larger disturbances; `None` for none of that kind.
    pub(crate) crashes: Option<Duration>,
    pub(crate) clock_jumps: Option<Duration>,
    pub(crate) halts: Option<Duration>,
    pub(crate) outages: Option<Duration>,
    pub(crate) flushes: Option<Duration>,
    pub(crate) jobs: u64,
    /// Mean pause between two things that people do.
    pub(crate) clients: Option<Duration>,
}

impl Plan {
    /// A world without faults: one node, and people who leave it alone.
    pub(crate) fn peaceful(seed: u64) -> Self {
        Self {
            seed,
            roles: Kind::Alone.roles(),
            sole: true,
            horizon: Duration::from_secs(30),
            rates: [0; Fault::COUNT],
            passages: None,
            crashes: None,
            clock_jumps: None,
            halts: None,
            outages: None,
            flushes: None,
            jobs: 8,
            clients: None,
        }
    }

    /// The world of this seed: one node, which sometimes has to reckon with others that never come.
    pub(crate) fn of(seed: u64) -> Self {
        Self::with(seed, Kind::Alone)
    }

    /// The world of this seed with nodes of this kind.
    pub(crate) fn with(seed: u64, kind: Kind) -> Self {
        let chance = Chance::new(seed).branch(1);
        // Without this draw, which nothing depends on any more, every seed known would be another world.
        let _: u64 = chance.of(0..1);
        let sometimes = |seconds: u64| chance.happens(500).then(|| Duration::from_secs(seconds));
        Self {
            seed,
            roles: kind.roles(),
            sole: kind == Kind::Alone && chance.happens(700),
            horizon: Duration::from_secs(*chance.pick(&[20, 30, 30, 45, 60])),
            rates: std::array::from_fn(|_| *chance.pick(&[0, 0, 5, 20, 80])),
            passages: chance.happens(600).then(|| *chance.pick(&[60, 300, 1500])),
            crashes: sometimes(12),
            clock_jumps: sometimes(12),
            halts: sometimes(20),
            outages: sometimes(15),
            flushes: sometimes(10),
            jobs: chance.of(3..15),
            clients: chance.happens(800).then_some(Duration::from_secs(2)),
        }
    }
}
