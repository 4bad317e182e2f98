//! Fields that a person corrected: put into what was read, and judged anew.

use chrono::NaiveDate;
use serde_json::Value;

use crate::extraction::json;
use crate::models::attention::{Attention, AttentionCode};
use crate::models::decision::{Correction, Refusal};
use crate::models::evidence::{Confidence, Evidence, Source};
use crate::models::extraction::{Acceptance, Extraction};
use crate::models::finding::Finding;
use crate::models::invoice::Invoice;
use crate::validation::{self, Document, Subject};

/// Who says what the official rules do not; those findings are made anew.
const OURS: &str = "ap-gateway";

/// What was read, with the corrections in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Corrected {
    /// The record as it is now.
    pub extraction: Extraction,
    /// What the corrected fields said before; `null` for what was not there.
    pub before: Vec<Correction>,
    /// What is lacking still.
    pub doubt: Option<Attention>,
}

/// Puts the corrections in, all or none. No corrections at all are a person's word that everything
/// is right as it was read.
///
/// # Errors
/// A pointer to nothing, or a value that does not fit there: named with its place.
pub fn correct(
    read: &Extraction,
    corrections: &[Correction],
    today: NaiveDate,
    own_vat_ids: &[String],
) -> Result<Corrected, Refusal> {
    let mut tree = serde_json::to_value(&read.invoice).map_err(|error| unfit("", &error))?;
    let mut before = Vec::new();
    for correction in corrections {
        let pointer = correction.pointer.clone();
        let value = put(&mut tree, &pointer, correction.value.clone())?;
        before.push(Correction { pointer, value });
    }
    let read_back = serde_path_to_error::deserialize::<_, Invoice>(&tree);
    let invoice = read_back.map_err(|error| unfit(&error.path().to_string(), error.inner()))?;
    let mut extraction = judged(read, invoice, today, own_vat_ids);
    extraction.evidence = evidence(read, &tree, corrections);
    let doubt = lacking(&extraction.invoice);
    Ok(Corrected { extraction, before, doubt })
}

/// Sets a member or an element, or takes it away; answers what was there.
fn put(tree: &mut Value, pointer: &str, value: Value) -> Result<Value, Refusal> {
    let nowhere = || {
        let text = format!("there is no {pointer} in the invoice that could be corrected");
        Refusal::rejected("FIELD_UNKNOWN", text)
    };
    let (parent, last) = pointer.rsplit_once('/').ok_or_else(nowhere)?;
    let last = last.replace("~1", "/").replace("~0", "~");
    match tree.pointer_mut(parent).ok_or_else(nowhere)? {
        Value::Object(members) if value.is_null() => {
            Ok(members.remove(&last).unwrap_or(Value::Null))
        }
        Value::Object(members) => Ok(members.insert(last, value).unwrap_or(Value::Null)),
        Value::Array(elements) => {
            let index: usize = last.parse().map_err(|_| nowhere())?;
            if index > elements.len() || (index == elements.len() && value.is_null()) {
                return Err(nowhere());
            }
            let before = (index < elements.len()).then(|| elements.remove(index));
            if !value.is_null() {
                elements.insert(index, value);
            }
            Ok(before.unwrap_or(Value::Null))
        }
        _ => Err(nowhere()),
    }
}

fn unfit(path: &str, error: &dyn std::fmt::Display) -> Refusal {
    Refusal::rejected("VALUE_UNFIT", format!("the value at {path} does not fit: {error}"))
}

/// Our own findings are made anew; what the official rules said of the document stays said.
fn judged(
    read: &Extraction,
    invoice: Invoice,
    today: NaiveDate,
    own_vat_ids: &[String],
) -> Extraction {
    let official = read.findings.iter().filter(|finding| finding.source != OURS);
    let mut findings: Vec<Finding> = official.cloned().collect();
    let judgement = validation::judge(Subject {
        today: Some(today),
        own_vat_ids,
        ..Subject::new(read.syntax, &invoice, Document::NotTheirs)
    });
    findings.extend(judgement.findings.into_iter().filter(|finding| finding.source == OURS));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let acceptance = match read.acceptance {
        Acceptance::Reject => Acceptance::Reject,
        _ => judgement.acceptance,
    };
    Extraction { invoice, findings, acceptance, ..read.clone() }
}

/// Where each corrected field came from now: a person. Our own JSON reader knows which term stands
/// at which pointer.
fn evidence(read: &Extraction, tree: &Value, corrections: &[Correction]) -> Vec<Evidence> {
    let terms = json::read(&tree.to_string()).map(|drafted| drafted.evidence).unwrap_or_default();
    let corrected = |place: &str| {
        corrections
            .iter()
            .any(|one| place == one.pointer || place.starts_with(&format!("{}/", one.pointer)))
    };
    let by_person = terms.into_iter().filter(|term| term.place.as_deref().is_some_and(corrected));
    let by_person: Vec<Evidence> = by_person
        .map(|term| Evidence { source: Source::Person, confidence: Confidence::CERTAIN, ..term })
        .collect();
    let kept =
        read.evidence.iter().filter(|one| by_person.iter().all(|new| new.field != one.field));
    kept.cloned().chain(by_person.iter().cloned()).collect()
}

/// What no invoice can do without, whoever vouched for the rest.
fn lacking(invoice: &Invoice) -> Option<Attention> {
    let seller = invoice.seller.name.is_some() || invoice.seller_key().is_some();
    let needed = [
        ("its number (BT-1)", invoice.number.is_some()),
        ("its date (BT-2)", invoice.issue_date.is_some()),
        ("its currency (BT-5)", invoice.currency.is_some()),
        ("its seller (BT-27)", seller),
        ("its total with tax (BT-112)", invoice.totals.gross.is_some()),
        ("a line (BG-25)", !invoice.lines.is_empty()),
    ];
    let missing: Vec<&str> =
        needed.into_iter().filter(|(_, there)| !there).map(|(name, _)| name).collect();
    (!missing.is_empty()).then(|| Attention {
        code: AttentionCode::UncertainFields,
        text: format!("the invoice still lacks {}; correct it", missing.join(", ")),
        retryable: false,
    })
}
