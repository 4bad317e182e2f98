//! Archives from a list of parts: sums and offsets are too much for a fuzzer to find by itself.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What every line that names a part begins with.
const MARK: &[u8] = b"=== ";

/// The parts as an archive; what names no part is taken as it is.
pub(crate) fn typed(bytes: &[u8]) -> Vec<u8> {
    if !bytes.starts_with(MARK) {
        return bytes.to_vec();
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let name = String::from_utf8_lossy(line.strip_prefix(MARK).unwrap_or(line));
        let begun = zip.start_file(name.trim_end_matches(['\r', '\n']), options).is_ok();
        while let Some(line) = lines.next_if(|line| !line.starts_with(MARK)) {
            if begun {
                zip.write_all(line).expect("a vector takes everything");
            }
        }
    }
    zip.finish().expect("a vector takes everything").into_inner()
}
