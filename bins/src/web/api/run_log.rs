//! `/runs/{id}/log`: what a run printed, in parts, as it is, or followed while it runs.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use cronbus_core::account::Action;
use cronbus_core::port::log::{self, Excerpt, Subject};
use cronbus_core::run::Run;
use futures::{Stream, StreamExt};

use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::schema;
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::sse::{self, Follower};
use crate::web::view::LogView;

/// How many bytes of output one answer holds, about.
const PART_BYTES: usize = 1 << 20;

/// What a run printed. `follow=true` gives server-sent events until the run is over: `chunk` with a chunk as its data
/// and its sequence as its id, `lack` where the end of the log cannot be read now, `end` with the run. A client that lost its connection sends `Last-Event-ID` and goes on
/// behind it. Otherwise JSON with at most about 1 MiB, or with `Accept: text/plain` the bytes as they are.
///
/// # Errors
/// 400 for what cannot be read, 404 when there is no such run or it has no log, 503 without a database or when too many
/// follow logs.
#[utoipa::path(
    get, path = "/api/v1/runs/{id}/log", tag = "runs", params(schema::RunPath, schema::LogQuery),
    responses(
        (status = 200, content(
            (schema::Log = "application/json"),
            (String = "text/plain"),
            (String = "text/event-stream"),
        )),
        (status = "4XX", body = Problem),
    )
)]
pub(crate) async fn show(
    site: Data<Site>,
    path: Path<String>,
    request: HttpRequest,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let from = read.read("from")?;
    let follow = read.flag("follow")?;
    read.finish()?;
    let run = site.run(&path, &by, Action::View).await?;
    let subject = site.log_subject(&run).await?;
    // A client that lost its connection asks with the same address again, and says how far it got.
    let from = last_event(&request)?.or(from).unwrap_or(0);
    if follow {
        return followed(&site, by, run, subject, from);
    }
    if wants_text(&request) {
        return text(&site, &run, subject, from).await;
    }
    let excerpt = part(&site, &run, &subject, from, PART_BYTES).await?;
    let items = excerpt.chunks.into_iter().map(Into::into).collect();
    let lack = excerpt.lack.map(|lack| lack.to_string());
    Ok(HttpResponse::Ok().json(LogView { items, next: excerpt.next, complete: excerpt.complete, lack }))
}

/// A part of the log. A run that was never started or printed nothing has an empty one, which is no error.
///
/// # Errors
/// 503 when it cannot be read now.
pub(crate) async fn part(
    site: &Site,
    run: &Run,
    subject: &Subject,
    from: u64,
    limit_bytes: usize,
) -> Result<Excerpt, Problem> {
    match site.log.read(subject, from, limit_bytes).await {
        Err(log::Error::NotFound { .. }) if run.output.bytes == 0 => {
            Ok(Excerpt { next: from, complete: run.state.is_terminal(), ..Excerpt::default() })
        }
        Err(log::Error::HostAway { .. }) if printed_nothing(run) => {
            Ok(Excerpt { next: from, complete: run.state.is_terminal(), ..Excerpt::default() })
        }
        other => Ok(other?),
    }
}

/// Whether it is known of a run that is over that it printed nothing, whoever may be asked.
pub(crate) fn printed_nothing(run: &Run) -> bool {
    run.known_output().is_some_and(|output| output.bytes == 0)
}

fn followed(site: &Data<Site>, by: Principal, run: Run, subject: Subject, from: u64) -> Result<HttpResponse, Problem> {
    let place = Arc::clone(&site.followers).try_acquire_owned().map_err(|_| {
        Problem::plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many logs are being followed on this node; end one of them or read this one without `follow`",
        )
    })?;
    let follower = Follower::new((site.clone().into_inner(), by), run.id, subject, from, place);
    let leaving = site.leaving.clone();
    // A client that is cut off between two events comes again and says which was its last.
    let events = sse::events(follower).take_until(async move { leaving.streams_end().await });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events))
}

/// The bytes from `from` on, all of them, part by part, so that no more than one part is ever held.
///
/// # Errors
/// 503 when it cannot be read now.
pub(crate) async fn text(site: &Data<Site>, run: &Run, subject: Subject, from: u64) -> Result<HttpResponse, Problem> {
    let first = part(site, run, &subject, from, PART_BYTES).await?;
    let rest = bytes_of(site.clone(), subject, first);
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").streaming(rest))
}

fn bytes_of(site: Data<Site>, subject: Subject, first: Excerpt) -> impl Stream<Item = Result<Bytes, Problem>> {
    futures::stream::try_unfold(Some(first), move |excerpt| {
        let (site, subject) = (site.clone(), subject.clone());
        async move {
            let Some(excerpt) = excerpt else { return Ok(None) };
            if excerpt.chunks.is_empty() {
                return Ok(None);
            }
            let bytes: Vec<u8> = excerpt.chunks.into_iter().flat_map(|chunk| chunk.bytes).collect();
            let following = match site.log.read(&subject, excerpt.next, PART_BYTES).await {
                Ok(next) if !excerpt.complete => Some(next),
                Ok(_) | Err(log::Error::NotFound { .. }) => None,
                Err(error) => return Err(Problem::from(error)),
            };
            Ok(Some((Bytes::from(bytes), following)))
        }
    })
}

fn wants_text(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("text/plain") && !accept.contains("application/json")
}

/// Where a client that lost its connection goes on: behind the last event it saw.
fn last_event(request: &HttpRequest) -> Result<Option<u64>, Problem> {
    let Some(value) = request.headers().get("Last-Event-ID") else { return Ok(None) };
    let text = value.to_str().unwrap_or("unreadable");
    let last: Option<u64> = text.trim().parse().ok();
    let next = last.and_then(|last| last.checked_add(1));
    next.map(Some).ok_or_else(|| Problem::not_one_of("Last-Event-ID", text, "the id of the last event that was seen"))
}
