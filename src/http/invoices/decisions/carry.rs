//! A decision on its way: judged by what the ledger says, kept, and carried to the workflow.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};
use chrono::SecondsFormat;
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
use crate::http::layers::shed::Place;
use crate::http::noted::Noted;
use crate::http::prefer::{PREFERENCE_APPLIED, Wait};
use crate::http::recorded;
use crate::http::waiting::Waited;
use crate::models::decision::{Action, Decision, Refusal, Said, judge};
use crate::models::refs::{DecisionId, InvoiceId, Sha256, named_after};
use crate::models::status::InvoiceStatus;
use crate::readiness::Part;
use crate::storage::ledger::decisions::DecisionRow;
use crate::storage::ledger::invoices::InvoiceRow;
use crate::storage::ledger::situation::Facts;
use crate::storage::ledger::vouched::About;
use crate::temporal::gateway::{DecideAnswer, DecideInput, DecisionOutcome, Sent};

/// How long a caller that says nothing waits for the invoice to rest again.
pub const DECISION_WAIT: Duration = Duration::from_secs(4);

/// When an invoice that moves on is looked at.
const LOOK_AFTER: u64 = 1;

/// When to come back while no worker polls: it is looked at about that often.
const NO_WORKER: Duration = Duration::from_secs(5);

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
    /// What of the caller's preference was applied.
    applied: Option<HeaderValue>,
    waited: Option<Duration>,
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
    let wait = intent.prefer.wait(DECISION_WAIT, edge.parts.limits.wait_seconds_max);
    if let Some(known) = edge.parts.ledger.decision(&decision_id).await? {
        return Ok(repeated(edge, known, &fingerprint, &facts)?.after(&wait, &Waited::at_once()));
    }
    if said.decision.action == Action::Cancel
        && let Some(known) = cancelled_before(edge, &facts).await?
    {
        return Ok(replayed(edge, known, &facts).after(&wait, &Waited::at_once()));
    }
    let situation = facts.situation(&edge.parts.policy);
    let asked = said.asked();
    let deed = format!("decide_invoice {}", said.decision.action.as_str());
    let deciding = async {
        if let Err(refusal) = judge(&situation, &asked) {
            return Err(refuse(edge, &refusal, &facts.row).await);
        }
        worked_on(edge)?;
        let content = keep(edge, About::Invoice(id.clone(), decision_id.clone()), &said).await?;
        let input =
            DecideInput { invoice_id: id.clone(), decision_id, fingerprint, content, asked };
        // A call to Temporal is a large state machine: on the heap it is moved as a pointer.
        let sent = Box::pin(edge.parts.gateway.send_decision(&input)).await;
        let sent = sent.map_err(|error| ApiError::from(error).look_at(&path(id)))?;
        let (outcome, waited) = followed(edge, &intent.place, wait.at_most, sent).await?;
        Ok(answer(edge, &input, &said, outcome).await?.after(&wait, &waited))
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
        return Err(key_reused(&known.id));
    }
    Ok(replayed(edge, known, facts))
}

/// The decision that cancelled it: to cancel what is cancelled is to hear of that, whoever asks.
/// An invoice that was withdrawn in Temporal has none, and is closed.
async fn cancelled_before(edge: &Edge, facts: &Facts) -> Result<Option<DecisionRow>, ApiError> {
    if facts.row.status != InvoiceStatus::Cancelled {
        return Ok(None);
    }
    let decisions = edge.parts.ledger.decisions(&facts.row.id).await?;
    Ok(decisions.into_iter().rfind(|row| row.decision.action == Action::Cancel))
}

fn replayed(edge: &Edge, known: DecisionRow, facts: &Facts) -> Carried {
    Idempotency::Replay.count(&edge.parts.metrics);
    let (subject, decision) = (known.subject.clone(), known.decision.clone());
    let said = Said { subject, duties: Vec::new(), decision };
    let resource = resource(edge, &known.id, &said, Some(&known), facts);
    Carried::new(resource, Idempotency::Replay)
}

/// It is a worker that accepts a decision: of one that is known to be down nothing would come.
/// While Temporal is away nobody can say how the worker is, and the call tells that better.
fn worked_on(edge: &Edge) -> Result<(), ApiError> {
    let readiness = &edge.parts.readiness;
    if !readiness.is_down(Part::Worker) || readiness.holds(Part::Temporal) == Some(false) {
        return Ok(());
    }
    let detail = "The worker of this gateway is down. Nothing was done; send it again.";
    Err(Slug::NoWorker.error().detail(detail).retry_after(NO_WORKER))
}

/// The words of people stay out of histories; so they are kept where documents are.
async fn keep(edge: &Edge, about: About, said: &Said) -> Result<Sha256, ApiError> {
    let bytes = edge.parts.ledger.vouch(about, said);
    let bytes = bytes.map_err(|error| Slug::Internal.error().caused_by(error))?;
    Ok(edge.parts.artifacts.put(bytes).await?)
}

/// Waits for the answer; meanwhile the request is not in flight. Who finds no place to wait in, and
/// who is met by the drain, hears what everybody hears whose time is over: that it was accepted.
async fn followed(
    edge: &Edge,
    place: &Place,
    at_most: Duration,
    sent: Sent,
) -> Result<(DecisionOutcome, Waited<()>), ApiError> {
    let decision = match sent {
        Sent::Ended(outcome) => return Ok((outcome, Waited::at_once())),
        Sent::Accepted(decision) => decision,
    };
    let answer = decision.outcome(at_most);
    let Waited { value, applied, took } = edge.follow(at_most, place, answer).await;
    let outcome = value.unwrap_or(Ok(DecisionOutcome::Accepted))?;
    Ok((outcome, Waited { value: None, applied, took }))
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
            let now = facts(edge, &input.invoice_id).await?;
            return Err(refuse(edge, &refusal, &now.row).await);
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
    Ok(Carried::new(resource, Idempotency::New))
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

/// Why not, and where the invoice is: it may have moved on since it was judged.
async fn refuse(edge: &Edge, refusal: &Refusal, now: &InvoiceRow) -> ApiError {
    let because = |slug: Slug| slug.error().detail(refusal.to_string());
    let standing = |refused: ApiError| {
        let refused = refused.member("status_now", now.status.as_str());
        refused.member("revision", now.revision)
    };
    match refusal {
        Refusal::NotNow { status, .. } if status.is_final() => {
            let refused = standing(because(Slug::InvoiceClosed));
            match closed_at(edge, &now.id).await {
                Some(closed) => refused.member("closed_at", closed),
                None => refused,
            }
        }
        Refusal::Stale { .. } | Refusal::NotNow { .. } => standing(because(Slug::StateConflict)),
        Refusal::FourEyes { .. } => because(Slug::FourEyes),
        Refusal::Rejected { reason_code, .. } => {
            because(Slug::DecisionRejected).member("reason_code", reason_code.as_str())
        }
    }
}

/// When the invoice came to its end. A ledger that does not say it now takes nothing from the
/// refusal.
async fn closed_at(edge: &Edge, id: &InvoiceId) -> Option<String> {
    let steps = edge.parts.ledger.moments(id).await.ok()?;
    let end = steps.last().filter(|step| step.status.is_final())?;
    Some(end.at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn key_reused(id: &DecisionId) -> ApiError {
    let detail = "This Idempotency-Key was sent with another decision.";
    Slug::IdempotencyKeyReused.error().detail(detail).member("id", id.as_str())
}

impl Carried {
    fn new(resource: DecisionResource, used: Idempotency) -> Self {
        Self { resource, used, applied: None, waited: None }
    }

    /// With what became of the caller's preference.
    fn after(self, wait: &Wait, waited: &Waited<()>) -> Self {
        let applied = wait.applied().filter(|_| waited.applied);
        Self { applied, waited: Some(waited.took).filter(|took| !took.is_zero()), ..self }
    }

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
        if let Some(applied) = self.applied {
            response.headers_mut().insert(PREFERENCE_APPLIED, applied);
        }
        self.used.mark(response.headers_mut());
        let (waited, idempotency) = (self.waited, Some(self.used));
        Noted { waited, idempotency, ..noted(id) }.on(response)
    }
}
