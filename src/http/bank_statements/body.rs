//! A file of bank statements on its way in: streamed to the store, never held whole.

use axum::extract::Request;
use bytes::BytesMut;

use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::reader;
use crate::http::extract::content_type::{self, ContentType};
use crate::models::fault::Fault;
use crate::models::media_type::MediaType;
use crate::storage::{Artifacts, Stored};

/// What files are sent as. What one is is told by its content; the type only has to be plausible.
pub const ACCEPTED: [&str; 6] = [
    "application/xml",
    "text/xml",
    "text/plain",
    "application/x-ofx",
    "text/csv",
    "application/octet-stream",
];

/// Bytes that are enough to tell what a file is not.
const HEAD_BYTES: usize = 64;

/// Keeps the body.
///
/// # Errors
/// 400 for an empty body, 415 for a type that no bank statement has and for bytes that surely are
/// something else, 408 and 413; 503 when the store is away.
pub async fn keep(artifacts: &Artifacts, request: Request) -> Result<(Stored, String), ApiError> {
    let content_type = ContentType::of(request.headers())?;
    let essence = content_type.as_ref().map(|content| content.essence.clone());
    let accepted = |essence: &String| ACCEPTED.contains(&essence.as_str());
    let Some(essence) = essence.filter(accepted) else {
        let shown = content_type::shown(content_type.as_ref());
        return Err(content_type::unsupported(&ACCEPTED, shown.as_deref()));
    };
    let mut body = reader(request);
    let mut head = BytesMut::new();
    while head.len() < HEAD_BYTES {
        match body.next().await? {
            Some(bytes) => head.extend_from_slice(&bytes),
            None => break,
        }
    }
    if head.is_empty() {
        let fault = Fault::at("", "empty", "the file has no bytes");
        return Err(Slug::InvalidRequest.error().detail("The file is empty.").faults([fault]));
    }
    if let Some(detected) = MediaType::Csv.contradicted_by(&head) {
        let detail = format!("The first bytes are {detected}, and no bank statement.");
        return Err(content_type::unsupported(&ACCEPTED, Some(detected)).detail(detail));
    }
    let mut upload = artifacts.upload().await?;
    upload.write(head.freeze()).await?;
    while let Some(bytes) = body.next().await? {
        upload.write(bytes).await?;
    }
    Ok((upload.finish().await?, essence))
}
