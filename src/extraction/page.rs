//! A page as its words and where they stand: what PDF text and character recognition have in
//! common, and all that the search for fields sees.

use serde::{Deserialize, Serialize};

use crate::models::evidence::Bounds;

/// One page of a document.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// In points of 1/72 inch.
    pub width: f32,
    /// In points of 1/72 inch.
    pub height: f32,
    /// In reading order: by line from the top, in a line from the left.
    pub words: Vec<Word>,
}

/// Characters that stand together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// Its characters, without blanks, in Unicode NFC.
    pub text: String,
    /// Where it stands.
    pub bounds: Bounds,
    /// Height of its font, in points; 0 where it is not known.
    pub font_size: f32,
    /// How sure the recognition was, in hundredths; none for a text layer.
    pub recognised: Option<u8>,
}
