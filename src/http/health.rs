//! Probes: alive, and ready. None of them asks anybody anything.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::http::answer;
use crate::http::error::openapi::{Liveness, NotReady, Probe};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::Query;
use crate::http::extract::query::{FromQuery, NoParameters, Parameters};
use crate::metrics::BUILD;
use crate::readiness::{Part, PartReport, Readiness};

/// When to ask again: the parts are looked at about that often.
const AGAIN: Duration = Duration::from_secs(2);

/// The process can answer.
#[derive(Serialize, ToSchema)]
pub struct Live {
    /// Always `live`.
    #[schema(example = "live")]
    status: &'static str,
}

/// Whether the process can do its work. What is told with `verbose` is told of one that cannot, too:
/// its problem document has the same members.
#[derive(Default, Serialize, ToSchema)]
pub struct Ready {
    /// Always `ready`; anything else is a problem document.
    #[schema(example = "ready")]
    status: &'static str,
    /// Each check, when asked for with `verbose`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    checks: Option<Vec<CheckReport>>,
    /// What runs, when asked for with `verbose`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    version: Option<&'static str>,
    /// The commit that it was built from, or `unknown`; with `verbose`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "40b02078f1c3")]
    revision: Option<&'static str>,
    /// The version of Temporal's SDK; with `verbose`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1.1.1")]
    sdk: Option<&'static str>,
    /// The halves that run in this process, `http` and `worker`; with `verbose`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!(["http", "worker"]))]
    roles: Option<Vec<String>>,
    /// Seconds that Temporal keeps a run which has ended, and so how long the `Idempotency-Key` of a
    /// ping, a reconciliation or a decision about a bank entry is known after its end; with
    /// `verbose`, once Temporal has said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2592000)]
    retention_seconds: Option<u64>,
}

/// One check.
#[derive(Serialize, ToSchema)]
pub struct CheckReport {
    /// Its name.
    #[schema(example = "ledger")]
    name: &'static str,
    /// Whether it holds.
    ready: bool,
    /// Milliseconds since the part was looked at; absent before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    age_ms: Option<u64>,
}

/// What a probe of readiness may ask.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReadyQuery {
    /// Lists the checks, and tells what runs and for how long Temporal remembers.
    #[param(value_type = Option<String>, example = "")]
    verbose: Option<bool>,
    /// Leaves checks out; may be repeated. A balancer leaves out `temporal` and `worker` to let
    /// submissions flow while Temporal is away.
    #[param(value_type = Vec<String>, required = false, example = json!(["temporal", "worker"]))]
    exclude: Vec<Part>,
}

impl FromQuery for ReadyQuery {
    fn read(parameters: &mut Parameters) -> Self {
        let flag = |text: &str| match text {
            "" | "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        let verbose = parameters.parsed("verbose", "true or false", flag);
        let mut exclude = Vec::new();
        for name in parameters.all("exclude") {
            match Part::ALL.into_iter().find(|part| part.as_str() == name) {
                Some(part) => exclude.push(part),
                None => parameters.fault("exclude", "invalid_value", "is no check"),
            }
        }
        Self { verbose, exclude }
    }
}

/// Whether the process is alive
///
/// 200 while it can answer; it depends on nothing.
#[utoipa::path(
    get, path = "/livez", tag = "operations", operation_id = "get_live",
    responses(
        (status = 200, description = "It is", body = Live, example = json!({"status": "live"})),
        Liveness,
    )
)]
pub async fn get_live(
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    Ok(answer::json(StatusCode::OK, &Live { status: "live" }))
}

/// Whether the process is ready
///
/// 200 when all checks hold, else 503 with the names of those that fail. Checks run in the
/// background, so a probe costs nothing.
#[utoipa::path(
    get, path = "/readyz", tag = "operations", operation_id = "get_ready",
    params(ReadyQuery),
    responses(
        (status = 200, description = "It is", body = Ready, example = json!({"status": "ready"})),
        NotReady, Probe,
    )
)]
pub async fn get_ready(
    State(readiness): State<Readiness>,
    Query(query): Query<ReadyQuery>,
) -> Result<Response<Body>, ApiError> {
    let mut report = readiness.report();
    report.retain(|line| !query.exclude.contains(&line.part));
    let ready = match query.verbose {
        Some(true) => verbose(&readiness, &report),
        _ => Ready { status: "ready", ..Ready::default() },
    };
    let failed: Vec<_> = report.iter().filter(|line| !line.ready).map(|line| line.part).collect();
    if readiness.is_leaving() || !failed.is_empty() {
        return Err(not_ready(readiness.is_leaving(), &failed, &ready));
    }
    Ok(answer::json(StatusCode::OK, &ready))
}

fn verbose(readiness: &Readiness, report: &[PartReport]) -> Ready {
    let about = readiness.about();
    Ready {
        status: "ready",
        checks: Some(checks(report)),
        version: Some(BUILD.version),
        revision: Some(BUILD.revision),
        sdk: Some(BUILD.sdk),
        roles: Some(about.roles.iter().map(|role| (*role).to_owned()).collect()),
        retention_seconds: about.retention.map(|retention| retention.as_secs()),
    }
}

fn checks(report: &[PartReport]) -> Vec<CheckReport> {
    let line = |line: &PartReport| CheckReport {
        name: line.part.as_str(),
        ready: line.ready,
        age_ms: line.age.map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
    };
    report.iter().map(line).collect()
}

/// The type says what is missing most: a stop, a store, Temporal, a worker.
fn not_ready(draining: bool, failed: &[Part], told: &Ready) -> ApiError {
    let error = match failed.first() {
        Some(Part::Temporal) if !draining => Slug::UpstreamUnavailable.error(),
        Some(Part::Worker) if !draining => Slug::NoWorker.error(),
        Some(store) if !draining => {
            Slug::StorageUnavailable.error().member("store", store.as_str())
        }
        _ => Slug::Draining.error().closing(),
    };
    let mut names: Vec<_> = failed.iter().map(|part| part.as_str()).collect();
    if draining {
        names.insert(0, "draining");
    }
    let error = error.detail(format!("Not ready: {}.", names.join(", ")));
    let error = error.member("failed", names).retry_after(AGAIN);
    let Value::Object(told) = json!(told) else { return error };
    let told = told.into_iter().filter(|(name, _)| name != "status");
    told.fold(error, |error, (name, value)| error.member(&name, value))
}
