//! From a wish to a list of what would happen, or to a batch that makes it happen.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use chrono::Utc;
use uuid::Uuid;

use crate::http::batches::source::promised;
use crate::http::error::{ApiError, Slug};
use crate::http::intent::Intent;
use crate::http::invoices::bulk::resource::{Outlook, OutlookItem};
use crate::http::{Edge, answer};
use crate::models::batch::{BatchKind, ItemProblem, Known};
use crate::models::bulk::{BulkFilter, BulkOrder};
use crate::models::decision::{Action, Decision, Said, judge};
use crate::models::refs::{BatchId, InvoiceId, Sha256};
use crate::storage::ledger::batches::NewBatch;
use crate::storage::ledger::invoices::{InvoiceFilter, InvoiceRow};
use crate::storage::ledger::situation::Facts;

/// What is asked for.
pub(super) struct Wish {
    pub(super) decision: Decision,
    pub(super) filter: BulkFilter,
    pub(super) limit: u32,
    pub(super) dry_run: bool,
}

/// Lists what would be done; or promises it, where that is asked for and something is found.
///
/// # Errors
/// 400 without a key, 422 when the key belongs to another batch, 503 when a store is away.
pub(super) async fn carry(
    edge: &Edge,
    intent: &Intent,
    wish: Wish,
) -> Result<Response<Body>, ApiError> {
    let Wish { decision, filter, limit, dry_run } = wish;
    let action = decision.action;
    let narrowed = InvoiceFilter::of_bulk(&filter, action);
    let one_more = limit.saturating_add(1);
    let rows = edge.parts.ledger.invoices_oldest_first(&narrowed, None, one_more);
    if dry_run {
        let said = said(intent, decision);
        return Ok(answer::json(StatusCode::OK, &outlook(edge, &said, rows.await?, limit)));
    }
    let key = intent.key.0.clone().ok_or_else(|| Slug::IdempotencyKeyMissing.error())?;
    let mut rows = rows.await?;
    let known = edge.parts.ledger.batch_of_key(&intent.caller.subject, &key).await?;
    if rows.is_empty() && known.is_none() {
        let nothing = Outlook { action, matched: 0, more: false, items: Vec::new() };
        return Ok(answer::json(StatusCode::OK, &nothing));
    }
    rows.truncate(limit as usize);
    let found: Vec<InvoiceId> = rows.into_iter().map(|row| row.id).collect();
    let said = said(intent, decision);
    let source = keep(edge, &BulkOrder { said, filter, limit }).await?;
    let kind = BatchKind::of_decision(action);
    let new = NewBatch {
        id: BatchId::new(Uuid::now_v7()),
        kind: kind.ok_or_else(|| Slug::Internal.error().caused_by("no batch decides so"))?,
        subject: intent.caller.subject.clone(),
        key,
        known: Known::New,
        source: Some(source),
        created_at: Utc::now(),
    };
    let ledger = intent.caller.ledger(&edge.parts.ledger);
    let accepted = ledger.open_bulk(new, &found, deed(action)).await?;
    promised(edge, accepted).await
}

fn said(intent: &Intent, decision: Decision) -> Said {
    let caller = &intent.caller;
    Said { subject: caller.subject.clone(), duties: caller.principal.duties.clone(), decision }
}

/// The word in the trail: the operation's.
fn deed(action: Action) -> &'static str {
    match action {
        Action::Retry => "retry_invoices",
        Action::Cancel => "cancel_invoices",
        _ => "correct_invoices",
    }
}

/// The order stays out of histories; it is the same for the same request.
async fn keep(edge: &Edge, order: &BulkOrder) -> Result<Sha256, ApiError> {
    let bytes = serde_json::to_vec(order);
    let bytes = bytes.map_err(|error| Slug::Internal.error().caused_by(error))?;
    Ok(edge.parts.artifacts.put(bytes).await?)
}

fn outlook(edge: &Edge, said: &Said, mut rows: Vec<InvoiceRow>, limit: u32) -> Outlook {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let asked = said.asked();
    let item = |row: InvoiceRow| {
        // What these rules look at is all in the row.
        let facts = Facts { row, decisions: Vec::new(), editors: Vec::new() };
        let led = judge(&facts.situation(&edge.parts.policy), &asked);
        let led = led.map_err(|refusal| ItemProblem::from(&refusal));
        let row = facts.row;
        OutlookItem::new(row.id, row.status, row.revision, led)
    };
    let items: Vec<_> = rows.into_iter().map(item).collect();
    Outlook { action: asked.action, matched: items.len(), more, items }
}
