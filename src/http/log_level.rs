//! `/admin/log-level`: what this process logs, changed while it runs.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::Edge;
use crate::http::answer;
use crate::http::caller::Caller;
use crate::http::error::openapi::{Body as BodyRefusals, General, Keyed};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Query, json as json_body};
use crate::models::fault::Fault;
use crate::storage::ledger::audit::Deed;
use crate::telemetry::log_filter::{self, Standing};

/// A day: what is to stay for longer belongs into the configuration.
const SECONDS_MAX: u64 = 24 * 3600;

/// What is to be logged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogLevelChange {
    /// A level, or levels of targets: `off`, `error`, `warn`, `info`, `debug`, `trace`.
    #[schema(min_length = 1, max_length = 500, example = "info,ap_gateway=debug")]
    pub filter: String,
    /// Seconds after which the configured filter comes back by itself; absent, it stays until the
    /// next change or start.
    #[schema(minimum = 1, maximum = 86400, example = 900)]
    pub seconds: Option<u64>,
}

/// What this process logs. Others over the same ledger have levels of their own.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogLevel {
    /// What is logged now.
    #[schema(example = "info,ap_gateway=debug")]
    filter: String,
    /// What the configuration says.
    #[schema(example = "info")]
    configured: String,
    /// When the configured filter comes back by itself; absent when it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    until: Option<DateTime<Utc>>,
}

impl From<Standing> for LogLevel {
    fn from(standing: Standing) -> Self {
        let Standing { present: filter, configured, until } = standing;
        Self { filter, configured, until }
    }
}

impl LogLevelChange {
    fn faults(&self) -> Vec<Fault> {
        let outside = |seconds: &u64| !(1..=SECONDS_MAX).contains(seconds);
        let range = format!("must be 1 to {SECONDS_MAX}");
        let seconds = self.seconds.filter(outside);
        let seconds = seconds.map(|_| Fault::at("/seconds", "out_of_range", &range));
        let filter = log_filter::check(&self.filter).err();
        let filter = filter.map(|why| Fault::at("/filter", "invalid_value", &why));
        filter.into_iter().chain(seconds).collect()
    }
}

fn change_example() -> Value {
    json!({"filter": "info,ap_gateway=debug", "seconds": 900})
}

fn example() -> Value {
    json!({
        "filter": "info,ap_gateway=debug", "configured": "info",
        "until": "2026-11-26T10:15:00Z",
    })
}

/// What is logged
///
/// Of the process that answers; each replica has its own.
#[utoipa::path(
    get, path = "/admin/log-level", tag = "operations", operation_id = "get_log_level",
    responses(
        (status = 200, description = "The filter", body = LogLevel,
            headers(("X-Request-Id" = String, description = "Finds the request in the log")),
            example = json!(example())),
        General,
    )
)]
pub async fn get_log_level(
    State(edge): State<Edge>,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    Ok(answer::json(StatusCode::OK, &LogLevel::from(edge.parts.log.standing())))
}

/// Change what is logged
///
/// At once, without a restart, in the process that answers. It is in the audit trail.
#[utoipa::path(
    put, path = "/admin/log-level", tag = "operations", operation_id = "set_log_level",
    request_body(content = LogLevelChange, content_type = "application/json",
        description = "The filter, and how long it lasts.", example = json!(change_example())),
    responses(
        (status = 200, description = "Changed", body = LogLevel,
            headers(("X-Request-Id" = String, description = "Finds the request in the log")),
            example = json!(example())),
        Keyed, BodyRefusals,
    )
)]
pub async fn set_log_level(
    State(edge): State<Edge>,
    caller: Caller,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let bytes = json_body::bytes(request).await?;
    let example = change_example();
    let change: LogLevelChange = json_body::read(&bytes, &example, LogLevelChange::faults)?;
    let deed = Deed { reason: Some(&change.filter), ..Deed::of("set_log_level") };
    caller.ledger(&edge.parts.ledger).record(&deed).await?;
    let lasts = change.seconds.map(Duration::from_secs);
    let standing = edge.parts.log.change(&change.filter, lasts);
    let standing = standing.map_err(|error| Slug::Internal.error().caused_by(error))?;
    // Whoever reads the log later sees why it changes its tone here.
    tracing::warn!(filter = change.filter, seconds = change.seconds, "the log filter was changed");
    Ok(answer::json(StatusCode::OK, &LogLevel::from(standing)))
}
