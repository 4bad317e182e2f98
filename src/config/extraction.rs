//! Reading documents: character recognition, tables, our own VAT ids.

use std::path::PathBuf;

use serde::Deserialize;

/// Reading documents.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Extraction {
    /// The gateway's own program, which reads foreign formats in processes of its own; only where
    /// the running program is another one, as in a test.
    pub program: Option<PathBuf>,
    /// `AP_GATEWAY_TESSERACT`: the command that recognises characters; a name is looked for on the
    /// PATH.
    pub tesseract: PathBuf,
    /// `AP_GATEWAY_OCR_LANGUAGES`: what it reads, such as `deu+eng`, all of which must be installed;
    /// empty for German and English, as far as they are.
    pub ocr_languages: String,
    /// `AP_GATEWAY_TABLE_PROFILES`: a folder of mapping profiles (`*.toml`) for CSV files and
    /// spreadsheets.
    pub table_profiles: Option<PathBuf>,
    /// VAT ids of our own: none of them may be the seller's.
    pub own_vat_ids: Vec<String>,
}

impl Default for Extraction {
    fn default() -> Self {
        Self {
            program: None,
            tesseract: PathBuf::from("tesseract"),
            ocr_languages: String::new(),
            table_profiles: None,
            own_vat_ids: Vec::new(),
        }
    }
}
