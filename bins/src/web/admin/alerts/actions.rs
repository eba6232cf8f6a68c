//! What is done about alerts: somebody looks after one, nobody wants to hear of it, a channel is tried.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::page::FIELDS;
use crate::web::admin::fields::Fields;
use crate::web::admin::instants::instant;
use crate::web::admin::link::QueryText;
use crate::web::admin::visit::Visit;
use crate::web::alert_acts::{self, NewSilence};
use crate::web::problem::Problem;
use crate::web::site::Site;

const PAGE: &str = "/alerts";

/// How many characters of a refused field are kept in the address.
const LONGEST_KEPT: usize = 200;

/// Says that somebody looks after it.
///
/// # Errors
/// 400 for what is no id, 404 when it is over, 503 without a database.
pub(crate) async fn acknowledge(
    site: Data<Site>,
    visit: Visit,
    path: Path<String>,
    fields: Fields,
) -> Result<HttpResponse, Problem> {
    let note = fields.get("note").unwrap_or_default().to_owned();
    let done = alert_acts::acknowledge(&site, &path, note, &visit.principal).await?;
    Ok(visit.done(&site, PAGE, visit.language.say_with("alert-acknowledged", [("by", &done.by)])))
}

/// Makes a silence; what is wrong with what was asked for is said on the page.
///
/// # Errors
/// 503 without a database.
pub(crate) async fn silence(site: Data<Site>, visit: Visit, fields: Fields) -> Result<HttpResponse, Problem> {
    let text = |name| fields.get(name).map(str::to_owned);
    let until = instant("until", fields.get("until").unwrap_or_default());
    let made = match until {
        Ok(until) => {
            let asked = NewSilence {
                job: text("job"),
                group: text("group"),
                node: text("node"),
                kind: text("kind"),
                // An end says more than a length; who fills in both means the end.
                lasts: text("for").filter(|_| until.is_none()),
                until: until.map(|until| until.to_string()),
                why: text("why").unwrap_or_default(),
            };
            alert_acts::silence(&site, &asked, &visit.principal).await
        }
        Err(problem) => Err(problem),
    };
    match made {
        Ok(_) => Ok(visit.done(&site, PAGE, visit.say("silence-made"))),
        Err(problem) => refused(&site, &visit, &fields, problem),
    }
}

/// Ends a silence now.
///
/// # Errors
/// 400 for what is no id, 404 when it is over, 503 without a database.
pub(crate) async fn end_silence(site: Data<Site>, visit: Visit, path: Path<String>) -> Result<HttpResponse, Problem> {
    alert_acts::end_silence(&site, &path, &visit.principal).await?;
    Ok(visit.done(&site, PAGE, visit.say("silence-ended")))
}

/// Sends a test message, and shows what the other end answered.
///
/// # Errors
/// 404 when there is no such channel.
pub(crate) async fn test(site: Data<Site>, visit: Visit, path: Path<String>) -> Result<HttpResponse, Problem> {
    match alert_acts::test_channel(&site, &path, &visit.principal).await {
        Ok(tested) => {
            let words = [("channel", tested.channel.as_str()), ("answer", tested.detail.as_str())];
            Ok(visit.done(&site, PAGE, visit.language.say_with("channel-tested", words)))
        }
        Err(problem) if problem.status == 502 => {
            let words = [("channel", path.as_str()), ("answer", problem.detail.as_str())];
            Ok(visit.refused(&site, PAGE, visit.language.say_with("channel-refused", words)))
        }
        Err(problem) => Err(problem),
    }
}

/// A refusal that names a field is said where the form is, as it was filled in; everything else is passed on.
fn refused(site: &Site, visit: &Visit, fields: &Fields, problem: Problem) -> Result<HttpResponse, Problem> {
    if problem.field.is_none() {
        return Err(problem);
    }
    let short = |name| fields.get(name).unwrap_or_default().chars().take(LONGEST_KEPT).collect::<String>();
    let query = FIELDS.into_iter().fold(QueryText::default(), |query, name| query.with(name, &short(name)));
    Ok(visit.refused(site, &format!("{PAGE}{}#silence", query.text()), problem.detail))
}
