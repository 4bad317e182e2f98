//! Bank statements, and their entries with what may explain them: to accept or to decline.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde_json::{Value, json};

use crate::http::Edge;
use crate::http::answer::IfNoneMatch;
use crate::http::bank_statements::decide::decide_bank_entry;
use crate::http::bank_statements::entries::{EntryList, list_bank_entries};
use crate::http::bank_statements::read::get_bank_statement;
use crate::http::dashboard::cells::{answered, words};
use crate::http::dashboard::decide::{json_request, keyed};
use crate::http::dashboard::door::{Visitor, see_other};
use crate::http::dashboard::form::Form;
use crate::http::dashboard::lists::next;
use crate::http::dashboard::records::Record;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::sifted::Sifted;
use crate::http::error::ApiError;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::intent::Intent;
use crate::models::access::Role;
use crate::models::refs::{EntryId, StatementId};
use crate::storage::Ledger;

/// `GET /dashboard/bank-statements/{id}`.
///
/// # Errors
/// 404, and those of the ledger.
pub async fn statement(
    State(ledger): State<Ledger>,
    id: Id<StatementId>,
    visitor: Visitor,
    query: Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    let place = format!("/dashboard/bank-entries?statement={}", id.0);
    let answer = get_bank_statement(State(ledger), id, query, IfNoneMatch::default()).await?;
    let mut item = answered(answer).await?;
    // They have a page of their own, on which they are decided.
    item["entries"] = Value::Null;
    let frame = Frame::of(&visitor, "/dashboard/bank-statements", "Bank statement");
    shown::page(&Record::of(frame, &item).leading(&place, "Its entries"))
}

/// One entry.
struct Entry {
    id: String,
    revision: String,
    state: String,
    date: String,
    amount: String,
    counterparty: String,
    text: String,
    remarks: Vec<String>,
    matches: Vec<Match>,
}

/// One explanation of it.
struct Match {
    place: String,
    state: String,
    confidence: String,
    items: Vec<Item>,
}

/// One invoice of an explanation, with what speaks for it.
struct Item {
    id: String,
    evidence: Vec<String>,
}

/// The members `text` of the objects of a list.
fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|one| words(&one["text"])).collect()
}

impl Entry {
    fn of(entry: &Value) -> Self {
        let said = &entry["transaction"];
        let sign = if said["direction"] == "out" { "−" } else { "+" };
        let matches = entry["matches"].as_array().into_iter().flatten();
        let counterparty = [&said["counterparty_name"], &said["counterparty_iban"]].map(words);
        Self {
            id: words(&entry["id"]),
            revision: words(&entry["revision"]),
            state: words(&entry["state"]),
            date: words(&said["date"]),
            amount: format!("{sign}{} {}", words(&said["amount"]), words(&said["currency"])),
            counterparty: counterparty.join(" ").trim().to_owned(),
            text: words(&said["text"]),
            remarks: texts(&entry["remarks"]),
            matches: matches.map(Match::of).collect(),
        }
    }
}

impl Match {
    fn of(one: &Value) -> Self {
        let items = one["reasons"].as_array().into_iter().flatten();
        let item =
            |item: &Value| Item { id: words(&item["item"]), evidence: texts(&item["evidence"]) };
        Self {
            place: words(&one["match"]),
            state: words(&one["state"]),
            confidence: words(&one["confidence"]),
            items: items.map(item).collect(),
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/entries.html")]
struct Entries {
    frame: Frame,
    entries: Vec<Entry>,
    state: String,
    statement: String,
    may_decide: bool,
    next: String,
}

/// `GET /dashboard/bank-entries`.
///
/// # Errors
/// Those of the list of the API.
pub async fn entries(
    State(ledger): State<Ledger>,
    visitor: Visitor,
    sifted: Sifted<EntryList>,
) -> Result<Response<Body>, ApiError> {
    let answer = list_bank_entries(State(ledger), Query(sifted.query.clone())).await?;
    let body = answered(answer).await?;
    shown::page(&Entries {
        frame: Frame::of(&visitor, "/dashboard/bank-entries", "Bank entries"),
        entries: body["items"].as_array().into_iter().flatten().map(Entry::of).collect(),
        state: sifted.value("state").to_owned(),
        statement: sifted.value("statement").to_owned(),
        may_decide: visitor.may(&[Role::Approver]),
        next: next("/dashboard/bank-entries", &sifted, &body),
    })
}

/// `POST /dashboard/bank-entries/{id}/decision`.
///
/// # Errors
/// Those of the API.
pub async fn decide(
    edge: State<Edge>,
    id: Id<EntryId>,
    intent: Intent,
    form: Form,
) -> Result<Response<Body>, ApiError> {
    let number = |name: &str| form.text(name).and_then(|text| text.parse::<i64>().ok());
    let mut answer = json!({
        "action": form.text("action"), "expected_revision": number("revision"),
        "match": number("match"),
    });
    if let Some(reason) = form.text("reason") {
        answer["reason"] = json!(reason);
    }
    let intent = keyed(intent, &form);
    decide_bank_entry(edge, id, intent, Query(NoParameters), json_request(&answer)).await?;
    Ok(see_other("/dashboard/bank-entries?state=proposed"))
}
