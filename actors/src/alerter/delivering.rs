//! Deliveries: what is due goes out, each channel by itself, so that one that hangs holds up none of the others. What came
//! of a try is durable before the next one of its channel.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use cronbus_core::alert::{ChannelName, Delivery, Progress};
use cronbus_core::port::store::{AlertStep, Error, Result};
use futures::stream::{FuturesUnordered, StreamExt};

use super::actor::Mind;

/// How often to look for what is due.
const LOOK: Duration = Duration::from_secs(1);

/// How many are read at a time.
const AT_A_TIME: usize = 200;

/// How long one try may take, whatever the notifier does about it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Deliveries that go out over one channel, one after the other.
type Lane = (ChannelName, Vec<Delivery>);

impl Mind {
    /// Delivers what is due, for ever.
    pub(super) async fn keep_delivering(self: Rc<Self>) {
        let clock = &self.setup.ports.clock;
        let mut lanes = FuturesUnordered::new();
        let mut busy = BTreeSet::new();
        let mut look = clock.now();
        loop {
            tokio::select! {
                Some((channel, ended)) = lanes.next() => {
                    busy.remove(&channel);
                    if let Err::<(), Error>(error) = ended {
                        self.heed(&error);
                    }
                }
                () = self.deliver.nudged_or_at(&**clock, Some(look)) => {
                    let due = self.due_lanes(&busy).await.inspect_err(|error| self.heed(error));
                    for (channel, lane) in due.unwrap_or_default() {
                        busy.insert(channel.clone());
                        lanes.push(self.deliver_lane(channel, lane));
                    }
                    look = clock.now() + LOOK.max(self.setup.settings.every);
                }
            }
        }
    }

    fn heed(&self, error: &Error) {
        self.setup.figures.store_failures.add(1);
        tracing::debug!(%error, "deliveries wait");
        if matches!(error, Error::Superseded { .. }) {
            self.lead.replace(None);
        }
    }

    /// What is due, by channel; not of those that are busy.
    async fn due_lanes(&self, busy: &BTreeSet<ChannelName>) -> Result<Vec<Lane>> {
        if self.lead.borrow().is_none() {
            return Ok(Vec::new());
        }
        let mut lanes: BTreeMap<ChannelName, Vec<Delivery>> = BTreeMap::new();
        loop {
            // However much waits for one channel, the others are looked for behind it.
            let except: Vec<ChannelName> = busy.iter().chain(lanes.keys()).cloned().collect();
            let due = self.setup.store.due_deliveries(self.now(), &except, AT_A_TIME).await?;
            let is_all = due.len() < AT_A_TIME;
            for delivery in due {
                lanes.entry(delivery.channel.clone()).or_default().push(delivery);
            }
            if is_all {
                return Ok(lanes.into_iter().collect());
            }
        }
    }

    async fn deliver_lane(&self, channel: ChannelName, lane: Vec<Delivery>) -> (ChannelName, Result<()>) {
        (channel, self.deliver_in_turn(lane).await)
    }

    /// Delivers over one channel until one is not taken for now: the others would not be either.
    async fn deliver_in_turn(&self, lane: Vec<Delivery>) -> Result<()> {
        for delivery in lane {
            let after = self.attempt(delivery).await;
            let goes_on = after.progress != Progress::Waiting;
            let Some(epoch) = self.lead.borrow().as_ref().map(|lead| lead.epoch) else { return Ok(()) };
            let step = AlertStep { epoch, deliveries: vec![after], ..AlertStep::default() };
            self.setup.store.advance_alerts(&step).await?;
            if !goes_on {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn attempt(&self, delivery: Delivery) -> Delivery {
        let ports = &self.setup.ports;
        let mut message = delivery.message.clone();
        message.log_tail = self.log_tail(&message).await;
        let sending = ports.notifier.deliver(&delivery.channel, &message);
        let attempted = tokio::select! {
            attempted = sending => attempted,
            () = ports.clock.sleep(PATIENCE) => Err(cronbus_core::port::notifier::Error::Unavailable {
                channel: delivery.channel.clone(),
                detail: "it did not answer in time".to_owned(),
                retry_after: None,
            }),
        };
        let after = delivery.after(&attempted, self.now(), self.setup.settings.give_up_after);
        self.count(&after);
        after
    }

    fn count(&self, after: &Delivery) {
        let channel = after.channel.as_str();
        let outcome = match after.progress {
            Progress::Delivered => "delivered",
            Progress::Refused => "refused",
            Progress::GaveUp => "gave_up",
            Progress::Waiting => "failed_tries",
        };
        self.setup.figures.deliveries(channel, outcome).add(1);
        let (id, said) = (after.id(), &after.detail);
        match after.progress {
            Progress::Delivered => tracing::info!(channel, message = %id, "people were told: {}", after.message.title),
            Progress::Waiting => tracing::warn!(channel, message = %id, "not told yet, it is tried again: {said}"),
            Progress::Refused => tracing::error!(channel, message = %id, "people will not be told of this: {said}"),
            Progress::GaveUp => {
                tracing::error!(channel, message = %id, tries = after.tries, "given up, nobody was told: {said}");
            }
        }
    }
}
