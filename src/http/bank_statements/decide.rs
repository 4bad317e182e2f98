//! What a person says of an entry: accept, decline, take back.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::Edge;
use crate::http::answer;
use crate::http::bank_statements::entry::{EntryResource, example, location};
use crate::http::error::openapi::{Body as BodyRefusals, MovingOrTaken, Removable, Submitted};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query, json as json_body};
use crate::http::gone::absent;
use crate::http::idempotency::{Carrier, Idempotency};
use crate::http::intent::{Intent, KeyHeader, PreferHeader};
use crate::http::noted::Noted;
use crate::http::recorded;
use crate::models::fault::Fault;
use crate::models::payment::{EntryAction, EntryAnswer};
use crate::models::refs::{EntryId, Sha256, named_after};
use crate::storage::Artifacts;
use crate::storage::ledger::entries::EntryRow;
use crate::temporal::gateway::{AnswerEnd, Answering, Start};

/// How long a caller waits who does not say: an answer takes some ten milliseconds.
pub const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// For the calls around a wait (HTTP handbook §4.3).
const CALLS_AT_MOST: Duration = Duration::from_secs(10);

/// Invoices that one entry pays by hand.
const INVOICES_MAX: usize = 1_000;

/// Decide what a bank entry pays
///
/// `accept` a match, or name the `invoices` that it pays; `decline` a match; `undo` what is in the
/// record. It is worked out on what is open now. The same decision about the same revision is
/// carried out once, key or no key; what was decided is remembered of counterparty and supplier.
#[utoipa::path(
    post, path = "/bank-entries/{id}/decision", tag = "bank statements",
    operation_id = "decide_bank_entry",
    params(
        ("id" = EntryId, Path, description = "The entry",
            example = "ent_01kaz3v9s8f2m7c4t0q6w5z1re"),
        KeyHeader, PreferHeader,
    ),
    request_body(content = EntryAnswer, content_type = "application/json",
        description = "What to do.", example = json!(answer_example())),
    responses(
        (status = 200, description = "Done", body = EntryResource,
            headers(
                ("Idempotency-Replayed" = bool, description = "`true` when it was done already"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
            ),
            example = json!(example())),
        (status = 202, description = "It will be done", body = EntryResource,
            headers(
                ("Location" = String, description = "The entry"),
                ("Retry-After" = u64, description = "Seconds after which to look"),
                ("Preference-Applied" = String, description = "The preference that was applied"),
            ),
            example = json!(example())),
        Submitted, BodyRefusals, MovingOrTaken, Removable,
    )
)]
pub async fn decide_bank_entry(
    State(edge): State<Edge>,
    Id(id): Id<EntryId>,
    intent: Intent,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let answer = read(request).await?;
    if edge.parts.ledger.entry(&id).await?.is_none() {
        return Err(absent(&edge.parts.ledger, "bank_entry", id.as_str()).await?);
    }
    let by = &intent.caller.subject;
    let given = json!({ "by": by, "answer": answer });
    let kept = edge.parts.artifacts.put(given.to_string()).await?;
    let workflow_id = workflow_id(&id, &intent);
    let wait = intent.prefer.wait(ANSWER_WAIT, edge.parts.limits.wait_seconds_max);
    let gateway = &edge.parts.gateway;
    // On the heap: this handler has two of them, and a stack has its end.
    let answering = Box::pin(gateway.answer_entry(&workflow_id, (&id, &kept), wait.at_most));
    let patient =
        if wait.at_most.is_zero() { Duration::ZERO } else { wait.at_most + CALLS_AT_MOST };
    let deciding = async {
        let waited = edge.follow(patient, &intent.place, answering).await;
        let answering = match waited.value {
            Some(answering) => answering?,
            // Nothing was to be waited for, or no place was free, or the drain began.
            None => {
                let now = gateway.answer_entry(&workflow_id, (&id, &kept), Duration::ZERO);
                let answering = Box::pin(now).await;
                // The first one may have been sent: what was done is not called undone.
                let began = !waited.took.is_zero();
                answering.map_err(|e| if began { e.after_a_write() } else { e })?
            }
        };
        Ok::<_, ApiError>((answering, waited.applied, waited.took))
    };
    let deed = ("decide_bank_entry", id.as_str());
    let decided = recorded::around(&intent.caller, &edge.parts.ledger, deed, deciding);
    let (answering, was_waited_for, took) = decided.await?;
    let applied = wait.applied().filter(|_| was_waited_for);
    let Answering::This(start, end) = answering else {
        let detail = "This Idempotency-Key was sent with another decision.";
        return Err(Slug::IdempotencyKeyReused.error().detail(detail).member("id", id.as_str()));
    };
    let row = edge.parts.ledger.entry(&id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("bank_entry"))?;
    let known = start == Start::Known || end == Some(AnswerEnd::DoneBefore);
    let used = if known { Idempotency::Replay } else { Idempotency::New };
    used.carried_by(Carrier::Workflow, &edge.parts.metrics);
    let noted = Noted {
        workflow: Some(workflow_id),
        idempotency: Some(used),
        waited: Some(took).filter(|took| !took.is_zero()),
        ..Noted::default()
    };
    let response = match end {
        Some(AnswerEnd::Done | AnswerEnd::DoneBefore) => answered(row, StatusCode::OK, used),
        None => answered(row, StatusCode::ACCEPTED, used),
        Some(AnswerEnd::MovedOn) => {
            return Err(conflict(&row, "The entry is not what it was when it was looked at."));
        }
        Some(AnswerEnd::Refused(text)) => {
            return Err(refused(&edge.parts.artifacts, &row, text).await?);
        }
    };
    let mut response = noted.on(response);
    if let Some(applied) = applied {
        response.headers_mut().insert(crate::http::prefer::PREFERENCE_APPLIED, applied);
    }
    Ok(response)
}

async fn read(request: Request) -> Result<EntryAnswer, ApiError> {
    let body = json_body::bytes(request).await?;
    json_body::read(&body, &answer_example(), faults)
}

/// What contradicts itself.
fn faults(answer: &EntryAnswer) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |pointer: &str, code: &str, text: &str| {
        faults.push(Fault::at(pointer, code, text));
    };
    let by_hand = !answer.invoices.is_empty();
    match (answer.action, answer.chosen) {
        (EntryAction::Accept, None) if !by_hand => {
            fault("/match", "missing", "name a match, or the invoices that it pays");
        }
        (EntryAction::Decline, None) => fault("/match", "missing", "name the match"),
        (_, Some(0)) => fault("/match", "too_small", "matches are counted from 1"),
        _ => {}
    }
    if by_hand && (answer.chosen.is_some() || answer.action != EntryAction::Accept) {
        fault("/invoices", "misplaced", "belongs to accepting without a match");
    }
    if answer.invoices.len() > INVOICES_MAX {
        fault("/invoices", "too_many", "at most 1000 are taken");
    }
    let differences =
        [("/discount", answer.discount), ("/fee", answer.fee), ("/write_off", answer.write_off)];
    for (pointer, _) in differences.iter().filter(|(_, amount)| amount.is_some() && !by_hand) {
        fault(pointer, "misplaced", "goes with invoices alone; a match brings its own");
    }
    if let Some(reason) = &answer.reason {
        Fault::text(&mut faults, "/reason", reason);
    }
    faults
}

/// The same key of the same subject is one run. Without a key the revision makes a repetition the
/// same decision, and each request may try anew.
fn workflow_id(id: &EntryId, intent: &Intent) -> String {
    let run = match &intent.key.0 {
        Some(key) => {
            let subject = &intent.caller.subject;
            named_after(&format!("/bank-entries/decision\n{subject}\n{key}\n{id}"))
        }
        None => Uuid::now_v7(),
    };
    format!("ap-entry-{id}-{}", run.simple())
}

fn answered(row: EntryRow, status: StatusCode, used: Idempotency) -> Response<Body> {
    let place = location(&row.id);
    let mut response = answer::json(status, &EntryResource::from(row));
    if status == StatusCode::ACCEPTED {
        answer::set_location(&mut response, &place);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(2_u64));
    }
    used.mark(response.headers_mut());
    response
}

fn conflict(row: &EntryRow, detail: &str) -> ApiError {
    let moved = Slug::StateConflict.error().detail(detail);
    moved.member("status_now", row.state.as_str()).member("revision", row.revision)
}

async fn refused(
    artifacts: &Artifacts,
    row: &EntryRow,
    text: Option<Sha256>,
) -> Result<ApiError, ApiError> {
    let detail: String = match text {
        None => "It cannot be done.".to_owned(),
        Some(address) => serde_json::from_slice(&artifacts.get(&address).await?)
            .map_err(|error| Slug::Internal.error().caused_by(error))?,
    };
    Ok(conflict(row, &detail))
}

/// An answer with all its members, for the document and for finding faults.
fn answer_example() -> Value {
    json!({"action": "accept", "expected_revision": 2, "match": 1, "reason": "agreed by phone"})
}

#[cfg(test)]
mod tests {
    use super::{answer_example, faults};
    use crate::models::payment::EntryAnswer;
    use serde_json::json;

    #[test]
    fn an_answer_that_contradicts_itself_names_the_place() {
        let sound: EntryAnswer = serde_json::from_value(answer_example()).expect("an answer");
        assert_eq!(faults(&sound), []);
        let invoice = "inv_00000000000000000000000000";
        for (body, place) in [
            (json!({"action": "accept"}), "/match"),
            (json!({"action": "accept", "match": 0}), "/match"),
            (json!({"action": "decline"}), "/match"),
            (json!({"action": "undo", "invoices": [invoice]}), "/invoices"),
            (json!({"action": "accept", "match": 1, "invoices": [invoice]}), "/invoices"),
            (json!({"action": "accept", "match": 1, "fee": "1"}), "/fee"),
            (json!({"action": "undo", "reason": " "}), "/reason"),
        ] {
            let mut body = body;
            body["expected_revision"] = json!(1);
            let answer: EntryAnswer = serde_json::from_value(body).expect("an answer");
            let found = faults(&answer);
            let places: Vec<_> = found.iter().filter_map(|one| one.pointer.as_deref()).collect();
            assert_eq!(places, [place]);
        }
    }
}
