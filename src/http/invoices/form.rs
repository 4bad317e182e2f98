//! A submission as a form: one file part `document`, and the hints as fields.

use std::error::Error;

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use futures::StreamExt;

use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::Refusal;
use crate::http::extract::body::reader;
use crate::http::extract::content_type::ContentType;
use crate::http::extract::query::{FromQuery, Parameters};
use crate::http::invoices::document::{Taken, keep, media_type};
use crate::http::invoices::submit::Hints;
use crate::models::media_type::MediaType;
use crate::storage::{Artifacts, Stored};

/// Bytes of one field besides the document.
const FIELD_BYTES_MAX: usize = 4 * 1024;

/// Fields besides the document; there are fewer hints than that.
const FIELDS_MAX: usize = 16;

/// Characters of the name of a part that are told.
const NAME_CHARACTERS_MAX: usize = 100;

/// The part that carries the file.
const DOCUMENT: &str = "document";

/// What is said of a file in another part.
const FILE_ELSEWHERE: &str = "is not known here; the file goes into the part `document`";

/// Takes a form.
///
/// # Errors
/// 400 for broken framing, no document, a second one, or any part that is not known.
pub async fn take(
    artifacts: &Artifacts,
    request: Request,
    hints: Hints,
) -> Result<Taken, ApiError> {
    let mut form = open(request).await?;
    let mut fields = Vec::new();
    let mut document = None;
    while let Some(field) = form.next_field().await.map_err(refuse)? {
        match field.name() {
            Some(DOCUMENT) if document.is_some() => {
                return Err(ApiError::parameter(DOCUMENT, "repeated", "may be sent once"));
            }
            Some(DOCUMENT) => document = Some(keep_field(artifacts, field).await?),
            // The slip most often made; what it holds would only be called no text.
            Some(name) if field.file_name().is_some() => {
                let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
                return Err(ApiError::parameter(&name, "unknown_parameter", FILE_ELSEWHERE));
            }
            _ if fields.len() >= FIELDS_MAX => {
                return Err(malformed("The form has too many parts."));
            }
            _ => fields.push(text(field).await?),
        }
    }
    let missing = || ApiError::parameter(DOCUMENT, "missing", "the form has no such part");
    let (stored, media_type) = document.ok_or_else(missing)?;
    let mut fields = Parameters::from_pairs(fields);
    let in_form = Hints::read(&mut fields);
    fields.finish()?;
    Ok(Taken { stored, media_type, hints: hints.or(in_form)? })
}

/// A form, with the limits of its route over what is read of it.
///
/// # Errors
/// 400 without a boundary.
pub(crate) async fn open(request: Request) -> Result<Multipart, ApiError> {
    let (parts, body) = request.into_parts();
    let body = reader(Request::from_parts(parts.clone(), body)).into_body();
    let form = Multipart::from_request(Request::from_parts(parts, body), &()).await;
    form.map_err(|_| malformed("The Content-Type has no boundary."))
}

async fn keep_field(
    artifacts: &Artifacts,
    field: Field<'_>,
) -> Result<(Stored, MediaType), ApiError> {
    let content_type = ContentType::of(field.headers())?;
    let media_type = media_type(content_type.as_ref())?;
    let bytes = field.map(|bytes| bytes.map_err(refuse));
    keep(artifacts, media_type, bytes).await
}

/// A field besides the documents.
///
/// # Errors
/// 400 for one that is too long or no text, and those of the body.
pub(crate) async fn text(mut field: Field<'_>) -> Result<(String, String), ApiError> {
    let name = field.name().unwrap_or_default();
    let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(refuse)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FIELD_BYTES_MAX {
            return Err(ApiError::parameter(
                &name,
                "too_long",
                "is too long for a field; the file goes into the part `document`",
            ));
        }
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| ApiError::parameter(&name, "not_utf8", "is no UTF-8"))?;
    Ok((name, text))
}

/// The limits of the body come through the form's reader as the source of its error.
pub(crate) fn refuse(error: MultipartError) -> ApiError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<Refusal>() {
            return refusal.0.clone();
        }
        cause = inner.source();
    }
    malformed("The form is malformed or was cut short.").caused_by(error)
}

fn malformed(detail: &str) -> ApiError {
    Slug::InvalidRequest.error().detail(detail)
}
