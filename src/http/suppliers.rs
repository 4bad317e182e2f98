//! Suppliers' master records: who sent an invoice, and may it be paid?

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
use crate::http::extract::query::{FromQuery, NoParameters, Parameters};
use crate::http::extract::{Id, Query};
use crate::http::idempotency::IdempotencyKey;
use crate::http::intent::{IfNoneMatchHeader, KeyHeader};
use crate::http::lists::{Page, Walk};
use crate::http::openapi::PageParameters;
use crate::http::registration::{self, Edition, Revision};
use crate::http::suppliers::resource::{SupplierList, SupplierResource, example};
use crate::models::refs::SupplierId;
use crate::models::supplier::record::SupplierRecord;
use crate::reconciliation::identity::{Identity, IdentityKind};
use crate::storage::Ledger;
use crate::storage::ledger::suppliers::{SupplierFilter, SupplierRow};

/// Register a supplier
///
/// `supplier_number` is its natural key. To replace a record send the stored revision plus one.
/// From the first record on, invoices of sellers that no record knows are held. Invoices that
/// something about the supplier holds are compared again by themselves.
#[utoipa::path(
    post, path = "/suppliers", tag = "suppliers", operation_id = "create_supplier",
    params(KeyHeader),
    request_body(
        description = "A supplier's master record.",
        content((SupplierRecord = "application/json", example = json!(example()))),
    ),
    responses(
        (status = 201, description = "Kept", body = SupplierResource,
            headers(
                ("Location" = String, description = "The supplier"),
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!(resource::kept_example())),
        (status = 200, description = "The same content was there already", body = SupplierResource,
            headers(
                ("Location" = String, description = "The supplier"),
                ("ETag" = String, description = "Its validator"),
                ("Idempotency-Replayed" = bool, description = "`true`"),
            ),
            example = json!(resource::kept_example())),
        Keyed, BodyRefusals, Exists,
    )
)]
pub async fn create_supplier(
    State(edge): State<Edge>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let record: SupplierRecord = registration::read(request, Revision::default()).await?;
    let id = SupplierId::new(Uuid::now_v7());
    let known_by = resource::identities(&record);
    let ledger = caller.ledger(&edge.parts.ledger).under_key(key.as_deref());
    let outcome = ledger.register_supplier(id, &record, &known_by, Utc::now()).await?;
    registration::answer(outcome, &edge.parts.metrics, |row: SupplierRow| {
        (resource::path(&row.id), SupplierResource::from(row))
    })
}

/// What narrows the list of suppliers.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SupplierQuery {
    /// The name begins with this, whatever the case.
    #[param(example = "Muster")]
    pub name: Option<String>,
    /// It has this VAT id, in any spelling.
    #[param(example = "DE987654321")]
    pub vat_id: Option<String>,
    /// It has this account, verified or not, in any spelling.
    #[param(example = "DE02120300000000202051")]
    pub iban: Option<String>,
    #[param(ignore)]
    page: Page,
}

impl FromQuery for SupplierQuery {
    fn read(parameters: &mut Parameters) -> Self {
        Self {
            name: parameters.text("name"),
            vat_id: parameters.text("vat_id"),
            iban: parameters.text("iban"),
            page: Page::read(parameters),
        }
    }
}

impl SupplierQuery {
    fn filters(&self) -> Vec<(&'static str, String)> {
        let asked = [("name", &self.name), ("vat_id", &self.vat_id), ("iban", &self.iban)];
        let given = asked.into_iter().filter_map(|(name, text)| Some((name, text.clone()?)));
        given.collect()
    }

    /// As the ledger looks for it; what is nothing but punctuation is nobody's.
    fn filter(&self) -> SupplierFilter {
        let key = |kind: IdentityKind, text: &Option<String>| {
            let identity = Identity::new(kind, text.as_deref()?);
            Some(identity.map_or_else(String::new, |identity| identity.key()))
        };
        let vat_id = key(IdentityKind::VatId, &self.vat_id).map(|key| vec![key]);
        let account = key(IdentityKind::Account, &self.iban);
        let account = account.map(|key| vec![resource::unverified(&key), key]);
        SupplierFilter {
            name: self.name.clone(),
            identities: vat_id.into_iter().chain(account).collect(),
        }
    }
}

/// List suppliers
///
/// The newest revision of each, newest first.
#[utoipa::path(
    get, path = "/suppliers", tag = "suppliers", operation_id = "list_suppliers",
    params(SupplierQuery, PageParameters),
    responses(
        (status = 200, description = "A page", body = SupplierList,
            example = json!({"items": [resource::kept_example()], "next_page_token": "AQAAAA"})),
        General,
    )
)]
pub async fn list_suppliers(
    State(ledger): State<Ledger>,
    Query(query): Query<SupplierQuery>,
) -> Result<Response<Body>, ApiError> {
    let walk = Walk::new("/suppliers", query.filters(), query.page.clone(), ledger.signing_key());
    let after = walk.after(|last| SupplierId::parse(last).ok())?;
    let rows = ledger.suppliers(&query.filter(), after.as_ref(), walk.limit()).await?;
    Ok(walk.answer(rows, |row: &SupplierRow| row.id.as_str(), SupplierResource::from))
}

/// Look at a supplier
///
/// Its newest revision, or with `revision` an older one.
#[utoipa::path(
    get, path = "/suppliers/{id}", tag = "suppliers", operation_id = "get_supplier",
    params(
        ("id" = SupplierId, Path, description = "The supplier", example = "sup_01kax3v9s8f2m7c4t0q6w5z1re"),
        Edition, IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The supplier", body = SupplierResource,
            headers(
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!(resource::kept_example())),
        General,
    )
)]
pub async fn get_supplier(
    State(ledger): State<Ledger>,
    Id(id): Id<SupplierId>,
    Query(edition): Query<Edition>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let row = match edition.revision {
        Some(revision) => ledger.supplier_revision(&id, revision).await?,
        None => ledger.supplier(&id).await?,
    };
    let row = row.ok_or_else(|| edition.missing("supplier"))?;
    Ok(conditions.item(&SupplierResource::from(row)))
}
