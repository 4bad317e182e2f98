//! Looking at files of bank statements.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Response};
use utoipa::{IntoParams, ToSchema};

use crate::http::answer::IfNoneMatch;
use crate::http::bank_statements::resource::{StatementResource, done_example};
use crate::http::error::ApiError;
use crate::http::error::openapi::{General, Removable};
use crate::http::extract::query::{FromQuery, NoParameters, Parameters};
use crate::http::extract::{Id, Query};
use crate::http::gone::absent;
use crate::http::intent::IfNoneMatchHeader;
use crate::http::lists::{Page, Walk};
use crate::http::openapi::PageParameters;
use crate::models::refs::StatementId;
use crate::storage::Ledger;

/// When one that moves may be done.
const LOOK_AFTER: u64 = 5;

/// What narrows the list of files.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatementQuery {
    /// The account that a statement of the file is of; blanks and case do not count.
    #[param(example = "DE89370400440532013000")]
    pub account: Option<String>,
    #[param(ignore)]
    page: Page,
}

impl FromQuery for StatementQuery {
    fn read(parameters: &mut Parameters) -> Self {
        Self { account: parameters.text("account"), page: Page::read(parameters) }
    }
}

/// A page of files of bank statements, without their entries.
#[derive(ToSchema)]
#[schema(as = BankStatementList)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct StatementPage {
    items: Vec<StatementResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// List bank statements
///
/// Newest first, without their entries. What existed when the walk began comes exactly once.
#[utoipa::path(
    get, path = "/bank-statements", tag = "bank statements", operation_id = "list_bank_statements",
    params(StatementQuery, PageParameters),
    responses(
        (status = 200, description = "A page", body = StatementPage,
            example = json!({"items": [done_example()], "next_page_token": "AQAAAA"})),
        General,
    )
)]
pub async fn list_bank_statements(
    State(ledger): State<Ledger>,
    Query(query): Query<StatementQuery>,
) -> Result<Response<Body>, ApiError> {
    let filters = query.account.iter().map(|account| ("account", account.clone())).collect();
    let walk = Walk::new("/bank-statements", filters, query.page, ledger.signing_key());
    let after = walk.after(|last| StatementId::parse(last).ok())?;
    let rows = ledger.statements(query.account.as_deref(), after.as_ref(), walk.limit()).await?;
    let mut resources = Vec::with_capacity(rows.len());
    for row in rows {
        resources.push(StatementResource::load(&ledger, row, false).await?);
    }
    Ok(walk.answer(resources, |one: &StatementResource| one.id.as_str(), |one| one))
}

/// Look at a bank statement
///
/// How it stands, with its first 200 entries and what each of them pays.
#[utoipa::path(
    get, path = "/bank-statements/{id}", tag = "bank statements",
    operation_id = "get_bank_statement",
    params(
        ("id" = StatementId, Path, description = "The file",
            example = "stm_01kax40b2t9v3m8q1d6h5n0ws4"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "How it stands", body = StatementResource,
            headers(
                ("ETag" = String, description = "Its validator"),
                ("Retry-After" = u64, description = "Seconds after which to look again, while it moves"),
            ),
            example = json!(done_example())),
        General, Removable,
    )
)]
pub async fn get_bank_statement(
    State(ledger): State<Ledger>,
    Id(id): Id<StatementId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let Some(row) = ledger.statement(&id).await? else {
        return Err(absent(&ledger, "bank_statement", id.as_str()).await?);
    };
    let resource = StatementResource::load(&ledger, row, true).await?;
    let mut response = conditions.item(&resource);
    if resource.status.moves() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(LOOK_AFTER));
    }
    Ok(response)
}
