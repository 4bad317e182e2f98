//! Why a document of a foreign format was given up: a code, and a message with cause and remedy.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of refusal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusalCode {
    /// The wall clock ran out.
    TimeLimit,
    /// The reading process used up its processor time.
    CpuLimit,
    /// The reading process used up its memory.
    MemoryLimit,
    /// The reading process died of something else.
    ReaderCrashed,
    /// No reading process could be started; the document itself may be good.
    ReaderUnavailable,
    /// What was read is larger than is taken.
    AnswerLimit,
    /// The document has more bytes than are taken.
    DocumentLimit,
    /// A PDF that opens with a password only.
    PdfEncrypted,
    /// A PDF in which no page can be found.
    PdfWithoutPages,
    /// No PDF, or one that is broken.
    PdfDamaged,
    /// A PDF beyond one of the limits on objects, pages or inflated bytes.
    PdfLimit,
    /// The text of the pages cannot be read, though the rest could.
    PdfTextUnreadable,
    /// A page that cannot be drawn for people, or that is not there.
    PageUndrawable,
    /// No picture, or one that is broken.
    ImageDamaged,
    /// A picture beyond one of the limits on pixels or pages.
    ImageLimit,
    /// A spreadsheet that opens with a password only.
    SheetEncrypted,
    /// No spreadsheet, or one that is broken.
    SheetBroken,
    /// A spreadsheet beyond one of its limits.
    SheetTooLarge,
    /// The program that recognises characters is not there.
    OcrUnavailable,
    /// The program that recognises characters failed.
    OcrFailed,
    /// A page took longer to recognise than is allowed.
    OcrTimeLimit,
}

impl RefusalCode {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TimeLimit => "READ_TIME_LIMIT",
            Self::CpuLimit => "READ_CPU_LIMIT",
            Self::MemoryLimit => "READ_MEMORY_LIMIT",
            Self::ReaderCrashed => "READER_CRASHED",
            Self::ReaderUnavailable => "READER_UNAVAILABLE",
            Self::AnswerLimit => "READ_ANSWER_LIMIT",
            Self::DocumentLimit => "DOCUMENT_LIMIT",
            Self::PdfEncrypted => "PDF_ENCRYPTED",
            Self::PdfWithoutPages => "PDF_WITHOUT_PAGES",
            Self::PdfDamaged => "PDF_DAMAGED",
            Self::PdfLimit => "PDF_LIMIT",
            Self::PdfTextUnreadable => "PDF_TEXT_UNREADABLE",
            Self::PageUndrawable => "PAGE_UNDRAWABLE",
            Self::ImageDamaged => "IMAGE_DAMAGED",
            Self::ImageLimit => "IMAGE_LIMIT",
            Self::SheetEncrypted => "SHEET_ENCRYPTED",
            Self::SheetBroken => "SHEET_BROKEN",
            Self::SheetTooLarge => "SHEET_TOO_LARGE",
            Self::OcrUnavailable => "OCR_UNAVAILABLE",
            Self::OcrFailed => "OCR_FAILED",
            Self::OcrTimeLimit => "OCR_TIME_LIMIT",
        }
    }

    /// Whether the same bytes may be readable later, because the trouble is on our side.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::ReaderUnavailable | Self::OcrUnavailable)
    }
}

/// A refusal. The message names the thing, the limit where there is one, and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Refusal {
    /// What kind it is.
    pub code: RefusalCode,
    /// For people; begins lowercase and ends without a period.
    pub message: String,
}

impl Refusal {
    /// A refusal with its message.
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
