//! What the pages show, and what stays text whoever wrote it.

use std::time::Duration;

use actix_web::http::{Method, StatusCode, header};
use cronbus_core::id::{NodeName, RunId};
use cronbus_core::job::{Command, Definition, JobName, Params};
use cronbus_core::port::store::{Recording, Update};
use cronbus_core::run::{Run, State};

use super::browser::Browser;
use crate::web::acts;
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::tests::stage::{NOW, ask, site};

pub(super) const HOSTILE: &str = "<script>alert(1)</script>'\"&{{x}}";

/// A job with a hostile text wherever one may be written, and a run of it with hostile values.
pub(super) async fn hostile(site: &Site) -> RunId {
    let name = JobName::new("nightly/report").unwrap();
    let mut definition = Definition::new(name, Command::shell(HOSTILE));
    definition.description = HOSTILE.to_owned();
    definition.labels.insert("team".to_owned(), HOSTILE.to_owned());
    definition.params.insert("day".to_owned(), HOSTILE.to_owned());
    let job = acts::add(site, definition, &Principal::admin()).await.unwrap();
    let params = Params::from([("day".to_owned(), HOSTILE.to_owned())]);
    acts::run(site, job, params, None, &Principal::admin()).await.unwrap().run.id
}

pub(super) fn assert_tame(page: &str, path: &str) {
    assert!(!page.contains("<script>alert"), "{path}: {page}");
    assert!(page.matches("<script").count() == page.matches("<script src=\"/assets/").count(), "{path}: {page}");
}

#[actix_web::test]
async fn whatever_is_stored_stays_text() {
    let browser = Browser::signed_in(site(true)).await;
    let run = hostile(&browser.site).await;
    let paths = ["/runs".to_owned(), format!("/runs/{run}"), format!("/runs/{run}/kill"), "/nodes".to_owned()];
    let jobs = [
        "",
        "/nightly%2Freport",
        "/nightly%2Freport/logs?q=x",
        "/nightly%2Freport/edit",
        "/nightly%2Freport/delete",
        "/new?from=nightly%2Freport",
    ];
    let paths = paths.into_iter().chain(jobs.map(|path| format!("/jobs{path}"))).chain(["/".to_owned()]);
    for path in paths {
        assert_tame(&browser.page(&path).await, &path);
    }
    for path in ["/runs?job=%3Cscript%3Ealert(1)%3C/script%3E", "/runs?state=%3Cscript%3Ealert(1)%3C/script%3E"] {
        assert_tame(&browser.get(path).await.text(), path);
    }
    let page = browser.page(&format!("/runs/{run}")).await;
    assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
}

#[actix_web::test]
async fn a_run_shows_its_life_and_its_log() {
    let browser = Browser::signed_in(site(true)).await;
    let run = hostile(&browser.site).await;
    let page = browser.page(&format!("/runs/{run}")).await;
    for part in ["nightly/report", "Waiting", "<span class=\"out\">one", "Any node; taken in turn", "1 of 1", "By hand"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let list = browser.page("/runs?job=nightly%2Freport&state=created,assigned&within=1h").await;
    assert!(list.contains(&run.to_string()));
    assert!(!browser.page("/runs?job=nobody").await.contains(&run.to_string()));
    assert!(!browser.page("/runs?state=failed").await.contains(&run.to_string()));

    let log = browser.get(&format!("/runs/{run}/log.txt")).await;
    let header = |name| log.headers.get(name).unwrap().to_str().unwrap();
    assert_eq!(header(header::CONTENT_TYPE), "application/octet-stream");
    assert_eq!(header(header::CONTENT_DISPOSITION), format!("attachment; filename=\"run-{run}.log\""));
    for path in ["/runs/..%2F..%2Fadmin.token/log.txt", "/runs/x/log.txt", "/runs/x"] {
        assert_eq!(browser.get(path).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    assert_eq!(browser.post(&format!("/runs/{run}/kill"), &[]).await.location(), format!("/runs/{run}"));
    let again = browser.post(&format!("/runs/{run}/again"), &[]).await;
    assert!(again.location().starts_with("/runs/"));
}

/// The run as if it had been started: only those have logs.
async fn start(site: &Site, id: RunId, late_s: u64) {
    let run = site.store.run(id).await.unwrap().unwrap();
    let after = Run {
        state: State::Running,
        started_at: Some(NOW + Duration::from_secs(late_s)),
        node: NodeName::new("n1").ok(),
        ..run.clone()
    };
    let update = Update { from: run.state, run: after, next_attempt: None };
    let recording = Recording { updates: vec![update], ..Recording::default() };
    site.store.record(&recording).await.unwrap();
}

#[actix_web::test]
async fn what_started_late_is_told_apart() {
    let browser = Browser::signed_in(site(true)).await;
    let run = hostile(&browser.site).await;
    assert!(!browser.page("/runs?late=only").await.contains(&run.to_string()), "it has not started");
    start(&browser.site, run, 0).await;
    assert!(!browser.page("/runs?late=only").await.contains(&run.to_string()), "it started at its moment");
    let browser = Browser::signed_in(site(true)).await;
    let run = hostile(&browser.site).await;
    start(&browser.site, run, 60).await;
    assert!(browser.page("/runs?late=only").await.contains(&run.to_string()));
    assert!(!browser.page("/runs?late=only&state=failed").await.contains(&run.to_string()));
    assert_eq!(browser.get("/runs?late=maybe").await.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn a_text_is_found_in_the_logs_of_a_job_and_shown_in_its_place() {
    let browser = Browser::signed_in(site(true)).await;
    let run = hostile(&browser.site).await;
    let path = "/jobs/nightly%2Freport/logs";
    assert!(browser.page(path).await.contains("Looks for a plain text"));
    assert!(browser.page(&format!("{path}?q=ONE")).await.contains("None of these runs"), "it has not begun");
    start(&browser.site, run, 0).await;
    let page = browser.page(&format!("{path}?q=ONE")).await;
    let href = format!("/runs/{run}?at=0&#38;q=ONE#found");
    assert!(page.contains(&href) && page.contains(">one</a>") && page.contains("Looked at 1 runs"), "{page}");
    let place = browser.page(&format!("/runs/{run}?at=0&q=ONE")).await;
    assert!(place.contains("<span class=\"out is-found\" id=\"found\">one"), "{place}");
    assert!(!browser.page(&format!("/runs/{run}")).await.contains("id=\"found\""));
    let hostile = browser.page(&format!("{path}?q=%3Cscript%3Ealert(1)%3C/script%3E")).await;
    assert_tame(&hostile, path);
    for wrong in [format!("{path}?q=x&runs=0"), format!("{path}?q={}", "x".repeat(201)), format!("/runs/{run}?at=x")] {
        assert_eq!(browser.get(&wrong).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[actix_web::test]
async fn pages_speak_both_languages_and_remember_which() {
    let browser = Browser::signed_in(site(true)).await;
    let request = |language: &str, cookie: &str| {
        let cookie = format!("cronbus_session={}; {cookie}", browser.secret);
        let request = browser.request(Method::GET, "/runs").insert_header((header::COOKIE, cookie));
        request.insert_header((header::ACCEPT_LANGUAGE, language.to_owned()))
    };
    assert!(ask(&browser.site, request("zh-CN,en;q=0.5", "")).await.text().contains("没有符合条件的运行"));
    assert!(ask(&browser.site, request("zh-CN", "cronbus_language=en")).await.text().contains("No run fits"));
    assert!(ask(&browser.site, request("en", "cronbus_theme=dark")).await.text().contains("data-theme=\"dark\""));
    let chosen = browser.get("/preferences?language=zh&back=%2Fruns").await;
    assert_eq!(chosen.location(), "/runs");
    assert!(chosen.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap().starts_with("cronbus_language=zh"));
    assert_eq!(browser.get("/preferences?theme=dark&back=//evil.example").await.location(), "/");
    assert_eq!(browser.get("/preferences?theme=neon").await.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn a_mistake_is_told_at_its_field_and_can_be_mended() {
    let browser = Browser::signed_in(site(true)).await;
    browser.page("/jobs/new").await;
    let fields = |zone: &'static str| {
        [("name", "a"), ("schedule", "0 3 * * *"), ("timezone", zone), ("command.shell", "true"), ("enabled", "on")]
    };
    let wrong = browser.post("/jobs/new", &fields("Mars/One")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, fault) = wrong.text().split_once("data-fault=\"timezone\">").map(|(a, b)| (a.len(), b.to_owned())).unwrap();
    assert!(!fault.starts_with("</p>") && wrong.text().contains("value=\"Mars/One\""), "{}", wrong.text());
    let preview = browser.post("/jobs/preview", &fields("Asia/Shanghai")).await.text();
    assert!(preview.contains("03:00:00+08:00") && !preview.contains("<html"), "{preview}");
    assert_eq!(browser.post("/jobs/new", &fields("Asia/Shanghai")).await.location(), "/jobs/a");
    let page = browser.page("/jobs/a").await;
    assert!(page.contains("a was added") && page.contains("Asia/Shanghai"), "{page}");
    let taken = browser.post("/jobs/new", &fields("UTC")).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "the name is taken");
}

#[actix_web::test]
async fn what_a_changed_job_would_mean_is_shown_whatever_its_name() {
    let browser = Browser::signed_in(site(true)).await;
    let fields = [("name", "night/ü"), ("schedule", "0 3 * * *"), ("command.shell", "true"), ("enabled", "on")];
    let address = browser.post("/jobs/new", &fields).await.location().to_owned();
    let page = browser.page(&format!("{address}/edit")).await;
    let (_, editing) = page.split_once("name=\"editing\" value=\"").unwrap();
    let (editing, _) = editing.split_once('"').unwrap();
    let fields: Vec<_> = fields.into_iter().chain([("editing", editing), ("timezone", "Asia/Shanghai")]).collect();
    let preview = browser.post("/jobs/preview", &fields).await.text();
    assert!(preview.contains("03:00:00+08:00"), "{preview}");
}

#[actix_web::test]
async fn a_job_is_edited_rolled_back_run_paused_and_deleted() {
    let browser = Browser::signed_in(site(true)).await;
    let fields = |line: &'static str, revision: &'static str| {
        [("name", "a"), ("command.shell", line), ("enabled", "on"), ("revision", revision)]
    };
    browser.post("/jobs/new", &fields("one", "")).await;
    assert_eq!(browser.post("/jobs/a/edit", &fields("two", "1")).await.location(), "/jobs/a");
    let stale = browser.post("/jobs/a/edit", &fields("three", "1")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "somebody changed it meanwhile");
    let text = stale.text();
    assert!(text.contains("id=\"conflict\"") && text.contains("<ins>two</ins>"), "what was changed is shown: {text}");
    assert!(text.contains("name=\"revision\" value=\"2\"") && text.contains(">three</textarea>"), "{text}");
    let note = [("name", "a"), ("command.shell", "one"), ("enabled", "on"), ("description", "new"), ("revision", "1")];
    let merged = browser.post("/jobs/a/edit", &note).await.text();
    assert!(
        merged.contains(">two</textarea>") && merged.contains("value=\"new\""),
        "untouched fields are as they are now"
    );
    let page = browser.page("/jobs/a").await;
    assert!(page.contains("<del>one</del>") && page.contains("<ins>two</ins>"), "{page}");
    browser.post("/jobs/a/rollback", &[("to", "1"), ("revision", "2")]).await.location();
    assert!(browser.page("/jobs/a").await.contains("<pre>one</pre>"));

    let key = [("key", "k")];
    let first = browser.post("/jobs/a/run", &key).await.location().to_owned();
    assert_eq!(browser.post("/jobs/a/run", &key).await.location(), first, "sent twice, run once");
    assert_eq!(browser.post("/jobs/a/pause", &[("back", "/jobs")]).await.location(), "/jobs");
    assert!(browser.page("/jobs?state=paused").await.contains("/jobs/a\""));
    assert!(!browser.page("/jobs?state=active").await.contains("/jobs/a\""));

    let question = browser.post("/jobs/bulk", &[("action", "delete"), ("job", "1")]).await;
    assert_eq!(question.status, StatusCode::OK);
    assert!(question.text().contains("name=\"confirmed\""), "nothing is deleted unasked");
    browser.page("/jobs/a").await;
    let fields = [("action", "delete"), ("job", "1"), ("confirmed", "yes")];
    assert_eq!(browser.post("/jobs/bulk", &fields).await.location(), "/jobs");
    assert_eq!(browser.get("/jobs/a").await.status, StatusCode::NOT_FOUND);
}
