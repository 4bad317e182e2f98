//! Batches and their items as callers see them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::answer;
use crate::http::error::Slug;
use crate::http::invoices::resource::path as invoice_path;
use crate::http::openapi::SelfLink;
use crate::models::batch::{BatchKind, BatchStatus, ItemProblem, ItemState, Known, Manifest};
use crate::models::refs::{BatchId, InvoiceId};
use crate::storage::ledger::batches::{BatchRow, ItemResult, ItemRow, NewItem};

/// Documents that come with the request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InlineBatch {
    /// One for each invoice, 1 to 100.
    pub items: Vec<InlineItem>,
}

/// One of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InlineItem {
    /// What it is called in this batch; its position, from 1, when absent.
    #[schema(min_length = 1, max_length = 255, example = "a1")]
    pub item_key: Option<String>,
    /// A name for people, such as that of the file.
    #[schema(min_length = 1, max_length = 255, example = "RE-2026-0417.xml")]
    pub name: Option<String>,
    /// What it is; `application/octet-stream` leaves that to its content.
    #[schema(example = "application/xml")]
    pub media_type: String,
    /// Its bytes.
    #[schema(example = "PEludm9pY2UvPg==")]
    pub content_base64: String,
    /// The order that it belongs to, for documents that do not name one.
    #[schema(min_length = 1, max_length = 255, example = "PO-1001")]
    pub purchase_order: Option<String>,
}

/// Documents that come with it, or a list of documents that are kept already.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!(crate::http::batches::json::inline_example()))]
pub enum BatchBody {
    /// Documents that come with it.
    #[schema(title = "Inline")]
    Inline(InlineBatch),
    /// Documents that are kept already.
    #[schema(title = "Manifest")]
    Manifest(Manifest),
}

/// For the document: a batch as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the document, not by code")]
pub struct BatchForm {
    /// A document; its part says its `Content-Type`. Parts of this name may be many.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    document: String,
}

/// What became of the items that came with a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct InlineBatchResults {
    /// The batch.
    pub id: BatchId,
    /// How many were accepted, and how many refused.
    pub counts: ResultCounts,
    /// Where the batch is.
    pub links: SelfLink,
    /// Each item, in the order in which they came.
    pub items: Vec<InlineItemResult>,
}

/// How many.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ResultCounts {
    /// Accepted, now or before.
    pub accepted: usize,
    /// Refused.
    pub refused: usize,
}

/// What became of one item.
#[derive(Debug, Serialize, ToSchema)]
pub struct InlineItemResult {
    /// Its key.
    pub item_key: String,
    /// A name for people, if it came with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// The status that it would have had alone: 202 while its invoice moves, 200 when it rests.
    #[schema(example = 202)]
    pub status: u16,
    /// The invoice that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<InvoiceId>,
    /// Where that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub links: Option<SelfLink>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<ItemProblem>,
}

/// A batch as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Batch)]
pub struct BatchResource {
    /// Its id.
    pub id: BatchId,
    /// How its documents came.
    pub kind: BatchKind,
    /// Whether its items are taken up still.
    pub status: BatchStatus,
    /// What documents mean that are known already.
    pub known: Known,
    /// When it came.
    #[serde(serialize_with = "answer::time")]
    pub created_at: DateTime<Utc>,
    /// When all its invoices had come to rest; absent until then.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub finished_at: Option<DateTime<Utc>>,
    /// How many items it has; absent until its archive or manifest was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub items_total: Option<i64>,
    /// How many items stand where: those that are invoices by their status, the others as
    /// `pending`, `refused` or `cancelled`. Absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub counts: Option<BTreeMap<String, i64>>,
    /// Why the whole of it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<ItemProblem>,
    /// Its items, when they came with the request; those of archives and manifests are a list of
    /// their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub items: Option<Vec<BatchItem>>,
    /// What can be done with it now.
    pub links: BatchLinks,
}

/// Where its parts are.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchLinks {
    /// The batch itself.
    #[serde(rename = "self")]
    #[schema(example = "/batches/bat_01kax41c6v0r9m2d8q4t7h3nse")]
    pub this: String,
    /// What became of each item.
    pub items: String,
    /// Its invoices.
    pub invoices: String,
    /// To stop taking items up; absent when none are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancel: Option<String>,
}

/// An item of a batch as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchItem {
    /// Its key.
    pub item_key: String,
    /// From 1, in the order in which they came.
    pub position: i64,
    /// A name for people: that of its file or its entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// The status of its invoice; `pending`, `refused` or `cancelled` when it is none.
    #[schema(example = "approved")]
    pub status: &'static str,
    /// The invoice that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<InvoiceId>,
    /// Where that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub links: Option<SelfLink>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<ItemProblem>,
}

/// Where a batch is.
pub fn path(id: &BatchId) -> String {
    format!("/batches/{id}")
}

fn link(id: &InvoiceId) -> SelfLink {
    SelfLink { this: invoice_path(id) }
}

impl InlineBatchResults {
    /// `results` are those of `items`.
    pub fn new(batch: &BatchId, items: Vec<NewItem>, results: Vec<ItemResult>) -> Self {
        let items: Vec<_> = items
            .into_iter()
            .zip(results)
            .map(|(item, result)| InlineItemResult::new(item.item_key, item.name, result))
            .collect();
        let accepted = items.iter().filter(|item| item.problem.is_none()).count();
        let counts = ResultCounts { accepted, refused: items.len() - accepted };
        Self { id: batch.clone(), counts, links: SelfLink { this: path(batch) }, items }
    }
}

impl InlineItemResult {
    fn new(item_key: String, name: Option<String>, result: ItemResult) -> Self {
        let (status, id, problem) = match result {
            ItemResult::Accepted(row) => {
                (if row.status.moves() { 202 } else { 200 }, Some(row.id), None)
            }
            ItemResult::Refused(problem) => (problem.status, None, Some(problem)),
            ItemResult::KeyReused(id) => (422, None, Some(other_document(&id))),
        };
        Self { item_key, name, status, links: id.as_ref().map(link), id, problem }
    }
}

/// The item was accepted before as another document.
fn other_document(id: &InvoiceId) -> ItemProblem {
    let slug = Slug::IdempotencyKeyReused;
    let detail = "This item was accepted before with another document or another hint.";
    let problem = ItemProblem {
        kind: slug.reference(),
        title: slug.title().to_owned(),
        status: slug.status().as_u16(),
        detail: Some(detail.to_owned()),
        members: serde_json::Map::new(),
    };
    problem.with("id", id.as_str())
}

impl BatchResource {
    /// With what was counted and looked up, if that was.
    pub fn new(
        row: BatchRow,
        counts: Option<BTreeMap<String, i64>>,
        items: Option<Vec<ItemRow>>,
    ) -> Self {
        let this = path(&row.id);
        let accepts = row.status == BatchStatus::Accepting;
        let links = BatchLinks {
            items: format!("{this}/items"),
            invoices: format!("/invoices?batch_id={}", row.id),
            cancel: accepts.then(|| format!("{this}/cancel")),
            this,
        };
        Self {
            id: row.id,
            kind: row.kind,
            status: row.status,
            known: row.known,
            created_at: row.created_at,
            finished_at: row.finished_at,
            items_total: row.items,
            counts,
            problem: row.problem,
            items: items.map(|items| items.into_iter().map(BatchItem::from).collect()),
            links,
        }
    }
}

impl From<ItemRow> for BatchItem {
    fn from(row: ItemRow) -> Self {
        let status = match (&row.invoice, row.state) {
            (Some((_, status)), _) => status.as_str(),
            (None, ItemState::Accepted) => ItemState::Pending.as_str(),
            (None, state) => state.as_str(),
        };
        let id = row.invoice.map(|(id, _)| id);
        Self {
            item_key: row.item_key,
            position: row.position,
            name: row.name,
            status,
            links: id.as_ref().map(link),
            id,
            problem: row.problem,
        }
    }
}

fn refused_example() -> Value {
    json!({"type": "/docs/problems/unsupported-media-type", "title": "Unsupported media type",
        "status": 415, "detected": "application/zip"})
}

/// The answer to two documents, for the document.
pub fn results_example() -> Value {
    json!({
        "id": "bat_01kax41c6v0r9m2d8q4t7h3nse", "counts": {"accepted": 1, "refused": 1},
        "links": {"self": "/batches/bat_01kax41c6v0r9m2d8q4t7h3nse"},
        "items": [
            {"item_key": "a1", "status": 202, "id": "inv_01kax41d2h8q6v4m0t9r7c3nwe",
                "links": {"self": "/invoices/inv_01kax41d2h8q6v4m0t9r7c3nwe"}},
            {"item_key": "a2", "status": 415, "problem": refused_example()},
        ],
    })
}

/// An archive that was just handed in, for the document.
pub fn accepting_example() -> Value {
    json!({
        "id": "bat_01kax41c6v0r9m2d8q4t7h3nse", "kind": "archive", "status": "accepting",
        "known": "new", "created_at": "2026-11-23T09:14:05.123Z", "counts": {},
        "links": {
            "self": "/batches/bat_01kax41c6v0r9m2d8q4t7h3nse",
            "items": "/batches/bat_01kax41c6v0r9m2d8q4t7h3nse/items",
            "invoices": "/invoices?batch_id=bat_01kax41c6v0r9m2d8q4t7h3nse",
            "cancel": "/batches/bat_01kax41c6v0r9m2d8q4t7h3nse/cancel",
        },
    })
}

/// One that was taken up, for the document.
pub fn example() -> Value {
    json!({
        "id": "bat_01kax41c6v0r9m2d8q4t7h3nse", "kind": "inline", "status": "accepted",
        "known": "new", "created_at": "2026-11-23T09:14:05.123Z",
        "finished_at": "2026-11-23T09:14:08.310Z", "items_total": 2,
        "counts": {"approved": 1, "refused": 1},
        "items": [item_example(), {"item_key": "a2", "position": 2, "status": "refused",
            "problem": refused_example()}],
        "links": {
            "self": "/batches/bat_01kax41c6v0r9m2d8q4t7h3nse",
            "items": "/batches/bat_01kax41c6v0r9m2d8q4t7h3nse/items",
            "invoices": "/invoices?batch_id=bat_01kax41c6v0r9m2d8q4t7h3nse",
        },
    })
}

/// An item, for the document.
pub fn item_example() -> Value {
    json!({"item_key": "a1", "position": 1, "name": "RE-2026-0417.xml", "status": "approved",
        "id": "inv_01kax41d2h8q6v4m0t9r7c3nwe",
        "links": {"self": "/invoices/inv_01kax41d2h8q6v4m0t9r7c3nwe"}})
}
