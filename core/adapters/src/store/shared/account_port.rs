//! The port of accounts: each call becomes one task on the store's own thread.

use async_trait::async_trait;
use cronbus_core::account::{AccountName, ApiToken, SecretHash, Session, User};
use cronbus_core::port::store::{Accounts, Cursor, Page, Result};
use cronbus_core::time::Timestamp;

use super::accounts;
use super::handle::ServerStore;
use super::transaction::{Lease, Transaction};

#[async_trait]
impl Accounts for ServerStore {
    async fn add_user(&self, user: &User) -> Result<bool> {
        let user = user.clone();
        self.perform("add a user", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::add_user(transaction.connection()?, &user).await;
            transaction.end(done).await
        })
        .await
    }

    async fn add_first_user(&self, user: &User) -> Result<bool> {
        let user = user.clone();
        self.perform("add the first user", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::add_first_user(transaction.connection()?, &user).await;
            transaction.end(done).await
        })
        .await
    }

    async fn user(&self, name: &AccountName) -> Result<Option<User>> {
        let name = name.clone();
        self.perform("read a user", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = accounts::user(lease.connection()?, &name).await;
            lease.after(done)
        })
        .await
    }

    async fn user_of_identity(&self, key: &str) -> Result<Option<User>> {
        let key = key.to_owned();
        self.perform("read a user", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = accounts::user_of_identity(lease.connection()?, &key).await;
            lease.after(done)
        })
        .await
    }

    async fn users(&self, page: &Page<AccountName>) -> Result<(Vec<User>, Cursor<AccountName>)> {
        let page = page.clone();
        self.perform("list users", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = accounts::users(lease.connection()?, &page).await;
            lease.after(done)
        })
        .await
    }

    async fn replace_user(&self, user: &User) -> Result<bool> {
        let user = user.clone();
        self.perform("change a user", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::replace_user(transaction.connection()?, &user).await;
            transaction.end(done).await
        })
        .await
    }

    async fn delete_user(&self, name: &AccountName) -> Result<bool> {
        let name = name.clone();
        self.perform("delete a user", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::delete_user(transaction.connection()?, &name).await;
            transaction.end(done).await
        })
        .await
    }

    async fn note_sign_in(&self, name: &AccountName, at: Timestamp) -> Result<()> {
        let name = name.clone();
        self.perform("note who signed in", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::note_sign_in(transaction.connection()?, &name, at).await;
            transaction.end(done).await
        })
        .await
    }

    async fn add_api_token(&self, token: &ApiToken) -> Result<bool> {
        let token = token.clone();
        self.perform("add an API token", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::add_api_token(transaction.connection()?, &token).await;
            transaction.end(done).await
        })
        .await
    }

    async fn api_token(&self, hash: &SecretHash) -> Result<Option<ApiToken>> {
        let hash = *hash;
        self.perform("read an API token", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = accounts::api_token(lease.connection()?, &hash).await;
            lease.after(done)
        })
        .await
    }

    async fn api_tokens(&self, page: &Page<AccountName>) -> Result<(Vec<ApiToken>, Cursor<AccountName>)> {
        let page = page.clone();
        self.perform("list API tokens", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = accounts::api_tokens(lease.connection()?, &page).await;
            lease.after(done)
        })
        .await
    }

    async fn revoke_api_token(&self, name: &AccountName) -> Result<bool> {
        let name = name.clone();
        self.perform("revoke an API token", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::revoke_api_token(transaction.connection()?, &name).await;
            transaction.end(done).await
        })
        .await
    }

    async fn note_use_of_api_token(&self, hash: &SecretHash, at: Timestamp) -> Result<()> {
        let hash = *hash;
        self.perform("note that an API token was used", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::note_use_of_api_token(transaction.connection()?, &hash, at).await;
            transaction.end(done).await
        })
        .await
    }

    async fn open_session(&self, session: &Session) -> Result<()> {
        let session = session.clone();
        self.perform("open a session", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::open_session(transaction.connection()?, &session).await;
            transaction.end(done).await
        })
        .await
    }

    async fn session(&self, hash: &SecretHash) -> Result<Option<Session>> {
        let hash = *hash;
        self.perform("read a session", move |pool| async move {
            let mut lease = Lease::of(&pool).await?;
            let done = accounts::session(lease.connection()?, &hash).await;
            lease.after(done)
        })
        .await
    }

    async fn note_use_of_session(&self, hash: &SecretHash, at: Timestamp) -> Result<()> {
        let hash = *hash;
        self.perform("note that a session was used", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::note_use_of_session(transaction.connection()?, &hash, at).await;
            transaction.end(done).await
        })
        .await
    }

    async fn end_session(&self, hash: &SecretHash) -> Result<bool> {
        let hash = *hash;
        self.perform("end a session", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::end_session(transaction.connection()?, &hash).await;
            transaction.end(done).await
        })
        .await
    }

    async fn prune_sessions(&self, opened_before: Timestamp, used_before: Timestamp) -> Result<usize> {
        self.perform("forget old sessions", move |pool| async move {
            let mut transaction = Transaction::begin(&pool).await?;
            let done = accounts::prune_sessions(transaction.connection()?, opened_before, used_before).await;
            transaction.end(done).await
        })
        .await
    }
}
