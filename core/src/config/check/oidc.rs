//! The OpenID provider: what has to be said with it, over which addresses, and what its claims let do.

use crate::config::root::Config;
use crate::config::section::Oidc;

use super::Fault;

/// More claims than this are no rules any more.
const MOST: usize = 100;

pub(in crate::config) fn check(config: &Config) -> Vec<Fault> {
    let oidc = &config.oidc;
    if !oidc.is_on() {
        return Vec::new();
    }
    let public_url = if oidc.public_url.is_empty() { &config.alerts.url } else { &oidc.public_url };
    let two_secrets = oidc.client_secret.reveal().is_some() && !oidc.client_secret_file.as_os_str().is_empty();
    let found = [
        ("oidc.issuer", address_fault(&oidc.issuer)),
        ("oidc.public_url", web_fault(public_url)),
        ("oidc.client_id", oidc.client_id.is_empty().then(|| "say what the provider calls this program".to_owned())),
        (
            "oidc.client_secret_file",
            two_secrets.then(|| "oidc.client_secret is written, too: leave one of them out".to_owned()),
        ),
        ("oidc.scopes", scope_fault(oidc)),
        ("oidc.name_claim", oidc.name_claim.is_empty().then(|| "name a claim, like preferred_username".to_owned())),
        ("oidc.email_domains", domain_fault(oidc)),
        ("oidc.grant", grant_fault(oidc)),
    ];
    found.into_iter().filter_map(|(key, reason)| Some(Fault { key, reason: reason? })).collect()
}

/// Keys and codes go over it: in the clear only within this machine.
fn address_fault(issuer: &str) -> Option<String> {
    let is_here = ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|here| {
        let behind = issuer.strip_prefix(here);
        behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']) && !rest.contains('@'))
    });
    let is_address = (issuer.starts_with("https://") || is_here) && is_plain(issuer);
    (!is_address).then(|| {
        "write https://HOST and perhaps a path, exactly as the provider calls itself, without ? and #; http:// is for \
         127.0.0.1 and localhost alone"
            .to_owned()
    })
}

fn web_fault(url: &str) -> Option<String> {
    let is_address = ["https://", "http://"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
    (!is_address || !is_plain(url)).then(|| {
        "the provider has to know where to send browsers back to: write https://HOST of the web admin here, or in \
         alerts.url"
            .to_owned()
    })
}

fn is_plain(url: &str) -> bool {
    url.len() <= 1_000 && url.bytes().all(|byte| byte.is_ascii_graphic()) && !url.contains(['?', '#', '"', '<', '>'])
}

fn scope_fault(oidc: &Oidc) -> Option<String> {
    let is_scope = |scope: &String| !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic());
    let wrong = oidc.scopes.iter().find(|scope| !is_scope(scope));
    wrong.map(|scope| format!("`{scope}` is no scope: write one word each, like [\"profile\", \"email\"]"))
}

fn domain_fault(oidc: &Oidc) -> Option<String> {
    let is_domain = |domain: &String| {
        !domain.is_empty() && domain.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    };
    let wrong = oidc.email_domains.iter().find(|domain| !is_domain(domain));
    wrong.map(|domain| format!("`{domain}` is no domain: write what stands behind the @, like [\"example.com\"]"))
}

fn grant_fault(oidc: &Oidc) -> Option<String> {
    if oidc.grant.is_empty() {
        let example = "[[oidc.grant]] with claim = \"groups\", value = \"sre\", role = \"operator\"";
        return Some(format!("nobody could come in: write at least one {example}"));
    }
    if oidc.grant.len() > MOST {
        return Some(format!("at most {MOST} are allowed"));
    }
    oidc.grant.iter().find_map(|rule| {
        let said = format!("the grant for {} = `{}`", rule.claim, rule.value);
        let is_empty = rule.claim.is_empty() || rule.value.is_empty();
        let empty = is_empty.then(|| format!("{said}: name a claim and its value; `*` is any value"));
        empty.or_else(|| rule.grant().err().map(|error| format!("{said}: {error}")))
    })
}
