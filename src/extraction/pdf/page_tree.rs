//! How many pages a PDF has, whatever its tree of pages says of itself.

use std::collections::HashSet;

use lopdf::{Dictionary, Document, Object};

/// The pages below the root, each once: a tree that leads back into itself ends.
pub(super) fn count(document: &Document) -> usize {
    let Some(root) = document.catalog().ok().and_then(|catalog| catalog.get(b"Pages").ok()) else {
        return 0;
    };
    let mut open = vec![root];
    let mut visited = HashSet::new();
    let mut pages = 0;
    while let Some(object) = open.pop() {
        if object.as_reference().is_ok_and(|id| !visited.insert(id)) {
            continue;
        }
        let node = document.dereference(object).ok().and_then(|(_, object)| object.as_dict().ok());
        let Some(node) = node else {
            continue;
        };
        match kids(document, node) {
            Some(kids) => open.extend(kids),
            // What is no branch is a page, as viewers take it.
            None if !node.has_type(b"Pages") => pages += 1,
            None => {}
        }
    }
    pages
}

fn kids<'a>(document: &'a Document, node: &'a Dictionary) -> Option<&'a Vec<Object>> {
    node.get_deref(b"Kids", document).and_then(Object::as_array).ok()
}
