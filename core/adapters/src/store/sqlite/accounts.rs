//! Users, API tokens and sessions, on a plain connection within a transaction of the caller.

use cronbus_core::account::{AccountName, ApiToken, SecretHash, Session, User};
use cronbus_core::port::store::{Cursor, Error, Page};
use cronbus_core::time::Timestamp;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::queries::{cut, row_count};
use crate::store::failure::Failure;
use crate::store::rows::{NewApiToken, NewUser, SET_UP, SessionRow, of_api_token, of_user};
use crate::store::schema::{account_sessions, account_tokens, account_users};

pub(super) fn add_user(connection: &mut SqliteConnection, user: &User) -> Result<bool, Failure> {
    let added = diesel::insert_or_ignore_into(account_users::table).values(NewUser::from(user)).execute(connection)?;
    Ok(added == 1)
}

pub(super) fn add_first_user(connection: &mut SqliteConnection, user: &User) -> Result<bool, Failure> {
    let somebody: Option<String> = account_users::table.select(account_users::name).first(connection).optional()?;
    if somebody.is_some() || !add_user(connection, user)? {
        return Ok(false);
    }
    let links = account_sessions::table.filter(account_sessions::holder.eq(SET_UP));
    diesel::delete(links).execute(connection)?;
    Ok(true)
}

pub(super) fn user(connection: &mut SqliteConnection, name: &AccountName) -> Result<Option<User>, Failure> {
    let row = account_users::table.find(name.as_str());
    let row = row.select((account_users::document, account_users::signed_in_at)).first(connection).optional()?;
    Ok(row.map(of_user).transpose()?)
}

pub(super) fn user_of_identity(connection: &mut SqliteConnection, key: &str) -> Result<Option<User>, Failure> {
    let row = account_users::table.filter(account_users::identity.eq(key));
    let row = row.select((account_users::document, account_users::signed_in_at)).first(connection).optional()?;
    Ok(row.map(of_user).transpose()?)
}

pub(super) fn users(
    connection: &mut SqliteConnection,
    page: &Page<AccountName>,
) -> Result<(Vec<User>, Cursor<AccountName>), Failure> {
    let after = page.after.as_ref().map_or("", AccountName::as_str);
    let rows = account_users::table.filter(account_users::name.gt(after)).order(account_users::name);
    let rows = rows.select((account_users::document, account_users::signed_in_at));
    let rows = rows.limit(row_count(page.limit.saturating_add(1))).load(connection)?;
    let users: Result<Vec<User>, Error> = rows.into_iter().map(of_user).collect();
    Ok(cut(users?, page.limit, |user| user.name.clone()))
}

pub(super) fn replace_user(connection: &mut SqliteConnection, user: &User) -> Result<bool, Failure> {
    let new = NewUser::from(user);
    let row = account_users::table.filter(account_users::name.eq(&new.name));
    let row = diesel::update(row.filter(account_users::revision.eq(new.revision.saturating_sub(1))));
    let set = (
        account_users::revision.eq(new.revision),
        account_users::identity.eq(&new.identity),
        account_users::document.eq(&new.document),
    );
    Ok(row.set(set).execute(connection)? == 1)
}

pub(super) fn delete_user(connection: &mut SqliteConnection, name: &AccountName) -> Result<bool, Failure> {
    let his = account_sessions::table.filter(account_sessions::name.eq(name.as_str()));
    diesel::delete(his).execute(connection)?;
    Ok(diesel::delete(account_users::table.find(name.as_str())).execute(connection)? == 1)
}

pub(super) fn note_sign_in(
    connection: &mut SqliteConnection,
    name: &AccountName,
    at: Timestamp,
) -> Result<(), Failure> {
    let row = diesel::update(account_users::table.find(name.as_str()));
    row.set(account_users::signed_in_at.eq(at.millis())).execute(connection)?;
    Ok(())
}

pub(super) fn add_api_token(connection: &mut SqliteConnection, token: &ApiToken) -> Result<bool, Failure> {
    let row = NewApiToken::from(token);
    Ok(diesel::insert_or_ignore_into(account_tokens::table).values(row).execute(connection)? == 1)
}

pub(super) fn api_token(connection: &mut SqliteConnection, hash: &SecretHash) -> Result<Option<ApiToken>, Failure> {
    let row = account_tokens::table.find(hash.as_bytes().as_slice());
    let columns = (account_tokens::hash, account_tokens::used_at, account_tokens::document);
    let row = row.select(columns).first(connection).optional()?;
    Ok(row.map(of_api_token).transpose()?)
}

pub(super) fn api_tokens(
    connection: &mut SqliteConnection,
    page: &Page<AccountName>,
) -> Result<(Vec<ApiToken>, Cursor<AccountName>), Failure> {
    let after = page.after.as_ref().map_or("", AccountName::as_str);
    let rows = account_tokens::table.filter(account_tokens::name.gt(after)).order(account_tokens::name);
    let rows = rows.select((account_tokens::hash, account_tokens::used_at, account_tokens::document));
    let rows = rows.limit(row_count(page.limit.saturating_add(1))).load(connection)?;
    let tokens: Result<Vec<ApiToken>, Error> = rows.into_iter().map(of_api_token).collect();
    Ok(cut(tokens?, page.limit, |token| token.facts.name.clone()))
}

pub(super) fn revoke_api_token(connection: &mut SqliteConnection, name: &AccountName) -> Result<bool, Failure> {
    let row = account_tokens::table.filter(account_tokens::name.eq(name.as_str()));
    Ok(diesel::delete(row).execute(connection)? == 1)
}

pub(super) fn note_use_of_api_token(
    connection: &mut SqliteConnection,
    hash: &SecretHash,
    at: Timestamp,
) -> Result<(), Failure> {
    let row = diesel::update(account_tokens::table.find(hash.as_bytes().as_slice()));
    row.set(account_tokens::used_at.eq(at.millis())).execute(connection)?;
    Ok(())
}

pub(super) fn open_session(connection: &mut SqliteConnection, session: &Session) -> Result<(), Failure> {
    diesel::insert_or_ignore_into(account_sessions::table).values(SessionRow::from(session)).execute(connection)?;
    Ok(())
}

pub(super) fn session(connection: &mut SqliteConnection, hash: &SecretHash) -> Result<Option<Session>, Failure> {
    let row = account_sessions::table.find(hash.as_bytes().as_slice()).select(SessionRow::as_select());
    let row: Option<SessionRow> = row.first(connection).optional()?;
    Ok(row.map(Session::try_from).transpose()?)
}

pub(super) fn note_use_of_session(
    connection: &mut SqliteConnection,
    hash: &SecretHash,
    at: Timestamp,
) -> Result<(), Failure> {
    let row = diesel::update(account_sessions::table.find(hash.as_bytes().as_slice()));
    row.set(account_sessions::used_at.eq(at.millis())).execute(connection)?;
    Ok(())
}

pub(super) fn end_session(connection: &mut SqliteConnection, hash: &SecretHash) -> Result<bool, Failure> {
    let row = account_sessions::table.find(hash.as_bytes().as_slice());
    Ok(diesel::delete(row).execute(connection)? == 1)
}

pub(super) fn prune_sessions(
    connection: &mut SqliteConnection,
    opened_before: Timestamp,
    used_before: Timestamp,
) -> Result<usize, Failure> {
    let aged = account_sessions::opened_at.lt(opened_before.millis());
    let idle = account_sessions::used_at.lt(used_before.millis());
    Ok(diesel::delete(account_sessions::table.filter(aged.or(idle))).execute(connection)?)
}
