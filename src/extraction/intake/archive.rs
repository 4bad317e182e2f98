//! An archive with one document in it. What programs of the trade add beside it is passed over.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::extraction::detect::{Detected, detect};
use crate::extraction::guard::limit;
use crate::extraction::intake::WANTED;
use crate::extraction::notes::{finding, shown};
use crate::extraction::unreadable::Unreadable;
use crate::models::finding::{Finding, Severity};

/// Entries of an archive (extraction handbook §2).
const ENTRIES_MAX: usize = 20;

/// Bytes of all entries, unpacked (extraction handbook §2).
const UNPACKED_BYTES_MAX: u64 = 100 * 1024 * 1024;

/// Names of entries that a refusal or a finding shows.
const SHOWN_MAX: usize = 5;

/// The document of an archive.
#[derive(Debug)]
pub(crate) struct Only {
    pub(crate) content: Vec<u8>,
    /// Other entries have the very same bytes.
    pub(crate) copies: Option<Finding>,
}

/// The one entry that may be an invoice; entries with the same bytes are one. Names inside are
/// data; nothing is written anywhere.
///
/// # Errors
/// A broken archive, one beyond the limits, none that may be an invoice, or several.
pub(crate) fn only_document(bytes: &[u8]) -> Result<Only, Unreadable> {
    let broken = |_| Unreadable::Archive { reason: "it is damaged or encrypted" };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    limit("entries of an archive", archive.len(), ENTRIES_MAX)?;
    let mut left = UNPACKED_BYTES_MAX;
    let mut found: Option<Vec<u8>> = None;
    let (mut names, mut others) = (Vec::new(), 0);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name();
        let name = name.map_or_else(|_| format!("entry {}", index + 1), |name| shown(&name));
        let mut content = Vec::new();
        // What the archive says of sizes is not believed: one more byte than is left tells.
        let read = entry.take(left + 1).read_to_end(&mut content);
        let read = read.map_err(|_| Unreadable::Archive { reason: "an entry is damaged" })? as u64;
        left = left.checked_sub(read).ok_or(Unreadable::TooLarge {
            what: "or more unpacked bytes of an archive",
            found: UNPACKED_BYTES_MAX as usize + 1,
            max: UNPACKED_BYTES_MAX as usize,
        })?;
        if !may_be_an_invoice(&content) {
            continue;
        }
        names.push(name);
        match &found {
            None => found = Some(content),
            Some(first) => others += usize::from(*first != content),
        }
    }
    let listed = listed(&names);
    if others > 0 {
        return Err(Unreadable::Several { found: names.len(), what: format!("entries {listed}") });
    }
    let nothing = Unreadable::Unsupported { detected: Some("this archive".into()), wanted: WANTED };
    let copies = (names.len() > 1).then(|| {
        let message = format!("the archive holds one document {} times: {listed}", names.len());
        finding("ARCHIVE_COPIES", Severity::Information, "", message)
    });
    Ok(Only { content: found.ok_or(nothing)?, copies })
}

/// The first names, and how many more there are.
fn listed(names: &[String]) -> String {
    let mut listed = names.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN_MAX {
        listed.push_str(&format!(" and {} more", names.len() - SHOWN_MAX));
    }
    listed
}

fn may_be_an_invoice(content: &[u8]) -> bool {
    matches!(
        detect(content),
        Detected::Xml | Detected::Pdf | Detected::Json | Detected::Sheet | Detected::Picture
    )
}

#[cfg(test)]
mod tests {
    use super::only_document;
    use std::io::{Cursor, Write};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            archive.start_file(*name, SimpleFileOptions::default()).expect("an entry");
            archive.write_all(content.as_bytes()).expect("its content");
        }
        archive.finish().expect("an archive").into_inner()
    }

    #[test]
    fn the_same_bytes_are_one_document() {
        let two = [("a.xml", "<a/>"), ("read me.txt", "hello"), ("old/a.xml", "<a/>")];
        let only = only_document(&archive(&two)).expect("one document");
        assert_eq!(only.content, b"<a/>");
        let copies = only.copies.expect("a finding");
        assert_eq!(copies.code, "ARCHIVE_COPIES");
        assert!(copies.message.contains("2 times: a.xml, old/a.xml"), "{}", copies.message);
        let one = only_document(&archive(&two[..2])).expect("one document");
        assert!(one.copies.is_none());
    }

    #[test]
    fn other_bytes_are_another_document_and_all_are_named() {
        let three = [("a.xml", "<a/>"), ("b.xml", "<a/>"), ("c.xml", "<c/>")];
        let error = only_document(&archive(&three)).expect_err("several").to_string();
        assert!(error.contains("3 documents") && error.contains("a.xml, b.xml, c.xml"), "{error}");
        let none = only_document(&archive(&[("a.txt", "hello")])).expect_err("none").to_string();
        assert!(none.contains("this archive"), "{none}");
    }
}
