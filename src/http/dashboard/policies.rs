//! The policy that decides: what it says, and its whole text.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde_json::json;

use crate::http::Edge;
use crate::http::dashboard::cells::words;
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::what_if::WhatIfForm;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::Query;
use crate::http::extract::query::NoParameters;

/// The page.
#[derive(Template)]
#[template(path = "dashboard/policy.html")]
struct PolicyPage {
    frame: Frame,
    version: String,
    form: WhatIfForm,
    limits: Vec<(String, String)>,
    text: String,
}

/// `GET /dashboard/policies`.
///
/// # Errors
/// 400 for parameters.
pub async fn show(
    State(edge): State<Edge>,
    visitor: Visitor,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    let policy = json!(*edge.parts.policy);
    let limits = policy["tolerances"].as_object();
    let limit = |(code, limit): (&String, &serde_json::Value)| (code.clone(), words(limit));
    let text = serde_json::to_string_pretty(&policy);
    shown::page(&PolicyPage {
        frame: Frame::of(&visitor, "/dashboard/policies", "Policy"),
        version: edge.parts.policy.version.clone(),
        form: WhatIfForm::of(&edge.parts.policy, "", ""),
        limits: limits.into_iter().flatten().map(limit).collect(),
        text: text.map_err(|error| Slug::Internal.error().caused_by(error))?,
    })
}
