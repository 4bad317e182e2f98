//! Ending runs: asking them to end, and ending them.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};
use chrono::SecondsFormat;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::http::Edge;
use crate::http::answer;
use crate::http::error::openapi::Ending;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::path::WorkflowId;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query, json};
use crate::http::idempotency::Idempotency;
use crate::http::intent::{Intent, KeyHeader};
use crate::http::invoices::decisions::withdraw;
use crate::http::recorded;
use crate::http::workflows::describe::noted;
use crate::http::workflows::resource::{WorkflowResource, example, path, running_example};
use crate::models::fault::Fault;
use crate::models::refs::{InvoiceId, named_after};
use crate::models::status::InvoiceStatus;
use crate::temporal::GatewayError;
use crate::temporal::gateway::{Run, RunDetail, RunStatus};

/// Characters of a reason; it goes into a history and into the audit trail.
const REASON_CHARACTERS_MAX: usize = 500;

/// Seconds after which a run that was asked to end is looked at.
const LOOK_AFTER: u64 = 2;

/// Why a run is ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndReason {
    /// For people; it stays in the history of the run.
    #[schema(min_length = 1, max_length = 500, example = "started by mistake")]
    pub reason: String,
}

/// A run that was ended, and whether it had been before.
type Ended = (RunDetail, Idempotency);

impl EndReason {
    fn faults(&self) -> Vec<Fault> {
        let fault = |code, detail: &str| vec![Fault::at("/reason", code, detail)];
        let characters = self.reason.chars().count();
        match self.reason.as_str() {
            text if text.trim().is_empty() => fault("empty", "must not be empty"),
            _ if characters > REASON_CHARACTERS_MAX => {
                fault("too_long", &format!("is longer than {REASON_CHARACTERS_MAX} characters"))
            }
            text if text.chars().any(char::is_control) => {
                fault("control_character", "has a control character")
            }
            _ => Vec::new(),
        }
    }

    async fn read(request: Request) -> Result<String, ApiError> {
        let bytes = json::bytes(request).await?;
        json::read(&bytes, &json!({"reason": "why"}), Self::faults).map(|body| body.reason)
    }
}

/// Cancel a workflow
///
/// Asks the current run to end; it tidies up first. The run of an invoice is cancelled by
/// withdrawing the invoice, under the same rules as `/invoices/{id}/cancel`. A run that was
/// cancelled before is 202 again; one that ended otherwise is 409.
#[utoipa::path(
    post, path = "/workflows/{id}/cancel", tag = "workflows", operation_id = "cancel_workflow",
    params(
        ("id" = String, Path, description = "The workflow id",
            example = "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re", max_length = 1000),
        KeyHeader,
    ),
    request_body(content = EndReason, content_type = "application/json", description = "Why.",
        example = json!({"reason": "started by mistake"})),
    responses(
        (status = 202, description = "It was asked to end", body = WorkflowResource,
            headers(
                ("Location" = String, description = "The workflow"),
                ("Retry-After" = u64, description = "Seconds after which to look"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was cancelled before"),
            ),
            example = json!(running_example())),
        Ending,
    )
)]
pub async fn cancel_workflow(
    State(edge): State<Edge>,
    Id(id): Id<WorkflowId>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let reason = EndReason::read(request).await?;
    let deed = ("cancel_workflow", id.0.as_str());
    // Calls to Temporal are large: on the heap they are moved as pointers.
    let cancelling = Box::pin(cancel(&edge, &intent, &id.0, &reason));
    let ended = recorded::around(&intent.caller, &edge.parts.ledger, deed, cancelling).await?;
    Ok(answered(StatusCode::ACCEPTED, ended))
}

/// Terminate a workflow
///
/// Ends the current run at once; it cannot tidy up. An invoice whose run was ended so needs
/// attention a moment later. A run that was terminated before is 200 again; one that ended
/// otherwise is 409.
#[utoipa::path(
    post, path = "/workflows/{id}/terminate", tag = "workflows",
    operation_id = "terminate_workflow",
    params(
        ("id" = String, Path, description = "The workflow id",
            example = "ap-ping-01kax3v9s8f2m7c4t0q6w5z1re", max_length = 1000),
        KeyHeader,
    ),
    request_body(content = EndReason, content_type = "application/json", description = "Why.",
        example = json!({"reason": "it hangs"})),
    responses(
        (status = 200, description = "It is ended", body = WorkflowResource,
            headers(
                ("Idempotency-Replayed" = bool, description = "`true` when it was terminated before"),
            ),
            example = json!(example())),
        Ending,
    )
)]
pub async fn terminate_workflow(
    State(edge): State<Edge>,
    Id(id): Id<WorkflowId>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let reason = EndReason::read(request).await?;
    let deed = ("terminate_workflow", id.0.as_str());
    let ending = Box::pin(terminate(&edge, &id.0, &reason));
    let ended = recorded::around(&intent.caller, &edge.parts.ledger, deed, ending).await?;
    Ok(answered(StatusCode::OK, ended))
}

async fn cancel(edge: &Edge, intent: &Intent, id: &str, reason: &str) -> Result<Ended, ApiError> {
    let gateway = &edge.parts.gateway;
    let found = current(edge, id).await?;
    if let Some(invoice) = invoice_of(id) {
        let row = edge.parts.ledger.invoice(&invoice).await?;
        if row.is_some_and(|row| row.status == InvoiceStatus::Cancelled) {
            return Ok((found, Idempotency::Replay));
        }
        still_runs(&found)?;
        Box::pin(withdraw(edge, intent, &invoice, reason)).await?;
    } else {
        if found.row.status == RunStatus::Canceled {
            return Ok((found, Idempotency::Replay));
        }
        still_runs(&found)?;
        let key = intent.key.0.as_deref().unwrap_or("none");
        let subject = &intent.caller.subject;
        let asked = named_after(&format!("/workflows/cancel\n{subject}\n{key}\n{id}"));
        match gateway.cancel_run(id, reason, &asked.to_string()).await {
            // It ended by itself between our look and the call.
            Err(GatewayError::NotFound) => still_runs(&current(edge, id).await?)?,
            asked => asked?,
        }
    }
    Ok((afterwards(edge, id).await?, Idempotency::New))
}

async fn terminate(edge: &Edge, id: &str, reason: &str) -> Result<Ended, ApiError> {
    let found = current(edge, id).await?;
    let before = found.row.status == RunStatus::Terminated;
    if !before {
        still_runs(&found)?;
        match edge.parts.gateway.terminate_run(id, reason).await {
            // It ended by itself between our look and the call.
            Err(GatewayError::NotFound) => still_runs(&current(edge, id).await?)?,
            ended => ended?,
        }
    }
    if let Some(invoice) = invoice_of(id) {
        // The dispatcher finds no run behind this mark, and hands the invoice to a person. A
        // repetition sets the mark again, should the first one have died before it.
        edge.parts.ledger.mark_to_wake(&invoice).await?;
    }
    let used = if before { Idempotency::Replay } else { Idempotency::New };
    Ok((afterwards(edge, id).await?, used))
}

async fn current(edge: &Edge, id: &str) -> Result<RunDetail, ApiError> {
    Ok(edge.parts.gateway.run(Run { workflow_id: id, run_id: None }).await?)
}

/// The run once it was asked to end: that it cannot be looked at does not undo that.
async fn afterwards(edge: &Edge, id: &str) -> Result<RunDetail, ApiError> {
    let found = edge.parts.gateway.run(Run { workflow_id: id, run_id: None }).await;
    found.map_err(|error| ApiError::from(error.after_a_write()).look_at(&path(id)))
}

fn invoice_of(id: &str) -> Option<InvoiceId> {
    InvoiceId::parse(InvoiceId::of_workflow(id)?).ok()
}

fn still_runs(found: &RunDetail) -> Result<(), ApiError> {
    let row = &found.row;
    if row.status == RunStatus::Running {
        return Ok(());
    }
    let refused = Slug::WorkflowFinished.error().member("status_now", row.status.as_str());
    let closed = row.closed_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
    Err(match closed {
        Some(closed) => refused.member("closed_at", closed),
        None => refused,
    })
}

fn answered(status: StatusCode, (found, used): Ended) -> Response<Body> {
    let noted = noted(&found.row);
    let location = path(&found.row.workflow_id);
    let mut response = answer::json(status, &WorkflowResource::from(found));
    if status == StatusCode::ACCEPTED {
        answer::set_location(&mut response, &location);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(LOOK_AFTER));
    }
    used.mark(response.headers_mut());
    noted.on(response)
}

#[cfg(test)]
mod tests {
    use super::EndReason;

    #[test]
    fn a_reason_is_some_text_on_one_line() {
        let table = [
            ("it hangs", None),
            ("", Some("empty")),
            (" \t", Some("empty")),
            ("a\nb", Some("control_character")),
            (&"ä".repeat(500), None),
            (&"ä".repeat(501), Some("too_long")),
        ];
        for (reason, code) in table {
            let faults = EndReason { reason: reason.to_owned() }.faults();
            assert_eq!(faults.first().map(|fault| fault.code.as_str()), code, "{reason:?}");
        }
    }
}
