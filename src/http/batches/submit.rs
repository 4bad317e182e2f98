//! `POST /batches`: up to a hundred documents are answered at once, thousands are promised.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use utoipa::IntoParams;

use crate::http::Edge;
use crate::http::batches::limits::{FORM_BYTES_MAX, JSON_BYTES_MAX, narrow};
use crate::http::batches::resource::{
    BatchResource, InlineBatchResults, accepting_example, results_example,
};
use crate::http::batches::{form, inline, json, source};
use crate::http::caller::Caller;
use crate::http::error::openapi::{Body as BodyRefusals, KeyRequired};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::Query;
use crate::http::extract::body::reader;
use crate::http::extract::content_type::{self, ContentType};
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::intent::{Intent, KeyHeader};
use crate::http::invoices::document::MULTIPART;
use crate::models::batch::{BatchKind, Known};
use crate::models::media_type::MediaType;

/// What the caller wants of the batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wishes {
    /// What a document means whose very bytes were handed in before: `new` is a new invoice, for
    /// the duplicate check to hold; `replay` is the invoice that exists.
    #[param(inline = false, example = "new", required = false)]
    pub known: Known,
}

impl FromQuery for Wishes {
    fn read(parameters: &mut Parameters) -> Self {
        let known = parameters.parsed("known", "new or replay", Known::parse);
        Self { known: known.unwrap_or_default() }
    }
}

/// What a batch is sent with.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) caller: Caller,
    pub(super) key: String,
    pub(super) known: Known,
}

/// Hand in many invoices
///
/// Up to a hundred documents in a form or in JSON are accepted one by one, and the answer is 207
/// with the result of each: what was accepted is durable then, and its links work. Thousands come
/// as a ZIP archive, or as a manifest of documents that were put into `/artifacts` before; the
/// answer is 202, and `Location` shows what became of each. The same key again replays: accepted
/// items stay, a refused item may come corrected.
#[utoipa::path(
    post, path = "/batches", tag = "batches", operation_id = "submit_batch",
    params(Wishes, KeyHeader),
    request_body(
        description = "A form with one document in each part: a part named `document` has its \
            position as its item key, any other name is the item key. JSON with documents in base64, \
            or with a manifest. A ZIP archive, each entry of it a document.",
        content(
            (crate::http::batches::resource::BatchForm = "multipart/form-data"),
            (crate::http::batches::resource::BatchBody = "application/json"),
            (crate::http::openapi::DocumentBytes = "application/zip"),
        ),
    ),
    responses(
        (status = 207, description = "Each item was accepted or refused", body = InlineBatchResults,
            headers(
                ("Location" = String, description = "The batch"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was there already"),
            ),
            example = json!(results_example())),
        (status = 202, description = "Recorded; its items will be taken up", body = BatchResource,
            headers(
                ("Location" = String, description = "The batch"),
                ("Retry-After" = u64, description = "Seconds after which to look"),
                ("Idempotency-Replayed" = bool, description = "`true` when it was there already"),
            ),
            example = json!(accepting_example())),
        KeyRequired, BodyRefusals,
    )
)]
pub async fn submit_batch(
    State(edge): State<Edge>,
    intent: Intent,
    Query(wishes): Query<Wishes>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    let key = intent.key.0.ok_or_else(|| Slug::IdempotencyKeyMissing.error())?;
    let asked = Asked { caller: intent.caller, key, known: wishes.known };
    let content_type = ContentType::of(request.headers())?;
    let essence = content_type.as_ref().map_or("", |content| &content.essence);
    match essence {
        MULTIPART => {
            let request = narrow(request, FORM_BYTES_MAX, &edge.parts.limits)?;
            let items = form::items(&edge, request).await?;
            inline::accept(&edge, asked, items).await
        }
        _ if content_type.as_ref().is_some_and(ContentType::is_json) => {
            let request = narrow(request, JSON_BYTES_MAX, &edge.parts.limits)?;
            match json::read(reader(request)).await? {
                json::Read::Items(items) => {
                    let items = json::items(&edge, items).await?;
                    inline::accept(&edge, asked, items).await
                }
                json::Read::Manifest(bytes) => {
                    let kept = edge.parts.artifacts.put(bytes).await?;
                    source::open(&edge, asked, BatchKind::Manifest, kept).await
                }
            }
        }
        essence if MediaType::parse(essence) == Some(MediaType::Zip) => {
            let kept = source::stream(&edge, request).await?;
            source::open(&edge, asked, BatchKind::Archive, kept).await
        }
        _ => {
            let shown = content_type::shown(content_type.as_ref());
            let accepted = [MULTIPART, "application/json", "application/zip"];
            Err(content_type::unsupported(&accepted, shown.as_deref()))
        }
    }
}
