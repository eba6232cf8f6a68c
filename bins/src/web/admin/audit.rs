//! `/audit`: who did what, the newest first, with what was and what is.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::audit::{Action, Difference, Door, Entry, EntryId, Kind, Object, ObjectKind, differences};
use cronbus_core::port::store::{AuditFilter, Page};

use super::frame::{Frame, answer};
use super::instants::instant;
use super::link::{self, QueryText};
use super::parts::When;
use super::visit::Visit;
use super::words::Language;
use crate::web::api::audit::KINDS;
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::site::Site;

/// How many entries a page has.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    frame: Frame,
    asked: Asked,
    actions: Vec<&'static str>,
    kinds: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    first: Option<String>,
    next: Option<String>,
}

/// One entry.
struct Row {
    at: When,
    actor: String,
    actor_kind: String,
    address: String,
    door: String,
    action: &'static str,
    kind: String,
    object: String,
    href: Option<String>,
    changes: Vec<Difference>,
}

/// What was asked for, as it stands in the address.
#[derive(Clone, Debug, Default)]
struct Asked {
    actor: String,
    action: String,
    kind: String,
    object: String,
    from: String,
    until: String,
    cursor: Option<EntryId>,
}

impl Asked {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut read = Parameters::of(request)?;
        let mut text = |name| read.text(name).unwrap_or_default().trim().to_owned();
        let [actor, action, kind] = ["actor", "action", "kind"].map(&mut text);
        let [object, from, until] = ["object", "from", "until"].map(&mut text);
        let asked = Self { actor, action, kind, object, from, until, cursor: read.read("cursor")? };
        read.finish()?;
        Ok(asked)
    }

    fn href(&self, cursor: Option<EntryId>) -> String {
        let cursor = cursor.map(|cursor| cursor.to_string()).unwrap_or_default();
        let query = QueryText::default().with("actor", &self.actor).with("action", &self.action);
        let query = query.with("kind", &self.kind).with("object", &self.object).with("from", &self.from);
        format!("/audit{}", query.with("until", &self.until).with("cursor", &cursor).text())
    }

    fn filter(&self) -> Result<AuditFilter, Problem> {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let action = given(&self.action).map(|text| text.parse().map_err(|e| Problem::invalid("action", &text, &e)));
        let known = |text: String| {
            let found = KINDS.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind);
            found.ok_or_else(|| Problem::not_one_of("kind", &text, "job, run, node, secret and the like"))
        };
        Ok(AuditFilter {
            actor: given(&self.actor),
            action: action.transpose()?,
            kind: given(&self.kind).map(known).transpose()?,
            object: given(&self.object),
            from: instant("from", &self.from)?,
            until: instant("until", &self.until)?,
        })
    }
}

/// The list.
///
/// # Errors
/// 400 for what cannot be read, 503 without a database.
pub(crate) async fn show(site: Data<Site>, visit: Visit, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asked = Asked::of(&request)?;
    let (entries, next) = site.store.entries(&asked.filter()?, &Page { after: asked.cursor, limit: PAGE }).await?;
    answer(&AuditPage {
        actions: Action::ALL.iter().map(|action| action.as_str()).collect(),
        kinds: KINDS.iter().map(|(word, kind)| (*word, kind_word(*kind, visit.language))).collect(),
        rows: entries.into_iter().map(|entry| row(entry, visit.language)).collect(),
        first: asked.cursor.map(|_| asked.href(None)),
        next: next.map(|next| asked.href(Some(next))),
        frame: visit.frame(&site, "nav-audit", visit.say("nav-audit")),
        asked,
    })
}

fn row(entry: Entry, language: Language) -> Row {
    Row {
        at: When::at(entry.at),
        actor_kind: actor_word(entry.actor.kind, language),
        address: entry.actor.address.map(|address| address.to_string()).unwrap_or_default(),
        door: door_word(entry.actor.door, language),
        action: entry.action.as_str(),
        kind: kind_word(entry.object.kind, language),
        href: href(&entry.object),
        changes: differences(entry.before.as_ref(), entry.after.as_ref()),
        actor: entry.actor.name,
        object: entry.object.name,
    }
}

/// The page of what it was done to, where it has one.
fn href(object: &Object) -> Option<String> {
    let id = object.id.as_deref();
    match object.kind {
        ObjectKind::Job => Some(link::job(&object.name, id.unwrap_or_default())),
        ObjectKind::Run => id.map(link::run),
        ObjectKind::Node => Some("/nodes".to_owned()),
        ObjectKind::Silence | ObjectKind::Alert | ObjectKind::Channel => Some("/alerts".to_owned()),
        ObjectKind::Secret => Some("/secrets".to_owned()),
        ObjectKind::User | ObjectKind::Token => Some("/accounts".to_owned()),
    }
}

fn kind_word(kind: ObjectKind, language: Language) -> String {
    language.say(match kind {
        ObjectKind::Job => "audit-kind-job",
        ObjectKind::Run => "audit-kind-run",
        ObjectKind::Node => "audit-kind-node",
        ObjectKind::Silence => "audit-kind-silence",
        ObjectKind::Alert => "audit-kind-alert",
        ObjectKind::Channel => "audit-kind-channel",
        ObjectKind::Secret => "audit-kind-secret",
        ObjectKind::User => "audit-kind-user",
        ObjectKind::Token => "audit-kind-token",
    })
}

fn actor_word(kind: Kind, language: Language) -> String {
    language.say(match kind {
        Kind::AdminToken => "audit-by-admin-token",
        Kind::User => "audit-by-user",
        Kind::ApiToken => "audit-by-api-token",
        Kind::Client => "audit-by-client",
        Kind::Node => "audit-by-node",
        Kind::Nobody => "audit-by-nobody",
    })
}

fn door_word(door: Door, language: Language) -> String {
    language.say(match door {
        Door::Rest => "audit-door-rest",
        Door::Page => "audit-door-page",
        Door::Cli => "audit-door-cli",
        Door::Nats => "audit-door-nats",
        Door::Node => "audit-door-node",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_stays_in_the_address() {
        let asked = Asked { actor: "token/a b".into(), action: "job.update".into(), ..Asked::default() };
        assert_eq!(asked.href(None), "/audit?actor=token%2Fa%20b&action=job.update");
        assert_eq!(asked.filter().unwrap().actor.as_deref(), Some("token/a b"));
        for wrong in [
            Asked { action: "job.made".into(), ..Asked::default() },
            Asked { kind: "thing".into(), ..Asked::default() },
            Asked { from: "yesterday".into(), ..Asked::default() },
        ] {
            assert!(wrong.filter().is_err(), "{wrong:?}");
        }
    }
}
