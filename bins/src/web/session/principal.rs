//! Whoever asks, as handlers take it: who he is and what he may do is `cronbus_core::account`'s.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use cronbus_core::account;
use serde::{Deserialize, Serialize};

use crate::web::problem::Problem;

/// Whoever asks. A handler that takes one is answered only for those who showed who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Principal(pub(crate) account::Principal);

impl Principal {
    /// Whoever shows the admin token.
    pub(crate) fn admin() -> Self {
        Self(account::Principal::admin())
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
        Self(principal)
    }
}

impl FromRequest for Principal {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        ready(found.ok_or_else(|| Problem::plain(StatusCode::UNAUTHORIZED, "nobody has said who asks")))
    }
}
