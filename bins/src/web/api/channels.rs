//! `/channels`: over what people are told, and whether that works.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use cronbus_core::alert::template::sample;
use cronbus_core::alert::{ChannelName, MessageId};
use cronbus_core::port::notifier;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::{Builder, Uuid};

use crate::web::problem::Problem;
use crate::web::query::Parameters;
use crate::web::session::Principal;
use crate::web::site::Site;
use crate::web::view::{Listing, SettingView};

/// What the keys of channels begin with.
const PREFIX: &str = "alerts.channel.";

/// A channel.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ChannelView {
    /// Its name.
    pub(crate) name: String,
    /// `email`, `webhook`, `slack`, `dingtalk`, `feishu`, `wecom`, `teams`, `pagerduty` or `sms`.
    pub(crate) kind: String,
    /// Its keys; secrets are hidden.
    #[schema(value_type = Vec<crate::web::schema::Setting>)]
    pub(crate) settings: Vec<SettingView>,
}

/// The channels of the node that is asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelListing {
    /// By name.
    items: Vec<ChannelView>,
    /// Always null.
    next: Option<String>,
}

/// What came of a test.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Tested {
    /// The channel.
    pub(crate) channel: String,
    /// The id of the message.
    #[schema(value_type = String)]
    pub(crate) message: MessageId,
    /// What the other end answered.
    pub(crate) detail: String,
}

/// The channels of the node that is asked, by name.
///
/// # Errors
/// 400 for parameters, since there are none.
#[utoipa::path(
    get, path = "/api/v1/channels", tag = "alerts",
    responses((status = 200, body = ChannelListing), (status = "4XX", body = Problem))
)]
pub(crate) async fn list(site: Data<Site>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let settings = site.configurations.own();
    let view = |name: ChannelName| {
        let prefix = format!("{PREFIX}{name}.");
        let of_it = settings.iter().filter_map(|setting| {
            let key = setting.key.strip_prefix(&prefix)?.to_owned();
            Some(SettingView { key, ..setting.clone() })
        });
        let settings: Vec<_> = of_it.collect();
        let kind =
            settings.iter().find(|setting| setting.key == "kind").map(|kind| kind.value.trim_matches('"').to_owned());
        ChannelView { name: name.to_string(), kind: kind.unwrap_or_default(), settings }
    };
    let items = site.notifier.channels().into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(Listing::<ChannelView> { items, next: None }))
}

/// Sends a message that says that it is a test, from the node that is asked.
///
/// # Errors
/// 404 when there is no such channel, 502 with what the other end said when it did not take the message.
#[utoipa::path(
    post, path = "/api/v1/channels/{name}/test", tag = "alerts", params(("name" = String, Path, description = "its name")),
    responses((status = 200, body = Tested), (status = "4XX", body = Problem), (status = 502, body = Problem))
)]
pub(crate) async fn test(
    site: Data<Site>,
    request: HttpRequest,
    name: Path<String>,
    by: Principal,
) -> Result<HttpResponse, Problem> {
    Parameters::of(&request)?.finish()?;
    let channel = ChannelName::new(&name).map_err(|_| unknown(&site, &name))?;
    let id = MessageId(random()?);
    tracing::info!(channel = channel.as_str(), by = by.name, "a channel is tested");
    match site.notifier.deliver(&channel, &sample(channel.as_str(), id, site.clock.now())).await {
        Ok(receipt) => {
            let tested = Tested { channel: channel.to_string(), message: id, detail: receipt.detail };
            Ok(HttpResponse::Ok().json(tested))
        }
        Err(notifier::Error::NoSuchChannel { .. }) => Err(unknown(&site, &name)),
        Err(error) => Err(Problem::plain(StatusCode::BAD_GATEWAY, error.to_string())),
    }
}

fn unknown(site: &Site, name: &str) -> Problem {
    Problem::no_such_channel(name, &site.notifier.channels())
}

/// An id of version 4.
fn random() -> Result<Uuid, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        let detail = format!("the system gave no random bytes for the id of a message: {error}");
        Problem::plain(StatusCode::INTERNAL_SERVER_ERROR, detail)
    })?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}
