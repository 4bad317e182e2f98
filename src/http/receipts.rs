//! Goods receipts and despatch advices: what came, and what a supplier says was sent.

pub mod resource;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use chrono::Utc;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::http::Edge;
use crate::http::answer::IfNoneMatch;
use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::error::openapi::{Body as BodyRefusals, Exists, General, Keyed};
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::extract::{Id, Query};
use crate::http::idempotency::IdempotencyKey;
use crate::http::intent::{IfNoneMatchHeader, KeyHeader};
use crate::http::lists::{Page, Walk};
use crate::http::openapi::PageParameters;
use crate::http::receipts::resource::{ReceiptList, ReceiptResource, example};
use crate::http::registration::{self, Edition, Revision};
use crate::models::receipt::Receipt;
use crate::models::refs::ReceiptId;
use crate::storage::Ledger;
use crate::storage::ledger::receipts::ReceiptRow;

/// Register a receipt
///
/// JSON, a UBL 2.1 ReceiptAdvice (`kind: receipt`) or DespatchAdvice (`kind: despatch`). Kind,
/// number and order are its natural key. To replace a receipt send the stored revision plus one.
/// Held invoices of the order are matched again by themselves.
#[utoipa::path(
    post, path = "/receipts", tag = "receipts", operation_id = "create_receipt",
    params(Revision, KeyHeader),
    request_body(
        description = "A receipt, or a UBL 2.1 ReceiptAdvice or DespatchAdvice.",
        content(
            (Receipt = "application/json", example = json!(example())),
            (String = "application/xml", example = "<ReceiptAdvice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:ReceiptAdvice-2\">…</ReceiptAdvice>"),
        ),
    ),
    responses(
        (status = 201, description = "Kept", body = ReceiptResource,
            headers(
                ("Location" = String, description = "The receipt"),
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!(resource::kept_example())),
        (status = 200, description = "The same content was there already", body = ReceiptResource,
            headers(
                ("Location" = String, description = "The receipt"),
                ("ETag" = String, description = "Its validator"),
                ("Idempotency-Replayed" = bool, description = "`true`"),
            ),
            example = json!(resource::kept_example())),
        Keyed, BodyRefusals, Exists,
    )
)]
pub async fn create_receipt(
    State(edge): State<Edge>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Query(revision): Query<Revision>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let receipt: Receipt = registration::read(request, revision).await?;
    let id = ReceiptId::new(Uuid::now_v7());
    let ledger = caller.ledger(&edge.parts.ledger).under_key(key.as_deref());
    let outcome = ledger.register_receipt(id, &receipt, Utc::now()).await?;
    registration::answer(outcome, &edge.parts.metrics, |row: ReceiptRow| {
        (resource::path(&row.id), ReceiptResource::from(row))
    })
}

/// What narrows the list of receipts.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReceiptQuery {
    /// The receipt's number, equal.
    #[param(example = "GR-7")]
    pub number: Option<String>,
    /// The order's number, equal.
    #[param(example = "PO-1001")]
    pub purchase_order: Option<String>,
    #[param(ignore)]
    page: Page,
}

impl FromQuery for ReceiptQuery {
    fn read(parameters: &mut Parameters) -> Self {
        Self {
            number: parameters.text("number"),
            purchase_order: parameters.text("purchase_order"),
            page: Page::read(parameters),
        }
    }
}

impl ReceiptQuery {
    fn filters(&self) -> Vec<(&'static str, String)> {
        let number = self.number.iter().map(|number| ("number", number.clone()));
        let order = self.purchase_order.iter().map(|order| ("purchase_order", order.clone()));
        number.chain(order).collect()
    }
}

/// List receipts
///
/// The newest revision of each, newest first.
#[utoipa::path(
    get, path = "/receipts", tag = "receipts", operation_id = "list_receipts",
    params(ReceiptQuery, PageParameters),
    responses(
        (status = 200, description = "A page", body = ReceiptList,
            example = json!({"items": [resource::kept_example()], "next_page_token": "AQAAAA"})),
        General,
    )
)]
pub async fn list_receipts(
    State(ledger): State<Ledger>,
    Query(query): Query<ReceiptQuery>,
) -> Result<Response<Body>, ApiError> {
    let walk = Walk::new("/receipts", query.filters(), query.page.clone(), ledger.signing_key());
    let after = walk.after(|last| ReceiptId::parse(last).ok())?;
    let (number, order) = (query.number.as_deref(), query.purchase_order.as_deref());
    let rows = ledger.receipts(number, order, after.as_ref(), walk.limit()).await?;
    Ok(walk.answer(rows, |row: &ReceiptRow| row.id.as_str(), ReceiptResource::from))
}

/// Look at a receipt
///
/// Its newest revision, or with `revision` an older one.
#[utoipa::path(
    get, path = "/receipts/{id}", tag = "receipts", operation_id = "get_receipt",
    params(
        ("id" = ReceiptId, Path, description = "The receipt", example = "rcp_01kax3v9s8f2m7c4t0q6w5z1re"),
        Edition, IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The receipt", body = ReceiptResource,
            headers(
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!(resource::kept_example())),
        General,
    )
)]
pub async fn get_receipt(
    State(ledger): State<Ledger>,
    Id(id): Id<ReceiptId>,
    Query(edition): Query<Edition>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let row = match edition.revision {
        Some(revision) => ledger.receipt_revision(&id, revision).await?,
        None => ledger.receipt(&id).await?,
    };
    let row = row.ok_or_else(|| edition.missing("receipt"))?;
    Ok(conditions.item(&ReceiptResource::from(row)))
}
