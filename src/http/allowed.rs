//! Which methods a path has, for 405 and OPTIONS.
//!
//! axum knows it too, but sets its own `Allow` only after the last layer, where a problem
//! document cannot name them any more.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::HeaderValue;
use axum::http::header::ALLOW;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use crate::http::error::{ApiError, Slug};

/// What a path has when the document does not know it: all pages are read only.
const PAGE: &str = "GET, HEAD, OPTIONS";

/// The methods of each path, as `Allow` lists them. Cheap to clone.
#[derive(Clone)]
pub struct Allowed(Arc<HashMap<String, String>>);

impl Allowed {
    /// From what the routes say of themselves.
    pub fn by(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter();
        let known = paths.map(|(path, item)| (path.clone(), methods(item)));
        Self(Arc::new(known.collect()))
    }

    /// 405 for a path that exists.
    pub fn refuse(&self, request: &Request) -> ApiError {
        let path = request.extensions().get::<MatchedPath>();
        let known = path.and_then(|path| self.0.get(path.as_str()));
        let methods = known.map_or(PAGE, String::as_str);
        let allow = HeaderValue::from_str(methods).expect("methods are tokens");
        let error = Slug::MethodNotAllowed.error().header(ALLOW, allow);
        error.member("allowed", methods.split(", ").collect::<Vec<_>>())
    }
}

fn methods(item: &PathItem) -> String {
    let known = [
        ("DELETE", item.delete.is_some()),
        ("GET", item.get.is_some()),
        ("HEAD", item.get.is_some()),
        ("OPTIONS", true),
        ("PATCH", item.patch.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
    ];
    let there = known.iter().filter(|(_, there)| *there);
    there.map(|(method, _)| *method).collect::<Vec<_>>().join(", ")
}
