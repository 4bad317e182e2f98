//! A batch as a form: each part is one document, streamed to the store as it comes.

use std::collections::HashSet;

use axum::extract::Request;
use axum::extract::multipart::Field;
use axum::http::header::CONTENT_TYPE;
use futures::StreamExt;

use crate::http::Edge;
use crate::http::batches::json::{new_item, too_many};
use crate::http::error::ApiError;
use crate::http::extract::body::too_large;
use crate::http::extract::content_type::ContentType;
use crate::http::extract::form::{NAME_CHARACTERS_MAX, open, refuse};
use crate::http::invoices::document::{Carrier, keep};
use crate::models::batch::INLINE_ITEMS_MAX;
use crate::models::fault::Fault;
use crate::models::media_type::MediaType;
use crate::storage::Stored;
use crate::storage::ledger::batches::NewItem;

/// A part of this name has its position as its key.
const DOCUMENT: &str = "document";

/// What is said of a part that is no file: no field is known here.
const FIELD: &str = "is not known here as a field; give a part with a document a filename";

/// Takes a form.
///
/// # Errors
/// 400 for broken framing, no part, a field, a name that cannot be a key or stands twice, a filename
/// that cannot be a name; 413 for too many.
pub(super) async fn items(edge: &Edge, request: Request) -> Result<Vec<NewItem>, ApiError> {
    let mut form = open(request).await?;
    let mut items = Vec::new();
    let mut keys = HashSet::new();
    while let Some(field) = form.next_field().await.map_err(refuse)? {
        if items.len() >= INLINE_ITEMS_MAX {
            return Err(too_many(INLINE_ITEMS_MAX));
        }
        let item_key = key(&field, items.len() + 1)?;
        if !keys.insert(item_key.clone()) {
            return Err(ApiError::parameter(&item_key, "repeated", "is the key of two parts"));
        }
        let name = name(&field, &item_key)?;
        let document = document(edge, field).await?;
        items.push(new_item(item_key, name, document, None)?);
    }
    if items.is_empty() {
        return Err(ApiError::parameter(DOCUMENT, "missing", "the form has no part"));
    }
    Ok(items)
}

fn key(field: &Field<'_>, position: usize) -> Result<String, ApiError> {
    let name = match field.name() {
        None | Some("" | DOCUMENT) => return Ok(position.to_string()),
        Some(name) => name,
    };
    let mut faults = Vec::new();
    Fault::text(&mut faults, "", name);
    match faults.first() {
        None => Ok(name.to_owned()),
        Some(fault) => Err(ApiError::parameter(&shown(name), &fault.code, &fault.detail)),
    }
}

/// What the document is called, under the rule for `name` in JSON. A part with neither a filename
/// nor a type is a field, whose text must not become an invoice.
fn name(field: &Field<'_>, item_key: &str) -> Result<Option<String>, ApiError> {
    let part = field.name().filter(|name| !name.is_empty()).unwrap_or(item_key);
    let Some(name) = field.file_name().filter(|name| !name.is_empty()) else {
        return match field.headers().contains_key(CONTENT_TYPE) {
            true => Ok(None),
            false => Err(ApiError::parameter(&shown(part), "unknown_parameter", FIELD)),
        };
    };
    let mut faults = Vec::new();
    Fault::text(&mut faults, "", name);
    match faults.first() {
        None => Ok(Some(name.to_owned())),
        Some(fault) => {
            let detail = format!("its filename {}", fault.detail);
            Err(ApiError::parameter(&shown(part), &fault.code, &detail))
        }
    }
}

/// So much of a part's name as tells which one it is.
fn shown(name: &str) -> String {
    name.chars().take(NAME_CHARACTERS_MAX).collect()
}

/// The document of a part, or why it is none. A form that is broken is nobody's result.
async fn document(
    edge: &Edge,
    field: Field<'_>,
) -> Result<Result<(Stored, MediaType), ApiError>, ApiError> {
    let media_type = match said(&field) {
        Ok(media_type) => media_type,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (mut broken, mut taken, max) = (None, 0, edge.parts.limits.document_bytes_max);
    let bytes = field.map(|bytes| {
        let bytes = bytes.map_err(|error| {
            let refusal = refuse(error);
            broken = Some(refusal.clone());
            refusal
        })?;
        taken += bytes.len() as u64;
        if taken > max { Err(too_large(max)) } else { Ok(bytes) }
    });
    let kept = keep(&edge.parts.artifacts, Carrier::Part, media_type, bytes).await;
    match broken {
        Some(refusal) => Err(refusal),
        None => Ok(kept),
    }
}

/// What the part is said to be; one that says nothing is told by its content.
fn said(field: &Field<'_>) -> Result<MediaType, ApiError> {
    match ContentType::of(field.headers())? {
        None => Ok(MediaType::Unknown),
        said => Carrier::Part.media_type(said.as_ref()),
    }
}
