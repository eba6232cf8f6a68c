//! The bus: refuses, says that it refused and delivers all the same, delivers late and twice. It does not lose what it
//! took, for that it promises.

use std::time::Duration;

use async_trait::async_trait;
use cronbus_core::local::bus::LocalBus;
use cronbus_core::port::Bus;
use cronbus_core::port::bus::{Address, Error, Inbox};
use cronbus_core::wire::Message;

use super::Way;
use crate::history::Event;
use crate::plan::Fault;
use crate::world::World;

#[derive(Debug)]
pub(crate) struct Frail {
    pub(crate) way: Way,
    pub(crate) bus: LocalBus,
}

fn refused() -> Error {
    Error { reason: "simulated".to_owned() }
}

impl Frail {
    /// Hands a message over, now or later.
    async fn carry(&self, to: &Address, message: Message) -> Result<(), Error> {
        let Way { world, life, .. } = &self.way;
        world.note(Event::Sent { by: life.name.clone(), to: to.clone(), message: message.clone() });
        if !world.strikes(Fault::BusLate) {
            return self.bus.publish(to, message).await;
        }
        let delay = self.delay();
        let (bus, clock, to) = (self.bus.clone(), world.clock.clone(), to.clone());
        actix_rt::spawn(async move {
            cronbus_core::port::Clock::sleep(&clock, delay).await;
            // The bus of this world does not close.
            let _ = bus.publish(&to, message).await;
        });
        Ok(())
    }

    /// Mostly short, sometimes longer than everybody's patience; within one process always short.
    fn delay(&self) -> Duration {
        let World { chance, plan, .. } = &*self.way.world;
        if plan.sole || chance.happens(800) { chance.millis(1..500) } else { chance.millis(500..12_000) }
    }
}

#[async_trait]
impl Bus for Frail {
    async fn publish(&self, to: &Address, message: Message) -> Result<(), Error> {
        let world = &self.way.world;
        self.way.life.pass().await;
        if world.is_away("bus") || world.strikes(Fault::BusRefuses) {
            return Err(refused());
        }
        if world.strikes(Fault::BusTwice) {
            self.carry(to, message.clone()).await?;
        }
        self.carry(to, message).await?;
        let says_so = !world.strikes(Fault::BusAmbiguous);
        self.way.life.pass().await;
        if says_so { Ok(()) } else { Err(refused()) }
    }

    async fn subscribe(&self, at: &Address) -> Result<Box<dyn Inbox>, Error> {
        self.way.life.pass().await;
        if self.way.world.strikes(Fault::BusRefuses) {
            return Err(refused());
        }
        let inbox = self.bus.subscribe(at).await?;
        Ok(Box::new(FrailInbox { way: self.way.clone(), inbox }))
    }
}

#[derive(Debug)]
struct FrailInbox {
    way: Way,
    inbox: Box<dyn Inbox>,
}

#[async_trait]
impl Inbox for FrailInbox {
    async fn receive(&mut self) -> Option<Message> {
        self.way.life.be_well().await;
        let message = self.inbox.receive().await;
        // Where it dies with the message in its hands.
        self.way.life.pass().await;
        message
    }
}
