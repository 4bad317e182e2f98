//! The document of the interface and the pages that show it; all of it works offline.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawPathParams, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Response};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use crate::http::answer::{IfNoneMatch, Written};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Query, accept};
use crate::http::openapi::document_text;

/// Our own origin and nothing else. The viewer needs no more: it draws its icons from `data:`
/// references, and its styles are a file or set by script, which no policy forbids.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// The page of the viewer, with absolute references, so that `/docs` needs no trailing slash.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>ap-gateway</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/index.css">
<link rel="icon" href="/docs/favicon-32x32.png">
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/swagger-ui-standalone-preset.js"></script>
<script src="/docs/swagger-initializer.js"></script>
</html>
"#;

/// The document, written once at start.
#[derive(Clone)]
pub struct Document(Written);

impl Document {
    /// Writes it as it is committed.
    pub fn write(document: &OpenApi) -> Self {
        Self(Written::new(document_text(document)))
    }
}

/// `GET /openapi.json`.
///
/// # Errors
/// 406.
pub async fn get_openapi(
    State(document): State<Document>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    accept::require(&headers, accept::JSON)?;
    Ok(conditions.written(&document.0))
}

/// `GET /docs`: the viewer.
///
/// # Errors
/// 400 for parameters.
pub async fn get_docs(
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    Ok(html(PAGE.to_owned()))
}

/// `GET /docs/{file}`: a file of the viewer.
///
/// # Errors
/// 404 for a file that it has not.
pub async fn get_docs_file(params: RawPathParams) -> Result<Response<Body>, ApiError> {
    let name = params.iter().find(|(name, _)| *name == "file").map_or("", |(_, file)| file);
    // Without "none" it would send the document to a validator on the net.
    let config = Arc::new(Config::from("/openapi.json").validator_url("none"));
    let file = utoipa_swagger_ui::serve(name, config);
    let file = file.map_err(|error| Slug::Internal.error().caused_by(error))?;
    let file = file.filter(|_| !name.is_empty() && !name.ends_with(".html"));
    let file = file.ok_or_else(|| ApiError::not_found("page"))?;
    let mut response = Response::new(Body::from(file.bytes.into_owned()));
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&file.content_type) {
        headers.insert(CONTENT_TYPE, kind);
    }
    if file.gzpipped {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// A page of ours.
pub fn html(page: String) -> Response<Body> {
    let mut response = Response::new(Body::from(page));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
