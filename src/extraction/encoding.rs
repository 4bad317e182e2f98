//! Bytes to UTF-8 (extraction handbook §10).
//!
//! Order: byte order mark, XML declaration, strict UTF-8, detection, Windows-1252. Where the
//! declaration and the bytes disagree the bytes win, and a finding says so.

use std::ops::Range;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::extraction::unreadable::Unreadable;
use crate::models::finding::{Finding, Severity};

/// Bytes in which the XML declaration must end; real ones have about 60.
const DECLARATION_BYTES_MAX: usize = 1024;

/// Text, and what was odd about its bytes.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// Without a byte order mark. The XML declaration is blanked: it spoke of the bytes, and
    /// blanks keep the places of all that follows.
    pub(crate) text: String,
    /// A warning when the bytes were not what they announced.
    pub(crate) finding: Option<Finding>,
}

/// Decodes; only bytes that announce an encoding by a mark and then break it are refused.
///
/// # Errors
/// [`Unreadable::Encoding`].
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, Unreadable> {
    let (mut text, finding) = match announced(bytes) {
        Announced::Wide(encoding, rest) => (wide(encoding, rest)?, None),
        Announced::Declared(encoding, label) => narrow(bytes, encoding, &label),
    };
    blank_declaration(&mut text);
    Ok(Decoded { text, finding })
}

/// What the first bytes say of the encoding.
enum Announced<'b> {
    /// UTF-16, by its mark or by the zero bytes around the first `<`; and what follows the mark.
    Wide(&'static Encoding, &'b [u8]),
    /// Anything whose declaration can be read byte by byte; UTF-8 where there is none.
    Declared(&'static Encoding, String),
}

fn announced(bytes: &[u8]) -> Announced<'_> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes)
        && encoding != UTF_8
    {
        return Announced::Wide(encoding, &bytes[length..]);
    }
    match bytes {
        [b'<', 0, ..] => return Announced::Wide(UTF_16LE, bytes),
        [0, b'<', ..] => return Announced::Wide(UTF_16BE, bytes),
        _ => {}
    }
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES_MAX)];
    let head = String::from_utf8_lossy(head);
    let label = declaration(&head).and_then(|range| declared_label(&head[range]));
    let Some(label) = label else {
        return Announced::Declared(UTF_8, "UTF-8".to_owned());
    };
    // A declaration that can be read byte by byte does not stand in UTF-16, whatever it says.
    let encoding = Encoding::for_label(label.as_bytes());
    let encoding = encoding.filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE);
    Announced::Declared(encoding.unwrap_or(UTF_8), label)
}

fn wide(encoding: &'static Encoding, rest: &[u8]) -> Result<String, Unreadable> {
    let (text, broken) = encoding.decode_without_bom_handling(rest);
    if broken {
        let encoding = encoding.name();
        return Err(Unreadable::Encoding { encoding });
    }
    Ok(text.into_owned())
}

fn narrow(bytes: &[u8], declared: &'static Encoding, label: &str) -> (String, Option<Finding>) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let utf8 = std::str::from_utf8(bytes).ok();
    if let Some(text) = utf8
        && (declared == UTF_8 || text.is_ascii())
    {
        let known = Encoding::for_label(label.as_bytes()) == Some(declared);
        let finding = (!known).then(|| mismatch(label, "UTF-8"));
        return (text.to_owned(), finding);
    }
    // Text of a one-byte encoding is by chance valid UTF-8 only when it is plain ASCII.
    if let Some(text) = utf8
        && declared.is_single_byte()
    {
        return (text.to_owned(), Some(mismatch(label, "UTF-8")));
    }
    if declared != UTF_8 {
        let (text, broken) = declared.decode_without_bom_handling(bytes);
        if !broken {
            return (text.into_owned(), None);
        }
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let (text, broken) = guess.decode_without_bom_handling(bytes);
    if !broken {
        return (text.into_owned(), Some(mismatch(label, guess.name())));
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    (text.into_owned(), Some(mismatch(label, "windows-1252")))
}

fn mismatch(declared: &str, taken: &str) -> Finding {
    let declared: String = declared.chars().take(40).collect();
    Finding {
        code: "ENCODING_MISMATCH".to_owned(),
        severity: Severity::Warning,
        source: "ap-gateway".to_owned(),
        place: None,
        terms: Vec::new(),
        message: format!("the document announces {declared}, and its bytes were read as {taken}"),
        actual: Some(taken.to_owned()),
        expected: Some(declared),
        remedy: Some("check names and texts for wrong letters; send UTF-8".to_owned()),
    }
}

/// Where the XML declaration stands, if there is one.
fn declaration(text: &str) -> Option<Range<usize>> {
    let start = text.len() - text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).len();
    let rest = text[start..].strip_prefix("<?xml")?;
    // `<?xml-stylesheet …?>` is another thing.
    if !rest.starts_with(|c: char| c.is_ascii_whitespace()) {
        return None;
    }
    let end = rest.find("?>")?;
    Some(start..start + "<?xml".len() + end + "?>".len())
}

fn declared_label(declaration: &str) -> Option<String> {
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (label, _) = rest[1..].split_once(quote)?;
    Some(label.trim().to_owned())
}

/// Also blanks what precedes the declaration: blanks there are frequent and harmless.
fn blank_declaration(text: &mut String) {
    if let Some(range) = declaration(text) {
        let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
        let blanks: String = text[..range.end].chars().map(blank).collect();
        text.replace_range(..range.end, &blanks);
    }
}

#[cfg(test)]
mod tests {
    use super::decode;
    use encoding_rs::{SHIFT_JIS, WINDOWS_1252};

    const TEXT: &str = "<a>Müller &amp; Søn, Œuvre</a>";

    fn declared(label: &str) -> String {
        format!("<?xml version=\"1.0\" encoding=\"{label}\"?>\n{TEXT}")
    }

    fn utf16(text: &str, mark: bool, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = if mark { "\u{feff}" } else { "" };
        let units: Vec<u16> = mark.encode_utf16().chain(text.encode_utf16()).collect();
        units.into_iter().flat_map(unit).collect()
    }

    #[test]
    fn every_announced_encoding_gives_the_same_text() {
        let cases = [
            TEXT.as_bytes().to_vec(),
            declared("UTF-8").into_bytes(),
            format!("\u{feff}{}", declared("utf-8")).into_bytes(),
            format!("\r\n{}", declared("utf-8")).into_bytes(),
            WINDOWS_1252.encode(&declared("ISO-8859-1")).0.into_owned(),
            WINDOWS_1252.encode(&declared("windows-1252")).0.into_owned(),
            utf16(&declared("UTF-16"), true, u16::to_le_bytes),
            utf16(&declared("UTF-16"), true, u16::to_be_bytes),
            utf16(&declared("UTF-16"), false, u16::to_le_bytes),
            utf16(TEXT, false, u16::to_be_bytes),
        ];
        for bytes in cases {
            let decoded = decode(&bytes).expect("decodes");
            assert_eq!(decoded.text.trim_start(), TEXT);
            assert_eq!(decoded.finding, None);
        }
    }

    #[test]
    fn bytes_win_over_the_declaration_and_that_is_said() {
        let cases = [
            (declared("ISO-8859-1").into_bytes(), "UTF-8"),
            (declared("UTF-16").into_bytes(), "UTF-8"),
            (declared("klingon").into_bytes(), "UTF-8"),
            (WINDOWS_1252.encode(&declared("UTF-8")).0.into_owned(), "windows-1252"),
            (WINDOWS_1252.encode(TEXT).0.into_owned(), "windows-1252"),
        ];
        for (bytes, taken) in cases {
            let decoded = decode(&bytes).expect("decodes");
            assert_eq!(decoded.text.trim_start(), TEXT);
            let finding = decoded.finding.expect("a finding");
            assert_eq!(finding.code, "ENCODING_MISMATCH");
            assert_eq!(finding.actual.as_deref(), Some(taken));
        }
    }

    #[test]
    fn encodings_of_two_bytes_a_letter_are_read_too() {
        let text = "<?xml version='1.0' encoding='Shift_JIS'?><a>請求書</a>";
        let decoded = decode(&SHIFT_JIS.encode(text).0).expect("decodes");
        assert_eq!(decoded.text.trim_start(), "<a>請求書</a>");
        assert_eq!(decoded.finding, None);
    }

    #[test]
    fn half_a_letter_of_utf16_is_refused() {
        let mut bytes = utf16(TEXT, true, u16::to_le_bytes);
        bytes.pop();
        assert!(decode(&bytes).is_err());
    }

    #[test]
    fn a_blanked_declaration_moves_nothing() {
        let text = "<?xml version=\"1.0\"\n encoding='UTF-8' ?>\n<a/>";
        let decoded = decode(text.as_bytes()).expect("decodes");
        assert_eq!(decoded.text.len(), text.len());
        assert_eq!(decoded.text.matches('\n').count(), 2);
    }
}
