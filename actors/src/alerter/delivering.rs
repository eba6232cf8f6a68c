//! Deliveries: what is due goes out, each channel by itself, so that one that hangs holds up none of the others. What came
//! of a try is durable before the next one of its channel.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use cronbus_core::alert::{ChannelName, Delivery, Progress};
use cronbus_core::port::store::{AlertStep, Error, Result};
use futures::future::join_all;

use super::actor::Mind;

/// How often to look for what is due.
const LOOK: Duration = Duration::from_secs(1);

/// How many are read at a time.
const AT_A_TIME: usize = 200;

/// How long one try may take, whatever the notifier does about it.
const PATIENCE: Duration = Duration::from_secs(60);

impl Mind {
    /// Delivers what is due, for ever.
    pub(super) async fn keep_delivering(self: Rc<Self>) {
        let clock = &self.setup.ports.clock;
        loop {
            let look = clock.now() + LOOK.max(self.setup.settings.every);
            self.deliver.nudged_or_at(&**clock, Some(look)).await;
            if let Err(error) = self.deliver_due().await {
                self.setup.figures.store_failures.add(1);
                tracing::debug!(%error, "deliveries wait");
                if matches!(error, Error::Superseded { .. }) {
                    self.lead.replace(None);
                }
            }
        }
    }

    async fn deliver_due(&self) -> Result<()> {
        if self.lead.borrow().is_none() {
            return Ok(());
        }
        let due = self.setup.store.due_deliveries(self.now(), AT_A_TIME).await?;
        let mut lanes: BTreeMap<ChannelName, Vec<Delivery>> = BTreeMap::new();
        for delivery in due {
            lanes.entry(delivery.channel.clone()).or_default().push(delivery);
        }
        let all = join_all(lanes.into_values().map(|lane| self.deliver_lane(lane))).await;
        all.into_iter().collect()
    }

    /// Delivers over one channel until one is not taken for now: the others would not be either.
    async fn deliver_lane(&self, lane: Vec<Delivery>) -> Result<()> {
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
