//! Secrets, on a plain connection within a transaction of the caller.

use cronbus_core::audit::Entry;
use cronbus_core::secret::{Secret, SecretName};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::audit;
use crate::store::failure::Failure;
use crate::store::rows::{NewSecret, of_alert, of_alerts};
use crate::store::schema::secrets;

pub(super) fn put(connection: &mut SqliteConnection, secret: &Secret, record: &Entry) -> Result<bool, Failure> {
    let new = NewSecret::from(secret);
    let written = if secret.version == 1 {
        diesel::insert_or_ignore_into(secrets::table).values(&new).execute(connection)?
    } else {
        let before = secrets::table.find(secret.name.as_str()).filter(secrets::version.eq(secret.version - 1));
        let set = (secrets::version.eq(new.version), secrets::document.eq(&new.document));
        diesel::update(before).set(set).execute(connection)?
    };
    if written > 0 {
        audit::keep(connection, std::slice::from_ref(record))?;
    }
    Ok(written > 0)
}

pub(super) fn all(connection: &mut SqliteConnection) -> Result<Vec<Secret>, Failure> {
    let documents = secrets::table.order(secrets::name).select(secrets::document).load(connection)?;
    Ok(of_alerts("secrets", documents)?)
}

pub(super) fn find(connection: &mut SqliteConnection, name: &SecretName) -> Result<Option<Secret>, Failure> {
    let row = secrets::table.find(name.as_str()).select(secrets::document);
    let document: Option<String> = row.first(connection).optional()?;
    Ok(document.map(|document| of_alert("secrets", &document)).transpose()?)
}

pub(super) fn delete(connection: &mut SqliteConnection, name: &SecretName, record: &Entry) -> Result<bool, Failure> {
    let deleted = diesel::delete(secrets::table.find(name.as_str())).execute(connection)?;
    if deleted > 0 {
        audit::keep(connection, std::slice::from_ref(record))?;
    }
    Ok(deleted > 0)
}
