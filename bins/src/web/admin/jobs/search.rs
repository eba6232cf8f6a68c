//! `/jobs/{job}/logs`: a text in what the newest runs of a job printed, each line with a way to its place in its log.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use cronbus_core::port::log::Stream;

use crate::web::admin::frame::{Frame, answer};
use crate::web::admin::link::{self, QueryText};
use crate::web::admin::parts::{Badge, When, bytes};
use crate::web::admin::visit::Visit;
use crate::web::admin::words::Language;
use crate::web::log_search::{Asked, FoundLine, RunLines, SearchView, search};
use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::site::Site;

#[derive(Template)]
#[template(path = "admin/log_search.html")]
struct SearchPage {
    frame: Frame,
    job: String,
    job_href: String,
    text: String,
    runs: Vec<RunFound>,
    /// What was looked at; absent before anything was looked for.
    looked_at: Option<String>,
    stopped: Option<String>,
    unread: Vec<(String, String)>,
    next: Option<String>,
}

#[derive(Debug)]
struct RunFound {
    href: String,
    badge: Badge,
    due: When,
    node: String,
    lines: Vec<LineFound>,
    more: bool,
}

#[derive(Debug)]
struct LineFound {
    href: String,
    class: &'static str,
    text: String,
}

/// The page.
///
/// # Errors
/// 400 for what cannot be read, 404 when there is no such job, 503 without a database or when others search already.
pub(crate) async fn show(
    site: Data<Site>,
    visit: Visit,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let asked = Asked::of(&mut read)?;
    read.finish()?;
    let job = site.job_remembered(&path, &visit.principal).await?;
    let found = match &asked {
        Some(asked) => Some(search(&site, &job, asked).await?),
        None => None,
    };
    let name = job.definition.name.to_string();
    let title = visit.language.say_with("logs-of", [("job", &name)]);
    let job_href = link::job(&name, job.id);
    let text = asked.as_ref().map(|asked| asked.text.clone()).unwrap_or_default();
    let page = page(visit.frame(&site, "nav-jobs", title), (name, job_href), text, asked.as_ref(), found);
    answer(&page)
}

fn page(
    frame: Frame,
    (job, job_href): (String, String),
    text: String,
    asked: Option<&Asked>,
    found: Option<SearchView>,
) -> SearchPage {
    let language = frame.language;
    let looked_at = found.as_ref().map(|found| {
        let (runs, size) = (found.runs.to_string(), bytes(found.bytes));
        language.say_with("logs-looked-at", [("runs", &runs), ("bytes", &size)])
    });
    let found = found.unwrap_or_default();
    let next = found.next.as_ref().filter(|_| found.stopped.is_some()).zip(asked).map(|(cursor, asked)| {
        let query = QueryText::default().with("q", &asked.text).with("runs", &asked.runs.to_string());
        format!("{job_href}/logs{}", query.with("cursor", cursor).text())
    });
    SearchPage {
        runs: found.items.iter().map(|run| run_found(run, &text, language)).collect(),
        stopped: found.stopped.map(|stop| language.say(&format!("logs-stopped-{}", stop.as_str()))),
        unread: found.unread.into_iter().map(|unread| (link::run(unread.run), unread.why)).collect(),
        looked_at,
        next,
        job,
        job_href,
        text,
        frame,
    }
}

fn run_found(run: &RunLines, text: &str, language: Language) -> RunFound {
    RunFound {
        href: link::run(run.run),
        badge: Badge::of(run.state, language),
        due: When::at(run.due_at),
        node: run.node.as_ref().map_or_else(String::new, ToString::to_string),
        lines: run.lines.iter().map(|line| line_found(run, line, text)).collect(),
        more: run.more,
    }
}

fn line_found(run: &RunLines, line: &FoundLine, text: &str) -> LineFound {
    let query = QueryText::default().with("at", &line.sequence.to_string()).with("q", text);
    let class = match line.stream {
        Stream::Stdout => "out",
        Stream::Stderr => "err",
        Stream::System => "sys",
    };
    LineFound { href: format!("{}{}#found", link::run(run.run), query.text()), class, text: line.text.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::log_search::Stop;

    #[test]
    fn every_bound_has_its_words() {
        for language in Language::ALL {
            for stop in [Stop::Runs, Stop::Bytes, Stop::Time, Stop::Lines] {
                let key = format!("logs-stopped-{}", stop.as_str());
                assert_ne!(language.say(&key), key);
            }
        }
    }
}
