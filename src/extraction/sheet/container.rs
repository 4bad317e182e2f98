//! What a spreadsheet file is, and whether its parts can be unpacked within limits.

use std::io::{BufReader, Cursor, Read, sink};

use zip::ZipArchive;

use crate::extraction::sheet::SheetError;
use crate::extraction::sheet::compound;
use crate::extraction::sheet::opendocument;
use crate::extraction::sheet::records;

/// Parts of the file. A workbook of 50 sheets has about 200.
const ENTRIES_MAX: u64 = 2_000;

/// Bytes of all parts together: extraction handbook §2.
const UNPACKED_BYTES_MAX: u64 = 100 * 1024 * 1024;

/// How many times larger a part may become; XML of a sheet becomes 10 to 40 times larger.
const RATIO_MAX: u64 = 200;

/// Parts below this are not held to the ratio: an empty sheet of blanks may exceed it.
const RATIO_FROM_BYTES: u64 = 1024 * 1024;

/// Kinds of spreadsheet files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// Office Open XML.
    Xlsx,
    /// Excel 97 to 2003.
    Xls,
    /// OpenDocument.
    Ods,
}

/// The compound file that old formats and encrypted new ones are.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Unpacks everything once into nothing and counts: what the parts announce may be a lie.
///
/// # Errors
/// A password, no spreadsheet, or a limit reached.
pub(crate) fn check(bytes: &[u8]) -> Result<Container, SheetError> {
    if bytes.starts_with(COMPOUND) {
        // The stream's name stands in the directory, in UTF-16.
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let encrypted = bytes.windows(name.len()).any(|window| window == name);
        return match encrypted {
            true => Err(SheetError::Encrypted),
            false if compound::leads_in_a_circle(bytes) => {
                Err(SheetError::broken("its sectors lead in a circle"))
            }
            false => records::check(bytes).map(|()| Container::Xls),
        };
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(SheetError::broken)?;
    SheetError::limit("parts", archive.len() as u64, ENTRIES_MAX)?;
    let mut unpacked = 0;
    for index in 0..archive.len() {
        // An encrypted part of a plain archive can only be refused as such.
        let part = archive.by_index(index).map_err(|error| match error {
            zip::result::ZipError::UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED) => {
                SheetError::Encrypted
            }
            other => SheetError::broken(other),
        })?;
        let packed = part.compressed_size();
        let room = UNPACKED_BYTES_MAX - unpacked;
        let size = std::io::copy(&mut part.take(room + 1), &mut sink());
        let size = size.map_err(SheetError::broken)?;
        unpacked += size;
        SheetError::limit("bytes unpacked", unpacked, UNPACKED_BYTES_MAX)?;
        if size > RATIO_FROM_BYTES {
            SheetError::limit(
                "times its size, one part unpacked",
                size / packed.max(1),
                RATIO_MAX,
            )?;
        }
    }
    kind(&mut archive)
}

fn kind(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Container, SheetError> {
    if archive.index_for_name("xl/workbook.xml").is_some() {
        return Ok(Container::Xlsx);
    }
    // A longer text is no media type.
    let mut media_type = String::new();
    if let Ok(part) = archive.by_name("mimetype") {
        let read = part.take(100).read_to_string(&mut media_type);
        media_type.truncate(read.unwrap_or_default());
    }
    match media_type.trim() {
        "application/vnd.oasis.opendocument.spreadsheet" => {
            if let Ok(content) = archive.by_name("content.xml") {
                opendocument::check(BufReader::new(content))?;
            }
            Ok(Container::Ods)
        }
        _ => Err(SheetError::broken("it is an archive without sheets that are known here")),
    }
}
