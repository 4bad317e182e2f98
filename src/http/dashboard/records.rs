//! One thing as the API shows it: its facts, and each of its parts as a table.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::http::Edge;
use crate::http::answer::IfNoneMatch;
use crate::http::batches::read::get_batch;
use crate::http::dashboard::cells::{Cell, Table, answered, minute, said, words};
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::error::ApiError;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::http::orders::get_purchase_order;
use crate::http::payment_files::read::get_payment_file;
use crate::http::receipts::get_receipt;
use crate::http::registration::Edition;
use crate::http::suppliers::get_supplier;
use crate::models::refs::{BatchId, OrderId, PaymentFileId, ReceiptId, SupplierId};
use crate::models::verdict::LineStanding;
use crate::reconciliation::standing;
use crate::storage::Ledger;

/// Members that tell a program where to go on.
const FOR_PROGRAMS: [&str; 1] = ["links"];

/// The page of one thing.
#[derive(Template)]
#[template(path = "dashboard/record.html")]
pub struct Record {
    frame: Frame,
    facts: Vec<(String, Cell)>,
    tables: Vec<Table>,
    leads: Vec<(String, &'static str)>,
}

impl Record {
    /// Shows an object.
    pub fn of(frame: Frame, item: &Value) -> Self {
        let mut record = Self { frame, facts: Vec::new(), tables: Vec::new(), leads: Vec::new() };
        if let Value::Object(members) = item {
            record.add("", members);
        }
        record
    }

    /// Adds a table.
    #[must_use]
    pub fn with(mut self, table: Table) -> Self {
        self.tables.push(table);
        self
    }

    /// Adds a way on.
    #[must_use]
    pub fn leading(mut self, place: &str, words: &'static str) -> Self {
        self.leads.push((place.to_owned(), words));
        self
    }

    fn add(&mut self, prefix: &str, members: &Map<String, Value>) {
        let shown = members.iter().filter(|(name, _)| !FOR_PROGRAMS.contains(&name.as_str()));
        for (name, value) in shown {
            let name = format!("{prefix}{}", said(name));
            match value {
                Value::Object(inner) if !inner.contains_key("amount") => {
                    self.add(&format!("{name}: "), inner);
                }
                Value::Array(items) if items.iter().any(Value::is_object) => {
                    self.tables.push(table(&name, items));
                }
                Value::Null => {}
                value => self.facts.push((name, cell(value))),
            }
        }
    }
}

/// A table of objects; its columns are the members that any of them has.
fn table(caption: &str, items: &[Value]) -> Table {
    let mut names: Vec<&String> = Vec::new();
    for name in items.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !names.contains(&name) && !FOR_PROGRAMS.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let row = |item: &Value| names.iter().map(|name| cell(&item[name.as_str()])).collect();
    Table {
        caption: caption.to_owned(),
        head: names.iter().map(|name| said(name)).collect(),
        rows: items.iter().map(row).collect(),
    }
}

/// What names an invoice leads to it.
fn cell(value: &Value) -> Cell {
    let text = minute(&words(value));
    match text.starts_with("inv_") && !text.contains(' ') {
        true => Cell::link(text.clone(), format!("/dashboard/invoices/{text}")),
        false => Cell::text(text),
    }
}

macro_rules! records {
    ($($(#[$doc:meta])* $name:ident($handler:ident, $id:ty, $query:ty) = $part:literal, $title:literal, $at:literal;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Errors
            /// 404, and those of the ledger.
            pub async fn $name(
                State(ledger): State<Ledger>,
                id: Id<$id>,
                visitor: Visitor,
                query: Query<$query>,
            ) -> Result<Response<Body>, ApiError> {
                let answer = $handler(State(ledger), id, query, IfNoneMatch::default()).await?;
                let item = answered(answer).await?;
                let named = item.pointer($at).map(words).unwrap_or_default();
                let frame = Frame::of(&visitor, $part, format!("{} {named}", $title));
                shown::page(&Record::of(frame, &item))
            }
        )*
    };
}

records! {
    /// `GET /dashboard/receipts/{id}`.
    receipt(get_receipt, ReceiptId, Edition) = "/dashboard/receipts", "Receipt", "/number";
    /// `GET /dashboard/suppliers/{id}`.
    supplier(get_supplier, SupplierId, Edition) = "/dashboard/suppliers", "Supplier", "/name";
    /// `GET /dashboard/batches/{id}`.
    batch(get_batch, BatchId, NoParameters) = "/dashboard/batches", "Batch", "/id";
    /// `GET /dashboard/payment-files/{id}`.
    payment_file(get_payment_file, PaymentFileId, NoParameters) =
        "/dashboard/payment-files", "Payment file", "/id";
}

/// `GET /dashboard/purchase-orders/{id}`: with what came and was billed of each line, and what is
/// open.
///
/// # Errors
/// 404, and those of the ledger.
pub async fn order(
    State(edge): State<Edge>,
    id: Id<OrderId>,
    visitor: Visitor,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    let (ledger, newest) = (&edge.parts.ledger, Query(Edition::default()));
    let answer = get_purchase_order(State(ledger.clone()), id, newest, IfNoneMatch::default());
    let item = answered(answer.await?).await?;
    let number = item["number"].as_str().unwrap_or_default();
    let view = ledger.view_of_order(number).await?;
    let billed = &view.billed_before;
    let (_, lines) = standing(&view.orders, &view.receipts, billed, &edge.parts.policy);
    let of_this = |line: &&LineStanding| line.po == number;
    let frame = Frame::of(&visitor, "/dashboard/purchase-orders", format!("Order {number}"));
    let record = Record::of(frame, &item);
    shown::page(&record.with(progress(lines.iter().filter(of_this))))
}

/// Of each line what was ordered, came, was billed, and is open to be billed.
fn progress<'s>(lines: impl Iterator<Item = &'s LineStanding>) -> Table {
    let row = |line: &LineStanding| {
        let number = |text: &str| text.parse::<Decimal>().unwrap_or_default();
        let open = number(&line.ordered) - number(&line.billed);
        let open = open.normalize().to_string();
        let numbers = [&line.ordered, &line.received, &line.billed, &open];
        let cells = numbers.map(|number| Cell::number(number.as_str()));
        [Cell::text(line.po_line.as_str())].into_iter().chain(cells).collect()
    };
    let head = ["Line", "Ordered", "Received", "Billed", "Open to bill"].map(str::to_owned);
    let caption = "What came, is billed and open".to_owned();
    Table { caption, head: head.into(), rows: lines.map(row).collect() }
}
