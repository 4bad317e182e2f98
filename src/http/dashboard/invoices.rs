//! The list of invoices, and rows of invoices on other pages.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::http::dashboard::cells::Kind::{Link, Number, State as Word, Text, Time};
use crate::http::dashboard::cells::{Cell, Column, Table, answered, words};
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::lists::{Field, Spec, fields, next};
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::sifted::Sifted;
use crate::http::error::ApiError;
use crate::http::extract::Query;
use crate::http::invoices::list::{InvoiceList, list_invoices};
use crate::http::invoices::resource::InvoiceResource;
use crate::models::access::Role;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::invoices::InvoiceFilter;
use crate::storage::{Ledger, LedgerError};

/// What a row of an invoice shows.
const COLUMNS: &[Column] = &[
    ("Number", "/number", Link("/dashboard/invoices")),
    ("Supplier", "/supplier_name", Text),
    ("Status", "/status", Word),
    ("Order", "/purchase_order", Text),
    ("Total", "/total", Number),
    ("Due", "/due_date", Text),
    ("Changed", "/updated_at", Time),
    ("Received", "/received_at", Time),
];

/// The states, as the API calls them, in the order of an invoice's life.
#[rustfmt::skip]
const STATES: &[&str] = &[
    "received", "extracting", "review", "validated", "matching", "held", "query", "approval", "approved",
    "scheduled", "part_paid", "paid", "needs_attention", "rejected", "duplicate", "superseded", "cancelled",
];

const SPEC: Spec = Spec {
    path: "/dashboard/invoices",
    title: "Invoices",
    filters: &[
        ("status", "Status", STATES),
        ("number", "Number", &[]),
        ("purchase_order", "Order", &[]),
        ("currency", "Currency", &[]),
        ("batch_id", "Batch", &[]),
    ],
    columns: COLUMNS,
};

/// The page: a list of which many can be ticked.
#[derive(Template)]
#[template(path = "dashboard/invoices.html")]
struct InvoicesPage {
    frame: Frame,
    path: &'static str,
    filters: Vec<Field>,
    /// What was asked, to ask it again of what is decided.
    narrowed: Vec<(String, String)>,
    table: Table,
    /// The same rows, each with its invoice.
    rows: Vec<(String, Vec<Cell>)>,
    next: String,
    may_operate: bool,
    may_submit: bool,
}

/// `GET /dashboard/invoices`.
///
/// # Errors
/// Those of the list of the API.
pub async fn show(
    State(ledger): State<Ledger>,
    visitor: Visitor,
    sifted: Sifted<InvoiceList>,
) -> Result<Response<Body>, ApiError> {
    let answer = list_invoices(State(ledger), Query(sifted.query.clone())).await?;
    let body = answered(answer).await?;
    let items = body["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let table = Table::of(SPEC.title, SPEC.columns, items);
    let ids = items.iter().map(|item| words(&item["id"]));
    let narrows =
        |(name, _): &&(String, String)| !matches!(name.as_str(), "page_token" | "page_size");
    shown::page(&InvoicesPage {
        frame: Frame::of(&visitor, SPEC.path, SPEC.title),
        path: SPEC.path,
        filters: fields(&SPEC, &sifted),
        narrowed: sifted.pairs.iter().filter(narrows).cloned().collect(),
        rows: ids.zip(table.rows.clone()).collect(),
        table,
        next: next(SPEC.path, &sifted, &body),
        may_operate: visitor.may(&[Role::Operator]),
        may_submit: visitor.may(&[Role::Submitter]),
    })
}

/// The invoices that came last of those in a state, as the API shows them.
pub async fn in_state(
    ledger: &Ledger,
    status: InvoiceStatus,
    limit: u32,
) -> Result<Vec<Value>, LedgerError> {
    let filter = InvoiceFilter { status: vec![status], ..InvoiceFilter::default() };
    let rows = ledger.invoices(&filter, None, limit).await?;
    Ok(rows.into_iter().map(|row| json!(InvoiceResource::from(row))).collect())
}

/// The same as a table.
pub async fn recent(
    ledger: &Ledger,
    status: InvoiceStatus,
    limit: u32,
) -> Result<Table, LedgerError> {
    let columns = [COLUMNS[0], COLUMNS[1], ("Why", "/attention/text", Text), COLUMNS[7]];
    let invoices = in_state(ledger, status, limit).await?;
    let mut table = Table::of("Came last", &columns, &invoices);
    for why in table.rows.iter_mut().filter_map(|row| row.get_mut(2)) {
        why.shorten(WHY_CHARACTERS_MAX);
    }
    Ok(table)
}

/// Characters of a reason where it stands among others; the page of the invoice has all of it.
const WHY_CHARACTERS_MAX: usize = 80;

/// A moment, to the minute.
pub fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::STATES;
    use crate::models::status::InvoiceStatus;

    #[test]
    fn every_state_can_be_looked_for() {
        let all: Vec<&str> = InvoiceStatus::ALL.iter().map(|state| state.as_str()).collect();
        assert_eq!(STATES, all);
    }
}
