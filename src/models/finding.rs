//! A finding: one breach of a rule by a document.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Information,
    /// The document stands, but someone may want to look.
    Warning,
    /// The document breaks a rule that it has to keep: a stop hold.
    Fatal,
}

/// Code of a finding: a value is there and cannot be read, such as an amount of `1,00`. What was
/// read without it must not be compared with anything.
pub const MALFORMED_VALUE: &str = "MALFORMED_VALUE";

/// Code of a finding: a rule could not be evaluated. It counts as broken, never as passed; the
/// message begins with the rule's id.
pub const VALIDATION_ERROR: &str = "VALIDATION_ERROR";

/// One breach, with everything a person needs to act on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Rule id, such as `BR-CO-15`, or a code of ours.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// Who says so: `en16931 0.8.0`, `ap-gateway`.
    pub source: String,
    /// Where in the document: XPath, JSON pointer or line id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Business terms and groups concerned, such as `BT-112`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
    /// What is wrong, for people.
    pub message: String,
    /// What the document says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// What it should say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    /// Code and reason in one text, for those who list breaches: `BR-01: the reason`.
    pub fn breach(&self) -> String {
        format!("{}: {}", self.code, self.message)
    }
}
