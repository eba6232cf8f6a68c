//! The calamities: what happens to whom for how long, and that it is made good again.

use std::thread::sleep;
use std::time::Duration;

use cronbus_servers::{Cluster, Direction, Kind};

use crate::random::Random;
use crate::stage::{LEASE, Stage, plan};

/// How long everybody is well between two calamities.
const CALM: Duration = Duration::from_secs(3);

/// Something that happens.
#[derive(Clone, Copy, Debug)]
enum Calamity {
    /// A node dies and is started again.
    NodeKilled { node: usize, after: Duration },
    /// A node is stopped where it is, then goes on as if nothing had been.
    NodeFrozen { node: usize, after: Duration },
    /// A node is asked to end, and started again.
    NodeRestarted { node: usize },
    /// Nothing of what a node says is heard, and it hears nothing.
    NodeCutOff { node: usize, after: Duration },
    /// A node is not heard, or hears nothing, by the servers of one kind.
    NodeCutOneWay { node: usize, kind: Kind, direction: Direction, after: Duration },
    /// A server dies and is started again.
    ServerKilled { server: usize, after: Duration },
    /// A server hangs for a while.
    ServerFrozen { server: usize, after: Duration },
    /// A server is ended in order and started again.
    ServerRestarted { server: usize },
    /// Redis forgets everything.
    GuardForgets,
}

/// How many calamities can happen to a node, and how many to a server.
const KINDS: usize = 9;

/// Places of [`Cluster::servers`] and of the nodes in the plan; the last node is the one that is asked.
const SERVERS: u64 = 4;
const NODES: u64 = 5;

impl Calamity {
    fn random(kind: usize, random: &mut Random) -> Self {
        let node = usize::try_from(random.between(0, NODES - 1)).unwrap();
        let server = usize::try_from(random.between(0, SERVERS - 1)).unwrap();
        let after = random.one_of(&[LEASE / 3, LEASE, LEASE * 3]);
        match kind {
            0 => Self::NodeKilled { node, after },
            1 => Self::NodeFrozen { node, after },
            2 => Self::NodeRestarted { node },
            3 => Self::NodeCutOff { node, after },
            4 => Self::NodeCutOneWay {
                node,
                kind: random.one_of(&[Kind::Nats, Kind::Etcd, Kind::Redis]),
                direction: random.one_of(&[Direction::ToServer, Direction::FromServer]),
                after,
            },
            5 => Self::ServerKilled { server, after },
            6 => Self::ServerFrozen { server, after },
            7 => Self::ServerRestarted { server },
            _ => Self::GuardForgets,
        }
    }

    /// How long it takes, as far as this is decided here.
    fn lasts(self) -> Duration {
        match self {
            Self::NodeKilled { after, .. }
            | Self::NodeFrozen { after, .. }
            | Self::NodeCutOff { after, .. }
            | Self::NodeCutOneWay { after, .. }
            | Self::ServerKilled { after, .. }
            | Self::ServerFrozen { after, .. } => after,
            Self::NodeRestarted { .. } | Self::ServerRestarted { .. } | Self::GuardForgets => Duration::ZERO,
        }
    }

    fn happen(self, cluster: &mut Cluster) -> Result<(), cronbus_servers::Error> {
        match self {
            Self::NodeKilled { node, after } => {
                cluster.nodes[node].kill()?;
                sleep(after);
                cluster.nodes[node].launch()
            }
            Self::NodeFrozen { node, after } => {
                cluster.nodes[node].freeze()?;
                sleep(after);
                cluster.nodes[node].thaw()
            }
            Self::NodeRestarted { node } => {
                let ended = cluster.nodes[node].stop()?;
                assert!(ended.is_some_and(|status| status.success()), "{ended:?}: {}", cluster.nodes[node].log());
                cluster.nodes[node].launch()
            }
            Self::NodeCutOff { node, after } => {
                cluster.nodes[node].cut();
                sleep(after);
                cluster.nodes[node].heal();
                Ok(())
            }
            Self::NodeCutOneWay { node, kind, direction, after } => {
                cluster.nodes[node].cut_one_way(kind, direction);
                sleep(after);
                cluster.nodes[node].heal();
                Ok(())
            }
            Self::ServerKilled { server, after } => {
                cluster.servers()[server].kill()?;
                sleep(after);
                cluster.servers()[server].start_again()
            }
            Self::ServerFrozen { server, after } => {
                cluster.servers()[server].freeze()?;
                sleep(after);
                cluster.servers()[server].thaw()
            }
            Self::ServerRestarted { server } => {
                cluster.servers()[server].stop()?;
                cluster.servers()[server].start_again()
            }
            Self::GuardForgets => {
                use std::io::{Read as _, Write as _};
                let mut redis = std::net::TcpStream::connect(("127.0.0.1", cluster.redis.port())).unwrap();
                redis.write_all(b"FLUSHALL\r\n").unwrap();
                redis.read_exact(&mut [0; 5]).unwrap();
                Ok(())
            }
        }
    }
}

/// As many calamities as asked for, of each kind about as many, in some order.
fn forecast(random: &mut Random) -> Vec<Calamity> {
    let rounds = std::env::var("CRONBUS_CHAOS_ROUNDS").map_or(KINDS, |text| text.parse().unwrap());
    let kinds: Vec<usize> = (0..rounds).map(|round| round % KINDS).collect();
    random.shuffled(&kinds).into_iter().map(|kind| Calamity::random(kind, random)).collect()
}

#[test]
fn whatever_breaks_every_slot_is_answered_once() {
    let mut random = Random::seeded("chaos");
    let database = random.one_of(&[Kind::MariaDb, Kind::PostgreSql]);
    let forecast = forecast(&mut random);
    let lasts = forecast.iter().map(|calamity| calamity.lasts() + CALM).sum::<Duration>() + Duration::from_secs(5);
    let mut stage = Stage::open(&mut random, plan(database), lasts, |load| {
        load.noops(150).ticks(10).quick(60).slow(20).broadcasts(5)
    });
    for calamity in forecast {
        eprintln!("chaos: {calamity:?}");
        calamity.happen(&mut stage.cluster).unwrap();
        sleep(CALM);
    }
    let states = stage.balance();
    eprintln!("chaos on {}: {} slots, runs: {states:?}", database.name(), stage.books.slots());
    assert!(states.get("succeeded").copied().unwrap_or_default() > stage.books.slots() / 4, "{states:?}");
}
