//! A text as fields: `:20:`, `:61:`, … with all lines up to the next one.

use crate::extraction::guard;
use crate::extraction::unreadable::Unreadable;
use crate::models::statement::ENTRIES_MAX;

/// Fields of a file: two of an entry, a dozen of a statement, and room for small statements.
const FIELDS_MAX: usize = 4 * ENTRIES_MAX;

/// The fields that are read. A line that looks like another one, such as the `:12:11` of a time
/// that was broken over two lines, goes on with the field before it.
const TAGS: [&str; 22] = [
    "13", "13D", "20", "21", "25", "25P", "28", "28C", "34F", "60F", "60M", "61", "62F", "62M",
    "64", "65", "86", "90C", "90D", "940", "942", "NS",
];

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// A line outside of any message, or the blocks before a message.
    Header(&'t str),
    /// A field, its text up to the next one, and the line where it begins.
    Field(&'t str, &'t str, u32),
    /// The end of a message.
    End,
}

/// What the lines before a message say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// BIC of the bank that sent it.
    pub(crate) bank: Option<String>,
    /// Whether it is an MT942, where the header says so.
    pub(crate) interim: Option<bool>,
}

impl Header {
    /// Takes in one line; banks put more before a message than the standard knows.
    pub(crate) fn take(&mut self, line: &str) {
        let line = line.trim();
        let kind = line.split_whitespace().next().unwrap_or_default();
        match kind {
            "940" | "942" => self.interim = Some(kind == "942"),
            _ => {}
        }
        if let Some((_, block)) = line.split_once("{1:F01") {
            self.bank = self.bank.take().or_else(|| bic(block));
        }
        let Some((_, block)) = line.split_once("{2:") else {
            return;
        };
        if let Some(kind) = block.get(1..4) {
            self.interim = Some(kind == "942");
        }
        // From the network (O) the sender's address stands in the second block: time, day, BIC.
        if block.starts_with('O') {
            self.bank = block.get(14..).and_then(bic).or(self.bank.take());
        }
    }
}

/// Eight characters of a BIC, then the letter of a terminal, then three of the branch.
fn bic(address: &str) -> Option<String> {
    let (bank, branch) = (address.get(..8)?, address.get(9..12)?);
    let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let branch = if branch == "XXX" { "" } else { branch };
    (letters(bank) && letters(branch)).then(|| format!("{bank}{branch}"))
}

/// The tag that a line begins with, and what follows it.
pub(crate) fn tag(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.strip_prefix(':')?.split_once(':')?;
    TAGS.contains(&tag).then_some((tag, rest))
}

/// As [`tag`], of a line whose colon stands alone on the line before.
fn tag_without_colon(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.split_once(':')?;
    TAGS.contains(&tag).then_some((tag, rest))
}

/// Splits a text whose lines end in `\n`.
///
/// # Errors
/// More fields than any real file has.
pub(crate) fn split(text: &str) -> Result<Vec<Piece<'_>>, Unreadable> {
    let mut pieces = Vec::new();
    // The field that is open: its tag, where its text begins, and its line.
    let mut open: Option<(&str, usize, u32)> = None;
    let mut lone_colon = None;
    let (mut at, mut number) = (0, 0_u32);
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
        let line = &text[at..end];
        number = number.saturating_add(1);
        let broken = lone_colon.and_then(|_| tag_without_colon(line));
        if let Some((tag, rest)) = tag(line).or(broken) {
            let field_end = lone_colon.filter(|_| broken.is_some()).unwrap_or(at);
            close(&mut pieces, text, open.take(), field_end);
            open = Some((tag, end - rest.len(), number));
        } else if open.is_some() && (ends(line, &text[end..]) || line.starts_with("{1:")) {
            close(&mut pieces, text, open.take(), at);
            pieces.push(Piece::End);
            pieces.push(Piece::Header(line));
        } else if open.is_none() && !line.trim().is_empty() {
            pieces.push(Piece::Header(line));
        }
        lone_colon = (line.trim() == ":").then_some(at);
        guard::limit("fields", pieces.len(), FIELDS_MAX)?;
        at = end + 1;
    }
    close(&mut pieces, text, open, text.len());
    Ok(pieces)
}

fn close<'t>(
    pieces: &mut Vec<Piece<'t>>,
    text: &'t str,
    open: Option<(&'t str, usize, u32)>,
    end: usize,
) {
    if let Some((tag, start, number)) = open {
        let body = text.get(start..end).unwrap_or_default();
        pieces.push(Piece::Field(tag, body.trim_matches('\n'), number));
    }
}

/// Whether a line ends a message: `-`, `-}`, and what some banks make of it. A dash alone may also
/// be a part of a broken text: then a subfield follows.
fn ends(line: &str, rest: &str) -> bool {
    let line = line.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let subfield_follows = || rest.trim_start().starts_with(['?', '/']);
    line.starts_with("-}") || line == "-XXX" || (line == "-" && !subfield_follows())
}

#[cfg(test)]
mod tests {
    use super::{Header, Piece, split};

    #[test]
    fn lines_go_on_until_the_next_field_that_is_known() {
        let text = "{1:F01X}\n:20:A\n:86:x\n:12:11\n-\n?20y\n\n-\nABN\n:20:B\n:\n86:z\n-}";
        let pieces = split(text).expect("few fields");
        assert_eq!(
            pieces,
            [
                Piece::Header("{1:F01X}"),
                Piece::Field("20", "A", 2),
                Piece::Field("86", "x\n:12:11\n-\n?20y", 3),
                Piece::End,
                Piece::Header("-"),
                Piece::Header("ABN"),
                Piece::Field("20", "B", 10),
                Piece::Field("86", "z", 12),
                Piece::End,
                Piece::Header("-}"),
            ]
        );
    }

    #[test]
    fn a_header_tells_bank_and_kind() {
        let mut header = Header::default();
        header.take(
            "{1:F01AAAABEBBAXXX0000000000}{2:O9421200260131BANKDEFFA12300000000002601311200N}{4:",
        );
        assert_eq!(header.bank.as_deref(), Some("BANKDEFF123"));
        assert_eq!(header.interim, Some(true));
        let mut header = Header::default();
        header.take("{1:F01AAAABEBBAXXX0000000000}{2:I940BANKDEFFXXXXN}{4:");
        assert_eq!(header.bank.as_deref(), Some("AAAABEBB"));
        assert_eq!(header.interim, Some(false));
        header.take("{2:é");
        header.take("{1:F01é");
    }
}
