//! Invoices: acceptance, states, what was read, what was concluded.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use crate::models::attention::{Attention, AttentionCode};
use crate::models::extraction::Extraction;
use crate::models::media_type::MediaType;
use crate::models::refs::{BatchId, InvoiceId, Sha256, SupplierId};
use crate::models::status::InvoiceStatus;
use crate::models::verdict::{Hold, HoldCode, Reconciliation};
use crate::storage::ledger::database::Engine;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::header::Total;
use crate::storage::ledger::select::Select;
use crate::storage::ledger::texts;
use crate::storage::ledger::{Ledger, LedgerError};

/// An invoice about to be accepted.
#[derive(Debug, Clone)]
pub struct NewInvoice {
    /// The id it gets, unless it is known already.
    pub id: InvoiceId,
    /// The subject that sends it; part of every key.
    pub subject: String,
    /// The caller's `Idempotency-Key`, if any.
    pub key: Option<String>,
    /// Digest of the document.
    pub sha256: Sha256,
    /// Size of the document.
    pub bytes: u64,
    /// What it was sent as.
    pub media_type: MediaType,
    /// Query hint: the order it belongs to, for documents that do not say.
    pub purchase_order: Option<String>,
    /// Query hint: the sender's own name for it.
    pub reference: Option<String>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// What acceptance came to.
#[derive(Debug, Clone)]
pub enum Acceptance {
    /// A new row.
    New(InvoiceRow),
    /// The same key and the same bytes, or no key and known bytes: whoever sent them first, for
    /// one document is one claim of the supplier.
    Known(InvoiceRow),
    /// The same key, but other bytes (or another hint): refused.
    KeyReused(InvoiceId),
}

/// One invoice as lists and screens need it.
#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceRow {
    /// Its id.
    pub id: InvoiceId,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Grows by one with each event.
    pub revision: i64,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// When its row changed last.
    pub updated_at: DateTime<Utc>,
    /// Who sent it.
    pub submitted_by: String,
    /// Digest of the document.
    pub sha256: Sha256,
    /// Size of the document.
    pub bytes: u64,
    /// What it was sent as.
    pub media_type: MediaType,
    /// By its content: `ubl-invoice`; `None` until it was read.
    pub syntax: Option<String>,
    /// BT-1.
    pub number: Option<String>,
    /// BT-27, the supplier's name.
    pub supplier_name: Option<String>,
    /// The supplier on file whose invoice it is, as of its last comparison.
    pub supplier_id: Option<SupplierId>,
    /// BT-13, else the hint.
    pub purchase_order: Option<String>,
    /// The sender's own name for it.
    pub reference: Option<String>,
    /// BT-2.
    pub issue_date: Option<NaiveDate>,
    /// BT-9.
    pub due_date: Option<NaiveDate>,
    /// BT-5.
    pub currency: Option<String>,
    /// BT-112, with tax. Positive for credit notes too.
    pub total: Option<Decimal>,
    /// Fatal and warning findings.
    pub findings: (i64, i64),
    /// Why it may not be paid.
    pub holds: Vec<Hold>,
    /// Why a person must look.
    pub attention: Option<Attention>,
    /// Of `needs_attention`: the state that a retry goes back to.
    pub came_from: Option<InvoiceStatus>,
    /// The revision at which it was last put to people for approval.
    pub approval_since: Option<i64>,
}

/// What a list may ask for; every member narrows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InvoiceFilter {
    /// Any of these; empty is all.
    pub ids: Vec<InvoiceId>,
    /// Any of these; empty is all.
    pub status: Vec<InvoiceStatus>,
    /// BT-1, equal.
    pub number: Option<String>,
    /// BT-13, equal.
    pub purchase_order: Option<String>,
    /// ISO 4217, equal.
    pub currency: Option<String>,
    /// In this batch.
    pub batch: Option<BatchId>,
    /// Received at or after.
    pub received_after: Option<DateTime<Utc>>,
    /// Received before.
    pub received_before: Option<DateTime<Utc>>,
    /// Any of these reasons for which a person must look; empty is all.
    pub code: Vec<AttentionCode>,
    /// BT-27, equal.
    pub supplier_name: Option<String>,
    /// Changed last before.
    pub updated_before: Option<DateTime<Utc>>,
    /// Of this supplier on file.
    pub supplier_id: Option<SupplierId>,
    /// The sender's own name for it, equal.
    pub reference: Option<String>,
    /// With an open hold of any of these codes; empty is all.
    pub hold: Vec<HoldCode>,
    /// The total is at least this much, with at most four decimals.
    pub amount_min: Option<Decimal>,
    /// The total is less than this, with at most four decimals.
    pub amount_max: Option<Decimal>,
    /// Due on this day or later.
    pub due_after: Option<NaiveDate>,
    /// Due before this day.
    pub due_before: Option<NaiveDate>,
}

/// Everything that [`InvoiceRow`] is made of.
pub(super) const SELECT: &str = "SELECT id, status, revision, received_at, updated_at, subject, \
     sha256, bytes, media_type, order_hint, reference, syntax, number, supplier_name, supplier_id, \
     purchase_order, issue_date, due_date, currency, total_minor, total_scale, total_digits, \
     findings_fatal, findings_warning, holds, attention, came_from, approval_since FROM invoice";

impl Ledger {
    /// One invoice.
    pub async fn invoice(&self, id: &InvoiceId) -> Result<Option<InvoiceRow>, LedgerError> {
        let id = Some(id.to_string());
        let rows = Select::new(SELECT).text("id =", id).fetch("id", 1, &self.pool).await?;
        rows.first().map(invoice_row).transpose()
    }

    /// The same, together with others that are asked for meanwhile: cheaper where many ask at
    /// once. For requests alone, which are polled until they end and have a deadline: the caller
    /// may be the one that others wait for, and the worker waits for no request.
    pub async fn invoice_gathered(
        &self,
        id: &InvoiceId,
    ) -> Result<Option<InvoiceRow>, LedgerError> {
        self.gathered.invoice(id, &self.pool).await
    }

    /// Newest first, after the given last id of the page before; at most `limit` rows.
    pub async fn invoices(
        &self,
        filter: &InvoiceFilter,
        after: Option<&InvoiceId>,
        limit: u32,
    ) -> Result<Vec<InvoiceRow>, LedgerError> {
        let mut select = narrowed(filter, self.engine)?;
        let select = select.text("id <", after.map(ToString::to_string));
        let rows = select.fetch("id DESC", limit, &self.pool).await?;
        rows.iter().map(invoice_row).collect()
    }

    /// Oldest first, behind the given last id; at most `limit` rows.
    pub async fn invoices_oldest_first(
        &self,
        filter: &InvoiceFilter,
        after: Option<&InvoiceId>,
        limit: u32,
    ) -> Result<Vec<InvoiceRow>, LedgerError> {
        let mut select = narrowed(filter, self.engine)?;
        let select = select.text("id >", after.map(ToString::to_string));
        let rows = select.fetch("id", limit, &self.pool).await?;
        rows.iter().map(invoice_row).collect()
    }

    /// What was read out of the document.
    pub async fn extraction(&self, id: &InvoiceId) -> Result<Option<Extraction>, LedgerError> {
        let sql = "SELECT invoice_id AS id, content FROM extraction WHERE invoice_id = $1";
        let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(&self.pool).await?;
        let read = |row| Fields::of("extraction", &row)?.json("content");
        row.map(read).transpose()
    }

    /// What the last reconciliation concluded.
    pub async fn reconciliation(
        &self,
        id: &InvoiceId,
    ) -> Result<Option<Reconciliation>, LedgerError> {
        let sql = "SELECT invoice_id AS id, content FROM reconciliation WHERE invoice_id = $1";
        let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(&self.pool).await?;
        let read = |row| Fields::of("reconciliation", &row)?.json("content");
        row.map(read).transpose()
    }

    /// How many invoices are in each state, states without any included: for metrics.
    pub async fn count_by_status(&self) -> Result<Vec<(InvoiceStatus, i64)>, LedgerError> {
        let sql = "SELECT status, COUNT(*) FROM invoice GROUP BY status";
        let counted: Vec<(String, i64)> = sqlx::query_as(sql).fetch_all(&self.pool).await?;
        let count = |status: InvoiceStatus| {
            let of_status = counted.iter().find(|(word, _)| word == status.as_str());
            (status, of_status.map_or(0, |(_, count)| *count))
        };
        Ok(InvoiceStatus::ALL.into_iter().map(count).collect())
    }

    /// Held invoices that name this order, by header, line or hint: those that an order or
    /// receipt may free, in the order in which they may take from it.
    pub async fn held_for_order(
        &self,
        purchase_order: &str,
        limit: u32,
    ) -> Result<Vec<InvoiceId>, LedgerError> {
        // CROSS JOIN: SQLite would rather go through all held invoices than through the order's.
        let sql = "SELECT i.id FROM invoice_order o CROSS JOIN invoice i \
                   WHERE i.id = o.invoice_id AND o.order_key = $1 AND i.status = $2 \
                   ORDER BY i.sequence, i.id LIMIT $3";
        let query = sqlx::query(sql).bind(texts::order_key(purchase_order));
        let query = query.bind(InvoiceStatus::Held.as_str()).bind(i64::from(limit));
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter().map(invoice_id).collect()
    }
}

/// What a filter asks for.
fn narrowed(filter: &InvoiceFilter, engine: Engine) -> Result<Select, LedgerError> {
    let words = InvoiceStatus::ALL.into_iter().filter(|status| filter.status.contains(status));
    let words = words.map(|status| status.as_str().to_owned()).collect();
    let shown = |text: &Option<String>| text.as_deref().map(texts::shown);
    let micros = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros());
    let mut select = Select::new(SELECT);
    if !filter.code.is_empty() {
        // As the index says it.
        select.same("attention IS NOT NULL");
    }
    select
        .any("id", filter.ids.iter().map(ToString::to_string).collect())
        .any("status", words)
        .text("number =", shown(&filter.number))
        .text("purchase_order =", shown(&filter.purchase_order))
        .text("currency =", shown(&filter.currency))
        .text_in(
            "id IN (SELECT invoice_id FROM batch_item WHERE batch_id =",
            filter.batch.as_ref().map(ToString::to_string),
            ")",
        )
        .number("received_at >=", micros(filter.received_after))
        .number("received_at <", micros(filter.received_before))
        .any_like("attention", codes(&filter.code)?)
        .text("supplier_name =", shown(&filter.supplier_name))
        .number("updated_at <", micros(filter.updated_before))
        .text("supplier_id =", filter.supplier_id.as_ref().map(ToString::to_string))
        .text("reference =", shown(&filter.reference))
        .number("total_key >=", filter.amount_min.map(Total::key_of))
        .number("total_key <", filter.amount_max.map(Total::key_of))
        .text("due_date >=", filter.due_after.map(|day| day.to_string()))
        .text("due_date <", filter.due_before.map(|day| day.to_string()));
    with_hold(&mut select, &filter.hold, engine);
    Ok(select)
}

/// Narrows to those that have an open hold of any of these codes. A released one does not count.
fn with_hold(select: &mut Select, codes: &[HoldCode], engine: Engine) {
    if codes.is_empty() {
        return;
    }
    // The first condition is as the index says it.
    let (open, code) = match engine {
        Engine::Sqlite => (
            "holds <> '[]' AND EXISTS (SELECT 1 FROM json_each(invoice.holds) AS hold \
             WHERE json_extract(hold.value, '$.released') IS NULL",
            "json_extract(hold.value, '$.code')",
        ),
        Engine::Postgres => (
            "holds <> '[]' AND EXISTS (SELECT 1 FROM jsonb_array_elements(holds::jsonb) AS hold \
             WHERE hold ->> 'released' IS NULL",
            "hold ->> 'code'",
        ),
    };
    let words = codes.iter().map(|code| code.as_str().to_owned()).collect();
    select.same(open).any(code, words).close();
}

/// What a kept reason begins with, as LIKE compares it: its code is its first member.
fn codes(codes: &[AttentionCode]) -> Result<Vec<String>, LedgerError> {
    let pattern = |code: &AttentionCode| {
        let code = to_json(code)?.replace('_', "\\_");
        Ok(format!("{{\"code\":{code}%"))
    };
    codes.iter().map(pattern).collect()
}

/// One invoice, on this connection.
pub(super) async fn one(
    connection: &mut AnyConnection,
    id: &InvoiceId,
) -> Result<Option<InvoiceRow>, LedgerError> {
    let sql = AssertSqlSafe(format!("{SELECT} WHERE id = $1"));
    let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(connection).await?;
    row.as_ref().map(invoice_row).transpose()
}

pub(super) fn invoice_id(row: &AnyRow) -> Result<InvoiceId, LedgerError> {
    Fields::of("invoice", row)?.parsed("id", |id| InvoiceId::parse(id).ok())
}

/// Reads a row of [`SELECT`].
pub(super) fn invoice_row(row: &AnyRow) -> Result<InvoiceRow, LedgerError> {
    let fields = Fields::of("invoice", row)?;
    let bytes = fields.number("bytes")?;
    let refuse = |error| fields.unreadable("bytes", &error);
    Ok(InvoiceRow {
        id: fields.parsed("id", |id| InvoiceId::parse(id).ok())?,
        status: fields.parsed("status", InvoiceStatus::parse)?,
        revision: fields.number("revision")?,
        received_at: fields.time("received_at")?,
        updated_at: fields.time("updated_at")?,
        submitted_by: fields.text("subject")?,
        sha256: fields.parsed("sha256", |digest| Sha256::parse(digest).ok())?,
        bytes: u64::try_from(bytes).map_err(|error: std::num::TryFromIntError| refuse(error))?,
        media_type: fields.parsed("media_type", MediaType::parse)?,
        syntax: fields.text_if("syntax")?,
        number: fields.text_if("number")?,
        supplier_name: fields.text_if("supplier_name")?,
        supplier_id: supplier_id(&fields)?,
        purchase_order: fields.text_if("purchase_order")?,
        reference: fields.text_if("reference")?,
        issue_date: fields.date_if("issue_date")?,
        due_date: fields.date_if("due_date")?,
        currency: fields.text_if("currency")?,
        total: total(&fields)?,
        findings: (fields.number("findings_fatal")?, fields.number("findings_warning")?),
        holds: fields.json("holds")?,
        attention: fields.json_if("attention")?,
        came_from: came_from(&fields)?,
        approval_since: fields.number_if("approval_since")?,
    })
}

fn supplier_id(fields: &Fields<'_>) -> Result<Option<SupplierId>, LedgerError> {
    let id = fields.text_if("supplier_id")?.map(|id| SupplierId::parse(&id)).transpose();
    id.map_err(|error| fields.unreadable("supplier_id", &error))
}

/// The state that a retry goes back to.
pub(super) fn came_from(fields: &Fields<'_>) -> Result<Option<InvoiceStatus>, LedgerError> {
    let Some(word) = fields.text_if("came_from")? else {
        return Ok(None);
    };
    let refuse = || fields.unreadable("came_from", &format!("{word:?} is no state"));
    InvoiceStatus::parse(&word).map(Some).ok_or_else(refuse)
}

pub(super) fn total(fields: &Fields<'_>) -> Result<Option<Decimal>, LedgerError> {
    if let Some(digits) = fields.text_if("total_digits")? {
        let total = digits.parse().map(Some);
        return total
            .map_err(|error: rust_decimal::Error| fields.unreadable("total_digits", &error));
    }
    let (minor, scale) = (fields.number_if("total_minor")?, fields.number_if("total_scale")?);
    let Some((minor, scale)) = minor.zip(scale) else {
        return Ok(None);
    };
    let total = u32::try_from(scale).ok();
    let total = total.and_then(|scale| Decimal::try_from_i128_with_scale(minor.into(), scale).ok());
    let refuse = || fields.unreadable("total_scale", &format!("{scale} is no scale"));
    total.map(Some).ok_or_else(refuse)
}
