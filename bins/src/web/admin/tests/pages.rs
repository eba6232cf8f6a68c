//! What the pages show, and what stays text whoever wrote it.

use actix_web::http::{Method, StatusCode, header};
use cronbus_core::id::RunId;
use cronbus_core::job::{Command, Definition, JobName, Params};

use super::browser::Browser;
use crate::web::acts;
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::tests::stage::{ask, site};

const HOSTILE: &str = "<script>alert(1)</script>'\"&{{x}}";

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

fn assert_tame(page: &str, path: &str) {
    assert!(!page.contains("<script>alert"), "{path}: {page}");
    assert!(page.matches("<script").count() == page.matches("<script src=\"/assets/").count(), "{path}: {page}");
}

#[actix_web::test]
async fn whatever_is_stored_stays_text() {
    let browser = Browser::signed_in(site(true)).await;
    let run = hostile(&browser.site).await;
    let paths = ["/runs".to_owned(), format!("/runs/{run}"), format!("/runs/{run}/kill"), "/nodes".to_owned()];
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
