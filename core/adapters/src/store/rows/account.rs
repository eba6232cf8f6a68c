//! Rows of the tables of accounts: what is looked for by, and the rest as a document.

use cronbus_core::account::{AccountName, ApiToken, ApiTokenFacts, Holder, Identity, SecretHash, Session, User};
use cronbus_core::port::store::Error;
use cronbus_core::time::Timestamp;
use diesel::prelude::*;

use super::alert::of_alert;
use super::job::to_document;
use crate::store::schema::{account_sessions, account_tokens, account_users};

/// What `account_sessions.holder` says of a set-up link.
pub(in crate::store) const SET_UP: i32 = 2;

/// What it says of a browser that is at the OpenID provider.
const SIGNING_IN: i32 = 3;

/// A row of `account_users` as it is written.
#[derive(Insertable)]
#[diesel(table_name = account_users)]
pub(in crate::store) struct NewUser {
    pub(in crate::store) name: String,
    pub(in crate::store) revision: i64,
    pub(in crate::store) identity: Option<String>,
    signed_in_at: Option<i64>,
    pub(in crate::store) document: String,
}

impl From<&User> for NewUser {
    fn from(user: &User) -> Self {
        Self {
            name: user.name.to_string(),
            revision: user.revision,
            identity: user.identity.as_ref().map(Identity::key),
            signed_in_at: user.signed_in_at.map(Timestamp::millis),
            document: to_document(user),
        }
    }
}

/// A user, of his document and when he signed in last.
pub(in crate::store) fn of_user((document, signed_in_at): (String, Option<i64>)) -> Result<User, Error> {
    let user: User = of_alert("account_users", &document)?;
    Ok(User { signed_in_at: signed_in_at.map(Timestamp::from_millis), ..user })
}

/// A row of `account_tokens` as it is written.
#[derive(Insertable)]
#[diesel(table_name = account_tokens)]
pub(in crate::store) struct NewApiToken {
    hash: Vec<u8>,
    name: String,
    used_at: Option<i64>,
    document: String,
}

impl From<&ApiToken> for NewApiToken {
    fn from(token: &ApiToken) -> Self {
        Self {
            hash: token.hash.as_bytes().to_vec(),
            name: token.facts.name.to_string(),
            used_at: token.used_at.map(Timestamp::millis),
            document: to_document(&token.facts),
        }
    }
}

/// An API token, of its hash, when it was used last, and its document.
pub(in crate::store) fn of_api_token(
    (hash, used_at, document): (Vec<u8>, Option<i64>, String),
) -> Result<ApiToken, Error> {
    let facts: ApiTokenFacts = of_alert("account_tokens", &document)?;
    let hash = of_hash("account_tokens", hash)?;
    Ok(ApiToken { hash, facts, used_at: used_at.map(Timestamp::from_millis) })
}

/// A row of `account_sessions`.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = account_sessions)]
pub(in crate::store) struct SessionRow {
    hash: Vec<u8>,
    holder: i32,
    name: String,
    generation: i64,
    opened_at: i64,
    used_at: i64,
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        let (holder, name) = match &session.holder {
            Holder::User(name) => (0, name.to_string()),
            Holder::AdminToken => (1, String::new()),
            Holder::SetUp => (SET_UP, String::new()),
            Holder::SigningIn => (SIGNING_IN, String::new()),
        };
        Self {
            hash: session.hash.as_bytes().to_vec(),
            holder,
            name,
            generation: session.generation,
            opened_at: session.opened_at.millis(),
            used_at: session.used_at.millis(),
        }
    }
}

impl TryFrom<SessionRow> for Session {
    type Error = Error;
    fn try_from(row: SessionRow) -> Result<Self, Error> {
        let damaged = |what: String| Error::Damaged { what: format!("account_sessions: {what}") };
        let holder = match row.holder {
            0 => Holder::User(AccountName::new(&row.name).map_err(|error| damaged(error.to_string()))?),
            1 => Holder::AdminToken,
            SET_UP => Holder::SetUp,
            SIGNING_IN => Holder::SigningIn,
            other => return Err(damaged(format!("a holder of kind {other}"))),
        };
        Ok(Self {
            hash: of_hash("account_sessions", row.hash)?,
            holder,
            generation: row.generation,
            opened_at: Timestamp::from_millis(row.opened_at),
            used_at: Timestamp::from_millis(row.used_at),
        })
    }
}

fn of_hash(table: &str, bytes: Vec<u8>) -> Result<SecretHash, Error> {
    let bytes = bytes.try_into().map_err(|_| Error::Damaged { what: format!("{table}.hash: not 32 bytes") })?;
    Ok(SecretHash::from_bytes(bytes))
}
