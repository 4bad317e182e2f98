//! Styles and script: files of the program, under names that no caller chooses.

use axum::body::Body;
use axum::extract::RawPathParams;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, Response};

use crate::http::dashboard::shown;
use crate::http::error::ApiError;

/// Name, media type and bytes of each.
const FILES: [(&str, &str, &[u8]); 5] = [
    ("style.css", "text/css; charset=utf-8", include_bytes!("../../../assets/dashboard/style.css")),
    ("icon.svg", "image/svg+xml", include_bytes!("../../../assets/dashboard/icon.svg")),
    (
        "htmx-sse-2.2.4.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../../assets/dashboard/htmx-sse-2.2.4.js"),
    ),
    (
        "places.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../../assets/dashboard/places.js"),
    ),
    (
        "htmx-2.0.11.min.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../../assets/dashboard/htmx-2.0.11.min.js"),
    ),
];

/// A browser asks again once the page was looked at for so long.
const KEPT: HeaderValue = HeaderValue::from_static("private, max-age=600");

/// `GET /dashboard/assets/{file}`.
///
/// # Errors
/// 404 for a file that is not there.
pub async fn get(params: RawPathParams) -> Result<Response<Body>, ApiError> {
    let name = params.iter().find(|(name, _)| *name == "file").map_or("", |(_, file)| file);
    let file = FILES.iter().find(|(known, ..)| *known == name);
    let (_, kind, bytes) = file.ok_or_else(|| ApiError::not_found("page"))?;
    let mut response = shown::file(kind, bytes);
    response.headers_mut().insert(CACHE_CONTROL, KEPT);
    Ok(response)
}
