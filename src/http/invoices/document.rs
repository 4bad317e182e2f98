//! A document on its way in: checked by its first bytes, streamed to the store, never held whole.

use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};

use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::reader;
use crate::http::extract::content_type::{self, ContentType};
use crate::http::invoices::form;
use crate::http::invoices::submit::Hints;
use crate::models::fault::Fault;
use crate::models::media_type::MediaType;
use crate::storage::{Artifacts, Stored};

/// Bytes that are enough to tell what a file is not.
const HEAD_BYTES: usize = 64;

/// The type of a form.
pub const MULTIPART: &str = "multipart/form-data";

/// A document that is kept, and what came with it.
pub struct Taken {
    /// Where it is kept.
    pub stored: Stored,
    /// What it was sent as.
    pub media_type: MediaType,
    /// What the caller says of it.
    pub hints: Hints,
}

/// Takes the body of a submission: the document itself, or a form with it.
///
/// # Errors
/// 400, 408, 413, 415 for the body; 503 when the store is away.
pub async fn take(
    artifacts: &Artifacts,
    request: Request,
    hints: Hints,
) -> Result<Taken, ApiError> {
    let content_type = ContentType::of(request.headers())?;
    if content_type.as_ref().is_some_and(|content| content.essence == MULTIPART) {
        return form::take(artifacts, request, hints).await;
    }
    let media_type = Carrier::Request.media_type(content_type.as_ref())?;
    let body = std::pin::pin!(reader(request).into_stream());
    let (stored, media_type) = keep(artifacts, Carrier::Request, media_type, body).await?;
    Ok(Taken { stored, media_type, hints })
}

/// What carries a document. A refusal names it, and what it may carry: only a request is a form.
#[derive(Debug, Clone, Copy)]
pub enum Carrier {
    /// The request itself.
    Request,
    /// A part of a form.
    Part,
    /// An item of a batch in JSON.
    Item,
}

impl Carrier {
    /// The type that was named, if it is one that we read.
    ///
    /// # Errors
    /// 415 that names what is taken.
    pub fn media_type(self, content_type: Option<&ContentType>) -> Result<MediaType, ApiError> {
        let named = content_type.and_then(|content| MediaType::parse(&content.essence));
        named.ok_or_else(|| self.refuse_type(content_type::shown(content_type).as_deref()))
    }

    fn refuse_type(self, detected: Option<&str>) -> ApiError {
        let mut accepted: Vec<_> = MediaType::ALL.iter().map(|kind| kind.as_str()).collect();
        match self {
            Self::Request => {
                accepted.push(MULTIPART);
                content_type::unsupported(&accepted, detected)
            }
            Self::Part => content_type::unsupported_within("part", &accepted, detected),
            Self::Item => content_type::unsupported_within("item", &accepted, detected),
        }
    }
}

/// Streams the bytes to the store, and answers what they are where the caller does not know it.
/// Given up half way, it leaves nothing behind.
///
/// # Errors
/// 400 when there is no byte; 415 when the first ones are of another type; those of `body`.
pub async fn keep(
    artifacts: &Artifacts,
    carrier: Carrier,
    media_type: MediaType,
    mut body: impl Stream<Item = Result<Bytes, ApiError>> + Unpin,
) -> Result<(Stored, MediaType), ApiError> {
    let head = head(&mut body).await?;
    if head.is_empty() {
        let fault = Fault::at("", "empty", "the document has no bytes");
        return Err(Slug::InvalidRequest.error().detail("The document is empty.").faults([fault]));
    }
    if let Some(detected) = media_type.contradicted_by(&head) {
        let detail = format!(
            "The Content-Type says {}, and the first bytes are {detected}; send what they are, or \
             application/octet-stream.",
            media_type.as_str()
        );
        return Err(carrier.refuse_type(Some(detected)).detail(detail));
    }
    let media_type = media_type.or_by(&head);
    let mut upload = artifacts.upload().await?;
    upload.write(head).await?;
    while let Some(bytes) = body.next().await {
        upload.write(bytes?).await?;
    }
    Ok((upload.finish().await?, media_type))
}

async fn head(
    body: &mut (impl Stream<Item = Result<Bytes, ApiError>> + Unpin),
) -> Result<Bytes, ApiError> {
    let mut head = BytesMut::new();
    while head.len() < HEAD_BYTES {
        match body.next().await {
            Some(bytes) => head.extend_from_slice(&bytes?),
            None => break,
        }
    }
    Ok(head.freeze())
}

#[cfg(test)]
mod tests {
    use super::{Carrier, MULTIPART};

    #[test]
    fn a_form_is_taken_as_a_request_only_and_a_refusal_names_what_was_looked_at() {
        let table = [
            (Carrier::Request, "request", true),
            (Carrier::Part, "part", false),
            (Carrier::Item, "item", false),
        ];
        for (carrier, word, takes_forms) in table {
            let refused = carrier.media_type(None).expect_err("no type");
            let detail = refused.0.detail.expect("a detail");
            assert!(detail.ends_with(&format!("; the {word} has no Content-Type.")), "{detail}");
            let accepted = refused.0.members["accepted"].as_array().expect("types");
            assert_eq!(accepted.contains(&MULTIPART.into()), takes_forms, "{word}");
            assert_eq!(detail.contains(MULTIPART), takes_forms, "{detail}");
            assert_eq!(!refused.0.headers.is_empty(), takes_forms, "Accept speaks of requests");
        }
    }
}
