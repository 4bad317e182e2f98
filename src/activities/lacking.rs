//! What keeps an invoice that was read from being compared with anything: then a person looks.

use crate::models::attention::{Attention, AttentionCode};
use crate::models::evidence::Confidence;
use crate::models::extraction::{Extraction, Syntax};
use crate::models::finding::{Finding, MALFORMED_VALUE};

/// Findings after which nothing that was read may be relied on, and what they mean to a person.
const STOPS: [(&str, AttentionCode); 9] = [
    (MALFORMED_VALUE, AttentionCode::MalformedValue),
    ("VISUAL_MISMATCH", AttentionCode::VisualMismatch),
    ("MULTIPLE_PAYLOADS", AttentionCode::SeveralInvoices),
    ("SEVERAL_INVOICES", AttentionCode::SeveralInvoices),
    ("PAYLOAD_UNREADABLE", AttentionCode::UnreadableDocument),
    ("PAYLOAD_UNSUPPORTED", AttentionCode::UnsupportedDocument),
    ("TABLE_GUESSED", AttentionCode::TableGuessed),
    ("CSV_HEADER_CONFLICT", AttentionCode::UncertainFields),
    ("TOTALS_INCONSISTENT", AttentionCode::UncertainFields),
];

/// Fields that must be there and sure where no structured document says them; one of each row is
/// enough.
const NEEDED: [&[&str]; 5] = [&["BT-1"], &["BT-2"], &["BT-5"], &["BT-27", "BT-31"], &["BT-112"]];

/// Fields that may be absent; where they are not, they must be sure: money goes by them.
const SURE_IF_THERE: [&str; 2] = ["BT-84", "BT-115"];

/// Findings of one kind that are told; the extraction has them all.
const TOLD_MAX: usize = 10;

/// The first reason that an invoice goes to a person before it is compared; none for most.
pub fn lacking(extraction: &Extraction) -> Option<Attention> {
    let stops = STOPS.iter().find_map(|(code, attention)| stopped(extraction, code, *attention));
    stops.or_else(|| uncertain(extraction)).or_else(|| without_lines(extraction))
}

fn stopped(extraction: &Extraction, code: &str, attention: AttentionCode) -> Option<Attention> {
    let found: Vec<&Finding> =
        extraction.findings.iter().filter(|finding| finding.code == code).collect();
    let first = found.first()?;
    let remedy = first.remedy.as_deref().unwrap_or("ask the supplier for a corrected document");
    let mut texts: Vec<String> = Vec::new();
    for text in found.iter().copied().map(told) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let more = texts.len().saturating_sub(TOLD_MAX);
    texts.truncate(TOLD_MAX);
    if more > 0 {
        texts.push(format!("and {more} more"));
    }
    Some(Attention {
        code: attention,
        text: format!("{}; {remedy}", texts.join("; ")),
        retryable: false,
    })
}

fn told(finding: &Finding) -> String {
    match &finding.place {
        Some(place) => format!("{place}: {}", finding.message),
        None => finding.message.clone(),
    }
}

/// Values found by their looks are relied on from [`Confidence::LABELLED`] upwards.
fn uncertain(extraction: &Extraction) -> Option<Attention> {
    let by_looks =
        matches!(extraction.syntax, Syntax::PdfText | Syntax::Scan | Syntax::Csv | Syntax::Sheet);
    if !by_looks {
        return None;
    }
    let confidence = |field: &str| {
        let of_field = extraction.evidence.iter().filter(|evidence| evidence.field == field);
        of_field.map(|evidence| evidence.confidence).max()
    };
    let is_sure = |field: &&str| confidence(field) >= Some(Confidence::LABELLED);
    let needed = NEEDED.iter().filter(|fields| !fields.iter().any(is_sure));
    let unsure = SURE_IF_THERE
        .iter()
        .filter(|field| confidence(field).is_some_and(|sure| sure < Confidence::LABELLED));
    let mut fields: Vec<String> = needed.map(|fields| fields.join(" or ")).collect();
    fields.extend(unsure.map(|field| (*field).to_owned()));
    let list = fields.join(", ");
    (!fields.is_empty()).then(|| Attention {
        code: AttentionCode::UncertainFields,
        text: format!(
            "{list} could not be read surely enough; compare the extraction with the document and \
             correct it, or ask the supplier for a structured invoice"
        ),
        retryable: false,
    })
}

fn without_lines(extraction: &Extraction) -> Option<Attention> {
    let text = "the invoice has no lines, so nothing can be compared with an order; ask the \
                supplier for an invoice with lines (BG-25)";
    extraction.invoice.lines.is_empty().then(|| Attention {
        code: AttentionCode::NoLines,
        text: text.to_owned(),
        retryable: false,
    })
}

#[cfg(test)]
mod tests {
    use super::lacking;
    use crate::models::attention::AttentionCode;
    use crate::models::evidence::{Confidence, Evidence, Source};
    use crate::models::extraction::{Extraction, Syntax};
    use crate::models::finding::{Finding, Severity};
    use crate::models::invoice::{Invoice, InvoiceLine};

    fn with_a_line(syntax: Syntax) -> Extraction {
        let lines = vec![InvoiceLine::default()];
        Extraction::of(syntax, Invoice { lines, ..Invoice::default() })
    }

    fn evidence(field: &str, confidence: Confidence) -> Evidence {
        Evidence {
            field: field.to_owned(),
            value: "x".to_owned(),
            raw: None,
            source: Source::PdfText,
            place: None,
            page: Some(1),
            bounds: None,
            label: None,
            rule: None,
            confidence,
            alternatives: Vec::new(),
        }
    }

    fn code(extraction: &Extraction) -> Option<AttentionCode> {
        lacking(extraction).map(|attention| attention.code)
    }

    #[test]
    fn an_invoice_without_lines_lacks_them() {
        let extraction = Extraction::of(Syntax::UblInvoice, Invoice::default());
        assert_eq!(code(&extraction), Some(AttentionCode::NoLines));
        assert_eq!(code(&with_a_line(Syntax::UblInvoice)), None);
    }

    #[test]
    fn what_is_found_by_its_looks_must_be_sure() {
        let mut extraction = with_a_line(Syntax::PdfText);
        let missing = lacking(&extraction).expect("nothing was found");
        assert_eq!(missing.code, AttentionCode::UncertainFields);
        assert!(missing.text.contains("BT-27 or BT-31"), "{}", missing.text);
        for field in ["BT-1", "BT-2", "BT-5", "BT-31", "BT-112"] {
            extraction.evidence.push(evidence(field, Confidence::LABELLED));
        }
        assert_eq!(code(&extraction), None);
        extraction.evidence.push(evidence("BT-84", Confidence::PLACED));
        assert_eq!(code(&extraction), Some(AttentionCode::UncertainFields));
        // Structured documents are judged by their rules.
        extraction.syntax = Syntax::Cii;
        assert_eq!(code(&extraction), None);
    }

    #[test]
    fn a_stop_is_told_with_its_place_and_remedy() {
        let mut extraction = with_a_line(Syntax::Cii);
        extraction.findings.push(Finding {
            code: "VISUAL_MISMATCH".to_owned(),
            severity: Severity::Fatal,
            source: "ap-gateway".to_owned(),
            place: Some("page 1".to_owned()),
            terms: vec!["BT-112".to_owned()],
            message: "the page says 1,00".to_owned(),
            actual: None,
            expected: None,
            remedy: Some("ask".to_owned()),
        });
        let why = lacking(&extraction).expect("a stop");
        assert_eq!(why.code, AttentionCode::VisualMismatch);
        assert_eq!(why.text, "page 1: the page says 1,00; ask");
    }
}
