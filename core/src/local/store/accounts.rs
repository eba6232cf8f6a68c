//! Accounts in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use async_trait::async_trait;

use super::handle::MemoryStore;
use crate::account::{AccountName, ApiToken, Holder, Identity, SecretHash, Session, User};
use crate::port::store::{Accounts, Cursor, Page, Result};
use crate::time::Timestamp;

/// Who there is.
#[derive(Debug, Default)]
pub(super) struct AccountTables {
    users: BTreeMap<AccountName, User>,
    tokens: BTreeMap<AccountName, ApiToken>,
    sessions: BTreeMap<SecretHash, Session>,
}

impl AccountTables {
    fn add_user(&mut self, user: &User) -> bool {
        let has_identity =
            |identity: &Identity| self.users.values().any(|other| other.identity.as_ref() == Some(identity));
        if self.users.contains_key(&user.name) || user.identity.as_ref().is_some_and(has_identity) {
            return false;
        }
        self.users.insert(user.name.clone(), user.clone());
        true
    }
}

/// A page of a map, and where the next one starts.
fn page<V: Clone>(rows: &BTreeMap<AccountName, V>, sought: &Page<AccountName>) -> (Vec<V>, Cursor<AccountName>) {
    let from = sought.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
    let found: Vec<_> =
        rows.range::<AccountName, _>((from, Bound::Unbounded)).take(sought.limit.saturating_add(1)).collect();
    let has_more = found.len() > sought.limit;
    let last = found.iter().take(sought.limit).next_back().map(|(name, _)| (*name).clone());
    let cursor = last.filter(|_| has_more);
    (found.into_iter().take(sought.limit).map(|(_, row)| row.clone()).collect(), cursor)
}

#[async_trait]
impl Accounts for MemoryStore {
    async fn add_user(&self, user: &User) -> Result<bool> {
        Ok(self.tables().accounts.add_user(user))
    }

    async fn add_first_user(&self, user: &User) -> Result<bool> {
        let mut tables = self.tables();
        let added = tables.accounts.users.is_empty() && tables.accounts.add_user(user);
        if added {
            tables.accounts.sessions.retain(|_, session| session.holder != Holder::SetUp);
        }
        Ok(added)
    }

    async fn user(&self, name: &AccountName) -> Result<Option<User>> {
        Ok(self.tables().accounts.users.get(name).cloned())
    }

    async fn user_of_identity(&self, key: &str) -> Result<Option<User>> {
        let is_his = |user: &&User| user.identity.as_ref().is_some_and(|identity| identity.key() == key);
        Ok(self.tables().accounts.users.values().find(is_his).cloned())
    }

    async fn users(&self, sought: &Page<AccountName>) -> Result<(Vec<User>, Cursor<AccountName>)> {
        Ok(page(&self.tables().accounts.users, sought))
    }

    async fn replace_user(&self, user: &User) -> Result<bool> {
        let mut tables = self.tables();
        let known = tables.accounts.users.get_mut(&user.name);
        let Some(known) = known.filter(|known| known.revision.saturating_add(1) == user.revision) else {
            return Ok(false);
        };
        *known = User { signed_in_at: known.signed_in_at, ..user.clone() };
        Ok(true)
    }

    async fn delete_user(&self, name: &AccountName) -> Result<bool> {
        let mut tables = self.tables();
        let holder = Holder::User(name.clone());
        tables.accounts.sessions.retain(|_, session| session.holder != holder);
        Ok(tables.accounts.users.remove(name).is_some())
    }

    async fn note_sign_in(&self, name: &AccountName, at: Timestamp) -> Result<()> {
        if let Some(user) = self.tables().accounts.users.get_mut(name) {
            user.signed_in_at = Some(at);
        }
        Ok(())
    }

    async fn add_api_token(&self, token: &ApiToken) -> Result<bool> {
        let mut tables = self.tables();
        if tables.accounts.tokens.contains_key(&token.facts.name) {
            return Ok(false);
        }
        tables.accounts.tokens.insert(token.facts.name.clone(), token.clone());
        Ok(true)
    }

    async fn api_token(&self, hash: &SecretHash) -> Result<Option<ApiToken>> {
        Ok(self.tables().accounts.tokens.values().find(|token| token.hash == *hash).cloned())
    }

    async fn api_tokens(&self, sought: &Page<AccountName>) -> Result<(Vec<ApiToken>, Cursor<AccountName>)> {
        Ok(page(&self.tables().accounts.tokens, sought))
    }

    async fn revoke_api_token(&self, name: &AccountName) -> Result<bool> {
        Ok(self.tables().accounts.tokens.remove(name).is_some())
    }

    async fn note_use_of_api_token(&self, hash: &SecretHash, at: Timestamp) -> Result<()> {
        let mut tables = self.tables();
        if let Some(token) = tables.accounts.tokens.values_mut().find(|token| token.hash == *hash) {
            token.used_at = Some(at);
        }
        Ok(())
    }

    async fn open_session(&self, session: &Session) -> Result<()> {
        self.tables().accounts.sessions.insert(session.hash, session.clone());
        Ok(())
    }

    async fn session(&self, hash: &SecretHash) -> Result<Option<Session>> {
        Ok(self.tables().accounts.sessions.get(hash).cloned())
    }

    async fn note_use_of_session(&self, hash: &SecretHash, at: Timestamp) -> Result<()> {
        if let Some(session) = self.tables().accounts.sessions.get_mut(hash) {
            session.used_at = at;
        }
        Ok(())
    }

    async fn end_session(&self, hash: &SecretHash) -> Result<bool> {
        Ok(self.tables().accounts.sessions.remove(hash).is_some())
    }

    async fn prune_sessions(&self, opened_before: Timestamp, used_before: Timestamp) -> Result<usize> {
        let sessions = &mut self.tables().accounts.sessions;
        let before = sessions.len();
        sessions.retain(|_, session| session.opened_at >= opened_before && session.used_at >= used_before);
        Ok(before - sessions.len())
    }
}
