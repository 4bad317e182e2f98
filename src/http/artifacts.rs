//! `/artifacts`: documents that are put into the store before a manifest names them.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_RANGE;
use axum::http::{HeaderMap, Response, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::Edge;
use crate::http::answer;
use crate::http::caller::Caller;
use crate::http::error::openapi::{Body as BodyRefusals, General, Keyed};
use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::reader;
use crate::http::extract::content_type::ContentType;
use crate::http::extract::query::NoParameters;
use crate::http::extract::{Id, Query};
use crate::models::fault::Fault;
use crate::models::refs::Sha256;
use crate::storage::artifacts::ArtifactError;
use crate::storage::ledger::audit::Deed;
use crate::storage::{Artifacts, Stored};

/// A document in the store.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Artifact)]
pub struct ArtifactResource {
    /// Digest of its bytes: its address.
    pub sha256: Sha256,
    /// Its size.
    pub bytes: u64,
}

/// A document, for the document.
fn example() -> Value {
    json!({
        "sha256": "9f2c4a7be01d5386c9a0f17b62d4e85390ab1c2d3e4f5061728394a5b6c7d8e9",
        "bytes": 18342,
    })
}

/// Put a document into the store
///
/// Under the SHA-256 of its bytes, which is checked; putting it again changes nothing. It is no
/// invoice until a manifest names it.
#[utoipa::path(
    put, path = "/artifacts/{id}", tag = "batches", operation_id = "put_artifact",
    params(
        ("id" = Sha256, Path, description = "SHA-256 of the bytes, in lower case",
            example = "9f2c4a7be01d5386c9a0f17b62d4e85390ab1c2d3e4f5061728394a5b6c7d8e9"),
    ),
    request_body(content = crate::http::openapi::DocumentBytes,
        content_type = "application/octet-stream",
        description = "The bytes; any Content-Type is taken, for the manifest says what they are."),
    responses(
        (status = 201, description = "Kept", body = ArtifactResource,
            headers(
                ("Location" = String, description = "The artifact"),
            ),
            example = json!(example())),
        (status = 200, description = "It was there already", body = ArtifactResource,
            example = json!(example())),
        Keyed, BodyRefusals,
    )
)]
pub async fn put_artifact(
    State(edge): State<Edge>,
    Id(sha256): Id<Sha256>,
    caller: Caller,
    Query(NoParameters): Query<NoParameters>,
    request: Request,
) -> Result<Response<Body>, ApiError> {
    whole(request.headers())?;
    ContentType::of(request.headers())?;
    let artifacts = &edge.parts.artifacts;
    let there = artifacts.look(&sha256).await.is_ok();
    let mut body = reader(request);
    let mut upload = artifacts.upload().await?;
    while let Some(bytes) = body.next().await? {
        upload.write(bytes).await?;
    }
    let digest = upload.digest();
    if digest != sha256 {
        // Dropped, the upload leaves nothing behind.
        let detail = format!("the bytes have the digest {digest}");
        let fault = Fault::parameter("id", "other_digest", &detail);
        let refused = Slug::ValidationFailed.error().detail("The bytes are not those of the path.");
        return Err(refused.faults([fault]));
    }
    // What cannot be recorded is not done.
    let deed = Deed::done("put_artifact", sha256.as_str());
    caller.ledger(&edge.parts.ledger).record(&deed).await?;
    let Stored { sha256, bytes } = upload.finish().await?;
    let location = format!("/artifacts/{sha256}");
    let status = if there { StatusCode::OK } else { StatusCode::CREATED };
    let mut response = answer::json(status, &ArtifactResource { sha256, bytes });
    if !there {
        answer::set_location(&mut response, &location);
    }
    Ok(response)
}

/// A part of a document is refused as such: nothing is put together here (RFC 9110 §14.5).
fn whole(headers: &HeaderMap) -> Result<(), ApiError> {
    if headers.contains_key(CONTENT_RANGE) {
        let detail = "is not taken: put the whole document";
        return Err(ApiError::parameter("Content-Range", "not_supported", detail));
    }
    Ok(())
}

/// Ask whether a document is in the store
///
/// Its size, or 404. Its bytes are shown by the invoice that it is.
#[utoipa::path(
    get, path = "/artifacts/{id}", tag = "batches", operation_id = "get_artifact",
    params(
        ("id" = Sha256, Path, description = "SHA-256 of the bytes, in lower case",
            example = "9f2c4a7be01d5386c9a0f17b62d4e85390ab1c2d3e4f5061728394a5b6c7d8e9"),
    ),
    responses(
        (status = 200, description = "It is there", body = ArtifactResource,
            example = json!(example())),
        General,
    )
)]
pub async fn get_artifact(
    State(artifacts): State<Artifacts>,
    Id(sha256): Id<Sha256>,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    match artifacts.look(&sha256).await {
        Ok((bytes, _)) => Ok(answer::json(StatusCode::OK, &ArtifactResource { sha256, bytes })),
        Err(ArtifactError::Missing(_)) => Err(ApiError::not_found("artifact")),
        Err(error) => Err(error.into()),
    }
}
