//! How a connection to MySQL or MariaDB is set up.

use std::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use diesel_async::{AsyncMysqlConnection, SimpleAsyncConnection};
use mysql_async::{Conn, DriverError, Opts, OptsBuilder, SslOpts};

use crate::store::failure::Failure;
use crate::store::server::address::{Address, Encryption};
use crate::store::server::options::OpenOptions;
use crate::tls::{self, database};

/// A connection that was used a moment ago is taken to be alive.
const FRESH: Duration = Duration::from_secs(1);

/// The rows of a batch that moves runs on, of one connection. Kept in memory: it has no text longer than a reason that
/// [`super::statements`] lets in.
const MOVES: &str = "CREATE TEMPORARY TABLE IF NOT EXISTS run_moves (id BINARY(16) NOT NULL, was INT NOT NULL, \
     state INT NOT NULL, node VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL, started_at BIGINT NULL, \
     ended_at BIGINT NULL, exit_code INT NULL, exit_signal INT NULL, \
     reason VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL, healthy BOOLEAN NOT NULL, \
     not_before BIGINT NULL, user_ms BIGINT NULL, system_ms BIGINT NULL, max_rss_bytes BIGINT NULL, \
     output_bytes BIGINT NOT NULL, output_truncated BOOLEAN NOT NULL) ENGINE = MEMORY";

/// Makes connections, and knows which are still good.
#[derive(Debug)]
pub(super) struct Manager {
    address: Address,
    driver: Opts,
    idle_timeout: Duration,
}

impl Manager {
    /// Connections to this address.
    ///
    /// # Errors
    /// When the certificates that its URL names cannot be read.
    pub(super) fn new(address: &Address, options: OpenOptions) -> Result<Self, String> {
        if let Encryption::Verified { authorities } = &address.encryption {
            // The driver would read them with each connection, and take a missing file for a server that is away.
            database::authorities(authorities)?;
        }
        let driver = driver(address)
            // diesel keeps prepared statements, and counts rows as PostgreSQL does.
            .stmt_cache_size(0)
            .client_found_rows(true)
            .init(settings(options));
        Ok(Self { address: address.clone(), driver: driver.into(), idle_timeout: options.idle_timeout })
    }

    fn unreachable(&self, error: &dyn std::fmt::Display) -> Failure {
        Failure::unavailable(format!("{}: {error}", self.address))
    }

    fn failed(&self, error: &mysql_async::Error) -> Failure {
        let address = &self.address;
        if let Some(advice) = tls::distrust(error) {
            return Failure::Refused(format!("{address}: {advice}"));
        }
        match error {
            mysql_async::Error::Server(said) if REFUSALS.contains(&said.code) => {
                Failure::Refused(format!("{address}: {} ({})", said.message, said.code))
            }
            mysql_async::Error::Driver(DriverError::NoClientSslFlagFromServer) => {
                Failure::Refused(format!("{address}: the server speaks no TLS: leave sslmode out of database.url"))
            }
            _ => self.unreachable(error),
        }
    }
}

/// What a server says to whom it will never let in like this: no right to the database, wrong password, no such database,
/// not from this host, an unknown way to prove a password, TLS wanted, account locked, password expired.
/// <https://mariadb.com/kb/en/mariadb-error-code-reference/>, <https://dev.mysql.com/doc/mysql-errors/8.0/en/>
const REFUSALS: [u16; 10] = [1044, 1045, 1049, 1130, 1251, 1524, 1698, 1862, 3118, 3159];

/// How to reach an address.
fn driver(address: &Address) -> OptsBuilder {
    OptsBuilder::default()
        .ip_or_hostname(address.host.clone())
        .tcp_port(address.port)
        .user(Some(address.user.clone()))
        .pass(address.password.clone())
        .db_name(Some(address.database.clone()))
        .ssl_opts(encryption(&address.encryption))
        // A socket that the server names may lead past a proxy or a tunnel.
        .prefer_socket(false)
        .tcp_keepalive(Some(60_000_u32))
}

/// How to reach the database of a URL, for those who read a database that is not cronbus's own.
///
/// # Errors
/// What is wrong with the URL, without its password.
pub(crate) fn mysql_driver(url: &str) -> Result<OptsBuilder, String> {
    if !url.starts_with("mysql://") {
        return Err("its URL must begin with mysql://".to_owned());
    }
    Ok(driver(&Address::parse(url, super::DEFAULT_PORT, super::DEFAULT_USER)?))
}

fn encryption(wanted: &Encryption) -> Option<SslOpts> {
    match wanted {
        Encryption::None => None,
        Encryption::Unverified => {
            let believing = SslOpts::default().with_danger_accept_invalid_certs(true);
            Some(believing.with_danger_skip_domain_validation(true))
        }
        Encryption::Verified { authorities } => {
            let only = SslOpts::default().with_disable_built_in_roots(true);
            Some(only.with_root_certs(vec![authorities.clone().into()]))
        }
    }
}

/// The settings of a session. Each statement sees what is committed when it begins, as in PostgreSQL; comments of the
/// form `/*M!` are for MariaDB, `/*!80000` for MySQL 8.
fn settings(options: OpenOptions) -> Vec<String> {
    let timeout = options.statement_timeout;
    vec![
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED".to_owned(),
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'".to_owned(),
        format!("SET SESSION innodb_lock_wait_timeout = {}", timeout.as_secs().max(1)),
        format!("/*M!100101 SET SESSION max_statement_time = {} */", timeout.as_secs_f64()),
        format!("/*!80000 SET SESSION max_execution_time = {} */", timeout.as_millis()),
        MOVES.to_owned(),
    ]
}

impl managed::Manager for Manager {
    type Type = AsyncMysqlConnection;
    type Error = Failure;

    async fn create(&self) -> Result<Self::Type, Failure> {
        let connection = Conn::new(self.driver.clone()).await.map_err(|error| self.failed(&error))?;
        AsyncMysqlConnection::try_from(connection).await.map_err(|error| self.unreachable(&error))
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
