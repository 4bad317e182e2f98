//! Purchase orders: what invoices are compared with.

pub mod resource;
pub mod unreadable;

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
use crate::http::orders::resource::{OrderList, OrderResource};
use crate::http::registration::{self, Edition, Revision};
use crate::models::order::PurchaseOrder;
use crate::models::refs::OrderId;
use crate::storage::Ledger;
use crate::storage::ledger::orders::{OrderFilter, OrderRow};

pub use crate::http::orders::resource::example;

/// Register a purchase order
///
/// JSON, or a UBL 2.1 Order. Buyer and number are its natural key. To replace an order send the
/// stored revision plus one. Held invoices that name it are matched again by themselves.
#[utoipa::path(
    post, path = "/purchase-orders", tag = "purchase orders",
    operation_id = "create_purchase_order",
    params(Revision, KeyHeader),
    request_body(
        description = "A purchase order, or a UBL 2.1 Order.",
        content(
            (PurchaseOrder = "application/json", example = json!(example())),
            (String = "application/xml", example = "<Order xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Order-2\">…</Order>"),
        ),
    ),
    responses(
        (status = 201, description = "Kept", body = OrderResource,
            headers(
                ("Location" = String, description = "The order"),
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!(resource::kept_example())),
        (status = 200, description = "The same content was there already", body = OrderResource,
            headers(
                ("Location" = String, description = "The order"),
                ("ETag" = String, description = "Its validator"),
                ("Idempotency-Replayed" = bool, description = "`true`"),
            ),
            example = json!(resource::kept_example())),
        Keyed, BodyRefusals, Exists,
    )
)]
pub async fn create_purchase_order(
    State(edge): State<Edge>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Query(revision): Query<Revision>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let order: PurchaseOrder = registration::read(request, revision).await?;
    let id = OrderId::new(Uuid::now_v7());
    let ledger = caller.ledger(&edge.parts.ledger).under_key(key.as_deref());
    let outcome = ledger.register_order(id, &order, Utc::now()).await?;
    registration::answer(outcome, &edge.parts.metrics, |row: OrderRow| {
        (resource::path(&row.id), OrderResource::from(row))
    })
}

/// What narrows the list of orders.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrderQuery {
    /// The order's number, equal.
    #[param(example = "PO-1001")]
    pub number: Option<String>,
    /// Whether it may still be invoiced: it is neither closed nor cancelled.
    #[param(example = true)]
    pub open: Option<bool>,
    #[param(ignore)]
    page: Page,
}

impl FromQuery for OrderQuery {
    fn read(parameters: &mut Parameters) -> Self {
        Self {
            number: parameters.text("number"),
            open: parameters.parsed("open", "true or false", |text| text.parse().ok()),
            page: Page::read(parameters),
        }
    }
}

impl OrderQuery {
    fn filters(&self) -> Vec<(&'static str, String)> {
        let number = self.number.iter().map(|number| ("number", number.clone()));
        number.chain(self.open.map(|open| ("open", open.to_string()))).collect()
    }
}

/// List purchase orders
///
/// The newest revision of each, newest first.
#[utoipa::path(
    get, path = "/purchase-orders", tag = "purchase orders", operation_id = "list_purchase_orders",
    params(OrderQuery, PageParameters),
    responses(
        (status = 200, description = "A page", body = OrderList,
            example = json!({"items": [resource::kept_example()], "next_page_token": "AQAAAA"})),
        General,
    )
)]
pub async fn list_purchase_orders(
    State(ledger): State<Ledger>,
    Query(query): Query<OrderQuery>,
) -> Result<Response<Body>, ApiError> {
    let (filters, secret) = (query.filters(), ledger.signing_key());
    let walk = Walk::new("/purchase-orders", filters, query.page, secret);
    let after = walk.after(|last| OrderId::parse(last).ok())?;
    let filter = OrderFilter { number: query.number, open: query.open };
    let rows = ledger.orders(&filter, after.as_ref(), walk.limit()).await?;
    Ok(walk.answer(rows, |row: &OrderRow| row.id.as_str(), OrderResource::from))
}

/// Look at a purchase order
///
/// Its newest revision, or with `revision` an older one.
#[utoipa::path(
    get, path = "/purchase-orders/{id}", tag = "purchase orders",
    operation_id = "get_purchase_order",
    params(
        ("id" = OrderId, Path, description = "The order", example = "po_01kax3v9s8f2m7c4t0q6w5z1re"),
        Edition, IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The order", body = OrderResource,
            headers(
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!(resource::kept_example())),
        General,
    )
)]
pub async fn get_purchase_order(
    State(ledger): State<Ledger>,
    Id(id): Id<OrderId>,
    Query(edition): Query<Edition>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let row = match edition.revision {
        Some(revision) => ledger.order_revision(&id, revision).await?,
        None => ledger.order(&id).await?,
    };
    let row = row.ok_or_else(|| edition.missing("purchase_order"))?;
    Ok(conditions.item(&OrderResource::from(row)))
}
