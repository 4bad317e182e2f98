//! What needs a person: why, and another try for those that are ticked, or for all.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde_json::{Value, json};

use crate::http::Edge;
use crate::http::dashboard::cells::{minute, words};
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::invoices::in_state;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::error::ApiError;
use crate::http::extract::Query;
use crate::http::extract::query::NoParameters;
use crate::models::access::Role;
use crate::models::status::InvoiceStatus;

/// Invoices that one page shows.
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
