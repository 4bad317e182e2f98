//! Was this invoice handed in before? (Handbook §11.)
//!
//! [`number`] says when two numbers are one or nearly one, [`content`] makes one key of what a
//! document says, whatever its syntax, [`candidate`] takes from an invoice what is compared,
//! [`pair`] compares two, [`split`] many, and [`search`] says how a store finds, by key and never
//! by scanning, all that can be found.
//!
//! The earlier arrival is the original and the later one is told. Nothing is rejected here.

pub mod candidate;
pub mod content;
pub mod number;
mod pair;
pub mod search;
mod split;
mod words;

use rust_decimal::Decimal;

use crate::models::duplicate::{Candidate, DuplicateCode, DuplicateFinding, KnownInvoice};
use crate::models::status::InvoiceStatus;
use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::holds;

/// Findings of one invoice: a person looks at the strongest, and more say no more.
pub const FINDINGS_MAX: usize = 20;

/// Judges an invoice against others on file: what [`search`] finds, or any set that holds it.
/// Strongest finding first, and of each earlier invoice only the strongest. Approval limits are in
/// the ledger currency.
pub fn judge(
    candidate: &Candidate,
    known: &[KnownInvoice],
    approval_limits: &[Decimal],
) -> Vec<DuplicateFinding> {
    let mut earlier: Vec<&KnownInvoice> =
        known.iter().filter(|known| is_earlier(&known.invoice, candidate)).collect();
    // A total order, so that the store's order means nothing.
    let rank = |known: &KnownInvoice| {
        let Candidate { arrival, id, number, .. } = &known.invoice;
        (*arrival, id.clone(), number.clone())
    };
    earlier.sort_by_cached_key(|known| rank(known));
    let mut found = Vec::new();
    let mut others = Vec::new();
    for known in earlier {
        let other = &known.invoice;
        match (pair::code(candidate, other), standing(known.status)) {
            (Some(code), Standing::Counts) => found.push((code, other)),
            (Some(code), Standing::TurnedDown) if code <= DuplicateCode::DupNormalised => {
                found.push((DuplicateCode::ResentAfterRejection, other));
            }
            (None, Standing::Counts) => others.push(other),
            _ => {}
        }
    }
    found.sort_by_key(|(code, _)| *code);
    let found = found.into_iter();
    let mut findings: Vec<DuplicateFinding> = found
        .map(|(code, other)| DuplicateFinding {
            code,
            against: vec![other.id.clone()],
            text: words::of_pair(code, candidate, other),
        })
        .collect();
    findings.extend(split::suspected(candidate, &others, approval_limits));
    findings.sort_by_key(|finding| finding.code);
    findings.truncate(FINDINGS_MAX);
    findings
}

/// The hold of a finding. The same file and a rendering are no second document, and a resend is
/// only worth knowing.
pub fn hold(finding: &DuplicateFinding) -> Option<Hold> {
    let code = match finding.code {
        DuplicateCode::DupExact => HoldCode::DupExact,
        DuplicateCode::DupNormalised => HoldCode::DupNormalised,
        DuplicateCode::DupFuzzy => HoldCode::DupFuzzy,
        DuplicateCode::DupOtherVendor => HoldCode::DupOtherVendor,
        DuplicateCode::SplitSuspected => HoldCode::SplitSuspected,
        DuplicateCode::DupFile
        | DuplicateCode::DupContent
        | DuplicateCode::ResentAfterRejection => return None,
    };
    Some(holds::document(code, &finding.text))
}

/// An invoice is not its own duplicate, also when it is judged again.
fn is_earlier(other: &Candidate, candidate: &Candidate) -> bool {
    let itself = !other.id.is_empty() && other.id == candidate.id;
    let later = other.arrival.zip(candidate.arrival).is_some_and(|(other, own)| other >= own);
    !itself && !later && (other.arrival.is_some() || candidate.arrival.is_none())
}

/// How an invoice counts as an original.
enum Standing {
    Counts,
    /// The same may come again.
    TurnedDown,
    /// Another one stands for it.
    Replaced,
}

fn standing(status: InvoiceStatus) -> Standing {
    match status {
        InvoiceStatus::Rejected | InvoiceStatus::Cancelled => Standing::TurnedDown,
        InvoiceStatus::Superseded | InvoiceStatus::Duplicate => Standing::Replaced,
        _ => Standing::Counts,
    }
}

#[cfg(test)]
mod tests;
