//! Which methods a path has, for 405 and OPTIONS.
//!
//! axum knows it too, but sets its own `Allow` only after the last layer, where a problem
//! document cannot name them any more.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::header::ALLOW;
use axum::http::{HeaderValue, Method};
use utoipa::openapi::OpenApi;

use crate::http::access::{PAGES, operations};
use crate::http::dashboard;
use crate::http::error::{ApiError, Slug};

/// What every path has; all that is known of one that stands in no table.
const ALWAYS: &str = "OPTIONS";

/// The methods of each path, as `Allow` lists them. Cheap to clone.
#[derive(Clone)]
pub struct Allowed(Arc<HashMap<String, String>>);

impl Allowed {
    /// From what the routes say of themselves, and from the tables of what is not in the document.
    pub fn by(document: &OpenApi) -> Self {
        let described = document.paths.paths.iter().flat_map(|(path, item)| {
            operations(item).map(move |(method, _)| (path.as_str(), method))
        });
        let pages = PAGES.iter().map(|(path, _)| (*path, Method::GET));
        let dashboard = dashboard::table().into_iter().map(|(method, path, _)| (path, method));
        let mut known: HashMap<String, BTreeSet<String>> = HashMap::new();
        for (path, method) in described.chain(pages).chain(dashboard) {
            let methods = known.entry(path.to_owned()).or_default();
            methods.insert(ALWAYS.to_owned());
            // HEAD is answered by the handler of GET.
            if method == Method::GET {
                methods.insert(Method::HEAD.to_string());
            }
            methods.insert(method.to_string());
        }
        let listed = |methods: BTreeSet<String>| Vec::from_iter(methods).join(", ");
        Self(Arc::new(known.into_iter().map(|(path, methods)| (path, listed(methods))).collect()))
    }

    /// 405 for a path that exists.
    pub fn refuse(&self, request: &Request) -> ApiError {
        let path = request.extensions().get::<MatchedPath>();
        let known = path.and_then(|path| self.0.get(path.as_str()));
        let methods = known.map_or(ALWAYS, String::as_str);
        let allow = HeaderValue::from_str(methods).expect("methods are tokens");
        let error = Slug::MethodNotAllowed.error().header(ALLOW, allow);
        error.member("allowed", methods.split(", ").collect::<Vec<_>>())
    }
}
