//! Whoever asks, as handlers take it: who he is and what he may do is `cronbus_core::account`'s.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use cronbus_core::account;
use cronbus_core::audit::Actor;

use super::origin::Origin;
use crate::web::problem::Problem;

/// Whoever asks. A handler that takes one is answered only for those who showed who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal(pub(crate) account::Principal, pub(crate) Origin);

impl Principal {
    /// The name of whoever shows the admin token.
    pub(crate) const ADMIN: &str = account::Principal::ADMIN;

    /// The same, coming from there.
    pub(crate) fn at(self, origin: Origin) -> Self {
        Self(self.0, origin)
    }

    /// As the audit trail has him.
    pub(crate) fn actor(&self) -> Actor {
        Actor::new(&self.0, self.1.door, self.1.address)
    }

    /// Whoever shows the admin token.
    pub(crate) fn admin() -> Self {
        account::Principal::admin().into()
    }
}

impl Deref for Principal {
    type Target = account::Principal;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<account::Principal> for Principal {
    fn from(principal: account::Principal) -> Self {
        Self(principal, Origin::default())
    }
}

impl FromRequest for Principal {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        ready(
            found
                .map(|by| by.at(Origin::of(request)))
                .ok_or_else(|| Problem::plain(StatusCode::UNAUTHORIZED, "nobody has said who asks")),
        )
    }
}
