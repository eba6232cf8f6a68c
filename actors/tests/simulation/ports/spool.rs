//! The spool: a disk that refuses now and then, sometimes after it has written.

use async_trait::async_trait;
use cronbus_core::port::Spool;
use cronbus_core::port::spool::{Entry, Error, Remembered};

use super::Way;
use crate::history::Event;
use crate::plan::Fault;

#[derive(Debug)]
pub(crate) struct Frail(pub(crate) Way);

impl Frail {
    fn refuses(&self) -> bool {
        // Disks are better than networks.
        self.0.world.chance.happens(200) && self.0.world.strikes(Fault::SpoolRefuses)
    }
}

fn refused() -> Error {
    Error { path: "the spool".to_owned(), reason: "simulated".to_owned() }
}

#[async_trait]
impl Spool for Frail {
    async fn recover(&self) -> Result<Vec<Remembered>, Error> {
        self.0.life.pass().await;
        if self.refuses() { Err(refused()) } else { Ok(self.0.host.diary.remembered()) }
    }

    async fn append(&self, entries: &[Entry]) -> Result<(), Error> {
        self.0.life.pass().await;
        let (before, after) = (self.refuses(), self.refuses());
        if before {
            return Err(refused());
        }
        self.0.host.diary.write(entries);
        for entry in entries {
            if let Entry::Ended { run, outcome, .. } = entry {
                let life = self.0.life.name.clone();
                self.0.world.note(Event::Spooled { life, run: *run, ending: outcome.ending });
            }
        }
        self.0.life.pass().await;
        if after { Err(refused()) } else { Ok(()) }
    }
}
