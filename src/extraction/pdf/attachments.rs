//! The files inside a PDF: by the tree of names, by the associated files of the catalog, and by the
//! paper clips that people put on a page.
//!
//! Writers use any of these ways, so each file is taken once, by the stream that holds it. Every
//! walk is bounded, and a tree that leads back into itself ends.

use std::collections::HashSet;

use lopdf::{DecompressError, Dictionary, Document, Error, Object, ObjectId, decode_text_string};

use crate::extraction::content::{Attachment, Label};
use crate::extraction::limits::WorkLimits;

/// Nodes of the tree of names that are visited: room for 50 files, each in a node of its own.
const NODES_MAX: usize = 1_000;

/// Characters of a name or a media type; file systems end at 255 bytes.
const NAME_CHARACTERS_MAX: usize = 255;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of the document, the tree of names first.
    pub(super) kept: Vec<Attachment>,
    /// What was not kept, in words.
    pub(super) left_out: Vec<String>,
    /// The streams of all of them.
    pub(super) streams: HashSet<ObjectId>,
}

/// Finds the files inside a document, within the limits on their number and size.
pub(super) fn find(document: &Document, limits: &WorkLimits) -> Found {
    let mut found = Found::default();
    let mut bytes_left = limits.attachments_bytes_max;
    for (specification, key) in specifications(document) {
        let Some((id, label)) = described(document, specification, key) else {
            continue;
        };
        if !found.streams.insert(id) {
            continue;
        }
        if found.kept.len() >= limits.attachments_max {
            let max = limits.attachments_max;
            found.left_out.push(format!("{} and what follows: at most {max} files", label.name));
            break;
        }
        let most = bytes_left.min(limits.stream_bytes_max);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let stream = document.get_object(id).and_then(Object::as_stream);
        match stream.and_then(|stream| stream.get_plain_content_with_limit(most)) {
            Ok(bytes) => {
                bytes_left -= bytes.len() as u64;
                found.kept.push(Attachment { label, bytes });
            }
            Err(error) => found.left_out.push(format!("{}: {}", label.name, why(&error))),
        }
    }
    found
}

/// Why a file was not taken out.
fn why(error: &Error) -> String {
    match error {
        Error::Decompress(DecompressError::MemoryLimitExceeded { limit }) => {
            format!("it inflates to more than {limit} bytes, as in a file made to harm")
        }
        Error::Decompress(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// Every file specification, with the name that the tree has for it.
fn specifications(document: &Document) -> Vec<(&Dictionary, Option<&Object>)> {
    let Ok(catalog) = document.catalog() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let names = catalog.get_deref(b"Names", document).and_then(Object::as_dict);
    if let Ok(root) = names.and_then(|names| names.get(b"EmbeddedFiles")) {
        walk(document, root, &mut all);
    }
    let associated = catalog.get_deref(b"AF", document);
    let associated = match associated {
        Ok(Object::Array(files)) => &files[..],
        Ok(file) => std::slice::from_ref(file),
        Err(_) => &[],
    };
    for file in associated.iter().take(NODES_MAX) {
        all.extend(dictionary(document, file).map(|file| (file, None)));
    }
    all.extend(clipped(document).map(|file| (file, None)));
    all
}

/// Files of annotations, page by page.
fn clipped(document: &Document) -> impl Iterator<Item = &Dictionary> {
    let pages = document.page_iter().take(NODES_MAX);
    let pages = pages.filter_map(|page| document.get_dictionary(page).ok());
    let annotations = pages.filter_map(|page| {
        let annotations = page.get_deref(b"Annots", document).and_then(Object::as_array).ok()?;
        Some(annotations.iter().take(NODES_MAX))
    });
    let annotations = annotations.flatten().take(NODES_MAX);
    annotations.filter_map(|annotation| {
        let annotation = dictionary(document, annotation)?;
        let kind = annotation.get_deref(b"Subtype", document).and_then(Object::as_name).ok()?;
        let file = annotation.get_deref(b"FS", document).and_then(Object::as_dict).ok()?;
        (kind == b"FileAttachment").then_some(file)
    })
}

/// The leaves of the tree of names, from the left.
fn walk<'a>(
    document: &'a Document,
    root: &'a Object,
    all: &mut Vec<(&'a Dictionary, Option<&'a Object>)>,
) {
    let mut open = vec![root];
    let mut visited = HashSet::new();
    let mut nodes = 0;
    while let Some(object) = open.pop() {
        nodes += 1;
        let again = object.as_reference().is_ok_and(|id| !visited.insert(id));
        if again || nodes > NODES_MAX {
            continue;
        }
        let Some(node) = dictionary(document, object) else {
            continue;
        };
        if let Ok(pairs) = node.get_deref(b"Names", document).and_then(Object::as_array) {
            for pair in pairs.chunks_exact(2).take(NODES_MAX) {
                all.extend(dictionary(document, &pair[1]).map(|file| (file, Some(&pair[0]))));
            }
        }
        if let Ok(kids) = node.get_deref(b"Kids", document).and_then(Object::as_array) {
            open.extend(kids.iter().take(NODES_MAX).rev());
        }
    }
}

/// The stream of a file, and what the document says of it.
fn described(
    document: &Document,
    specification: &Dictionary,
    key: Option<&Object>,
) -> Option<(ObjectId, Label)> {
    let streams = specification.get_deref(b"EF", document).and_then(Object::as_dict).ok()?;
    let id = [&b"UF"[..], b"F"].into_iter().find_map(|key| streams.get(key).ok())?;
    let id = id.as_reference().ok()?;
    let stream = document.get_object(id).and_then(Object::as_stream).ok();
    let text = |key: &[u8]| specification.get_deref(key, document).ok().and_then(text_of);
    let name = text(b"UF").or_else(|| text(b"F")).or_else(|| key.and_then(text_of));
    let media_type = stream.and_then(|stream| stream.dict.get_deref(b"Subtype", document).ok());
    let relationship = specification.get_deref(b"AFRelationship", document).ok();
    Some((
        id,
        Label {
            name: name.unwrap_or_default(),
            relationship: relationship.and_then(name_of),
            media_type: media_type.and_then(name_of),
        },
    ))
}

fn dictionary<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Dictionary> {
    document.dereference(object).ok().and_then(|(_, object)| object.as_dict().ok())
}

fn text_of(object: &Object) -> Option<String> {
    let text = decode_text_string(object).ok()?;
    Some(text.chars().take(NAME_CHARACTERS_MAX).collect()).filter(|text: &String| !text.is_empty())
}

fn name_of(object: &Object) -> Option<String> {
    let name = String::from_utf8_lossy(object.as_name().ok()?);
    Some(name.chars().take(NAME_CHARACTERS_MAX).collect())
}
