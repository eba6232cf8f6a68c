//! Whoever asks: a name for the record and a role.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::{Deserialize, Serialize};

use crate::web::problem::Problem;

/// What a principal may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Everything.
    Admin,
}

/// Whoever asks. A handler that takes one is answered only for those who showed who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Principal {
    /// What changes are recorded under.
    pub(crate) name: String,
    /// What it may do.
    pub(crate) role: Role,
}

impl Principal {
    /// Whoever shows the admin token.
    pub(crate) fn admin() -> Self {
        Self { name: "admin".to_owned(), role: Role::Admin }
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
