//! Users, API tokens and sessions, within a transaction of the caller.
//!
//! This file is compiled once for each backend, which says how rows that may be there are added (`insert_new`).

use cronbus_core::account::{AccountName, ApiToken, SecretHash, Session, User};
use cronbus_core::port::store::{Cursor, Error, Page};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::Connection;
use super::queries::{cut, row_count};
use crate::store::failure::Failure;
use crate::store::rows::{NewApiToken, NewUser, SET_UP, SessionRow, of_api_token, of_user};
use crate::store::schema::{account_sessions, account_tokens, account_users, counters};

pub(super) async fn add_user(connection: &mut Connection, user: &User) -> Result<bool, Failure> {
    let added = insert_new!(account_users::table, NewUser::from(user)).execute(connection).await?;
    Ok(added == 1)
}

pub(super) async fn add_first_user(connection: &mut Connection, user: &User) -> Result<bool, Failure> {
    // Of several who ask at once, one after the other finds out.
    let _: i64 = counters::table.find("job").select(counters::value).for_update().first(connection).await?;
    let somebody: Option<String> =
        account_users::table.select(account_users::name).first(connection).await.optional()?;
    if somebody.is_some() || !add_user(connection, user).await? {
        return Ok(false);
    }
    let links = account_sessions::table.filter(account_sessions::holder.eq(SET_UP));
    diesel::delete(links).execute(connection).await?;
    Ok(true)
}

pub(super) async fn user(connection: &mut Connection, name: &AccountName) -> Result<Option<User>, Failure> {
    let row = account_users::table.find(name.as_str());
    let row = row.select((account_users::document, account_users::signed_in_at)).first(connection).await.optional()?;
    Ok(row.map(of_user).transpose()?)
}

pub(super) async fn user_of_identity(connection: &mut Connection, key: &str) -> Result<Option<User>, Failure> {
    let row = account_users::table.filter(account_users::identity.eq(key));
    let row = row.select((account_users::document, account_users::signed_in_at)).first(connection).await.optional()?;
    Ok(row.map(of_user).transpose()?)
}

pub(super) async fn users(
    connection: &mut Connection,
    page: &Page<AccountName>,
) -> Result<(Vec<User>, Cursor<AccountName>), Failure> {
    let after = page.after.as_ref().map_or("", AccountName::as_str);
    let rows = account_users::table.filter(account_users::name.gt(after)).order(account_users::name);
    let rows = rows.select((account_users::document, account_users::signed_in_at));
    let rows = rows.limit(row_count(page.limit.saturating_add(1))).load(connection).await?;
    let users: Result<Vec<User>, Error> = rows.into_iter().map(of_user).collect();
    Ok(cut(users?, page.limit, |user| user.name.clone()))
}

pub(super) async fn replace_user(connection: &mut Connection, user: &User) -> Result<bool, Failure> {
    let new = NewUser::from(user);
    let row = account_users::table.filter(account_users::name.eq(&new.name));
    let row = diesel::update(row.filter(account_users::revision.eq(new.revision.saturating_sub(1))));
    let set = (
        account_users::revision.eq(new.revision),
        account_users::identity.eq(&new.identity),
        account_users::document.eq(&new.document),
    );
    Ok(row.set(set).execute(connection).await? == 1)
}

pub(super) async fn delete_user(connection: &mut Connection, name: &AccountName) -> Result<bool, Failure> {
    let his = account_sessions::table.filter(account_sessions::name.eq(name.as_str()));
    diesel::delete(his).execute(connection).await?;
    Ok(diesel::delete(account_users::table.find(name.as_str())).execute(connection).await? == 1)
}

pub(super) async fn note_sign_in(
    connection: &mut Connection,
    name: &AccountName,
    at: Timestamp,
) -> Result<(), Failure> {
    let row = diesel::update(account_users::table.find(name.as_str()));
    row.set(account_users::signed_in_at.eq(at.millis())).execute(connection).await?;
    Ok(())
}

pub(super) async fn add_api_token(connection: &mut Connection, token: &ApiToken) -> Result<bool, Failure> {
    let row = NewApiToken::from(token);
    Ok(insert_new!(account_tokens::table, row).execute(connection).await? == 1)
}

pub(super) async fn api_token(connection: &mut Connection, hash: &SecretHash) -> Result<Option<ApiToken>, Failure> {
    let row = account_tokens::table.find(hash.as_bytes().as_slice());
    let columns = (account_tokens::hash, account_tokens::used_at, account_tokens::document);
    let row = row.select(columns).first(connection).await.optional()?;
    Ok(row.map(of_api_token).transpose()?)
}

pub(super) async fn api_tokens(
    connection: &mut Connection,
    page: &Page<AccountName>,
) -> Result<(Vec<ApiToken>, Cursor<AccountName>), Failure> {
    let after = page.after.as_ref().map_or("", AccountName::as_str);
    let rows = account_tokens::table.filter(account_tokens::name.gt(after)).order(account_tokens::name);
    let rows = rows.select((account_tokens::hash, account_tokens::used_at, account_tokens::document));
    let rows = rows.limit(row_count(page.limit.saturating_add(1))).load(connection).await?;
    let tokens: Result<Vec<ApiToken>, Error> = rows.into_iter().map(of_api_token).collect();
    Ok(cut(tokens?, page.limit, |token| token.facts.name.clone()))
}

pub(super) async fn revoke_api_token(connection: &mut Connection, name: &AccountName) -> Result<bool, Failure> {
    let row = account_tokens::table.filter(account_tokens::name.eq(name.as_str()));
    Ok(diesel::delete(row).execute(connection).await? == 1)
}

pub(super) async fn note_use_of_api_token(
    connection: &mut Connection,
    hash: &SecretHash,
    at: Timestamp,
) -> Result<(), Failure> {
    let row = diesel::update(account_tokens::table.find(hash.as_bytes().as_slice()));
    row.set(account_tokens::used_at.eq(at.millis())).execute(connection).await?;
    Ok(())
}

pub(super) async fn open_session(connection: &mut Connection, session: &Session) -> Result<(), Failure> {
    insert_new!(account_sessions::table, SessionRow::from(session)).execute(connection).await?;
    Ok(())
}

pub(super) async fn session(connection: &mut Connection, hash: &SecretHash) -> Result<Option<Session>, Failure> {
    let row = account_sessions::table.find(hash.as_bytes().as_slice()).select(SessionRow::as_select());
    let row: Option<SessionRow> = row.first(connection).await.optional()?;
    Ok(row.map(Session::try_from).transpose()?)
}

pub(super) async fn note_use_of_session(
    connection: &mut Connection,
    hash: &SecretHash,
    at: Timestamp,
) -> Result<(), Failure> {
    let row = diesel::update(account_sessions::table.find(hash.as_bytes().as_slice()));
    row.set(account_sessions::used_at.eq(at.millis())).execute(connection).await?;
    Ok(())
}

pub(super) async fn end_session(connection: &mut Connection, hash: &SecretHash) -> Result<bool, Failure> {
    let row = account_sessions::table.find(hash.as_bytes().as_slice());
    Ok(diesel::delete(row).execute(connection).await? == 1)
}

pub(super) async fn prune_sessions(
    connection: &mut Connection,
    opened_before: Timestamp,
    used_before: Timestamp,
) -> Result<usize, Failure> {
    let aged = account_sessions::opened_at.lt(opened_before.millis());
    let idle = account_sessions::used_at.lt(used_before.millis());
    Ok(diesel::delete(account_sessions::table.filter(aged.or(idle))).execute(connection).await?)
}
