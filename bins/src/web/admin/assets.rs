//! The style sheet and the scripts, within the executable. They are asked for by their hash, so browsers may keep them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::web::Path;
use actix_web::{HttpResponse, HttpResponseBuilder};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// Kept for a year: another content has another address.
const KEPT: &str = "public, max-age=31536000, immutable";

/// The address of an asset.
pub(crate) fn address(name: &str) -> String {
    static HASHES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
        let files = Assets::iter().filter_map(|name| Some((name.clone().into_owned(), Assets::get(&name)?)));
        files.map(|(name, file)| (name, hash(&file.metadata.sha256_hash()))).collect()
    });
    format!("/assets/{name}?v={}", HASHES.get(name).map_or("", String::as_str))
}

fn hash(bytes: &[u8]) -> String {
    bytes.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// One of them. Nobody has to sign in for it.
pub(crate) async fn show(name: Path<String>) -> HttpResponse {
    let Some(file) = Assets::get(&name) else { return HttpResponse::NotFound().finish() };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let mut response: HttpResponseBuilder = HttpResponse::Ok();
    response.content_type(kind).insert_header((header::CACHE_CONTROL, KEPT));
    response.insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff")).body(file.data.into_owned())
}
