//! The documents of a manifest: each is looked for in the store, and taken or refused.

use std::collections::BTreeSet;

use crate::activities::batches::Listed;
use crate::activities::trouble::Trouble;
use crate::models::batch::{DOCUMENT_BYTES_MAX, ItemProblem, Manifest, ManifestDocument, Refusal};
use crate::models::fault::Fault;
use crate::models::media_type::MediaType;
use crate::models::refs::Sha256;
use crate::storage::artifacts::{ArtifactError, Artifacts};
use crate::storage::ledger::batches::{NewDocument, NewItem};

/// The items of a kept manifest, in its order.
///
/// # Errors
/// What is kept is no manifest.
pub(super) fn list(bytes: &[u8]) -> Result<Vec<Listed>, ItemProblem> {
    let manifest: Manifest = serde_json::from_slice(bytes)
        .map_err(|error| Refusal::Invalid.because(format!("The manifest: {error}")))?;
    let listed = manifest.documents.into_iter().zip(1_u64..);
    Ok(listed.map(|(document, position)| (key(&document, position), document.name)).collect())
}

fn key(document: &ManifestDocument, position: u64) -> String {
    document.item_key.clone().unwrap_or_else(|| position.to_string())
}

/// The items at these positions.
pub(super) async fn items(
    artifacts: &Artifacts,
    source: &Sha256,
    wanted: &BTreeSet<i64>,
) -> Result<Vec<NewItem>, Trouble> {
    let bytes = artifacts.get(source).await?;
    // It was read before it was kept, so what is unreadable now is a defect of ours.
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|error| Trouble::Defect(format!("a kept manifest: {error}")))?;
    let mut items = Vec::new();
    for (document, position) in manifest.documents.into_iter().zip(1_u32..) {
        if !wanted.contains(&i64::from(position)) {
            continue;
        }
        let item_key = key(&document, position.into());
        let found = look(artifacts, &document).await?;
        items.push(NewItem { item_key, name: document.name, document: found });
    }
    Ok(items)
}

async fn look(
    artifacts: &Artifacts,
    document: &ManifestDocument,
) -> Result<Result<NewDocument, ItemProblem>, Trouble> {
    let (sha256, media_type) = match said(document) {
        Ok(said) => said,
        Err(problem) => return Ok(Err(problem)),
    };
    let (bytes, head) = match artifacts.look(&sha256).await {
        Ok(found) => found,
        Err(ArtifactError::Missing(_)) => {
            let detail = format!("The store has no document {sha256}; put it there first.");
            return Ok(Err(Refusal::Missing.because(detail).with("resource", "artifact")));
        }
        Err(error) => return Err(error.into()),
    };
    if bytes == 0 {
        return Ok(Err(Refusal::Malformed.because("The document is empty.")));
    }
    if bytes > DOCUMENT_BYTES_MAX {
        let detail = format!("The document has {bytes} bytes; {DOCUMENT_BYTES_MAX} are taken.");
        let problem = Refusal::TooLarge.because(detail).with("limit", DOCUMENT_BYTES_MAX);
        return Ok(Err(problem.with("unit", "bytes")));
    }
    if let Some(detected) = media_type.contradicted_by(&head) {
        let said = media_type.as_str();
        let detail = format!("It is said to be {said}, and its first bytes are {detected}.");
        return Ok(Err(Refusal::Unsupported.because(detail).with("detected", detected)));
    }
    let purchase_order = document.purchase_order.clone();
    Ok(Ok(NewDocument { sha256, bytes, media_type: media_type.or_by(&head), purchase_order }))
}

/// What the manifest says of a document, if it can be right.
fn said(document: &ManifestDocument) -> Result<(Sha256, MediaType), ItemProblem> {
    let digest = Sha256::parse(&document.sha256).map_err(|_| {
        let shown: String = document.sha256.chars().take(80).collect();
        let detail = format!("sha256 {shown:?} is not 64 hexadecimal digits in lower case.");
        Refusal::Invalid.because(detail)
    })?;
    let media_type = MediaType::parse(&document.media_type).ok_or_else(|| {
        let shown: String = document.media_type.chars().take(100).collect();
        let detail = format!("{shown:?} is no type that is read here.");
        Refusal::Unsupported.because(detail).with("detected", shown)
    })?;
    let mut faults = Vec::new();
    if let Some(order) = &document.purchase_order {
        Fault::text(&mut faults, "", order);
    }
    match faults.first() {
        Some(fault) => Err(Refusal::Invalid.because(format!("purchase_order {}.", fault.detail))),
        None => Ok((digest, media_type)),
    }
}
