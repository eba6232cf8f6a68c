//! The store's accounts, slow and refusing as the rest of it. Nobody signs in here.

use async_trait::async_trait;
use cronbus_core::account::{AccountName, ApiToken, SecretHash, Session, User};
use cronbus_core::port::store::{Accounts, Cursor, Page, Result};
use cronbus_core::time::Timestamp;

use super::store::Frail;

#[async_trait]
impl Accounts for Frail {
    async fn add_user(&self, user: &User) -> Result<bool> {
        self.look().await?;
        self.ledger().store.add_user(user).await
    }

    async fn add_first_user(&self, user: &User) -> Result<bool> {
        self.look().await?;
        self.ledger().store.add_first_user(user).await
    }

    async fn user(&self, name: &AccountName) -> Result<Option<User>> {
        self.look().await?;
        self.ledger().store.user(name).await
    }

    async fn user_of_identity(&self, key: &str) -> Result<Option<User>> {
        self.look().await?;
        self.ledger().store.user_of_identity(key).await
    }

    async fn users(&self, page: &Page<AccountName>) -> Result<(Vec<User>, Cursor<AccountName>)> {
        self.look().await?;
        self.ledger().store.users(page).await
    }

    async fn replace_user(&self, user: &User) -> Result<bool> {
        self.look().await?;
        self.ledger().store.replace_user(user).await
    }

    async fn delete_user(&self, name: &AccountName) -> Result<bool> {
        self.look().await?;
        self.ledger().store.delete_user(name).await
    }

    async fn note_sign_in(&self, name: &AccountName, at: Timestamp) -> Result<()> {
        self.look().await?;
        self.ledger().store.note_sign_in(name, at).await
    }

    async fn add_api_token(&self, token: &ApiToken) -> Result<bool> {
        self.look().await?;
        self.ledger().store.add_api_token(token).await
    }

    async fn api_token(&self, hash: &SecretHash) -> Result<Option<ApiToken>> {
        self.look().await?;
        self.ledger().store.api_token(hash).await
    }

    async fn api_tokens(&self, page: &Page<AccountName>) -> Result<(Vec<ApiToken>, Cursor<AccountName>)> {
        self.look().await?;
        self.ledger().store.api_tokens(page).await
    }

    async fn revoke_api_token(&self, name: &AccountName) -> Result<bool> {
        self.look().await?;
        self.ledger().store.revoke_api_token(name).await
    }

    async fn note_use_of_api_token(&self, hash: &SecretHash, at: Timestamp) -> Result<()> {
        self.look().await?;
        self.ledger().store.note_use_of_api_token(hash, at).await
    }

    async fn open_session(&self, session: &Session) -> Result<()> {
        self.look().await?;
        self.ledger().store.open_session(session).await
    }

    async fn session(&self, hash: &SecretHash) -> Result<Option<Session>> {
        self.look().await?;
        self.ledger().store.session(hash).await
    }

    async fn note_use_of_session(&self, hash: &SecretHash, at: Timestamp) -> Result<()> {
        self.look().await?;
        self.ledger().store.note_use_of_session(hash, at).await
    }

    async fn end_session(&self, hash: &SecretHash) -> Result<bool> {
        self.look().await?;
        self.ledger().store.end_session(hash).await
    }

    async fn prune_sessions(&self, opened_before: Timestamp, used_before: Timestamp) -> Result<usize> {
        self.look().await?;
        self.ledger().store.prune_sessions(opened_before, used_before).await
    }
}
