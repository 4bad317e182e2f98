//! Webhooks: who is told, whether it arrives, and what was sent.

pub mod act;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::ETAG;
use axum::http::{HeaderValue, Response};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::http::Edge;
use crate::http::answer::IfNoneMatch;
use crate::http::dashboard::cells::{Cell, Table, answered, minute, said, words};
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::form_key;
use crate::http::dashboard::invoices::moment;
use crate::http::dashboard::lists::next;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::sifted::Sifted;
use crate::http::error::ApiError;
use crate::http::extract::query::{FromQuery, NoParameters, Parameters};
use crate::http::extract::{Id, Query};
use crate::http::webhooks::deliveries::{DeliveryList, list_webhook_deliveries};
use crate::http::webhooks::read::{WebhookList, get_webhook, list_webhooks};
use crate::models::refs::WebhookId;
use crate::models::webhook::{DeliveryState, DisabledReason, Topic};
use crate::storage::Ledger;
use crate::storage::ledger::webhooks::WebhookHealth;

/// The part of the menu.
const PART: &str = "/dashboard/webhooks";

/// The list.
#[derive(Template)]
#[template(path = "dashboard/webhooks.html")]
struct WebhooksPage {
    frame: Frame,
    table: Table,
    next: String,
}

/// `GET /dashboard/webhooks`.
///
/// # Errors
/// Those of the list of the API.
pub async fn list(
    State(ledger): State<Ledger>,
    visitor: Visitor,
    sifted: Sifted<WebhookList>,
) -> Result<Response<Body>, ApiError> {
    let answer = list_webhooks(State(ledger.clone()), Query(sifted.query.clone())).await?;
    let body = answered(answer).await?;
    let mut rows = Vec::new();
    for item in body["items"].as_array().into_iter().flatten() {
        rows.push(row(item, &health(&ledger, item).await?));
    }
    let head = ["Receiver", "State", "Why", "Told", "Last taken", "Given up in a row", "Waiting"];
    shown::page(&WebhooksPage {
        frame: Frame::of(&visitor, PART, "Webhooks"),
        table: Table { caption: "Webhooks".to_owned(), head: head.map(str::to_owned).into(), rows },
        next: next(PART, &sifted, &body),
    })
}

/// How one fares.
async fn health(ledger: &Ledger, item: &Value) -> Result<WebhookHealth, ApiError> {
    let id = item["id"].as_str().and_then(|id| WebhookId::parse(id).ok());
    Ok(match id {
        Some(id) => ledger.webhook_health(&id).await?,
        None => WebhookHealth::default(),
    })
}

fn row(item: &Value, health: &WebhookHealth) -> Vec<Cell> {
    vec![
        Cell::link(words(&item["url"]), format!("{PART}/{}", words(&item["id"]))),
        Cell::state(&words(&item["status"])),
        Cell::text(why(item)),
        Cell::text(words(&item["events"])),
        Cell::text(taken(health.delivered_at)),
        Cell::number(health.given_up.to_string()),
        Cell::number(health.pending.to_string()),
    ]
}

fn taken(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "never".to_owned(), moment)
}

/// Why nothing is sent, and since when; empty where something is.
fn why(item: &Value) -> String {
    let reason = item["disabled_reason"].as_str().and_then(DisabledReason::parse);
    let why = match reason {
        None => return String::new(),
        Some(DisabledReason::Gone) => "the receiver answered 410: it wants no more",
        Some(DisabledReason::Failing) => "several messages in a row were given up",
        Some(DisabledReason::Asked) => "somebody asked for it",
    };
    format!("{why}, since {}", minute(&words(&item["disabled_at"])))
}

/// The log that is wanted, and what was just done.
#[derive(Debug, Clone)]
pub struct Log {
    list: DeliveryList,
    done: &'static str,
}

impl FromQuery for Log {
    fn read(parameters: &mut Parameters) -> Self {
        let done = parameters.one("done").unwrap_or_default();
        let known = act::DONE.iter().find(|(word, _)| *word == done);
        Self { list: DeliveryList::read(parameters), done: known.map_or("", |(_, words)| words) }
    }
}

/// One message of the log.
struct Delivery {
    id: String,
    event: String,
    state: Cell,
    attempts: String,
    answer: String,
    happened: String,
    tried: String,
    next: String,
    may_be_replayed: bool,
}

impl Delivery {
    fn of(item: &Value) -> Self {
        let text = |name: &str| words(&item[name]);
        let answer = [text("status_code"), said(&text("failure"))].join(" ");
        Self {
            id: text("id"),
            event: text("event"),
            state: Cell::state(&text("state")),
            attempts: text("attempts"),
            answer: answer.trim().to_owned(),
            happened: minute(&text("created_at")),
            tried: minute(&text("attempted_at")),
            next: minute(&text("next_attempt_at")),
            // What is being sent anyway stays as it is.
            may_be_replayed: item["state"] != "pending",
        }
    }
}

/// The page of one webhook.
#[derive(Template)]
#[template(path = "dashboard/webhook.html")]
struct WebhookPage {
    frame: Frame,
    done: &'static str,
    id: String,
    status: Cell,
    why: String,
    facts: Vec<(&'static str, String)>,
    is_enabled: bool,
    tag: String,
    key: String,
    states: Vec<&'static str>,
    state: String,
    topics: Vec<&'static str>,
    topic: String,
    deliveries: Vec<Delivery>,
    next: String,
}

/// `GET /dashboard/webhooks/{id}`: never its secret.
///
/// # Errors
/// 404, and those of the log of the API.
pub async fn show(
    State(edge): State<Edge>,
    id: Id<WebhookId>,
    visitor: Visitor,
    sifted: Sifted<Log>,
) -> Result<Response<Body>, ApiError> {
    let ledger = &edge.parts.ledger;
    let (state, query) = (State(ledger.clone()), Query(NoParameters));
    let hook = get_webhook(state, id.clone(), query, IfNoneMatch::default()).await?;
    let tag = hook.headers().get(ETAG).and_then(|tag: &HeaderValue| tag.to_str().ok());
    let tag = tag.unwrap_or_default().to_owned();
    let item = answered(hook).await?;
    let health = ledger.webhook_health(&id.0).await?;
    let list = Query(sifted.query.list.clone());
    let log = list_webhook_deliveries(State(ledger.clone()), id.clone(), list).await?;
    let log = answered(log).await?;
    let is_enabled = item["status"] == "enabled";
    shown::page(&WebhookPage {
        frame: Frame::of(&visitor, PART, "Webhook"),
        done: sifted.query.done,
        id: id.0.to_string(),
        status: Cell::state(&words(&item["status"])),
        why: why(&item),
        facts: facts(&item, &health),
        is_enabled,
        tag,
        key: form_key::new(),
        states: DeliveryState::ALL.iter().map(|state| state.as_str()).collect(),
        state: sifted.value("state").to_owned(),
        topics: Topic::ALL.iter().map(|topic| topic.as_str()).collect(),
        topic: sifted.value("event").to_owned(),
        deliveries: log["items"].as_array().into_iter().flatten().map(Delivery::of).collect(),
        next: next(&format!("{PART}/{}", id.0), &sifted, &log),
    })
}

fn facts(item: &Value, health: &WebhookHealth) -> Vec<(&'static str, String)> {
    let known = [
        ("Receiver", words(&item["url"])),
        ("Description", words(&item["description"])),
        ("Told", words(&item["events"])),
        ("Last taken", taken(health.delivered_at)),
        ("Given up in a row", health.given_up.to_string()),
        ("Waiting", health.pending.to_string()),
        ("Made", minute(&words(&item["created_at"]))),
        ("Changed", minute(&words(&item["updated_at"]))),
        ("Secret before signs until", minute(&words(&item["previous_secret_expires_at"]))),
    ];
    known.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}
