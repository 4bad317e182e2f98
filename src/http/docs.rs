//! The document of the interface and the pages that show it; all of it works offline.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::{RawPathParams, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use bytes::Bytes;
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

/// The files of the viewer. Clones share them.
#[derive(Clone, Default)]
pub struct Viewer(Arc<Mutex<BTreeMap<String, File>>>);

/// A file of the viewer, copied and hashed once: the largest has more than a megabyte.
#[derive(Clone)]
struct File {
    written: Written,
    kind: String,
    is_zipped: bool,
}

impl Viewer {
    /// One of its files. A page of its own it has not: ours takes its place.
    fn file(&self, name: &str) -> Result<Option<File>, ApiError> {
        if let Some(known) = self.known().get(name) {
            return Ok(Some(known.clone()));
        }
        // Without "none" it would send the document to a validator on the net.
        let config = Arc::new(Config::from("/openapi.json").validator_url("none"));
        let file = utoipa_swagger_ui::serve(name, config);
        let file = file.map_err(|error| Slug::Internal.error().caused_by(error))?;
        let is_page = ["", "/"].contains(&name) || name.ends_with(".html");
        let Some(file) = file.filter(|_| !is_page) else {
            return Ok(None);
        };
        let written = Written::new(file.bytes.into_owned());
        let file = File { written, kind: file.content_type, is_zipped: file.gzpipped };
        self.known().insert(name.to_owned(), file.clone());
        Ok(Some(file))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, File>> {
        // Nothing that is done under it can leave it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `GET /docs`: the viewer.
///
/// # Errors
/// 400 for parameters; 406.
pub async fn get_docs(
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    accept::require(&headers, accept::HTML)?;
    Ok(kept_html(&conditions, PAGE))
}

/// `GET /docs/{file}`: a file of the viewer.
///
/// # Errors
/// 404 for a file that it has not; 406.
pub async fn get_docs_file(
    State(viewer): State<Viewer>,
    params: RawPathParams,
    conditions: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    let name = params.iter().find(|(name, _)| *name == "file").map_or("", |(_, file)| file);
    let file = viewer.file(name)?.ok_or_else(|| ApiError::not_found("page"))?;
    accept::require(&headers, &file.kind)?;
    let mut response = kept(&conditions, &file.written, &file.kind);
    if file.is_zipped && response.status() == StatusCode::OK {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// A page of ours that is the same for everybody until the program changes: with its validator, or
/// 304 for who has it.
pub fn kept_html(conditions: &IfNoneMatch, page: impl Into<Bytes>) -> Response<Body> {
    kept(conditions, &Written::new(page), "text/html; charset=utf-8")
}

/// The policy goes with 304 too: a browser takes the headers of that for those that it has.
fn kept(conditions: &IfNoneMatch, written: &Written, kind: &str) -> Response<Body> {
    let mut response = conditions.written(written);
    let is_whole = response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    if let Some(kind) = HeaderValue::from_str(kind).ok().filter(|_| is_whole) {
        headers.insert(CONTENT_TYPE, kind);
    }
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// A page of ours.
pub fn html(page: String) -> Response<Body> {
    let mut response = Response::new(Body::from(page));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
