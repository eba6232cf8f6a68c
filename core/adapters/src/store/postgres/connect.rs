//! How a connection to PostgreSQL is set up.

use std::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use diesel::ConnectionResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::failure::Failure;
use crate::store::server::address::Address;
use crate::store::server::options::OpenOptions;
use crate::tls::{self, database};

/// A connection that was used a moment ago is taken to be alive.
const FRESH: Duration = Duration::from_secs(1);

/// Makes connections, and knows which are still good.
pub(super) struct Manager {
    address: Address,
    driver: Config,
    encryption: Option<MakeRustlsConnect>,
    settings: String,
    idle_timeout: Duration,
}

impl Manager {
    /// Connections to this address.
    ///
    /// # Errors
    /// When the certificates that its URL names cannot be read.
    pub(super) fn new(address: &Address, options: OpenOptions) -> Result<Self, String> {
        let encryption = database::client(&address.encryption)?.map(MakeRustlsConnect::new);
        let mut driver = Config::new();
        driver
            .host(&address.host)
            .port(address.port)
            .user(&address.user)
            .dbname(&address.database)
            .application_name("cronbus")
            .ssl_mode(if encryption.is_some() { SslMode::Require } else { SslMode::Disable })
            .connect_timeout(options.connect_timeout);
        if let Some(password) = &address.password {
            driver.password(password);
        }
        let (settings, idle_timeout) = (settings(options), options.idle_timeout);
        Ok(Self { address: address.clone(), driver, encryption, settings, idle_timeout })
    }

    async fn connect(&self) -> Result<ConnectionResult<AsyncPgConnection>, tokio_postgres::Error> {
        Ok(match &self.encryption {
            Some(encryption) => {
                let (client, connection) = self.driver.connect(encryption.clone()).await?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await
            }
            None => {
                let (client, connection) = self.driver.connect(NoTls).await?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await
            }
        })
    }

    fn failed(&self, error: &tokio_postgres::Error) -> Failure {
        if let Some(advice) = tls::distrust(error) {
            return Failure::Refused(format!("{}: {advice}", self.address));
        }
        match error.as_db_error() {
            Some(said) if is_refusal(said.code()) => {
                Failure::Refused(format!("{}: {} ({})", self.address, said.message(), said.code().code()))
            }
            _ => self.unreachable(error),
        }
    }

    fn unreachable(&self, error: &dyn std::error::Error) -> Failure {
        // The driver's own words for "connection refused" and "password authentication failed" are in the source.
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        Failure::unavailable(format!("{}: {error}{cause}", self.address))
    }
}

/// Whether a server will never let in whoever comes like this: class 28, no such database, no right to it.
/// <https://www.postgresql.org/docs/15/errcodes-appendix.html>
fn is_refusal(state: &SqlState) -> bool {
    state.code().starts_with("28") || [SqlState::INVALID_CATALOG_NAME, SqlState::INSUFFICIENT_PRIVILEGE].contains(state)
}

/// The settings of a session. Rows are always looked for by their key, from batches whose size the planner cannot see:
/// a plan made while the table was empty must not read all of it later. Compiling queries costs more than these take.
fn settings(options: OpenOptions) -> String {
    format!(
        "SET statement_timeout = {milliseconds}; SET lock_timeout = {milliseconds}; \
         SET idle_in_transaction_session_timeout = {milliseconds}; \
         SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off",
        milliseconds = options.statement_timeout.as_millis().max(1)
    )
}

impl managed::Manager for Manager {
    type Type = AsyncPgConnection;
    type Error = Failure;

    async fn create(&self) -> Result<Self::Type, Failure> {
        let connection = self.connect().await.map_err(|error| self.failed(&error))?;
        let mut connection = connection.map_err(|error| self.unreachable(&error))?;
        connection.batch_execute(&self.settings).await?;
        Ok(connection)
    }

    async fn recycle(&self, connection: &mut Self::Type, metrics: &Metrics) -> RecycleResult<Failure> {
        let unused = metrics.last_used();
        if unused > self.idle_timeout {
            return Err(RecycleError::message("not used for long"));
        }
        if unused > FRESH {
            connection.batch_execute("SELECT 1").await.map_err(|error| RecycleError::Backend(error.into()))?;
        }
        Ok(())
    }
}
