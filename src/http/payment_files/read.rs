//! Looking at payment files, and fetching what is handed to the bank.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
};
use axum::http::{HeaderMap, HeaderValue, Response};
use utoipa::ToSchema;

use crate::http::Edge;
use crate::http::answer::{self, IfNoneMatch, REVALIDATE};
use crate::http::error::ApiError;
use crate::http::error::openapi::{General, Removable};
use crate::http::extract::query::{FromQuery, NoParameters, Parameters};
use crate::http::extract::{Id, Query, accept};
use crate::http::gone::absent;
use crate::http::intent::IfNoneMatchHeader;
use crate::http::lists::{Page, Walk};
use crate::http::openapi::{DocumentBytes, PageParameters};
use crate::http::payment_files::resource::{PaymentFileResource, example};
use crate::models::refs::PaymentFileId;
use crate::storage::Ledger;
use crate::storage::ledger::payment_files::PaymentFileRow;

/// The page of the list.
#[derive(Debug, Clone)]
pub struct FileList(Page);

impl FromQuery for FileList {
    fn read(parameters: &mut Parameters) -> Self {
        Self(Page::read(parameters))
    }
}

/// A page of payment files.
#[derive(ToSchema)]
#[schema(as = PaymentFileList)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct FilePage {
    items: Vec<PaymentFileResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// List payment files
///
/// Newest first.
#[utoipa::path(
    get, path = "/payment-files", tag = "payment files", operation_id = "list_payment_files",
    params(PageParameters),
    responses(
        (status = 200, description = "A page", body = FilePage,
            example = json!({"items": [example()], "next_page_token": "AQAAAA"})),
        General,
    )
)]
pub async fn list_payment_files(
    State(ledger): State<Ledger>,
    Query(FileList(page)): Query<FileList>,
) -> Result<Response<Body>, ApiError> {
    let walk = Walk::new("/payment-files", Vec::new(), page, ledger.signing_key());
    let after = walk.after(|last| PaymentFileId::parse(last).ok())?;
    let rows = ledger.payment_files(after.as_ref(), walk.limit()).await?;
    Ok(walk.answer(rows, |row: &PaymentFileRow| row.id.as_str(), PaymentFileResource::from))
}

/// Look at a payment file
///
/// Its transfers, and how it stands.
#[utoipa::path(
    get, path = "/payment-files/{id}", tag = "payment files", operation_id = "get_payment_file",
    params(
        ("id" = PaymentFileId, Path, description = "The file",
            example = "pfl_01kax40b2t9v3m8q1d6h5n0ws4"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The file", body = PaymentFileResource,
            headers(
                ("ETag" = String, description = "Its validator"),
            ),
            example = json!(example())),
        General, Removable,
    )
)]
pub async fn get_payment_file(
    State(ledger): State<Ledger>,
    Id(id): Id<PaymentFileId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
) -> Result<Response<Body>, ApiError> {
    let row = row(&ledger, &id).await?;
    Ok(conditions.item(&PaymentFileResource::from(row)))
}

async fn row(ledger: &Ledger, id: &PaymentFileId) -> Result<PaymentFileRow, ApiError> {
    match ledger.payment_file(id).await? {
        Some(row) => Ok(row),
        None => Err(absent(ledger, "payment_file", id.as_str()).await?),
    }
}

/// Fetch the document of a payment file
///
/// pain.001.001.09, as the bank takes it.
#[utoipa::path(
    get, path = "/payment-files/{id}/document", tag = "payment files",
    operation_id = "get_payment_file_document",
    params(
        ("id" = PaymentFileId, Path, description = "The file",
            example = "pfl_01kax40b2t9v3m8q1d6h5n0ws4"),
        IfNoneMatchHeader,
    ),
    responses(
        (status = 200, description = "The document",
            content((DocumentBytes = "application/xml")),
            headers(
                ("ETag" = String, description = "Digest of the bytes"),
                ("Content-Disposition" = String, description = "Always an attachment"),
            )),
        General, Removable,
    )
)]
pub async fn get_payment_file_document(
    State(edge): State<Edge>,
    Id(id): Id<PaymentFileId>,
    Query(NoParameters): Query<NoParameters>,
    conditions: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    let row = row(&edge.parts.ledger, &id).await?;
    accept::require(&headers, "application/xml")?;
    let tag = format!("\"{}\"", row.sha256);
    let tag = HeaderValue::from_str(&tag).expect("hexadecimal digits");
    let mut response = if conditions.hits(&tag) {
        answer::not_modified()
    } else {
        let bytes = edge.parts.artifacts.get(&row.sha256).await?;
        let mut response = Response::new(Body::from(bytes));
        let file = format!("attachment; filename=\"{}.xml\"", row.id);
        let file = HeaderValue::from_str(&file).expect("ids are visible ASCII");
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        headers.insert(CONTENT_DISPOSITION, file);
        let sandbox = HeaderValue::from_static("sandbox; default-src 'none'");
        headers.insert(CONTENT_SECURITY_POLICY, sandbox);
        response
    };
    response.headers_mut().insert(ETAG, tag);
    response.headers_mut().insert(CACHE_CONTROL, REVALIDATE);
    Ok(response)
}
