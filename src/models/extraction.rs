//! What was read out of a document, and what the rules say of it: the record kept for it.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::evidence::Evidence;
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::Invoice;

/// What an invoice was read from, by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Syntax {
    /// UBL 2.1 Invoice.
    UblInvoice,
    /// UBL 2.1 CreditNote.
    UblCreditNote,
    /// UN/CEFACT Cross Industry Invoice: Factur-X, ZUGFeRD 2, XRechnung.
    Cii,
    /// ZUGFeRD 1.0, which is older than EN 16931.
    #[serde(rename = "zugferd-1")]
    Zugferd1,
    /// The text layer of a PDF.
    PdfText,
    /// A scan: a picture, or a PDF without text.
    Scan,
    /// Comma-separated values.
    Csv,
    /// A spreadsheet.
    Sheet,
    /// The canonical invoice as JSON.
    Json,
}

impl Syntax {
    /// The word on the wire and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UblInvoice => "ubl-invoice",
            Self::UblCreditNote => "ubl-credit-note",
            Self::Cii => "cii",
            Self::Zugferd1 => "zugferd-1",
            Self::PdfText => "pdf-text",
            Self::Scan => "scan",
            Self::Csv => "csv",
            Self::Sheet => "sheet",
            Self::Json => "json",
        }
    }

    /// Whether the syntax is one of the two that EN 16931 binds, so that its rules apply.
    pub fn is_en16931(self) -> bool {
        matches!(self, Self::UblInvoice | Self::UblCreditNote | Self::Cii)
    }
}

/// Whether the document can be taken as the invoice that it claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Acceptance {
    /// No rule that it has to keep is broken.
    #[default]
    Accept,
    /// A fatal finding.
    Reject,
    /// Not a full invoice by EN 16931, so its rules give no verdict: MINIMUM, BASIC WL,
    /// ZUGFeRD 1, and everything that is no structured document.
    Undefined,
}

/// The canonical invoice, where each field came from, and all findings.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Extraction {
    /// What it was read from.
    pub syntax: Syntax,
    /// Name of the attachment that holds it, where the document is a PDF with an invoice inside.
    #[serde(default)]
    pub attachment: Option<String>,
    /// What it says.
    pub invoice: Invoice,
    /// Where each field came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// The verdict of the rules.
    #[serde(default)]
    pub acceptance: Acceptance,
    /// Which rule releases judged it, such as `en16931 0.8.0`.
    pub judged_by: Vec<String>,
    /// How many rules were run; never zero.
    #[serde(default)]
    pub rules_run: u32,
    /// Every finding; an empty list is a clean document.
    pub findings: Vec<Finding>,
}

impl Extraction {
    /// What a reader hands over before anybody judged it.
    pub fn of(syntax: Syntax, invoice: Invoice) -> Self {
        Self {
            syntax,
            attachment: None,
            invoice,
            evidence: Vec::new(),
            acceptance: Acceptance::default(),
            judged_by: Vec::new(),
            rules_run: 0,
            findings: Vec::new(),
        }
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}
