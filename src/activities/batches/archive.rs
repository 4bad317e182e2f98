//! What an archive holds: its directory, read entry by entry, never held as a whole.
//!
//! Names in it are words for people. None is ever a path, and nothing in it is unpacked twice: an
//! archive in an archive is a document like any other, for its reader to look into.

use std::fs::File;
use std::io::BufReader;

// The one reader whose memory does not grow with the directory; its releases get a review.
use zip::read::{Config, ZipFileEntry};
use zip::unstable::read::ZipIterable;

use crate::activities::batches::Listed;
use crate::models::batch::{ITEMS_MAX, ItemProblem, Refusal, UNPACKED_BYTES_MAX};

/// Entries of a directory, with the folders and what systems add: more is no list of invoices.
const ENTRIES_MAX: usize = 3 * ITEMS_MAX;

/// Characters of a name that are kept.
const NAME_CHARACTERS_MAX: usize = 255;

/// An archive that is read where it lies.
pub(super) type Archive = ZipIterable<BufReader<File>>;

/// Reads the end of the file, and no more of it.
///
/// # Errors
/// No archive, or one with too many entries.
pub(super) fn open(file: File) -> Result<Archive, ItemProblem> {
    let archive = ZipIterable::try_new(BufReader::new(file), Config::default());
    let archive = archive.map_err(|_| damaged())?;
    if archive.len() > ENTRIES_MAX {
        return Err(too_many(archive.len()));
    }
    Ok(archive)
}

/// The items of an archive, in its order: every entry that is no folder and nothing that systems
/// add beside documents.
///
/// # Errors
/// No archive, one without a document, with too many, or with too many bytes.
pub(super) fn list(file: File) -> Result<Vec<Listed>, ItemProblem> {
    let mut archive = open(file)?;
    let mut listed: Vec<Listed> = Vec::new();
    let mut unpacked = 0_u64;
    for entry in archive.files().map_err(|_| damaged())? {
        let entry = entry.map_err(|_| damaged())?;
        if !is_item(&entry) {
            continue;
        }
        // What is said here is held when the entry is unpacked.
        unpacked = unpacked.saturating_add(entry.size());
        listed.push(((listed.len() + 1).to_string(), name(&entry)));
    }
    if unpacked > UNPACKED_BYTES_MAX {
        let detail = format!("Unpacked it has {unpacked} bytes; {UNPACKED_BYTES_MAX} are taken.");
        let problem = Refusal::TooLarge.because(detail);
        return Err(problem.with("limit", UNPACKED_BYTES_MAX).with("unit", "bytes"));
    }
    match listed.len() {
        0 => Err(Refusal::Invalid.because("The archive has no document in it.")),
        items if items > ITEMS_MAX => Err(too_many(items)),
        _ => Ok(listed),
    }
}

/// Whether an entry is a document.
pub(super) fn is_item(entry: &ZipFileEntry<'_>) -> bool {
    let name = entry.name_raw();
    let last = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let added = name.starts_with(b"__MACOSX/") || last.starts_with(b".") || last == b"Thumbs.db";
    !entry.is_dir() && !added
}

fn name(entry: &ZipFileEntry<'_>) -> Option<String> {
    let name = entry.name().ok()?;
    let shown = name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let shown: String = shown.take(NAME_CHARACTERS_MAX).collect();
    (!shown.trim().is_empty()).then_some(shown)
}

/// The archive cannot be read.
pub(super) fn damaged() -> ItemProblem {
    Refusal::Unsupported.because("This is no ZIP archive, or its directory is damaged.")
}

fn too_many(found: usize) -> ItemProblem {
    let detail = format!("The archive has {found} entries; {ITEMS_MAX} documents are taken.");
    Refusal::TooLarge.because(detail).with("limit", ITEMS_MAX).with("unit", "items")
}
