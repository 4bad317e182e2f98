//! Lists: what the API lists, with its filters as a form and its token as the way on.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde_json::Value;
use url::form_urlencoded;

use crate::http::bank_statements::read::{StatementQuery, list_bank_statements};
use crate::http::batches::read::{BatchList, list_batches};
use crate::http::dashboard::cells::Kind::{Link, Number, State as Word, Text, Time};
use crate::http::dashboard::cells::{Column, Table, answered};
use crate::http::dashboard::door::Visitor;
use crate::http::dashboard::shown::{self, Frame};
use crate::http::dashboard::sifted::Sifted;
use crate::http::error::ApiError;
use crate::http::extract::Query;
use crate::http::orders::{OrderQuery, list_purchase_orders};
use crate::http::payment_files::read::{FileList, list_payment_files};
use crate::http::receipts::{ReceiptQuery, list_receipts};
use crate::http::suppliers::{SupplierQuery, list_suppliers};
use crate::storage::Ledger;

/// A filter that a list offers.
pub struct Field {
    /// As the API calls it.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// What it may be; empty for any text.
    pub options: &'static [&'static str],
    /// What was asked.
    pub value: String,
}

/// What a list looks like.
pub struct Spec {
    /// Its address.
    pub path: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Name, words and choices of its filters.
    pub filters: &'static [(&'static str, &'static str, &'static [&'static str])],
    /// What it shows.
    pub columns: &'static [Column],
}

/// The page of a list.
#[derive(Template)]
#[template(path = "dashboard/list.html")]
struct ListPage {
    frame: Frame,
    path: &'static str,
    filters: Vec<Field>,
    table: Table,
    next: String,
}

/// Shows a page of a list that the API answered.
///
/// # Errors
/// Those of the answer.
pub async fn list<T>(
    visitor: &Visitor,
    spec: &Spec,
    sifted: &Sifted<T>,
    answer: Response<Body>,
) -> Result<Response<Body>, ApiError> {
    let body = answered(answer).await?;
    let items = body["items"].as_array().cloned().unwrap_or_default();
    shown::page(&ListPage {
        frame: Frame::of(visitor, spec.path, spec.title),
        path: spec.path,
        filters: fields(spec, sifted),
        table: Table::of(spec.title, spec.columns, &items),
        next: next(spec.path, sifted, &body),
    })
}

/// The filters of a list, as they were set.
pub fn fields<T>(spec: &Spec, sifted: &Sifted<T>) -> Vec<Field> {
    let field = |&(name, label, options): &(_, _, _)| Field {
        name,
        label,
        options,
        value: sifted.value(name).to_owned(),
    };
    spec.filters.iter().map(field).collect()
}

/// The address of the next page; empty on the last.
pub fn next<T>(path: &str, sifted: &Sifted<T>, body: &Value) -> String {
    let Some(token) = body["next_page_token"].as_str() else {
        return String::new();
    };
    let filters = sifted.pairs.iter().filter(|(name, _)| name != "page_token" && name != "done");
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(filters).append_pair("page_token", token);
    format!("{path}?{}", query.finish())
}

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident($handler:ident, $query:ty) = $spec:expr;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Errors
            /// Those of the list of the API.
            pub async fn $name(
                State(ledger): State<Ledger>,
                visitor: Visitor,
                sifted: Sifted<$query>,
            ) -> Result<Response<Body>, ApiError> {
                const SPEC: Spec = $spec;
                let answer = $handler(State(ledger), Query(sifted.query.clone())).await?;
                list(&visitor, &SPEC, &sifted, answer).await
            }
        )*
    };
}

lists! {
    /// `GET /dashboard/purchase-orders`.
    orders(list_purchase_orders, OrderQuery) = Spec {
        path: "/dashboard/purchase-orders",
        title: "Purchase orders",
        filters: &[("number", "Number", &[])],
        columns: &[
            ("Number", "/number", Link("/dashboard/purchase-orders")),
            ("Supplier", "/supplier/name", Text),
            ("Status", "/status", Word),
            ("Kind", "/kind", Text),
            ("Currency", "/currency", Text),
            ("Issued", "/issue_date", Text),
            ("Revision", "/revision", Number),
            ("Kept", "/created_at", Time),
        ],
    };
    /// `GET /dashboard/receipts`.
    receipts(list_receipts, ReceiptQuery) = Spec {
        path: "/dashboard/receipts",
        title: "Receipts",
        filters: &[("number", "Number", &[]), ("purchase_order", "Order", &[])],
        columns: &[
            ("Number", "/number", Link("/dashboard/receipts")),
            ("Order", "/purchase_order", Text),
            ("Kind", "/kind", Word),
            ("Date", "/date", Text),
            ("Revision", "/revision", Number),
            ("Kept", "/created_at", Time),
        ],
    };
    /// `GET /dashboard/suppliers`.
    suppliers(list_suppliers, SupplierQuery) = Spec {
        path: "/dashboard/suppliers",
        title: "Suppliers",
        filters: &[("name", "Name", &[]), ("vat_id", "VAT id", &[]), ("iban", "IBAN", &[])],
        columns: &[
            ("Number", "/supplier_number", Link("/dashboard/suppliers")),
            ("Name", "/name", Text),
            ("VAT ids", "/vat_ids", Text),
            ("Currency", "/currency", Text),
            ("No payment", "/blocked_for_payment", Text),
            ("No posting", "/blocked_for_posting", Text),
            ("Kept", "/created_at", Time),
        ],
    };
    /// `GET /dashboard/bank-statements`.
    statements(list_bank_statements, StatementQuery) = Spec {
        path: "/dashboard/bank-statements",
        title: "Bank statements",
        filters: &[("account", "Account", &[])],
        columns: &[
            ("Received", "/received_at", Time),
            ("File", "/id", Link("/dashboard/bank-statements")),
            ("Account", "/statements/0/account", Text),
            ("Status", "/status", Word),
            ("Proposed", "/counts/proposed", Number),
            ("Unmatched", "/counts/unmatched", Number),
            ("Recorded", "/counts/recorded", Number),
        ],
    };
    /// `GET /dashboard/payment-files`.
    payment_files(list_payment_files, FileList) = Spec {
        path: "/dashboard/payment-files",
        title: "Payment files",
        filters: &[],
        columns: &[
            ("File", "/id", Link("/dashboard/payment-files")),
            ("Status", "/status", Word),
            ("Total", "/total", Number),
            ("To be paid", "/execution_date", Text),
            ("Ordered by", "/submitted_by", Text),
            ("Made", "/created_at", Time),
        ],
    };
    /// `GET /dashboard/batches`.
    batches(list_batches, BatchList) = Spec {
        path: "/dashboard/batches",
        title: "Batches",
        filters: &[("status", "Status", &["accepting", "accepted", "cancelled", "refused"])],
        columns: &[
            ("Batch", "/id", Link("/dashboard/batches")),
            ("Status", "/status", Word),
            ("Kind", "/kind", Text),
            ("Items", "/items_total", Number),
            ("Made", "/created_at", Time),
            ("Finished", "/finished_at", Time),
        ],
    };
}
