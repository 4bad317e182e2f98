//! A submission as a form: the first line is its `Content-Type`, the rest its body.

use std::convert::Infallible;
use std::time::Duration;

use ap_gateway::http::error::ApiError;
use ap_gateway::http::extract::body::BodyLimit;
use ap_gateway::http::extract::form::{DocumentForm, Part, refuse};
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use tokio::runtime::{Builder, Runtime};

/// Bytes of a document, and of the form around it.
const DOCUMENT_BYTES_MAX: usize = 4_096;
const AROUND: usize = 4_096;

thread_local! {
    static RUNTIME: Runtime =
        Builder::new_current_thread().enable_time().build().expect("a runtime");
}

/// The document, and the order that it belongs to.
type Form = (Vec<u8>, Option<String>);

/// Whether it is a form that is taken: within its limits, and the same form in whatever pieces it
/// comes.
pub(crate) fn look(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (kind, body) = (&bytes[..end], bytes.get(end + 1..).unwrap_or_default());
    let whole = RUNTIME.with(|runtime| runtime.block_on(read(kind, vec![body.to_vec()])));
    let piece = 1 + bytes.len() % 61;
    let pieces = body.chunks(piece).map(<[u8]>::to_vec).collect();
    let pieces = RUNTIME.with(|runtime| runtime.block_on(read(kind, pieces)));
    if let Err(error) = &whole {
        let problem = &error.0;
        assert!(problem.detail.is_some() || !problem.errors.is_empty(), "{problem:?}");
    }
    let (whole, pieces) = (whole.ok(), pieces.ok());
    assert_eq!(whole, pieces, "another form in pieces of {piece} bytes");
    whole.is_some_and(|(document, order)| {
        assert!(document.len() <= DOCUMENT_BYTES_MAX + AROUND, "{} bytes", document.len());
        assert!(order.is_none_or(|order| (1..=255).contains(&order.chars().count())));
        true
    })
}

async fn read(kind: &[u8], pieces: Vec<Vec<u8>>) -> Result<Form, ApiError> {
    let frames = pieces.into_iter().map(|piece| Ok::<_, Infallible>(Bytes::from(piece)));
    let body = Body::from_stream(futures::stream::iter(frames));
    let mut request = Request::new(body);
    if let Ok(kind) = kind.try_into() {
        request.headers_mut().insert(CONTENT_TYPE, kind);
    }
    let limit = BodyLimit::new(DOCUMENT_BYTES_MAX as u64, Duration::from_secs(10));
    request.extensions_mut().insert(limit.in_a_form(AROUND as u64));
    let mut form = DocumentForm::of(request).await?;
    let mut documents = Vec::new();
    while let Some(part) = form.next().await? {
        if let Part::Document(mut field) = part {
            let mut document = Vec::new();
            while let Some(bytes) = field.chunk().await.map_err(refuse)? {
                document.extend_from_slice(&bytes);
            }
            documents.push(document);
        }
    }
    let mut fields = form.fields()?;
    let order = fields.text("purchase_order");
    fields.finish()?;
    assert_eq!(documents.len(), 1, "a form is about one document");
    Ok((documents.remove(0), order))
}
