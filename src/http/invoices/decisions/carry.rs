//! A decision on its way: judged by what the ledger says, kept, and carried to the workflow.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};
use sha2::{Digest, Sha256 as Digester};

use crate::http::Edge;
use crate::http::answer;
use crate::http::error::{ApiError, Slug};
use crate::http::idempotency::Idempotency;
use crate::http::intent::Intent;
use crate::http::invoices::decisions::resource::{
    ApprovalCounts, DecisionFacts, DecisionLinks, DecisionResource,
};
use crate::http::invoices::read::noted;
use crate::http::invoices::resource::path;
use crate::http::recorded;
use crate::models::decision::{Action, Decision, Refusal, Said, judge};
use crate::models::refs::{DecisionId, InvoiceId, Sha256, named_after};
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::decisions::DecisionRow;
use crate::storage::ledger::situation::Facts;
use crate::storage::ledger::vouched::About;
use crate::temporal::gateway::{DecideAnswer, DecideInput, DecisionOutcome};

/// How long a caller that says nothing waits for the invoice to rest again.
pub const DECISION_WAIT: Duration = Duration::from_secs(4);

/// When an invoice that moves on is looked at.
const LOOK_AFTER: u64 = 1;

/// Whether a repetition must be told from a new request by a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// Yes.
    Required,
    /// Without one, the revision tells: the same wish on the same revision is one.
    Optional,
}

/// A decision that was taken, or accepted.
pub(super) struct Carried {
    resource: DecisionResource,
    used: Idempotency,
}

/// Carries a decision to its end, or as far as the caller waits.
pub(super) async fn carry(
    edge: &Edge,
    intent: &Intent,
    id: &InvoiceId,
    decision: Decision,
    key: Key,
) -> Result<Carried, ApiError> {
    let facts = facts(edge, id).await?;
    let caller = &intent.caller;
    let (subject, duties) = (caller.subject.clone(), caller.principal.duties.clone());
    let said = Said { subject, duties, decision };
    let (decision_id, fingerprint) = names(intent, id, &said, &facts, key)?;
    if let Some(known) = edge.parts.ledger.decision(&decision_id).await? {
        return repeated(edge, known, &fingerprint, &facts);
    }
    if said.decision.action == Action::Cancel && facts.row.status == InvoiceStatus::Cancelled {
        let resource = resource(edge, &decision_id, &said, None, &facts);
        return Ok(Carried { resource, used: Idempotency::Replay });
    }
    let situation = facts.situation(&edge.parts.policy);
    let asked = said.asked();
    let deed = format!("decide_invoice {}", said.decision.action.as_str());
    let deciding = async {
        judge(&situation, &asked).map_err(|refusal| refuse(&refusal))?;
        let content = keep(edge, About::Invoice(id.clone(), decision_id.clone()), &said).await?;
        let input =
            DecideInput { invoice_id: id.clone(), decision_id, fingerprint, content, asked };
        let wait = intent.prefer.wait(DECISION_WAIT, edge.parts.limits.wait_seconds_max).at_most;
        let outcome = edge.parts.gateway.carry_decision(input.clone(), wait).await?;
        answer(edge, &input, &said, outcome).await
    };
    recorded::around(&intent.caller, &edge.parts.ledger, (&deed, id.as_str()), deciding).await
}

async fn facts(edge: &Edge, id: &InvoiceId) -> Result<Facts, ApiError> {
    let facts = edge.parts.ledger.facts(id).await?;
    facts.ok_or_else(|| ApiError::not_found("invoice"))
}

/// The decision's id, which is the update's, and the digest of what was sent.
fn names(
    intent: &Intent,
    id: &InvoiceId,
    said: &Said,
    facts: &Facts,
    key: Key,
) -> Result<(DecisionId, Sha256), ApiError> {
    let word = said.decision.action.as_str();
    let intent_key = match (&intent.key.0, key) {
        (Some(key), _) => format!("key\n{key}"),
        (None, Key::Required) => return Err(Slug::IdempotencyKeyMissing.error()),
        (None, Key::Optional) => format!("revision\n{}\n{word}", facts.row.revision),
    };
    let route = if key == Key::Required { "decision" } else { word };
    let decision = named_after(&format!("/{route}\n{}\n{id}\n{intent_key}", said.subject));
    let sent = serde_json::to_vec(&said.decision);
    let sent = sent.map_err(|error| Slug::Internal.error().caused_by(error))?;
    let fingerprint = Sha256::from_bytes(&Digester::digest(sent).into());
    Ok((DecisionId::new(decision), fingerprint))
}

fn repeated(
    edge: &Edge,
    known: DecisionRow,
    fingerprint: &Sha256,
    facts: &Facts,
) -> Result<Carried, ApiError> {
    if known.fingerprint != *fingerprint {
        Idempotency::Mismatch.count(&edge.parts.metrics);
        return Err(key_reused(&known.id));
    }
    Idempotency::Replay.count(&edge.parts.metrics);
    let (subject, decision) = (known.subject.clone(), known.decision.clone());
    let said = Said { subject, duties: Vec::new(), decision };
    let resource = resource(edge, &known.id, &said, Some(&known), facts);
    Ok(Carried { resource, used: Idempotency::Replay })
}

/// The words of people stay out of histories; so they are kept where documents are.
async fn keep(edge: &Edge, about: About, said: &Said) -> Result<Sha256, ApiError> {
    let bytes = edge.parts.ledger.vouch(about, said);
    let bytes = bytes.map_err(|error| Slug::Internal.error().caused_by(error))?;
    Ok(edge.parts.artifacts.put(bytes).await?)
}

async fn answer(
    edge: &Edge,
    input: &DecideInput,
    said: &Said,
    outcome: DecisionOutcome,
) -> Result<Carried, ApiError> {
    match outcome {
        DecisionOutcome::Refused(refusal)
        | DecisionOutcome::Answered(DecideAnswer::Refused { refusal }) => {
            return Err(refuse(&refusal));
        }
        // The same key would get the same answer for ever.
        DecisionOutcome::Answered(DecideAnswer::Failed { text }) => {
            let detail = "Nothing was decided. Send it again under a new Idempotency-Key.";
            return Err(Slug::Internal.error().detail(detail).caused_by(text));
        }
        DecisionOutcome::Answered(DecideAnswer::Taken { fingerprint, .. })
            if fingerprint != input.fingerprint =>
        {
            return Err(key_reused(&input.decision_id));
        }
        DecisionOutcome::Answered(DecideAnswer::Taken { .. }) | DecisionOutcome::Accepted => {}
    }
    Idempotency::New.count(&edge.parts.metrics);
    let row = edge.parts.ledger.decision(&input.decision_id).await?;
    let facts = facts(edge, &input.invoice_id).await?;
    let resource = resource(edge, &input.decision_id, said, row.as_ref(), &facts);
    Ok(Carried { resource, used: Idempotency::New })
}

fn resource(
    edge: &Edge,
    id: &DecisionId,
    said: &Said,
    row: Option<&DecisionRow>,
    facts: &Facts,
) -> DecisionResource {
    let waits = facts.row.status == InvoiceStatus::Approval;
    let approvals = waits.then(|| facts.situation(&edge.parts.policy).approvals);
    DecisionResource {
        decision: DecisionFacts {
            id: id.clone(),
            action: said.decision.action,
            by: said.subject.clone(),
            at: row.map(|row| row.at),
        },
        status: facts.row.status,
        revision: facts.row.revision,
        approvals: approvals.map(ApprovalCounts::from),
        links: DecisionLinks { invoice: path(&facts.row.id) },
    }
}

fn refuse(refusal: &Refusal) -> ApiError {
    let detail = refusal.to_string();
    match refusal {
        Refusal::Stale { revision } => {
            Slug::StateConflict.error().detail(detail).member("revision", *revision)
        }
        Refusal::NotNow { status, revision, .. } => {
            let slug = if status.is_final() { Slug::InvoiceClosed } else { Slug::StateConflict };
            let refused = slug.error().detail(detail).member("status_now", status.as_str());
            refused.member("revision", *revision)
        }
        Refusal::FourEyes { .. } => Slug::FourEyes.error().detail(detail),
        Refusal::Rejected { reason_code, .. } => Slug::DecisionRejected
            .error()
            .detail(detail)
            .member("reason_code", reason_code.as_str()),
    }
}

fn key_reused(id: &DecisionId) -> ApiError {
    let detail = "This Idempotency-Key was sent with another decision.";
    Slug::IdempotencyKeyReused.error().detail(detail).member("id", id.as_str())
}

impl Carried {
    /// 200, or 202 while the gateway is still at work on it.
    pub(super) fn decided(self, id: &InvoiceId) -> Response<Body> {
        let is_done = self.resource.decision.at.is_some() && !self.resource.status.moves();
        let status = if is_done { StatusCode::OK } else { StatusCode::ACCEPTED };
        self.with(status, id)
    }

    /// 202: what follows is the workflow's matter.
    pub(super) fn accepted(self, id: &InvoiceId) -> Response<Body> {
        self.with(StatusCode::ACCEPTED, id)
    }

    fn with(self, status: StatusCode, id: &InvoiceId) -> Response<Body> {
        let mut response = answer::json(status, &self.resource);
        if status == StatusCode::ACCEPTED {
            answer::set_location(&mut response, &path(id));
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(LOOK_AFTER));
        }
        self.used.mark(response.headers_mut());
        noted(id).on(response)
    }
}
