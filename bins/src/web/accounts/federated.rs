//! Users who come from the OpenID provider. They are known by issuer and subject alone, whatever they are called there: an
//! account that is here already cannot be had by its name.

use cronbus_core::account::{AccountName, Grants, User};
use cronbus_core::audit::{Action, ObjectKind};
use serde_json::json;

use super::acts::{forget, keep};
use crate::web::oidc::{Claims, Refusal, Rules};
use crate::web::problem::Problem;
use crate::web::session::{Origin, Principal};
use crate::web::site::Site;

/// How often it is tried when the account changes at the same time.
const TRIES: usize = 3;

/// The user of these claims, made where there is none, with the grants that the claims give now.
///
/// # Errors
/// `Email`, `NoGrants`, `Disabled`, and `Problem` without a database.
pub(crate) async fn enter(site: &Site, claims: &Claims, rules: &Rules, origin: Origin) -> Result<User, Refusal> {
    let may_come = claims.has_allowed_email(rules);
    let grants = if may_come { claims.grants(rules) } else { Grants::default() };
    for _ in 0..TRIES {
        let known = site.store.user_of_identity(&claims.identity().key()).await.map_err(Problem::from)?;
        let entered = match known {
            Some(user) if user.disabled => return Err(Refusal::Disabled),
            Some(user) => update(site, user, &grants, origin).await?,
            None if !may_come => return Err(Refusal::Email),
            None if grants.as_slice().is_empty() => return Err(Refusal::NoGrants),
            None => add(site, claims, rules, &grants, origin).await?,
        };
        match entered {
            // What he could do is over, also in the sessions that he has.
            Some(_) if !may_come => return Err(Refusal::Email),
            Some(user) if user.grants.as_slice().is_empty() => return Err(Refusal::NoGrants),
            Some(user) => return Ok(user),
            None => {}
        }
    }
    Err(Problem::plain(actix_web::http::StatusCode::CONFLICT, "the account changes at the same time: try again").into())
}

/// Gives a user other grants, also none; nothing when somebody else changed him meanwhile.
async fn update(site: &Site, user: User, grants: &Grants, origin: Origin) -> Result<Option<User>, Problem> {
    if user.grants == *grants {
        return Ok(Some(user));
    }
    let name = user.name.clone();
    let changed = User { grants: grants.clone(), ..user }.changed(name.as_str(), site.clock.now());
    if !site.store.replace_user(&changed).await? {
        return Ok(None);
    }
    forget(site);
    note(site, &changed, Action::UserUpdate, origin).await?;
    Ok(Some(changed))
}

/// Adds the user under the first name that is free; nothing when none is, or he was added meanwhile.
async fn add(
    site: &Site,
    claims: &Claims,
    rules: &Rules,
    grants: &Grants,
    origin: Origin,
) -> Result<Option<User>, Problem> {
    let is_free = |name: &AccountName| name.as_str() != Principal::ADMIN;
    for name in claims.names(rules).into_iter().filter(is_free) {
        let by = name.clone();
        let new = User::new(name, grants.clone(), by.as_str(), site.clock.now());
        let new = User { identity: Some(claims.identity().clone()), ..new };
        if site.store.add_user(&new).await? {
            forget(site);
            note(site, &new, Action::UserCreate, origin).await?;
            return Ok(Some(new));
        }
    }
    Ok(None)
}

async fn note(site: &Site, user: &User, action: Action, origin: Origin) -> Result<(), Problem> {
    let by = Principal::from(user.principal()).at(origin);
    let issuer = user.identity.as_ref().map(|identity| identity.issuer.as_str());
    let after = json!({ "grants": user.grants, "issuer": issuer });
    keep(site, &by, action, ObjectKind::User, (user.name.as_str(), after)).await
}
