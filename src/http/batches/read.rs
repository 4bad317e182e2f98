//! One batch, its items, and all batches.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response};
use utoipa::{IntoParams, ToSchema};

use crate::http::answer::IfNoneMatch;
use crate::http::batches::resource::{BatchItem, BatchResource, example, item_example};
use crate::http::error::ApiError;
use crate::http::error::openapi::{General, Removable};
use crate::http::extract::query::{FromQuery, NoParameters, Parameters};
use crate::http::extract::{Id, Query};
use crate::http::gone::absent;
use crate::http::intent::IfNoneMatchHeader;
use crate::http::lists::{Page, Walk, set};
use crate::http::openapi::PageParameters;
use crate::models::batch::{BatchKind, BatchStatus, INLINE_ITEMS_MAX, ItemState};
use crate::models::refs::BatchId;
use crate::storage::Ledger;
use crate::storage::ledger::batches::{BatchFilter, BatchRow, ItemRow};

/// When to look again at a batch that moves.
const LOOK_AFTER: u64 = 5;

/// Look at a batch
///
/// How it stands with its items: how many are where, and, when they came with the request, each.
#[utoipa::path(
    get, path = "/batches/{id}", tag = "batches", operation_id = "get_batch",
    params(
        ("id" = BatchId, Path, description = "The batch", example = "bat_01kax41c6v0r9m2d8q4t7h3nse"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The batch", body = BatchResource,
            headers(
                ("ETag" = String, description = "Its validator"),
                ("Retry-After" = u64, description = "Seconds after which to look again, until it finished"),
            ),
            example = json!(example())),
        General, Removable,
    )
)]
pub async fn get_batch(
    State(ledger): State<Ledger>,
    Id(id): Id<BatchId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let row = row(&ledger, &id).await?;
    let finished = row.finished_at.is_some();
    let mut response = conditions.item(&resource(&ledger, row).await?);
    if !finished {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(LOOK_AFTER));
    }
    Ok(response)
}

/// The row of a batch.
///
/// # Errors
/// 404, 410 when it was removed, or 503 when the ledger is away.
pub(super) async fn row(ledger: &Ledger, id: &BatchId) -> Result<BatchRow, ApiError> {
    match ledger.batch(id).await? {
        Some(row) => Ok(row),
        None => Err(absent(ledger, "batch", id.as_str()).await?),
    }
}

/// A batch with its counts, and with its items where they are few.
///
/// # Errors
/// 503 when the ledger is away.
pub(super) async fn resource(ledger: &Ledger, row: BatchRow) -> Result<BatchResource, ApiError> {
    let counts = ledger.batch_counts(&row.id).await?;
    let items = match row.kind {
        BatchKind::Inline => {
            let all = u32::try_from(INLINE_ITEMS_MAX).unwrap_or(u32::MAX);
            Some(ledger.batch_items(&row.id, None, 0, all).await?)
        }
        _ => None,
    };
    Ok(BatchResource::new(row, Some(counts), items))
}

/// What narrows the list of batches.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the fields are read by the document; the filter has the values")]
pub struct BatchQuery {
    /// `accepting`, `accepted`, `cancelled`, `refused`, as a comma list.
    #[param(example = "accepting")]
    status: Option<String>,
}

/// The filters and the page of a list.
#[derive(Debug, Clone)]
pub struct BatchList {
    filter: BatchFilter,
    page: Page,
}

/// A page of batches.
#[derive(ToSchema)]
#[schema(as = BatchList)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct BatchPage {
    items: Vec<BatchResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

impl FromQuery for BatchList {
    fn read(parameters: &mut Parameters) -> Self {
        let expected = "a comma list of accepting, accepted, cancelled and refused";
        let statuses = |text: &str| text.split(',').map(BatchStatus::parse).collect();
        let status = parameters.parsed("status", expected, statuses).unwrap_or_default();
        Self { filter: BatchFilter { status }, page: Page::read(parameters) }
    }
}

impl BatchList {
    fn filters(&self) -> Vec<(&'static str, String)> {
        let words = set(self.filter.status.iter().map(|status| status.as_str()));
        words.map(|words| ("status", words)).into_iter().collect()
    }
}

/// List batches
///
/// Newest first, without their items and counts.
#[utoipa::path(
    get, path = "/batches", tag = "batches", operation_id = "list_batches",
    params(BatchQuery, PageParameters),
    responses(
        (status = 200, description = "A page", body = BatchPage,
            example = json!({"items": [example()], "next_page_token": "AQAAAA"})),
        General,
    )
)]
pub async fn list_batches(
    State(ledger): State<Ledger>,
    Query(list): Query<BatchList>,
) -> Result<Response<Body>, ApiError> {
    let secret = ledger.signing_key();
    let walk = Walk::new("/batches", list.filters(), list.page.clone(), secret);
    let after = walk.after(|last| BatchId::parse(last).ok())?;
    let rows = ledger.batches(&list.filter, after.as_ref(), walk.limit()).await?;
    let item = |row| BatchResource::new(row, None, None);
    Ok(walk.answer(rows, |row: &BatchRow| row.id.as_str(), item))
}

/// What narrows the items of a batch.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the fields are read by the document; the filter has the values")]
pub struct ItemQuery {
    /// `pending`, `accepted`, `refused` or `cancelled`.
    #[param(example = "refused")]
    state: Option<String>,
}

/// The filter and the page of a list of items.
#[derive(Debug, Clone)]
pub struct ItemList {
    state: Option<ItemState>,
    page: Page,
}

/// A page of items.
#[derive(ToSchema)]
#[schema(as = BatchItemList)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct ItemPage {
    items: Vec<BatchItem>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

impl FromQuery for ItemList {
    fn read(parameters: &mut Parameters) -> Self {
        let expected = "pending, accepted, refused or cancelled";
        let state = parameters.parsed("state", expected, ItemState::parse);
        Self { state, page: Page::read(parameters) }
    }
}

/// List the items of a batch
///
/// In the order in which they came, each as it stands.
#[utoipa::path(
    get, path = "/batches/{id}/items", tag = "batches", operation_id = "list_batch_items",
    params(
        ("id" = BatchId, Path, description = "The batch", example = "bat_01kax41c6v0r9m2d8q4t7h3nse"),
        ItemQuery, PageParameters,
    ),
    responses(
        (status = 200, description = "A page", body = ItemPage,
            example = json!({"items": [item_example()], "next_page_token": "AQAAAA"})),
        General, Removable,
    )
)]
pub async fn list_batch_items(
    State(ledger): State<Ledger>,
    Id(id): Id<BatchId>,
    Query(list): Query<ItemList>,
) -> Result<Response<Body>, ApiError> {
    let id = row(&ledger, &id).await?.id;
    let filters = list.state.map(|state| ("state", state.as_str().to_owned()));
    let path = format!("/batches/{id}/items");
    let secret = ledger.signing_key();
    let walk = Walk::new(&path, filters.into_iter().collect(), list.page.clone(), secret);
    let after = walk.after(|last| last.parse().ok())?.unwrap_or(0);
    let rows = ledger.batch_items(&id, list.state, after, walk.limit()).await?;
    let rows = rows.into_iter().map(|row| (row.position.to_string(), row)).collect();
    let item = |(_, row)| BatchItem::from(row);
    Ok(walk.answer(rows, |row: &(String, ItemRow)| &row.0, item))
}
