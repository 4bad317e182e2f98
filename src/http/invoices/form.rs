//! A submission as a form: one file part `document`, and the hints as fields.

use axum::extract::Request;
use axum::extract::multipart::Field;
use futures::StreamExt;

use crate::http::error::ApiError;
use crate::http::extract::content_type::ContentType;
use crate::http::extract::form::{DocumentForm, Part, refuse};
use crate::http::extract::query::FromQuery;
use crate::http::invoices::document::{Carrier, Taken, keep};
use crate::http::invoices::submit::Hints;
use crate::models::media_type::MediaType;
use crate::storage::{Artifacts, Stored};

/// Takes a form.
///
/// # Errors
/// 400 for broken framing, no document, a second one, or any part that is not known.
pub async fn take(
    artifacts: &Artifacts,
    request: Request,
    hints: Hints,
) -> Result<Taken, ApiError> {
    let mut form = DocumentForm::of(request).await?;
    let mut document = None;
    while let Some(part) = form.next().await? {
        if let Part::Document(field) = part {
            document = Some(keep_field(artifacts, *field).await?);
        }
    }
    let mut fields = form.fields()?;
    let (stored, media_type) = document.expect("a form without a document was refused");
    let in_form = Hints::read(&mut fields);
    fields.finish()?;
    Ok(Taken { stored, media_type, hints: hints.or(in_form)? })
}

async fn keep_field(
    artifacts: &Artifacts,
    field: Field<'_>,
) -> Result<(Stored, MediaType), ApiError> {
    let content_type = ContentType::of(field.headers())?;
    let media_type = Carrier::Part.media_type(content_type.as_ref())?;
    let bytes = field.map(|bytes| bytes.map_err(refuse));
    keep(artifacts, Carrier::Part, media_type, bytes).await
}
