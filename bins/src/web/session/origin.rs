//! From where somebody asks, and through which door.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;
use cronbus_core::audit::Door;

use crate::web::admin::routes::is_behind_gate;

/// What the command line calls itself, before its version.
pub(crate) const CLI: &str = "cronbus-cli/";

/// Where a request came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Through which door.
    pub(crate) door: Door,
    /// The other end of the connection. Headers that tell of another are not believed: anybody can write them.
    pub(crate) address: Option<IpAddr>,
}

impl Origin {
    /// That of a request.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let door = if is_behind_gate(request.path())
            || matches!(request.path(), "/login" | "/login/oidc" | "/login/oidc/callback" | "/setup")
        {
            Door::Page
        } else if agent.is_some_and(|agent| agent.starts_with(CLI)) {
            Door::Cli
        } else {
            Door::Rest
        };
        Self { door, address: request.peer_addr().map(|peer| peer.ip()) }
    }
}
