//! From the bus into mailboxes: what other nodes, or this one, sent to an address of this node.

use cronbus_core::id::NodeName;
use cronbus_core::port::bus::Address;
use cronbus_core::wire::Message;

use crate::dispatcher::{Dispatcher, Due, Reported, Requested};
use crate::executor::{Assigned, Controlled, Executor};
use crate::mailbox::Mailbox;
use crate::patience::Patience;
use crate::ports::Ports;
use crate::scheduler::{Durable, Scheduler};

/// Carries assignments and controls to the executor, for as long as it lives.
pub(crate) async fn to_executor(ports: Ports, at: Address, executor: Mailbox<Executor>) {
    let carry = async |message| match message {
        Message::Assign(batch) => executor.tell(Assigned(batch)).await.is_ok(),
        Message::Control(controls) => executor.tell(Controlled(controls)).await.is_ok(),
        _ => misled(&at),
    };
    carry_all(&ports, &at, carry).await;
}

/// Carries reports, and what other nodes want, to the dispatcher, for as long as it lives.
pub(crate) async fn to_dispatcher(ports: Ports, name: NodeName, dispatcher: Mailbox<Dispatcher>) {
    let at = Address::Dispatcher(name);
    let carry = async |message| match message {
        Message::Reports { node, reports } => dispatcher.tell(Reported { node, reports }).await.is_ok(),
        Message::Due(batch) => dispatcher.tell(Due(batch)).await.is_ok(),
        Message::Requests(requests) => dispatcher.tell(Requested(requests)).await.is_ok(),
        _ => misled(&at),
    };
    carry_all(&ports, &at, carry).await;
}

/// Carries the answers of dispatchers elsewhere to the scheduler, for as long as it lives.
pub(crate) async fn to_scheduler(ports: Ports, name: NodeName, scheduler: Mailbox<Scheduler>) {
    let at = Address::Scheduler(name);
    let carry = async |message| match message {
        Message::Durable(durable) => scheduler.tell(Durable(durable)).await.is_ok(),
        _ => misled(&at),
    };
    carry_all(&ports, &at, carry).await;
}

/// Subscribes, again whenever the bus was lost, and gives each message to `carry` until that says that nobody is there.
async fn carry_all(ports: &Ports, at: &Address, carry: impl AsyncFn(Message) -> bool) {
    let mut patience = Patience::default();
    loop {
        match ports.bus.subscribe(at).await {
            Ok(mut inbox) => {
                patience.comes_back();
                while let Some(message) = inbox.receive().await {
                    if !carry(message).await {
                        return;
                    }
                }
            }
            Err(error) if patience.runs_out(&*ports.bus) => {
                tracing::warn!(%error, ?at, "the bus cannot be listened to");
            }
            Err(_) => {}
        }
        ports.clock.sleep(std::time::Duration::from_secs(1)).await;
    }
}

fn misled(at: &Address) -> bool {
    tracing::error!(?at, "a message of the wrong kind was dropped");
    true
}
