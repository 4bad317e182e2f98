//! An archive with one document in it. What programs of the trade add beside it is passed over.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::extraction::detect::{Detected, detect};
use crate::extraction::guard::limit;
use crate::extraction::intake::WANTED;
use crate::extraction::unreadable::Unreadable;

/// Entries of an archive (extraction handbook §2).
const ENTRIES_MAX: usize = 20;

/// Bytes of all entries, unpacked (extraction handbook §2).
const UNPACKED_BYTES_MAX: u64 = 100 * 1024 * 1024;

/// The one entry that may be an invoice. Names inside are data; nothing is written anywhere.
///
/// # Errors
/// A broken archive, one beyond the limits, none that may be an invoice, or several.
pub(crate) fn only_document(bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let broken = |_| Unreadable::Archive { reason: "it is damaged or encrypted" };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    limit("entries of an archive", archive.len(), ENTRIES_MAX)?;
    let mut left = UNPACKED_BYTES_MAX;
    let mut found = None;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        if entry.is_dir() {
            continue;
        }
        let mut content = Vec::new();
        // What the archive says of sizes is not believed: one more byte than is left tells.
        let read = entry.take(left + 1).read_to_end(&mut content);
        let read = read.map_err(|_| Unreadable::Archive { reason: "an entry is damaged" })? as u64;
        left = left.checked_sub(read).ok_or(Unreadable::TooLarge {
            what: "or more unpacked bytes of an archive",
            found: UNPACKED_BYTES_MAX as usize + 1,
            max: UNPACKED_BYTES_MAX as usize,
        })?;
        if may_be_an_invoice(&content) && found.replace(content).is_some() {
            let what = "documents of an archive".to_owned();
            return Err(Unreadable::Several { found: 2, what });
        }
    }
    let nothing = Unreadable::Unsupported { detected: Some("this archive".into()), wanted: WANTED };
    found.ok_or(nothing)
}

fn may_be_an_invoice(content: &[u8]) -> bool {
    matches!(
        detect(content),
        Detected::Xml | Detected::Pdf | Detected::Json | Detected::Sheet | Detected::Picture
    )
}
