//! `POST /bank-statements`: the file is kept, then read and matched in Temporal.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};
use chrono::Utc;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::http::Edge;
use crate::http::answer;
use crate::http::bank_statements::body;
use crate::http::bank_statements::resource::{
    StatementResource, done_example, location, received_example,
};
use crate::http::error::openapi::{Body as BodyRefusals, Exists, Submitted};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::Query;
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::followers::AS_LONG_AS_ANYBODY;
use crate::http::idempotency::Idempotency;
use crate::http::intent::{Intent, KeyHeader, PreferHeader};
use crate::http::noted::Noted;
use crate::http::openapi::DocumentBytes;
use crate::models::refs::StatementId;
use crate::storage::ledger::statements::{NewStatement, StatementAcceptance, StatementRow};
use crate::temporal::Gateway;
use crate::temporal::gateway::GatewayError;

/// Characters of the name of a profile.
const PROFILE_CHARACTERS_MAX: usize = 64;

/// How a file is read.
#[derive(Debug, Clone, Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Profile {
    /// For CSV: the mapping profile by its name, which is that of its file in the folder of
    /// `AP_GATEWAY_STATEMENT_PROFILES` without `.toml`. Without it the columns are told by their
    /// headings, and a finding says so.
    #[param(example = "sparkasse", max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    profile: Option<String>,
}

impl FromQuery for Profile {
    fn read(parameters: &mut Parameters) -> Self {
        let expected = "a name of 1 to 64 letters, digits, hyphens and underscores";
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let profile = parameters.parsed("profile", expected, |name| {
            let fits = (1..=PROFILE_CHARACTERS_MAX).contains(&name.len());
            (fits && name.bytes().all(plain)).then(|| name.to_owned())
        });
        Self { profile }
    }
}

/// Hand in a bank statement
///
/// camt.052, camt.053, camt.054, MT940, MT942, OFX or CSV; what it is is told by its content. The
/// same bytes are the same statement, and an entry that is known already, from whatever file, is
/// never allocated again. What cannot be read is a finding with its place, or a statement that
/// `failed`, not an error here.
#[utoipa::path(
    post, path = "/bank-statements", tag = "bank statements", operation_id = "submit_bank_statement",
    params(Profile, KeyHeader, PreferHeader),
    request_body(
        description = "One file; it may hold several statements.",
        content(
            (String = "application/xml", example = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">…</Document>"),
            (String = "text/xml"),
            (String = "text/plain", example = ":20:STARTUMS\n:25:10020030/1234567\n…"),
            (String = "application/x-ofx", example = "OFXHEADER:100\nDATA:OFXSGML\n…"),
            (String = "text/csv", example = "Buchungstag;Betrag;Verwendungszweck\n…"),
            (DocumentBytes = "application/octet-stream"),
        ),
    ),
    responses(
        (status = 202, description = "Kept; it will be done", body = StatementResource,
            headers(
                ("Location" = String, description = "The statement"),
                ("Retry-After" = u64, description = "Seconds after which to look"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was there already"),
            ),
            example = json!(received_example())),
        (status = 200, description = "Done or failed: after a wait, or on a replay",
            body = StatementResource,
            headers(
                ("Location" = String, description = "The statement"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was there already"),
            ),
            example = json!(done_example())),
        Submitted, BodyRefusals, Exists,
    )
)]
pub async fn submit_bank_statement(
    State(edge): State<Edge>,
    intent: Intent,
    Query(profile): Query<Profile>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let (stored, media_type) = body::keep(&edge.parts.artifacts, request).await?;
    let new = NewStatement {
        id: StatementId::new(Uuid::now_v7()),
        sha256: stored.sha256,
        profile: profile.profile.unwrap_or_default(),
        bytes: stored.bytes,
        media_type,
        subject: intent.caller.subject.clone(),
        received_at: Utc::now(),
    };
    let (row, used) = accept(&edge, &intent, new).await?;
    // A run that was lost between the row and its start, or that failed, is started by whoever
    // hands the file in again.
    let started = edge.parts.gateway.start_statement(&row.id).await;
    started.map_err(GatewayError::after_a_write)?; // the row is there
    let wait = intent.prefer.wait(Duration::ZERO, edge.parts.limits.wait_seconds_max);
    let following = (&edge.followers.statements, row.id.as_str());
    let waiting = until_done(edge.parts.gateway.clone(), row.id.clone());
    let waited = edge.follow_together(following, wait.at_most, &intent.place, waiting).await;
    let id = row.id.clone();
    let row = edge.parts.ledger.statement(&id).await?.unwrap_or(row);
    let resource = StatementResource::load(&edge.parts.ledger, row, true).await?;
    let applied = wait.applied().filter(|_| waited.applied);
    let noted = Noted {
        workflow: Some(id.workflow_id()),
        idempotency: Some(used),
        waited: Some(waited.took).filter(|took| !took.is_zero()),
        ..Noted::default()
    };
    Ok(noted.on(accepted(&resource, used, applied)))
}

async fn until_done(gateway: Gateway, id: StatementId) -> Result<(), GatewayError> {
    gateway.await_statement(&id, AS_LONG_AS_ANYBODY).await
}

async fn accept(
    edge: &Edge,
    intent: &Intent,
    new: NewStatement,
) -> Result<(StatementRow, Idempotency), ApiError> {
    let metrics = &edge.parts.metrics;
    let ledger = intent.caller.ledger(&edge.parts.ledger).under_key(intent.key.0.as_deref());
    let (row, used) = match ledger.accept_statement(&new).await? {
        StatementAcceptance::New(row) => (row, Idempotency::New),
        StatementAcceptance::Known(row) => (row, Idempotency::Replay),
        StatementAcceptance::ReadOtherwise(id) => {
            let detail = "These bytes were read by another mapping profile: their entries would \
                          come twice under two readings.";
            return Err(Slug::ResourceExists.error().detail(detail).member("id", id.as_str()));
        }
    };
    used.count(metrics);
    Ok((row, used))
}

/// 202 while it moves, 200 when it rests.
fn accepted(
    resource: &StatementResource,
    used: Idempotency,
    applied: Option<HeaderValue>,
) -> Response<Body> {
    let moves = resource.status.moves();
    let status = if moves { StatusCode::ACCEPTED } else { StatusCode::OK };
    let mut response = answer::json(status, resource);
    answer::set_location(&mut response, &location(&resource.id));
    let headers = response.headers_mut();
    if moves {
        let after = if used == Idempotency::New { 2_u64 } else { 5 };
        headers.insert(RETRY_AFTER, HeaderValue::from(after));
    }
    used.mark(headers);
    if let Some(applied) = applied {
        headers.insert(crate::http::prefer::PREFERENCE_APPLIED, applied);
    }
    response
}
