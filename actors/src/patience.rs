//! Telling people once that something waits for the bus, however often it is tried again.
//!
//! That the bus itself is away is told by its adapter, once for all who wait for it. What is told here is what nobody
//! else tells: that it is there and does not take one thing. What was tried in vain is counted by the bus.

use cronbus_core::port::Bus;
use cronbus_core::port::health::Condition;

/// Tries of one thing.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    told: bool,
}

impl Patience {
    /// A try was in vain: whether people are to be told.
    pub(crate) fn runs_out(&mut self, bus: &dyn Bus) -> bool {
        let is_news = !self.told && bus.health().state == Condition::Up;
        self.told |= is_news;
        is_news
    }

    /// It went well: the next trouble is another one.
    pub(crate) fn comes_back(&mut self) {
        self.told = false;
    }
}

#[cfg(test)]
mod tests {
    use cronbus_core::local::bus::LocalBus;

    use super::*;

    #[test]
    fn people_are_told_once_until_it_went_well() {
        let bus = LocalBus::default();
        let mut patience = Patience::default();
        assert!(patience.runs_out(&bus));
        assert!(!patience.runs_out(&bus));
        patience.comes_back();
        assert!(patience.runs_out(&bus));
    }
}
