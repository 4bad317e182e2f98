//! Steps of an invoice's life: each adds one event and one revision, in one transaction.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Row};

use crate::models::attention::Attention;
use crate::models::extraction::Extraction;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::database::Engine;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::header::Header;
use crate::storage::ledger::invoices::came_from;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// Where an invoice stands; nobody else moves it until the transaction ends.
pub(super) struct Standing {
    pub(super) id: InvoiceId,
    pub(super) status: InvoiceStatus,
    pub(super) revision: i64,
    pub(super) attention: Option<Attention>,
    /// Of `needs_attention`: the state that a retry goes back to.
    pub(super) came_from: Option<InvoiceStatus>,
    /// Its holds, as they are kept: few steps look at them.
    pub(super) holds: String,
}

impl Ledger {
    /// Moves the invoice to `next` when that is legal; answers the state it is in afterwards.
    /// Repeating a step that was made changes nothing.
    pub async fn enter(
        &self,
        id: &InvoiceId,
        next: InvoiceStatus,
        at: DateTime<Utc>,
    ) -> Result<InvoiceStatus, LedgerError> {
        let mut write = self.write().await?;
        let mut now = write.standing(id).await?;
        if now.status == next || !now.status.may_become(next) {
            return Ok(now.status);
        }
        write.step(&mut now, next, json!({}), at).await?;
        if next.is_final() {
            write.wake_neighbours(id).await?;
        }
        write.commit().await?;
        self.notices.tell(id);
        Ok(now.status)
    }

    /// Keeps what was read and moves `extracting` to `validated`; the same extraction twice
    /// changes nothing, for the invoice is not in `extracting` any more.
    pub async fn record_extraction(
        &self,
        id: &InvoiceId,
        extraction: &Extraction,
        at: DateTime<Utc>,
    ) -> Result<InvoiceStatus, LedgerError> {
        let mut write = self.write().await?;
        let mut now = write.standing(id).await?;
        if now.status != InvoiceStatus::Extracting {
            return Ok(now.status);
        }
        write.keep_extraction(id, extraction).await?;
        write.note_reading(extraction);
        write.step(&mut now, InvoiceStatus::Validated, json!({}), at).await?;
        write.commit().await?;
        self.notices.tell(id);
        Ok(now.status)
    }

    /// Moves the invoice to `needs_attention` with its reason; final states stay. Another reason
    /// replaces the one that is there.
    pub async fn record_attention(
        &self,
        id: &InvoiceId,
        attention: &Attention,
        at: DateTime<Utc>,
    ) -> Result<InvoiceStatus, LedgerError> {
        let mut write = self.write().await?;
        let mut now = write.standing(id).await?;
        let known = now.status == InvoiceStatus::NeedsAttention
            && now.attention.as_ref() == Some(attention);
        if known || now.status.is_final() {
            return Ok(now.status);
        }
        let next = InvoiceStatus::NeedsAttention;
        write.step(&mut now, next, json!({ "attention": attention }), at).await?;
        let sql = "UPDATE invoice SET attention = $2 WHERE id = $1";
        let query = sqlx::query(sql).bind(id.as_str()).bind(to_json(attention)?);
        query.execute(write.on()).await?;
        write.commit().await?;
        self.notices.tell(id);
        Ok(now.status)
    }
}

impl Write {
    /// Reads where an invoice stands and keeps others from moving it.
    pub(super) async fn standing(&mut self, id: &InvoiceId) -> Result<Standing, LedgerError> {
        let sql = match self.engine() {
            // The transaction holds the whole file.
            Engine::Sqlite => {
                "SELECT id, status, revision, attention, came_from, holds FROM invoice \
                 WHERE id = $1"
            }
            Engine::Postgres => {
                "SELECT id, status, revision, attention, came_from, holds FROM invoice \
                 WHERE id = $1 FOR UPDATE"
            }
        };
        let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(self.on()).await?;
        let row = row.ok_or_else(|| LedgerError::Missing(format!("invoice {id}")))?;
        let fields = Fields::of("invoice", &row)?;
        Ok(Standing {
            id: id.clone(),
            status: fields.parsed("status", InvoiceStatus::parse)?,
            revision: fields.number("revision")?,
            attention: fields.json_if("attention")?,
            came_from: came_from(&fields)?,
            holds: fields.text("holds")?,
        })
    }

    /// Makes one step, legal or not: the caller has asked. The reason of a former
    /// `needs_attention` goes with it.
    pub(super) async fn step(
        &mut self,
        now: &mut Standing,
        next: InvoiceStatus,
        mut data: Value,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        data["from"] = now.status.as_str().into();
        data["to"] = next.as_str().into();
        now.revision += 1;
        let name = match next {
            InvoiceStatus::NeedsAttention => "attention",
            _ => "status",
        };
        event(self.on(), (&now.id, now.revision), name, &data, at).await?;
        now.came_from = match (next, now.status) {
            (InvoiceStatus::NeedsAttention, InvoiceStatus::NeedsAttention) => now.came_from,
            (InvoiceStatus::NeedsAttention, from) => Some(from),
            _ => None,
        };
        let put_to_people = (next == InvoiceStatus::Approval).then_some(now.revision);
        let sql = "UPDATE invoice SET status = $2, revision = $3, updated_at = $4, \
                   attention = NULL, came_from = $5, \
                   approval_since = COALESCE($6, approval_since) WHERE id = $1";
        let query = sqlx::query(sql).bind(now.id.as_str()).bind(next.as_str());
        let query = query.bind(now.revision).bind(at.timestamp_micros());
        let query = query.bind(now.came_from.map(InvoiceStatus::as_str)).bind(put_to_people);
        query.execute(self.on()).await?;
        now.status = next;
        self.note_decision(&now.id, (next, now.revision), at).await?;
        self.announce_step(&now.id, (next, now.revision), at).await
    }

    /// Adds one event and one revision to an invoice that stays where it is.
    pub(super) async fn remark(
        &mut self,
        now: &mut Standing,
        name: &'static str,
        data: &Value,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        now.revision += 1;
        event(self.on(), (&now.id, now.revision), name, data, at).await?;
        let sql = "UPDATE invoice SET revision = $2, updated_at = $3 WHERE id = $1";
        let query = sqlx::query(sql).bind(now.id.as_str()).bind(now.revision);
        query.bind(at.timestamp_micros()).execute(self.on()).await?;
        Ok(())
    }

    /// A step that somebody else than the invoice's workflow makes. The workflow hears of it only
    /// where it has something to do: its invoice is over, or a paid one goes on. Each time it hears
    /// costs two Temporal actions.
    pub(super) async fn step_from_outside(
        &mut self,
        now: &mut Standing,
        next: InvoiceStatus,
        data: Value,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let is_over = |status: InvoiceStatus| status.is_final() || status == InvoiceStatus::Paid;
        let concerns_workflow = is_over(now.status) || is_over(next);
        self.step(now, next, data, at).await?;
        if concerns_workflow {
            let id = now.id.clone();
            self.wake(id.as_str()).await?;
        }
        Ok(())
    }

    pub(super) async fn keep_extraction(
        &mut self,
        id: &InvoiceId,
        extraction: &Extraction,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO extraction (invoice_id, content) VALUES ($1, $2) \
                   ON CONFLICT (invoice_id) DO UPDATE SET content = excluded.content";
        let query = sqlx::query(sql).bind(id.as_str()).bind(to_json(extraction)?);
        query.execute(self.on()).await?;
        let hint = self.keep_header(id, extraction).await?;
        let sql = "DELETE FROM invoice_order WHERE invoice_id = $1";
        sqlx::query(sql).bind(id.as_str()).execute(self.on()).await?;
        let named = extraction.invoice.order_references();
        for order in named.into_iter().chain(hint.as_deref()) {
            let sql = "INSERT INTO invoice_order (order_key, invoice_id) VALUES ($1, $2) \
                       ON CONFLICT DO NOTHING";
            let query = sqlx::query(sql).bind(texts::order_lookup(order)).bind(id.as_str());
            query.execute(self.on()).await?;
        }
        self.keep_named(id, extraction).await
    }

    /// The columns that lists and look-ups need; answers the sender's hint of an order.
    async fn keep_header(
        &mut self,
        id: &InvoiceId,
        extraction: &Extraction,
    ) -> Result<Option<String>, LedgerError> {
        let header = Header::of(extraction);
        let sql = "UPDATE invoice SET syntax = $2, kind = $3, number = $4, number_key = $5, \
                   seller_key = $6, supplier_name = $7, \
                   purchase_order = COALESCE($8, order_hint), issue_date = $9, due_date = $10, \
                   currency = $11, total_minor = $12, total_scale = $13, total_digits = $14, \
                   findings_fatal = $15, findings_warning = $16, total_key = $17, holds = '[]', \
                   supplier_id = NULL WHERE id = $1 RETURNING order_hint";
        let query = sqlx::query(sql)
            .bind(id.as_str())
            .bind(extraction.syntax.as_str())
            .bind(header.kind)
            .bind(header.number)
            .bind(header.number_key)
            .bind(header.seller_key)
            .bind(header.supplier_name)
            .bind(header.purchase_order)
            .bind(header.issue_date)
            .bind(header.due_date)
            .bind(header.currency)
            .bind(header.total.minor)
            .bind(header.total.scale)
            .bind(header.total.digits)
            .bind(header.fatal)
            .bind(header.warning)
            .bind(header.total.key);
        Ok(query.fetch_one(self.on()).await?.try_get("order_hint")?)
    }
}

/// Writes one event; `place` is the invoice and the revision that the event makes.
pub(super) async fn event(
    connection: &mut AnyConnection,
    place: (&InvoiceId, i64),
    name: &'static str,
    data: &Value,
    at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO invoice_event (invoice_id, revision, event, data, at) \
               VALUES ($1, $2, $3, $4, $5)";
    let query = sqlx::query(sql).bind(place.0.as_str()).bind(place.1).bind(name);
    let query = query.bind(data.to_string()).bind(at.timestamp_micros());
    query.execute(connection).await?;
    Ok(())
}
