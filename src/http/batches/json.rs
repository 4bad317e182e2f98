//! A batch as JSON: documents in base64, or a manifest of documents that are kept already.

use std::collections::HashSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::http::Edge;
use crate::http::batches::resource::{InlineBatch, InlineItem};
use crate::http::batches::results::of_item;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::body::{BodyReader, too_large};
use crate::http::extract::content_type::ContentType;
use crate::http::extract::json;
use crate::http::invoices::document::{Carrier, keep};
use crate::models::batch::{INLINE_ITEMS_MAX, ITEMS_MAX, Manifest, ManifestDocument};
use crate::models::fault::Fault;
use crate::models::media_type::MediaType;
use crate::storage::Stored;
use crate::storage::ledger::batches::{NewDocument, NewItem};

/// A body that was read.
pub(super) enum Read {
    /// Documents that came with it.
    Items(Vec<InlineItem>),
    /// A list of documents, written out again: the same list is the same bytes, however its
    /// members were ordered.
    Manifest(Bytes),
}

/// Which of the two it is.
#[derive(Deserialize)]
struct Probe {
    documents: Option<IgnoredAny>,
}

/// Reads the body, off the threads that answer requests.
///
/// # Errors
/// 400, 408, 413, 422: with the faults and their places.
pub(super) async fn read(body: BodyReader) -> Result<Read, ApiError> {
    let body = body.all().await?;
    let parsed = spawn_blocking(move || parse(&body)).await;
    parsed.map_err(|panic| Slug::Internal.error().caused_by(panic))?
}

fn parse(body: &[u8]) -> Result<Read, ApiError> {
    let probe = serde_json::from_slice::<Probe>(body);
    if probe.is_ok_and(|probe| probe.documents.is_some()) {
        let manifest: Manifest = json::read(body, &manifest_example(), manifest_faults)?;
        count(manifest.documents.len(), ITEMS_MAX)?;
        let written = serde_json::to_vec(&manifest);
        let written = written.map_err(|error| Slug::Internal.error().caused_by(error))?;
        return Ok(Read::Manifest(written.into()));
    }
    let batch: InlineBatch = json::read(body, &inline_example(), inline_faults)?;
    count(batch.items.len(), INLINE_ITEMS_MAX)?;
    Ok(Read::Items(batch.items))
}

fn count(found: usize, max: usize) -> Result<(), ApiError> {
    if found > max { Err(too_many(max)) } else { Ok(()) }
}

/// 413.
pub(super) fn too_many(max: usize) -> ApiError {
    let detail = format!("More than {max} items; send larger batches as an archive or a manifest.");
    Slug::PayloadTooLarge.error().detail(detail).member("limit", max).member("unit", "items")
}

fn inline_faults(batch: &InlineBatch) -> Vec<Fault> {
    let mut faults = Vec::new();
    let items = batch.items.iter().map(|item| {
        (&item.item_key, [("name", &item.name), ("purchase_order", &item.purchase_order)])
    });
    keys(&mut faults, "items", items.clone().map(|(key, _)| key));
    for (index, (_, texts)) in items.enumerate() {
        for (member, text) in texts {
            if let Some(text) = text {
                Fault::text(&mut faults, &format!("/items/{index}/{member}"), text);
            }
        }
    }
    faults
}

/// Only what makes the list itself unusable: what a document says of itself is its own result.
fn manifest_faults(manifest: &Manifest) -> Vec<Fault> {
    let mut faults = Vec::new();
    let documents = &manifest.documents;
    keys(&mut faults, "documents", documents.iter().map(|document| &document.item_key));
    for (index, document) in documents.iter().enumerate() {
        if let Some(name) = &document.name {
            Fault::text(&mut faults, &format!("/documents/{index}/name"), name);
        }
    }
    faults
}

/// Items must be told apart: by their keys, or by their positions.
fn keys<'a>(
    faults: &mut Vec<Fault>,
    list: &str,
    keys: impl ExactSizeIterator<Item = &'a Option<String>>,
) {
    if keys.len() == 0 {
        faults.push(Fault::at(&format!("/{list}"), "empty", "needs at least one item"));
    }
    let mut seen = HashSet::new();
    for (index, key) in keys.enumerate() {
        let place = format!("/{list}/{index}/item_key");
        if let Some(key) = key {
            Fault::text(faults, &place, key);
        }
        let key = key.clone().unwrap_or_else(|| (index + 1).to_string());
        if !seen.insert(key.clone()) {
            faults.push(Fault::at(&place, "duplicate", &format!("{key:?} is another item's key")));
        }
    }
}

/// Keeps the documents, one after the other.
///
/// # Errors
/// 503 when the store is away; what is wrong with a document is its result.
pub(super) async fn items(edge: &Edge, items: Vec<InlineItem>) -> Result<Vec<NewItem>, ApiError> {
    let mut kept = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let InlineItem { item_key, name, media_type, content_base64, purchase_order } = item;
        let item_key = item_key.unwrap_or_else(|| (index + 1).to_string());
        let document = document(edge, &media_type, content_base64).await;
        kept.push(new_item(item_key, name, document, purchase_order)?);
    }
    Ok(kept)
}

async fn document(
    edge: &Edge,
    said: &str,
    content: String,
) -> Result<(Stored, MediaType), ApiError> {
    let said = ContentType { essence: said.trim().to_ascii_lowercase(), charset: None };
    let media_type = Carrier::Item.media_type(Some(&said))?;
    let decoded = spawn_blocking(move || BASE64_STANDARD.decode(content)).await;
    let decoded = decoded.map_err(|panic| Slug::Internal.error().caused_by(panic))?;
    let decoded = decoded.map_err(|error| {
        let fault = Fault::at("/content_base64", "not_base64", &error.to_string());
        Slug::InvalidRequest.error().detail("The content is no base64.").faults([fault])
    })?;
    let max = edge.parts.limits.document_bytes_max;
    if decoded.len() as u64 > max {
        return Err(too_large(max));
    }
    let bytes = futures::stream::iter([Ok(Bytes::from(decoded))]);
    keep(&edge.parts.artifacts, Carrier::Item, media_type, bytes).await
}

/// An item with its document, or with why it is none.
///
/// # Errors
/// The refusal itself, when it is not the item's fault.
pub(super) fn new_item(
    item_key: String,
    name: Option<String>,
    document: Result<(Stored, MediaType), ApiError>,
    purchase_order: Option<String>,
) -> Result<NewItem, ApiError> {
    let document = match document {
        Ok((Stored { sha256, bytes }, media_type)) => {
            Ok(NewDocument { sha256, bytes, media_type, purchase_order })
        }
        Err(refusal) => Err(of_item(refusal)?),
    };
    Ok(NewItem { item_key, name, document })
}

/// A batch with all its members, for the document and for repairing a faulty one.
pub(super) fn inline_example() -> Value {
    json!({"items": [
        {"item_key": "a1", "name": "RE-2026-0417.xml", "media_type": "application/xml",
            "content_base64": "PEludm9pY2UvPg==", "purchase_order": "PO-1001"},
    ]})
}

/// The same for a manifest.
pub(super) fn manifest_example() -> Value {
    let document = ManifestDocument {
        item_key: Some("a1".to_owned()),
        name: Some("RE-2026-0417.xml".to_owned()),
        sha256: "9f2c4a7be01d5386c9a0f17b62d4e85390ab1c2d3e4f5061728394a5b6c7d8e9".to_owned(),
        media_type: "application/xml".to_owned(),
        purchase_order: Some("PO-1001".to_owned()),
    };
    json!(Manifest { documents: vec![document] })
}

#[cfg(test)]
mod tests {
    use super::{Read, parse};
    use crate::http::error::Slug;

    fn refused(body: &str) -> (Slug, Vec<String>) {
        let Err(error) = parse(body.as_bytes()) else { panic!("is refused: {body}") };
        let places = error.0.errors.into_iter().map(|fault| fault.pointer.unwrap_or_default());
        (error.0.slug, places.collect())
    }

    #[test]
    fn a_bad_envelope_is_refused_with_its_places() {
        let item = |key: &str| {
            format!(r#"{{"item_key":"{key}","media_type":"text/csv","content_base64":""}}"#)
        };
        let two = format!(r#"{{"items":[{},{}]}}"#, item("a"), item("a"));
        assert_eq!(refused(&two), (Slug::ValidationFailed, vec!["/items/1/item_key".to_owned()]));
        // The second has no key: its position is what the first calls itself.
        let taken = format!(
            r#"{{"items":[{},{{"media_type":"text/csv","content_base64":""}}]}}"#,
            item("2")
        );
        assert_eq!(refused(&taken), (Slug::ValidationFailed, vec!["/items/1/item_key".to_owned()]));
        let empty = (Slug::ValidationFailed, vec!["/items".to_owned()]);
        assert_eq!(refused(r#"{"items":[]}"#), empty);
        let empty = (Slug::ValidationFailed, vec!["/documents".to_owned()]);
        assert_eq!(refused(r#"{"documents":[]}"#), empty);
        assert_eq!(refused("{").0, Slug::InvalidRequest);
        let many = vec![r#"{"media_type":"text/csv","content_base64":""}"#; 101].join(",");
        assert_eq!(refused(&format!(r#"{{"items":[{many}]}}"#)).0, Slug::PayloadTooLarge);
    }

    #[test]
    fn a_manifest_is_the_same_bytes_in_any_order_and_its_items_are_not_judged() {
        let bytes = |body: &str| match parse(body.as_bytes()) {
            Ok(Read::Manifest(bytes)) => bytes,
            _ => panic!("a manifest: {body}"),
        };
        let one = bytes(r#"{"documents":[{"sha256":"x","media_type":"no/such"}]}"#);
        let other = bytes(r#"{ "documents": [{"media_type":"no/such","sha256":"x"}] }"#);
        assert_eq!(one, other);
    }
}
