//! The web server of a node: the routes behind the token, on one listening socket.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::http::header;
use actix_web::middleware::{Compress, DefaultHeaders, from_fn};
use actix_web::web::{Data, PayloadConfig};
use actix_web::{App, HttpServer};
use rustls::ServerConfig;

use super::site::Site;
use super::{auth, leaving, problem, routes};

/// How many threads answer requests. Answering waits for the database and little else.
const WORKERS: usize = 2;

/// How many connections one of them serves at a time; those beyond wait to be accepted.
const CONNECTIONS: usize = 2048;

/// How long requests that are being answered may take when the server ends.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// How long a client may take to send the head of a request.
pub(super) const SLOWEST_HEAD: Duration = Duration::from_secs(10);

/// The pages may load nothing from elsewhere and be shown in no frame.
const CONTENT_SECURITY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                                frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// A socket that listens, before anybody is answered.
#[derive(Debug)]
pub(crate) struct Listening {
    listener: TcpListener,
    /// Where: with the port that the system chose, when it was asked to.
    pub(crate) address: SocketAddr,
}

impl Listening {
    /// The same socket, for those who answer before the node can.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn again(&self) -> io::Result<Self> {
        Ok(Self { listener: self.listener.try_clone()?, address: self.address })
    }

    /// One that somebody else has opened.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn of(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The socket itself.
    pub(crate) fn into_listener(self) -> TcpListener {
        self.listener
    }
}

/// Listens at `address`.
///
/// # Errors
/// When the system refuses: the port is taken, or not allowed.
pub(crate) fn listen(address: &str) -> io::Result<Listening> {
    Listening::of(TcpListener::bind(address)?)
}

/// Answers requests with bodies of at most `max_body` bytes from now on, over TLS if so given, until the handle stops it.
///
/// # Errors
/// When the socket cannot be used.
pub(crate) fn serve(
    listening: Listening,
    tls: Option<ServerConfig>,
    site: Site,
    max_body: usize,
) -> io::Result<(Server, ServerHandle)> {
    let (leaving, site) = (Data::new(site.leaving.clone()), Data::new(site));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(site.clone())
            .app_data(leaving.clone())
            .app_data(PayloadConfig::new(max_body))
            .configure(routes::configure)
            .wrap(from_fn(auth::guard))
            .wrap(from_fn(problem::every_error_as_problem))
            .wrap(Compress::default())
            .wrap(
                DefaultHeaders::new()
                    .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                    .add((header::CACHE_CONTROL, "no-store"))
                    .add((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY)),
            )
            .wrap(from_fn(leaving::mark))
    })
    .workers(WORKERS)
    .max_connections(CONNECTIONS)
    .client_request_timeout(SLOWEST_HEAD)
    .shutdown_timeout(LAST_ANSWERS.as_secs())
    .disable_signals();
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listening.listener, tls)?,
        None => server.listen(listening.listener)?,
    };
    let server = server.run();
    let handle = server.handle();
    Ok((server, handle))
}
