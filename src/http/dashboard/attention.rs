//! What needs a person: why, and another try for those that are ticked.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde_json::{Value, json};

use crate::http::Edge;
use crate::http::dashboard::cells::{Cell, Table, minute, words};
use crate::http::dashboard::decide::json_request;
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::form::Form;
use crate::http::dashboard::invoices::in_state;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::idempotency::IdempotencyKey;
use crate::http::intent::Intent;
use crate::http::invoices::decisions::retry_invoice;
use crate::models::access::Role;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;

/// Invoices that one page shows, and one form retries: each is a call to Temporal.
const SHOWN_MAX: u32 = 50;

/// One invoice that needs attention.
struct Needy {
    id: String,
    number: String,
    supplier: String,
    code: String,
    why: String,
    retryable: bool,
    since: String,
}

impl Needy {
    fn of(invoice: &Value) -> Self {
        let text = |pointer: &str| invoice.pointer(pointer).map(words).unwrap_or_default();
        let (id, number) = (text("/id"), text("/number"));
        Self {
            number: if number.is_empty() { id.clone() } else { number },
            id,
            supplier: text("/supplier_name"),
            code: text("/attention/code"),
            why: text("/attention/text"),
            retryable: invoice["attention"]["retryable"] == json!(true),
            since: minute(&text("/updated_at")),
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/attention.html")]
struct Attention {
    frame: Frame,
    invoices: Vec<Needy>,
    may_retry: bool,
}

/// `GET /dashboard/attention`.
///
/// # Errors
/// Those of the ledger.
pub async fn show(
    State(edge): State<Edge>,
    visitor: Visitor,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    let needy = in_state(&edge.parts.ledger, InvoiceStatus::NeedsAttention, SHOWN_MAX).await?;
    shown::page(&Attention {
        frame: Frame::of(&visitor, "/dashboard/attention", "Needs attention"),
        invoices: needy.iter().map(Needy::of).collect(),
        may_retry: visitor.may(&[Role::Operator]),
    })
}

/// What became of each.
#[derive(Template)]
#[template(path = "dashboard/retried.html")]
struct Retried {
    frame: Frame,
    outcomes: Table,
}

/// `POST /dashboard/attention/retry`: each as its own retry; one that is refused stops no other.
///
/// # Errors
/// 400 for what is no invoice, or too many of them.
pub async fn retry(
    State(edge): State<Edge>,
    visitor: Visitor,
    intent: Intent,
    form: Form,
) -> Result<Response<Body>, ApiError> {
    let intent = Intent { key: IdempotencyKey(None), ..intent };
    let reason = json!({ "reason": form.text("reason").unwrap_or_default() });
    let mut rows = Vec::new();
    for id in chosen(&form)? {
        let (state, query) = (State(edge.clone()), Query(NoParameters));
        let body = json_request(&reason);
        let answer = retry_invoice(state, Id(id.clone()), intent.clone(), query, body).await;
        rows.push(outcome(&id, answer));
    }
    let head = ["Invoice", "Outcome", ""].map(str::to_owned).into();
    let frame = Frame::of(&visitor, "/dashboard/attention", "Tried again");
    shown::page(&Retried {
        frame,
        outcomes: Table { caption: "Tried again".to_owned(), head, rows },
    })
}

fn chosen(form: &Form) -> Result<Vec<InvoiceId>, ApiError> {
    let chosen: Option<Vec<_>> = form.all("invoice").map(|id| InvoiceId::parse(id).ok()).collect();
    let fits = |chosen: &Vec<_>| (1..=SHOWN_MAX as usize).contains(&chosen.len());
    chosen.filter(fits).ok_or_else(|| {
        let detail = format!("Tick 1 to {SHOWN_MAX} invoices.");
        Slug::InvalidRequest.error().detail(detail)
    })
}

fn outcome(id: &InvoiceId, answer: Result<Response<Body>, ApiError>) -> Vec<Cell> {
    let link = Cell::link(id.to_string(), format!("/dashboard/invoices/{id}"));
    match answer {
        Ok(_) => vec![link, Cell::state("accepted"), Cell::default()],
        Err(error) => {
            let why = error.0.detail.unwrap_or_else(|| error.0.slug.title().to_owned());
            vec![link, Cell::state("refused"), Cell::text(why)]
        }
    }
}
