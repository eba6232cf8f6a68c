//! What each route takes, before its handler is reached. Handlers ask again about what they find.

use actix_web::http::Method;
use cronbus_core::account::{Action, Place};

use super::permit::{permit, refusal};
use crate::web::problem::Problem;
use crate::web::session::Principal;

/// What a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing: everybody is answered.
    Nothing,
    /// That it is known who asks.
    Name,
    /// That he may do this somewhere; the handler asks where.
    Somewhere(Action),
    /// That he may do this everywhere: it belongs to no group.
    Everywhere(Action),
}

impl Need {
    /// Whether this principal has it.
    ///
    /// # Errors
    /// 403 when he has not.
    pub(crate) fn check(self, by: &Principal) -> Result<(), Problem> {
        match self {
            Self::Nothing | Self::Name => Ok(()),
            Self::Somewhere(action) if by.grants.may_somewhere(action) => Ok(()),
            Self::Somewhere(action) => Err(refusal(by, action, "some group")),
            Self::Everywhere(action) => permit(by, action, Place::Whole),
        }
    }
}

use Action::{Administer, Edit, Operate, View};
use Need::{Everywhere, Name, Nothing, Somewhere};

/// Every route: what reading it takes (GET, HEAD), and what everything else does.
const ROUTES: &[(&str, Option<Need>, Option<Need>)] = &[
    ("/healthz", Some(Nothing), Some(Nothing)),
    ("/readyz", Some(Nothing), Some(Nothing)),
    ("/login", Some(Nothing), Some(Nothing)),
    ("/login/oidc", Some(Nothing), None),
    ("/login/oidc/callback", Some(Nothing), None),
    ("/setup", Some(Nothing), Some(Nothing)),
    ("/preferences", Some(Nothing), None),
    ("/assets/{name}", Some(Nothing), None),
    ("/metrics", Some(Everywhere(View)), None),
    ("/api/docs", Some(Name), None),
    ("/api/docs/{_:.*}", Some(Name), None),
    ("/api/v1/openapi.json", Some(Name), None),
    ("/api/v1/schedule/preview", Some(Name), None),
    ("/api/v1/jobs", Some(Somewhere(View)), Some(Somewhere(Edit))),
    ("/api/v1/jobs/{job}", Some(Somewhere(View)), Some(Somewhere(Edit))),
    ("/api/v1/jobs/{job}/pause", None, Some(Somewhere(Operate))),
    ("/api/v1/jobs/{job}/resume", None, Some(Somewhere(Operate))),
    ("/api/v1/jobs/{job}/run", None, Some(Somewhere(Operate))),
    ("/api/v1/jobs/{job}/history", Some(Somewhere(View)), None),
    ("/api/v1/jobs/{job}/next", Some(Somewhere(View)), None),
    ("/api/v1/jobs/{job}/revisions", Some(Somewhere(View)), None),
    ("/api/v1/jobs/{job}/logs/search", Some(Somewhere(View)), None),
    ("/api/v1/jobs/{job}/status", Some(Somewhere(View)), None),
    ("/api/v1/apply", None, Some(Somewhere(Edit))),
    ("/api/v1/export", Some(Somewhere(View)), None),
    ("/api/v1/runs", Some(Somewhere(View)), None),
    ("/api/v1/runs/{id}", Some(Somewhere(View)), None),
    ("/api/v1/runs/{id}/log", Some(Somewhere(View)), None),
    ("/api/v1/runs/{id}/kill", None, Some(Somewhere(Operate))),
    ("/api/v1/alerts", Some(Somewhere(View)), None),
    ("/api/v1/alerts/history", Some(Somewhere(View)), None),
    ("/api/v1/alerts/deliveries", Some(Everywhere(View)), None),
    ("/api/v1/alerts/{id}/acknowledge", None, Some(Somewhere(Operate))),
    ("/api/v1/silences", Some(Somewhere(View)), Some(Somewhere(Operate))),
    ("/api/v1/silences/{id}", None, Some(Somewhere(Operate))),
    ("/api/v1/channels", Some(Everywhere(View)), None),
    ("/api/v1/channels/{name}/test", None, Some(Everywhere(Operate))),
    ("/api/v1/nodes", Some(Somewhere(View)), None),
    ("/api/v1/nodes/{node}/config", Some(Everywhere(Administer)), None),
    ("/api/v1/nodes/{node}/drain", None, Some(Everywhere(Operate))),
    ("/api/v1/nodes/{node}/undrain", None, Some(Everywhere(Operate))),
    ("/api/v1/executor/hold", None, Some(Everywhere(Operate))),
    ("/api/v1/secrets", Some(Everywhere(Administer)), None),
    ("/api/v1/secrets/{name}", None, Some(Everywhere(Administer))),
    ("/api/v1/secret-rotation", None, Some(Everywhere(Administer))),
    ("/api/v1/audit", Some(Everywhere(Administer)), None),
    ("/api/v1/audit/{id}", Some(Everywhere(Administer)), None),
    ("/api/v1/users", Some(Everywhere(Administer)), Some(Everywhere(Administer))),
    ("/api/v1/users/{name}", Some(Everywhere(Administer)), Some(Everywhere(Administer))),
    ("/api/v1/users/{name}/password", None, Some(Everywhere(Administer))),
    ("/api/v1/tokens", Some(Everywhere(Administer)), Some(Everywhere(Administer))),
    ("/api/v1/tokens/{name}", None, Some(Everywhere(Administer))),
    ("/api/v1/setup-link", None, Some(Everywhere(Administer))),
    ("/", Some(Somewhere(View)), None),
    ("/logout", None, Some(Name)),
    ("/account", Some(Name), Some(Name)),
    ("/secrets", Some(Everywhere(Administer)), Some(Everywhere(Administer))),
    ("/secrets/{name}/delete", Some(Everywhere(Administer)), Some(Everywhere(Administer))),
    ("/accounts", Some(Everywhere(Administer)), None),
    ("/accounts/users", None, Some(Everywhere(Administer))),
    ("/accounts/users/{name}", None, Some(Everywhere(Administer))),
    ("/accounts/users/{name}/password", None, Some(Everywhere(Administer))),
    ("/accounts/users/{name}/delete", Some(Everywhere(Administer)), Some(Everywhere(Administer))),
    ("/accounts/tokens", None, Some(Everywhere(Administer))),
    ("/accounts/tokens/{name}/revoke", Some(Everywhere(Administer)), Some(Everywhere(Administer))),
    ("/jobs", Some(Somewhere(View)), None),
    ("/jobs/new", Some(Somewhere(Edit)), Some(Somewhere(Edit))),
    ("/jobs/bulk", None, Some(Somewhere(Operate))),
    ("/jobs/preview", None, Some(Somewhere(Edit))),
    ("/jobs/{job}", Some(Somewhere(View)), None),
    ("/jobs/{job}/logs", Some(Somewhere(View)), None),
    ("/jobs/{job}/edit", Some(Somewhere(Edit)), Some(Somewhere(Edit))),
    ("/jobs/{job}/pause", None, Some(Somewhere(Operate))),
    ("/jobs/{job}/resume", None, Some(Somewhere(Operate))),
    ("/jobs/{job}/run", None, Some(Somewhere(Operate))),
    ("/jobs/{job}/rollback", None, Some(Somewhere(Edit))),
    ("/jobs/{job}/delete", Some(Somewhere(Edit)), Some(Somewhere(Edit))),
    ("/runs", Some(Somewhere(View)), None),
    ("/runs/{id}", Some(Somewhere(View)), None),
    ("/runs/{id}/log", Some(Somewhere(View)), None),
    ("/runs/{id}/log.txt", Some(Somewhere(View)), None),
    ("/runs/{id}/kill", Some(Somewhere(Operate)), Some(Somewhere(Operate))),
    ("/runs/{id}/again", None, Some(Somewhere(Operate))),
    ("/nodes", Some(Somewhere(View)), None),
    ("/nodes/{node}/drain", None, Some(Everywhere(Operate))),
    ("/nodes/{node}/undrain", None, Some(Everywhere(Operate))),
    ("/audit", Some(Everywhere(Administer)), None),
    ("/alerts", Some(Somewhere(View)), None),
    ("/alerts/history", Some(Somewhere(View)), None),
    ("/alerts/deliveries", Some(Everywhere(View)), None),
    ("/alerts/silences", None, Some(Somewhere(Operate))),
    ("/alerts/silences/{id}/end", None, Some(Somewhere(Operate))),
    ("/alerts/channels/{name}/test", None, Some(Everywhere(Operate))),
    ("/alerts/{id}/acknowledge", None, Some(Somewhere(Operate))),
];

/// What the route of this pattern takes. One that is not known, or is asked in a way that is not, takes an administrator.
pub(crate) fn need(method: &Method, pattern: &str) -> Need {
    known(method, pattern).unwrap_or(Everywhere(Administer))
}

fn known(method: &Method, pattern: &str) -> Option<Need> {
    let (_, reading, writing) = ROUTES.iter().find(|(route, _, _)| *route == pattern)?;
    if matches!(*method, Method::GET | Method::HEAD) { *reading } else { *writing }
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;
    use utoipa::OpenApi;

    use super::*;
    use crate::web::openapi::Description;

    #[test]
    fn every_route_that_is_described_has_been_thought_of() {
        for (path, item) in Description::openapi().paths.paths {
            let methods = [
                (Method::GET, item.get.is_some()),
                (Method::PUT, item.put.is_some()),
                (Method::POST, item.post.is_some()),
                (Method::DELETE, item.delete.is_some()),
            ];
            for (method, _) in methods.into_iter().filter(|(_, is_there)| *is_there) {
                assert!(known(&method, &path).is_some(), "{method} {path}: say in ROUTES what it takes");
            }
        }
    }

    #[test]
    fn what_nobody_thought_of_is_for_administrators() {
        let by = |grants: &str| {
            let grants = vec![grants.parse().unwrap()];
            Principal::from(cronbus_core::account::Principal {
                grants: cronbus_core::account::Grants::new(grants).unwrap(),
                ..cronbus_core::account::Principal::admin()
            })
        };
        let unknown = need(&Method::GET, "/api/v1/forgotten");
        assert_eq!(unknown, Everywhere(Administer));
        assert_eq!(need(&Method::PATCH, "/api/v1/openapi.json"), unknown);
        for grants in ["viewer", "editor", "admin:php"] {
            let problem = unknown.check(&by(grants)).unwrap_err();
            assert_eq!(problem.status, 403);
            assert!(problem.detail.contains("admin on all groups"), "{}", problem.detail);
        }
        unknown.check(&by("admin")).unwrap();
        Somewhere(Operate).check(&by("operator:php")).unwrap();
        assert!(Somewhere(Operate).check(&by("viewer")).is_err());
    }
}
