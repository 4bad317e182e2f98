//! What was read out of a document, and what the rules say of it: the record kept for it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::finding::{Finding, Severity};
use crate::models::invoice::Invoice;

/// The syntax of a document, by its root element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Syntax {
    /// UBL 2.1 Invoice.
    UblInvoice,
    /// UBL 2.1 CreditNote.
    UblCreditNote,
}

impl Syntax {
    /// The word on the wire and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UblInvoice => "ubl-invoice",
            Self::UblCreditNote => "ubl-credit-note",
        }
    }
}

/// The canonical invoice, with all findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Extraction {
    /// What kind of document it was.
    pub syntax: Syntax,
    /// What it says.
    pub invoice: Invoice,
    /// Which rule releases judged it, such as `en16931 0.8.0`.
    pub judged_by: Vec<String>,
    /// Every finding; an empty list is a clean document.
    pub findings: Vec<Finding>,
}

impl Extraction {
    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}
