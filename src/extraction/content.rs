//! What the reading process makes of a document of a foreign format: plain data without any of
//! its constructs, in which our own code then looks for fields.

use serde::{Deserialize, Serialize};

use crate::extraction::page::Page;
use crate::extraction::refusal::Refusal;

/// A PDF.
#[derive(Debug, Clone, PartialEq)]
pub struct PdfContent {
    /// What it is made of, but for the pages.
    pub structure: Structure,
    /// The files inside, in the order of the document.
    pub attachments: Vec<Attachment>,
    /// The words of the pages, or why they could not be read: then the attachments still stand,
    /// but nothing says that they agree with what a person sees.
    pub pages: Result<Vec<Page>, Refusal>,
    /// Pages that are pictures, for recognition.
    pub pictures: Vec<Picture>,
    /// Why pictures are missing, where they are.
    pub pictures_refused: Option<Refusal>,
}

/// What a PDF is made of, but for the pages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Structure {
    /// How many pages there are.
    pub pages: usize,
    /// How many attachments there are, without those that were left out.
    pub attachments: usize,
    /// Whether it was encrypted and opened without a password.
    pub opened_without_password: bool,
    /// What its metadata say of the invoice inside.
    pub profile: Option<Profile>,
    /// Attachments that were left out, because they are too many or too large, or broken: each
    /// with the reason.
    pub left_out: Vec<String>,
}

/// What the metadata (XMP) of a hybrid invoice say of the XML inside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// `ConformanceLevel`: MINIMUM, BASIC WL, BASIC, EN 16931, COMFORT, EXTENDED, XRECHNUNG.
    pub conformance_level: Option<String>,
    /// `DocumentFileName`.
    pub file_name: Option<String>,
    /// `DocumentType`: INVOICE or ORDER.
    pub document_type: Option<String>,
    /// `Version`.
    pub version: Option<String>,
}

/// A file inside a PDF. It is never opened by its name and never executed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attachment {
    /// What the PDF says of it.
    pub label: Label,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a PDF says of a file inside.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Label {
    /// A name to show; never a path.
    pub name: String,
    /// `AFRelationship`: Data, Alternative, Source, Supplement, Unspecified; often absent.
    pub relationship: Option<String>,
    /// The media type that it claims.
    pub media_type: Option<String>,
}

/// A page as a picture of one byte a pixel, 255 being white.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Picture {
    /// From 1.
    pub page: u32,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Width of the page in points of 1/72 inch.
    pub width_points: f32,
    /// Height of the page in points of 1/72 inch.
    pub height_points: f32,
    /// By row from the top; `width` × `height` bytes.
    pub grey: Vec<u8>,
}

/// The size of a page, in points of 1/72 inch: what places on it are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Sheet {
    /// From the left edge to the right one.
    pub width: f32,
    /// From the upper edge to the lower one.
    pub height: f32,
}
