//! What bytes are, by what they begin with: never by a name, nor by what the sender says.

/// A kind of file, as far as its first bytes tell; what is inside is looked at by its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detected {
    /// Nothing, or nothing but blanks.
    Empty,
    /// XML, in any encoding.
    Xml,
    /// PDF.
    Pdf,
    /// PNG, JPEG or TIFF.
    Picture,
    /// A spreadsheet: Excel or OpenDocument.
    Sheet,
    /// An archive that is no spreadsheet.
    Archive,
    /// JSON.
    Json,
    /// MT940 or OFX: no invoice.
    BankStatement,
    /// Another kind that is surely no document of ours, by its media type.
    Foreign(&'static str),
    /// Perhaps a text, perhaps a table.
    Text,
}

/// A PDF header may stand after this many bytes of something else (ISO 32000-1, annex H.3.4.1).
const PDF_HEADER_WITHIN: usize = 1_024;

/// Beginnings that are surely what they look like.
const MAGIC: [(&[u8], Detected); 11] = [
    (b"\x89PNG\r\n\x1a\n", Detected::Picture),
    (b"\xff\xd8\xff", Detected::Picture),
    (b"II*\x00", Detected::Picture),
    (b"MM\x00*", Detected::Picture),
    // The container of Excel before 2007, and of newer files behind a password.
    (b"\xd0\xcf\x11\xe0", Detected::Sheet),
    (b"\x1f\x8b", Detected::Foreign("application/gzip")),
    (b"Rar!", Detected::Foreign("application/vnd.rar")),
    (b"7z\xbc\xaf", Detected::Foreign("application/x-7z-compressed")),
    (b"GIF8", Detected::Foreign("image/gif")),
    (b"MZ", Detected::Foreign("application/vnd.microsoft.portable-executable")),
    (b"\x7fELF", Detected::Foreign("application/x-elf")),
];

/// What the bytes are.
pub(crate) fn detect(bytes: &[u8]) -> Detected {
    let head = &bytes[..bytes.len().min(PDF_HEADER_WITHIN)];
    if let Some((_, detected)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return *detected;
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return if is_sheet(bytes) { Detected::Sheet } else { Detected::Archive };
    }
    if contains(head, b"%PDF-") {
        return Detected::Pdf;
    }
    let text = ascii(head);
    let text = text.trim_start();
    match text.bytes().next() {
        None if bytes.iter().all(u8::is_ascii_whitespace) => Detected::Empty,
        Some(b'<') if text.starts_with("<OFX") => Detected::BankStatement,
        Some(b'<') => Detected::Xml,
        // Some banks put the envelope of SWIFT around the statement.
        Some(b'{') if text.starts_with("{1:") => Detected::BankStatement,
        Some(b'{' | b'[') => Detected::Json,
        Some(_) if text.starts_with("OFXHEADER") => Detected::BankStatement,
        Some(_) if contains(head, b":20:") && contains(bytes, b":61:") => Detected::BankStatement,
        _ => Detected::Text,
    }
}

/// The first characters as ASCII, whatever the encoding is: byte order marks and the zero bytes of
/// UTF-16 are left out, and what is no ASCII is not needed to tell kinds apart.
fn ascii(head: &[u8]) -> String {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = head.strip_prefix(b"\xff\xfe").unwrap_or(head);
    let head = head.strip_prefix(b"\xfe\xff").unwrap_or(head);
    head.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}

/// A ZIP file that says it is a spreadsheet: the names inside are written as they are.
fn is_sheet(bytes: &[u8]) -> bool {
    let excel = contains(bytes, b"[Content_Types].xml") && contains(bytes, b"xl/workbook");
    excel || contains(bytes, b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet")
}

/// Looks for a short pattern in bytes of any length, in one pass.
pub(crate) fn contains(bytes: &[u8], pattern: &[u8]) -> bool {
    memchr::memmem::find(bytes, pattern).is_some()
}

#[cfg(test)]
mod tests {
    use super::{Detected, detect};

    #[test]
    fn kinds_are_told_by_content() {
        let utf16: Vec<u8> = "\u{feff}<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16_silent: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let late = [&[b'x'; 1_000][..], b"%PDF-1.7"].concat();
        let too_late = [&[b'x'; 1_100][..], b"%PDF-1.7"].concat();
        let sheet = b"PK\x03\x04....[Content_Types].xml....xl/workbook.xml";
        let ods = b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
        let cases: [(&[u8], Detected); 20] = [
            (b"", Detected::Empty),
            (b" \n\t", Detected::Empty),
            (b"\xef\xbb\xbf <?xml version='1.0'?><a/>", Detected::Xml),
            (&utf16, Detected::Xml),
            (&utf16_silent, Detected::Xml),
            (b"%PDF-1.4", Detected::Pdf),
            (&late, Detected::Pdf),
            (&too_late, Detected::Text),
            (b"\x89PNG\r\n\x1a\n", Detected::Picture),
            (b"\xff\xd8\xff\xe0", Detected::Picture),
            (b"II*\x00", Detected::Picture),
            (sheet, Detected::Sheet),
            (ods, Detected::Sheet),
            (b"\xd0\xcf\x11\xe0", Detected::Sheet),
            (b"PK\x03\x04invoice.xml", Detected::Archive),
            (b" [{}]", Detected::Json),
            (b"{1:F01BANK}{4:\n:20:X\n:25:Y\n:61:Z", Detected::BankStatement),
            (b":20:X\n:25:Y\n:61:Z", Detected::BankStatement),
            (b"OFXHEADER:100", Detected::BankStatement),
            (b"a;b\n1;2", Detected::Text),
        ];
        for (bytes, detected) in cases {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(20)]);
            assert_eq!(detect(bytes), detected, "{shown}");
        }
    }
}
