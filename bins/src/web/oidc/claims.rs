//! What an ID token says of somebody, and what follows from it here. Pure: whether it may be believed was decided before.

use cronbus_core::account::{AccountName, Grants, Identity};
use cronbus_core::config::{ClaimGrant, Oidc};
use serde_json::{Map, Value};

/// What names a user of whom nothing better is known.
const SOMEBODY: &str = "user";

/// What follows from claims, as it is configured.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    grant: Vec<ClaimGrant>,
    domains: Vec<String>,
    name: String,
}

impl Rules {
    /// Those of a configuration.
    pub(crate) fn new(oidc: &Oidc) -> Self {
        Self { grant: oidc.grant.clone(), domains: oidc.email_domains.clone(), name: oidc.name_claim.clone() }
    }
}

/// The claims of an ID token that was checked.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    identity: Identity,
    all: Map<String, Value>,
}

impl Claims {
    /// Of whom, and everything.
    pub(super) fn new(identity: Identity, all: Map<String, Value>) -> Self {
        Self { identity, all }
    }

    /// Who it is to the provider.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What he may do here.
    pub(crate) fn grants(&self, rules: &Rules) -> Grants {
        let applying = rules.grant.iter().filter(|rule| self.applies(rule));
        // The configuration was checked: whatever does not hold now gives nothing.
        let all = applying.filter_map(|rule| rule.grant().ok());
        let grants = all.fold(Vec::new(), |mut known, grant| {
            if !known.contains(&grant) {
                known.push(grant);
            }
            known
        });
        Grants::new(grants).unwrap_or_default()
    }

    /// Whether his e-mail address is verified and of a domain that may come in.
    pub(crate) fn has_allowed_email(&self, rules: &Rules) -> bool {
        if rules.domains.is_empty() {
            return true;
        }
        // Some providers write the boolean as text.
        let verified = self.all.get("email_verified");
        let is_verified = verified.is_some_and(|said| *said == Value::Bool(true) || *said == "true");
        let email = self.all.get("email").and_then(Value::as_str).unwrap_or_default();
        let domain = email.rsplit_once('@').map(|(_, domain)| domain);
        is_verified && domain.is_some_and(|domain| rules.domains.iter().any(|known| known.eq_ignore_ascii_case(domain)))
    }

    /// What he could be called here, best first. The last is his alone.
    pub(crate) fn names(&self, rules: &Rules) -> Vec<AccountName> {
        let said = |claim: &str| self.at(claim).and_then(Value::as_str).and_then(plain);
        let wanted = said(&rules.name).or_else(|| said("email")).unwrap_or_else(|| SOMEBODY.to_owned());
        let beginning: String = wanted.chars().take(AccountName::LONGEST - 17).collect();
        let key: String = self.identity.key().chars().take(16).collect();
        let own = format!("{beginning}-{key}");
        [wanted.as_str(), own.as_str()].into_iter().filter_map(|name| AccountName::new(name).ok()).collect()
    }

    fn applies(&self, rule: &ClaimGrant) -> bool {
        let is_it = |said: &Value| {
            let text = match said {
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) => said.to_string(),
                _ => return false,
            };
            rule.value == "*" || text == rule.value
        };
        match self.at(&rule.claim) {
            Some(Value::Array(items)) => items.iter().any(is_it),
            Some(said) => is_it(said),
            None => false,
        }
    }

    /// A claim by its name; where there is none, dots lead into objects.
    fn at(&self, claim: &str) -> Option<&Value> {
        let (first, rest) = match self.all.get(claim) {
            Some(found) => return Some(found),
            None => claim.split_once('.')?,
        };
        rest.split('.').try_fold(self.all.get(first)?, |within, name| within.get(name))
    }
}

/// A text as a name of an account, nothing when not a letter or digit of it can stay.
fn plain(text: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    let text: String = text.chars().take(200).map(|c| if allowed(c) { c } else { '-' }).collect();
    let text = text.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let text: String = text.chars().take(AccountName::LONGEST).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use cronbus_core::account::Role;
    use serde_json::json;

    use super::*;

    fn claims(all: Value) -> Claims {
        let Value::Object(all) = all else { panic!("claims are an object") };
        let identity = Identity { issuer: "https://id.example.com".to_owned(), subject: "1".to_owned() };
        Claims::new(identity, all)
    }

    fn grant(claim: &str, value: &str) -> ClaimGrant {
        ClaimGrant { claim: claim.to_owned(), value: value.to_owned(), role: Role::Viewer, groups: None }
    }

    #[test]
    fn a_claim_applies_by_its_value_its_items_and_within_objects() {
        let said = claims(json!({
            "groups": ["sre", "dev"], "dept": "it", "level": 3, "boss": true, "nothing": null,
            "realm_access": { "roles": ["ops"] }, "https://x.example/groups": ["a"], "deep": [["sre"]],
        }));
        for (claim, value, expected) in [
            ("groups", "sre", true),
            ("groups", "SRE", false),
            ("groups", "sr", false),
            ("groups", "*", true),
            ("dept", "it", true),
            ("level", "3", true),
            ("boss", "true", true),
            ("realm_access.roles", "ops", true),
            ("realm_access.roles.0", "ops", false),
            ("realm_access", "*", false),
            ("https://x.example/groups", "a", true),
            ("deep", "sre", false),
            ("nothing", "*", false),
            ("missing", "*", false),
            ("", "*", false),
        ] {
            assert_eq!(said.applies(&grant(claim, value)), expected, "{claim} = {value}");
        }
    }

    #[test]
    fn only_a_verified_address_of_a_domain_comes_in() {
        let oidc = Oidc { email_domains: vec!["example.com".to_owned()], ..Oidc::default() };
        for (said, expected) in [
            (json!({ "email": "a@Example.com", "email_verified": true }), true),
            (json!({ "email": "a@example.com", "email_verified": "true" }), true),
            (json!({ "email": "a@example.com", "email_verified": false }), false),
            (json!({ "email": "a@example.com" }), false),
            (json!({ "email": "a@evil-example.com", "email_verified": true }), false),
            (json!({ "email": "a@sub.example.com", "email_verified": true }), false),
            (json!({ "email": "a@example.com@evil.org", "email_verified": true }), false),
            (json!({ "email": "example.com", "email_verified": true }), false),
            (json!({ "email_verified": true }), false),
        ] {
            assert_eq!(claims(said.clone()).has_allowed_email(&Rules::new(&oidc)), expected, "{said}");
            assert!(claims(said).has_allowed_email(&Rules::new(&Oidc::default())));
        }
    }

    #[test]
    fn names_are_what_accounts_can_be_called() {
        let rules = Rules::new(&Oidc::default());
        for (said, expected) in [
            (json!({ "preferred_username": "Anna" }), "anna"),
            (json!({ "preferred_username": "Anna Müller" }), "anna-m-ller"),
            (json!({ "preferred_username": "王芳", "email": "fang@example.com" }), "fang@example.com"),
            (json!({ "preferred_username": 7 }), "user"),
            (json!({}), "user"),
        ] {
            let names = claims(said.clone()).names(&rules);
            assert_eq!(names[0].as_str(), expected, "{said}");
            assert!(names[1].as_str().starts_with(&format!("{expected}-")), "{said}");
        }
        let long = claims(json!({ "preferred_username": "x".repeat(1000) })).names(&rules);
        assert_eq!((long[0].as_str().len(), long[1].as_str().len()), (64, 64));
    }
}
