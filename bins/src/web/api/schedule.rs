//! `/schedule/preview`: what a rule means, before any job has it.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::schedule::{Dialect, Dst, Error, Fold, Gap};
use cronbus_core::time::Timestamp;

use crate::explain::{Explanation, LARGEST_COUNT, Question, USUAL_COUNT, explain};
use crate::web::problem::{FieldProblem, Problem};
use crate::web::query::Parameters;
use crate::web::schema;
use crate::web::site::Site;

/// What a rule means and when it is due next.
///
/// # Errors
/// 400 for parameters that cannot be read, 422 for a rule or a zone that cannot be used.
#[utoipa::path(
    get, path = "/api/v1/schedule/preview", tag = "schedule", params(schema::PreviewQuery),
    responses((status = 200, body = Explanation), (status = 422, body = Problem, description = "no such rule"))
)]
pub(crate) async fn show(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut read = Parameters::of(&request)?;
    let (from, count) = range(&mut read, site.clock.now())?;
    let question = Question {
        expression: read.text("expression").ok_or_else(|| missing("expression"))?,
        timezone: read.text("timezone").unwrap_or_else(|| "UTC".to_owned()),
        dialect: read.choice("dialect", &DIALECTS)?.unwrap_or_default(),
        dst: Dst { gap: read.choice("gap", &GAPS)?, fold: read.choice("fold", &FOLDS)? },
        name: read.text("name").unwrap_or_default(),
        anchor: read.read("anchor")?.unwrap_or(Timestamp::EPOCH),
        from,
        count,
    };
    read.finish()?;
    Ok(HttpResponse::Ok().json(explained(&question)?))
}

const DIALECTS: [(&str, Dialect); 2] = [("unix", Dialect::Unix), ("quartz", Dialect::Quartz)];
const GAPS: [(&str, Gap); 3] = [("run_after", Gap::RunAfter), ("skip", Gap::Skip), ("shift", Gap::Shift)];
const FOLDS: [(&str, Fold); 2] = [("once", Fold::Once), ("twice", Fold::Twice)];

/// From when and how many due moments are asked for.
///
/// # Errors
/// 400 when either cannot be read.
pub(crate) fn range(read: &mut Parameters, now: Timestamp) -> Result<(Timestamp, usize), Problem> {
    let from = read.read("from")?.unwrap_or(now);
    let Some(text) = read.text("count") else { return Ok((from, USUAL_COUNT)) };
    let count = text.parse().ok().filter(|count| (1..=LARGEST_COUNT).contains(count));
    let count = count.ok_or_else(|| Problem::not_one_of("count", &text, "a number from 1 to 1000"))?;
    Ok((from, count))
}

/// A rule explained.
///
/// # Errors
/// 422 when it cannot be used.
pub(crate) fn explained(question: &Question) -> Result<Explanation, Problem> {
    explain(question).map_err(|error| refused(question, &error))
}

/// The explanation of a job without a rule.
pub(crate) fn manual() -> Explanation {
    Explanation {
        expression: String::new(),
        timezone: "UTC".to_owned(),
        description: "Only when asked to".to_owned(),
        next: Vec::new(),
        moved: Vec::new(),
    }
}

fn refused(question: &Question, error: &Error) -> Problem {
    let field = if error.field() == "timezone" { "timezone" } else { "expression" };
    let value = if field == "timezone" { &question.timezone } else { &question.expression };
    Problem::wrong_fields(vec![FieldProblem {
        field: field.to_owned(),
        value: Some(value.chars().take(120).collect()),
        allowed: None,
        detail: error.to_string(),
    }])
}

fn missing(field: &str) -> Problem {
    let mut problem = Problem::plain(
        StatusCode::BAD_REQUEST,
        format!("{field}: it is missing; write a rule, like `?{field}=0%203%20*%20*%20*`"),
    );
    problem.field = Some(field.to_owned());
    problem
}
