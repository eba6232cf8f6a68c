//! A plain client: asks one question and waits for the answer. It has no key and no stream.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, RequestErrorKind};
use cronbus_core::config::{Endpoints, ServiceUrl};
use cronbus_core::port::Clock;
use cronbus_core::port::health::Service;

use super::connect::ConnectError;
use super::connection::{self, Calling};
use super::counters::Counters;
use super::options::Login;
use crate::watched::Watched;

/// A plain client of the bus.
#[derive(Debug)]
pub struct Caller {
    client: Client,
    url: ServiceUrl,
}

/// A question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No server answers.
    #[error("no NATS server answers at {url}")]
    Away {
        /// Where.
        url: String,
    },
    /// A server is there, and nobody who could answer.
    #[error(
        "nobody answers {subject}: no node with the role dispatcher runs there, or it does not take submissions \
         (bus.submit)"
    )]
    Nobody {
        /// What was asked.
        subject: &'static str,
    },
    /// No answer came in time, or the server did not let the question through.
    #[error("no answer to {subject} came within {} s: {reason}", patience.as_secs())]
    NoAnswer {
        /// What was asked.
        subject: &'static str,
        /// How long it was waited for.
        patience: Duration,
        /// What the driver said.
        reason: String,
    },
}

impl Caller {
    /// Connects.
    ///
    /// # Errors
    /// When a server refuses, or the address or a file cannot be used.
    pub async fn connect(url: &ServiceUrl, login: &Login, clock: Arc<dyn Clock>) -> Result<Self, ConnectError> {
        let calling = Calling {
            name: "cronbus submit",
            endpoints: Endpoints::parse(url).map_err(|_| ConnectError::Address)?,
            login,
            watched: Arc::new(Watched::new(Service::Bus, url.to_string(), clock)),
            counters: Arc::new(Counters::default()),
        };
        Ok(Self { client: connection::connect(&calling).await?, url: url.clone() })
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// When none comes.
    pub async fn ask(&self, subject: &'static str, payload: Vec<u8>) -> Result<Vec<u8>, CallError> {
        if self.client.connection_state() != async_nats::connection::State::Connected {
            return Err(CallError::Away { url: self.url.to_string() });
        }
        let answer = self.client.request(subject, payload.into()).await;
        answer.map(|message| message.payload.into()).map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => CallError::Nobody { subject },
            _ => CallError::NoAnswer { subject, patience: connection::PATIENCE, reason: error.to_string() },
        })
    }
}
