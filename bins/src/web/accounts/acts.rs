//! What is done to accounts: the same for REST, the command line and the page, by whoever may administer. Each act says who
//! did it.

use actix_web::http::StatusCode;
use cronbus_core::account::{
    AccountName, Action, ApiToken, ApiTokenFacts, Grants, Place, Principal as Account, SecretHash, User,
};
use cronbus_core::audit::{self, Object, ObjectKind};
use cronbus_core::time::Timestamp;
use serde_json::{Value, json};

use super::tokens;
use crate::web::access::permit;
use crate::web::problem::Problem;
use crate::web::record;
use crate::web::session::Principal;
use crate::web::site::Site;

/// How often a change is tried when others change the same account at the same time.
const TRIES: usize = 3;

/// What shall be different about a user; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// What he may do.
    pub(crate) grants: Option<Grants>,
    /// Whether he may do nothing for now.
    pub(crate) disabled: Option<bool>,
}

/// Adds a user; without a password he signs in elsewhere, or not before he got one.
///
/// # Errors
/// 403, 409 when the name is taken, 422 for a name or a password that cannot be, 503 without a database.
pub(crate) async fn add_user(
    site: &Site,
    name: &str,
    password: Option<&str>,
    grants: Grants,
    by: &Principal,
) -> Result<User, Problem> {
    permit(by, Action::Administer, Place::Whole)?;
    let mut user = User::new(name_of(name)?, grants, &by.name, site.clock.now());
    if let Some(password) = password {
        user = user.with_password(site.admin.hasher.hash(password).await?);
    }
    if !site.store.add_user(&user).await? {
        return Err(taken("user", user.name.as_str()));
    }
    let after = json!({ "grants": user.grants });
    keep(site, by, audit::Action::UserCreate, ObjectKind::User, (user.name.as_str(), after)).await?;
    Ok(user)
}

/// Changes what a user may do. Who is disabled is signed out.
///
/// # Errors
/// 403, 404 when there is none, 409 when others kept changing it, 503 without a database.
pub(crate) async fn change_user(site: &Site, name: &str, change: Change, by: &Principal) -> Result<User, Problem> {
    permit(by, Action::Administer, Place::Whole)?;
    if let Some(wanted) = &change.grants {
        let user = find(site, name).await?;
        if user.identity.is_some() && user.grants != *wanted {
            return Err(of_provider(
                &user,
                "what he may do follows from his claims: change his groups there, or [[oidc.grant]]",
            ));
        }
    }
    let changed = update(site, name, by, |user| {
        let user = match &change.grants {
            Some(grants) => User { grants: grants.clone(), ..user },
            None => user,
        };
        match change.disabled {
            Some(disabled) if disabled != user.disabled => user.with_disabled(disabled),
            _ => user,
        }
    })
    .await?;
    let after = json!({ "grants": changed.grants, "disabled": changed.disabled });
    keep(site, by, audit::Action::UserUpdate, ObjectKind::User, (changed.name.as_str(), after)).await?;
    Ok(changed)
}

/// Gives a user another password, and ends all his sessions.
///
/// # Errors
/// 403, 404 when there is none, 422 for a password that cannot be, 503 without a database.
pub(crate) async fn set_password(site: &Site, name: &str, password: &str, by: &Principal) -> Result<User, Problem> {
    permit(by, Action::Administer, Place::Whole)?;
    refuse_federated(&find(site, name).await?)?;
    give_password(site, name, password, by).await
}

/// Gives oneself another password, knowing the one there is. All sessions end.
///
/// # Errors
/// 403 when the password is another, 422 for a new one that cannot be, 429 after too many tries, 503 without a database.
pub(crate) async fn change_own_password(
    site: &Site,
    current: &str,
    wanted: &str,
    by: &Principal,
) -> Result<User, Problem> {
    let user = find(site, &by.name).await?;
    refuse_federated(&user)?;
    site.admin.names.begin(&by.name, site.clock.monotonic()).map_err(|wait| {
        let detail = format!("too many tries: wait {} seconds", wait.as_secs().max(1));
        Problem::plain(StatusCode::TOO_MANY_REQUESTS, detail)
    })?;
    if !site.admin.hasher.is_right(current, user.password.as_ref()).await? {
        return Err(Problem::plain(StatusCode::FORBIDDEN, "the current password is another").of_field("current"));
    }
    site.admin.names.succeeded(&by.name);
    give_password(site, &by.name, wanted, by).await
}

/// Who signs in at the provider has no password here: it would be a second way in that nobody there knows of.
fn refuse_federated(user: &User) -> Result<(), Problem> {
    if user.identity.is_none() {
        return Ok(());
    }
    Err(of_provider(user, "he has no password here: change it there"))
}

fn of_provider(user: &User, what: &str) -> Problem {
    let detail = format!("`{}` signs in at the OpenID provider, and {what}", user.name);
    Problem::plain(StatusCode::CONFLICT, detail).of_field("name")
}

async fn give_password(site: &Site, name: &str, password: &str, by: &Principal) -> Result<User, Problem> {
    let password = site.admin.hasher.hash(password).await?;
    let changed = update(site, name, by, |user| user.with_password(password.clone())).await?;
    keep(site, by, audit::Action::UserPassword, ObjectKind::User, (changed.name.as_str(), Value::Null)).await?;
    Ok(changed)
}

/// Deletes a user and signs him out.
///
/// # Errors
/// 403, 404 when there is none, 503 without a database.
pub(crate) async fn delete_user(site: &Site, name: &str, by: &Principal) -> Result<(), Problem> {
    permit(by, Action::Administer, Place::Whole)?;
    let known = AccountName::new(name).map_err(|_| no_such("user", name))?;
    if !site.store.delete_user(&known).await? {
        return Err(no_such("user", name));
    }
    forget(site);
    keep(site, by, audit::Action::UserDelete, ObjectKind::User, (known.as_str(), Value::Null)).await
}

/// Makes an API token; its text is returned and nowhere else.
///
/// # Errors
/// 403, 400 for an end in the past, 409 when the name is taken, 422 for a name that cannot be, 503 without a database.
pub(crate) async fn add_token(
    site: &Site,
    name: &str,
    grants: Grants,
    expires_at: Option<Timestamp>,
    by: &Principal,
) -> Result<(ApiToken, String), Problem> {
    permit(by, Action::Administer, Place::Whole)?;
    let now = site.clock.now();
    if let Some(end) = expires_at.filter(|end| *end <= now) {
        return Err(Problem::not_one_of("expires_at", &end.to_string(), "an instant to come"));
    }
    let text = tokens::make().map_err(|error| Problem::no_random_bytes(&error))?;
    let facts =
        ApiTokenFacts { name: name_of(name)?, grants, created_at: now, created_by: by.name.clone(), expires_at };
    let token = ApiToken { hash: SecretHash::of(&text), facts, used_at: None };
    if !site.store.add_api_token(&token).await? {
        return Err(taken("token", token.facts.name.as_str()));
    }
    let after = json!({ "grants": token.facts.grants, "expires_at": token.facts.expires_at });
    keep(site, by, audit::Action::TokenCreate, ObjectKind::Token, (token.facts.name.as_str(), after)).await?;
    Ok((token, text))
}

/// Makes an API token nothing.
///
/// # Errors
/// 403, 404 when there is none, 503 without a database.
pub(crate) async fn revoke_token(site: &Site, name: &str, by: &Principal) -> Result<(), Problem> {
    permit(by, Action::Administer, Place::Whole)?;
    let known = AccountName::new(name).map_err(|_| no_such("token", name))?;
    if !site.store.revoke_api_token(&known).await? {
        return Err(no_such("token", name));
    }
    forget(site);
    keep(site, by, audit::Action::TokenRevoke, ObjectKind::Token, (known.as_str(), Value::Null)).await
}

/// The user of this name.
///
/// # Errors
/// 404 when there is none, 503 without a database.
pub(crate) async fn find(site: &Site, name: &str) -> Result<User, Problem> {
    let known = AccountName::new(name).map_err(|_| no_such("user", name))?;
    site.store.user(&known).await?.ok_or_else(|| no_such("user", name))
}

async fn update(site: &Site, name: &str, by: &Principal, change: impl Fn(User) -> User) -> Result<User, Problem> {
    for _ in 0..TRIES {
        let changed = change(find(site, name).await?).changed(&by.name, site.clock.now());
        if site.store.replace_user(&changed).await? {
            forget(site);
            return Ok(changed);
        }
    }
    Err(Problem::plain(StatusCode::CONFLICT, format!("others change the user `{name}` at the same time: try again")))
}

/// Notes it, in the log and in the audit trail. Nothing secret is among what it is after.
pub(super) async fn keep(
    site: &Site,
    by: &Principal,
    action: audit::Action,
    kind: ObjectKind,
    (name, after): (&str, Value),
) -> Result<(), Problem> {
    tracing::info!(name, by = by.name, action = action.as_str(), "an account was changed");
    let after = (!after.is_null()).then_some(after);
    record::keep(site, by, action, Object::named(kind, name), after).await
}

/// What is known for a moment is asked about anew.
pub(super) fn forget(site: &Site) {
    site.admin.api_tokens.forget();
    site.admin.sessions.forget();
}

/// A name that an account can have. That of the admin token is nobody's: what it did could not be told from what they did.
///
/// # Errors
/// 422 for others.
pub(super) fn name_of(text: &str) -> Result<AccountName, Problem> {
    let wrong = |detail: String| Problem::plain(StatusCode::UNPROCESSABLE_ENTITY, detail).of_field("name");
    let name = AccountName::new(text.trim()).map_err(|error| wrong(format!("name: {error}")))?;
    if name.as_str() == Account::ADMIN {
        return Err(wrong("name: `admin` is what the admin token is recorded as; choose another".to_owned()));
    }
    Ok(name)
}

fn taken(what: &str, name: &str) -> Problem {
    Problem::plain(StatusCode::CONFLICT, format!("there is a {what} `{name}` already")).of_field("name")
}

fn no_such(what: &str, name: &str) -> Problem {
    let name: String = name.chars().take(80).collect();
    Problem::plain(StatusCode::NOT_FOUND, format!("there is no {what} `{name}`")).of_field("name")
}
