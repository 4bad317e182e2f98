//! Why a document cannot be read: what, where, and what to do about it.

use std::fmt;

use crate::extraction::refusal::Refusal;
use crate::models::fault::Fault;

/// Where in a text; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl Place {
    /// The byte offset of a place; none where the text has no such place.
    pub(crate) fn offset_in(self, text: &str) -> Option<usize> {
        let before = usize::try_from(self.line).ok()?.checked_sub(1)?;
        let lines = text.split_inclusive('\n');
        let line_start: usize = lines.take(before).map(str::len).sum();
        let column = usize::try_from(self.column).ok()?.checked_sub(1)?;
        let in_line = text[line_start..].char_indices().map(|(at, _)| at).nth(column)?;
        Some(line_start + in_line)
    }

    /// The place of a byte offset.
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let count = |length: usize| u32::try_from(length + 1).unwrap_or(u32::MAX);
        Self {
            line: count(before.matches('\n').count()),
            column: count(before[line_start..].chars().count()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why nothing could be read. The message names the thing, the place and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No bytes, or nothing but blanks.
    #[error("the document is empty: send the document itself")]
    Empty,
    /// The bytes are no text in the encoding that they announce.
    #[error("the bytes are not the {encoding} that they announce: save the document as UTF-8")]
    Encoding {
        /// The encoding that was announced.
        encoding: &'static str,
    },
    /// No well-formed XML.
    #[error("not well-formed XML at {place}: {reason}; send the document as it was made")]
    NotXml {
        /// Where the parser stopped.
        place: Place,
        /// What it met.
        reason: String,
    },
    /// No well-formed JSON.
    #[error("not well-formed JSON at {place}: {reason}; send the document as it was made")]
    NotJson {
        /// Where the parser stopped.
        place: Place,
        /// What it met.
        reason: String,
    },
    /// More than one document where one is taken: `SEVERAL_INVOICES`.
    #[error("{found} documents in one file ({what}); send each one as a file of its own")]
    Several {
        /// How many there are, as far as they were counted.
        found: usize,
        /// What they were told apart by.
        what: String,
    },
    /// Well-formed perhaps, but with constructs that read files or grow without end.
    #[error("forbidden XML at {place}: {reason}; remove it and send the document again")]
    Forbidden {
        /// Where it stands.
        place: Place,
        /// What it is.
        reason: String,
    },
    /// A limit was reached.
    #[error("too large: {found} {what}, and at most {max} are taken; split the document")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is, as far as it was counted.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// Something else than what was asked for.
    #[error("{} is not supported here: send {wanted}", .detected.as_deref().unwrap_or("this document"))]
    Unsupported {
        /// What it is: a media type, or namespace and name of the root element.
        detected: Option<String>,
        /// What would have been read.
        wanted: &'static str,
    },
    /// A document of a foreign format that its reader gave up, or that was taken from it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An archive that cannot be opened.
    #[error("the archive cannot be read, because {reason}: send the document itself")]
    Archive {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Pages on which nothing is written, as far as can be seen.
    #[error("no text was found on the pages: send a better scan, or a structured invoice")]
    NoText,
    /// A reader of ours fell over the document.
    #[error("the gateway's own reader failed on this document: report it as a defect")]
    Defect,
    /// An order or a receipt of the right kind, with content that cannot be kept.
    #[error("{}", list(.faults))]
    Content {
        /// Every fault; at least one.
        faults: Vec<Fault>,
    },
}

impl Unreadable {
    /// What the document is instead, when that is known.
    pub fn detected(&self) -> Option<&str> {
        match self {
            Self::Unsupported { detected, .. } => detected.as_deref(),
            _ => None,
        }
    }

    /// The faults of the content; none for any other reason.
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Content { faults } => faults,
            _ => &[],
        }
    }
}

/// The first faults in one sentence; all of them travel as data.
fn list(faults: &[Fault]) -> String {
    const SHOWN: usize = 5;
    let shown = faults.iter().take(SHOWN).map(|fault| {
        let place = fault.pointer.as_deref().unwrap_or("the document");
        format!("{place}: {}", fault.detail)
    });
    let mut text = shown.collect::<Vec<_>>().join("; ");
    if faults.len() > SHOWN {
        text.push_str(&format!("; and {} more", faults.len() - SHOWN));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Place, Unreadable};
    use crate::models::fault::Fault;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let text = "ab\nçd<e";
        for (offset, line, column) in [(0, 1, 1), (2, 1, 3), (3, 2, 1), (6, 2, 3), (99, 2, 5)] {
            assert_eq!(Place::of(text, offset), Place { line, column }, "{offset}");
        }
        for (line, column, offset) in [(1, 1, Some(0)), (2, 3, Some(6)), (2, 9, None), (7, 1, None)]
        {
            assert_eq!(Place { line, column }.offset_in(text), offset, "{line}:{column}");
        }
    }

    #[test]
    fn a_message_shows_five_faults_and_counts_the_rest() {
        let faults = vec![Fault::at("/Order/cbc:ID", "missing_value", "is missing"); 7];
        let text = Unreadable::Content { faults }.to_string();
        assert_eq!(text.matches("/Order/cbc:ID: is missing").count(), 5);
        assert!(text.ends_with("and 2 more"), "{text}");
    }
}
