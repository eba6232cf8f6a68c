//! The port of accounts: each call becomes one closure on a thread that may block.

use async_trait::async_trait;
use cronbus_core::account::{AccountName, ApiToken, SecretHash, Session, User};
use cronbus_core::port::store::{Accounts, Cursor, Page, Result};
use cronbus_core::time::Timestamp;

use super::{SqliteStore, accounts};

#[async_trait]
impl Accounts for SqliteStore {
    async fn add_user(&self, user: &User) -> Result<bool> {
        let user = user.clone();
        self.write("add a user", move |connection| accounts::add_user(connection, &user)).await
    }

    async fn add_first_user(&self, user: &User) -> Result<bool> {
        let user = user.clone();
        self.write("add the first user", move |connection| accounts::add_first_user(connection, &user)).await
    }

    async fn user(&self, name: &AccountName) -> Result<Option<User>> {
        let name = name.clone();
        self.read("read a user", move |connection| accounts::user(connection, &name)).await
    }

    async fn user_of_identity(&self, key: &str) -> Result<Option<User>> {
        let key = key.to_owned();
        self.read("read a user", move |connection| accounts::user_of_identity(connection, &key)).await
    }

    async fn users(&self, page: &Page<AccountName>) -> Result<(Vec<User>, Cursor<AccountName>)> {
        let page = page.clone();
        self.read("list users", move |connection| accounts::users(connection, &page)).await
    }

    async fn replace_user(&self, user: &User) -> Result<bool> {
        let user = user.clone();
        self.write("change a user", move |connection| accounts::replace_user(connection, &user)).await
    }

    async fn delete_user(&self, name: &AccountName) -> Result<bool> {
        let name = name.clone();
        self.write("delete a user", move |connection| accounts::delete_user(connection, &name)).await
    }

    async fn note_sign_in(&self, name: &AccountName, at: Timestamp) -> Result<()> {
        let name = name.clone();
        self.write("note who signed in", move |connection| accounts::note_sign_in(connection, &name, at)).await
    }

    async fn add_api_token(&self, token: &ApiToken) -> Result<bool> {
        let token = token.clone();
        self.write("add an API token", move |connection| accounts::add_api_token(connection, &token)).await
    }

    async fn api_token(&self, hash: &SecretHash) -> Result<Option<ApiToken>> {
        let hash = *hash;
        self.read("read an API token", move |connection| accounts::api_token(connection, &hash)).await
    }

    async fn api_tokens(&self, page: &Page<AccountName>) -> Result<(Vec<ApiToken>, Cursor<AccountName>)> {
        let page = page.clone();
        self.read("list API tokens", move |connection| accounts::api_tokens(connection, &page)).await
    }

    async fn revoke_api_token(&self, name: &AccountName) -> Result<bool> {
        let name = name.clone();
        self.write("revoke an API token", move |connection| accounts::revoke_api_token(connection, &name)).await
    }

    async fn note_use_of_api_token(&self, hash: &SecretHash, at: Timestamp) -> Result<()> {
        let hash = *hash;
        self.write("note that an API token was used", move |connection| {
            accounts::note_use_of_api_token(connection, &hash, at)
        })
        .await
    }

    async fn open_session(&self, session: &Session) -> Result<()> {
        let session = session.clone();
        self.write("open a session", move |connection| accounts::open_session(connection, &session)).await
    }

    async fn session(&self, hash: &SecretHash) -> Result<Option<Session>> {
        let hash = *hash;
        self.read("read a session", move |connection| accounts::session(connection, &hash)).await
    }

    async fn note_use_of_session(&self, hash: &SecretHash, at: Timestamp) -> Result<()> {
        let hash = *hash;
        self.write("note that a session was used", move |connection| {
            accounts::note_use_of_session(connection, &hash, at)
        })
        .await
    }

    async fn end_session(&self, hash: &SecretHash) -> Result<bool> {
        let hash = *hash;
        self.write("end a session", move |connection| accounts::end_session(connection, &hash)).await
    }

    async fn prune_sessions(&self, opened_before: Timestamp, used_before: Timestamp) -> Result<usize> {
        self.write("forget old sessions", move |connection| {
            accounts::prune_sessions(connection, opened_before, used_before)
        })
        .await
    }
}
