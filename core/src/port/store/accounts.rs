//! Who there is: users, API tokens, sessions. What they may do is decided by `crate::account`.

use std::fmt::Debug;

use async_trait::async_trait;

use super::error::Result;
use super::history::{Cursor, Page};
use crate::account::{AccountName, ApiToken, SecretHash, Session, User};
use crate::time::Timestamp;

/// Users, API tokens and sessions. No secret is kept, only hashes.
#[async_trait]
pub trait Accounts: Send + Sync + Debug {
    /// Adds a user. False when the name or the identity is another's: nothing was written.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn add_user(&self, user: &User) -> Result<bool>;

    /// Adds a user if there is none at all; of several who try at once one succeeds. Set-up links end with it.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn add_first_user(&self, user: &User) -> Result<bool>;

    /// The user of this name.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn user(&self, name: &AccountName) -> Result<Option<User>>;

    /// The user of this identity ([`crate::account::Identity::key`]).
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn user_of_identity(&self, key: &str) -> Result<Option<User>>;

    /// Users by name, and where the next page starts.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn users(&self, page: &Page<AccountName>) -> Result<(Vec<User>, Cursor<AccountName>)>;

    /// Makes a user what he shall be; when he signed in last stays. False when there is none of the name at the revision
    /// before this one: nothing was written.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn replace_user(&self, user: &User) -> Result<bool>;

    /// Deletes a user and his sessions. False when there is none.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn delete_user(&self, name: &AccountName) -> Result<bool>;

    /// A user signed in.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn note_sign_in(&self, name: &AccountName, at: Timestamp) -> Result<()>;

    /// Adds an API token. False when the name is another's: nothing was written.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn add_api_token(&self, token: &ApiToken) -> Result<bool>;

    /// The API token of this hash, expired or not.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn api_token(&self, hash: &SecretHash) -> Result<Option<ApiToken>>;

    /// API tokens by name, and where the next page starts.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn api_tokens(&self, page: &Page<AccountName>) -> Result<(Vec<ApiToken>, Cursor<AccountName>)>;

    /// Forgets an API token. False when there is none of the name.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn revoke_api_token(&self, name: &AccountName) -> Result<bool>;

    /// An API token was shown.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn note_use_of_api_token(&self, hash: &SecretHash, at: Timestamp) -> Result<()>;

    /// Opens a session.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn open_session(&self, session: &Session) -> Result<()>;

    /// The session of this hash, over or not.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`.
    async fn session(&self, hash: &SecretHash) -> Result<Option<Session>>;

    /// A session was used.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn note_use_of_session(&self, hash: &SecretHash, at: Timestamp) -> Result<()>;

    /// Ends a session. Of several who try at once, one is told that it was there.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn end_session(&self, hash: &SecretHash) -> Result<bool>;

    /// Forgets the sessions that were opened before `opened_before`, or used last before `used_before`; how many.
    ///
    /// # Errors
    /// `Unavailable`.
    async fn prune_sessions(&self, opened_before: Timestamp, used_before: Timestamp) -> Result<usize>;
}
