//! Is the document lawful and plausible? All findings, never the first alone.
//!
//! A pure function of its arguments: no clock, no I/O, the same findings for ever. Three judges
//! look at a document: the official rules of its profile, the mandatory terms, and our own
//! arithmetic, which is exact where the official rules allow slack. A judge that cannot judge is
//! itself a fatal finding: a document is never valid because nobody looked.
#![deny(clippy::disallowed_methods)]

mod arithmetic;
mod iban;
mod official;
mod plausibility;
mod presence;

use crate::models::finding::{Finding, Severity};
use crate::models::invoice::Invoice;

/// Findings kept of one document: a person reads the first ten, a store keeps them all.
pub const FINDINGS_MAX: usize = 1_000;

/// Who says what the official rules do not.
const OURS: &str = "ap-gateway";

/// Judges what was read: the canonical invoice, the rules crate's own form of it or why there is
/// none, and what reading found. The worst come first.
pub fn judge(
    invoice: &Invoice,
    document: &Result<en16931::Invoice, String>,
    read: Vec<Finding>,
    decided: &[&str],
) -> Vec<Finding> {
    let mut findings = read;
    findings.extend(official::judge(document, decided));
    if decided.is_empty() {
        let missing = presence::judge(invoice, &findings);
        findings.extend(missing);
    }
    let wrong = arithmetic::judge(invoice, &findings);
    findings.extend(wrong);
    let odd = plausibility::judge(invoice, &findings);
    findings.extend(odd);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    cut(&mut findings);
    findings
}

/// The notice that EN 16931 asks for wherever its rules are reported.
pub const ATTRIBUTION: &str = en16931::ATTRIBUTION;

/// The rule releases that judge, for the record of each document.
pub fn judged_by() -> Vec<String> {
    let own = format!("{OURS} {}", env!("CARGO_PKG_VERSION"));
    let mut names = vec![official::SOURCE.to_owned()];
    names.extend(official::releases());
    names.push(own);
    names
}

/// Keeps the worst, and says how many were left out.
fn cut(findings: &mut Vec<Finding>) {
    let left_out = findings.len().saturating_sub(FINDINGS_MAX);
    if left_out == 0 {
        return;
    }
    findings.truncate(FINDINGS_MAX);
    let message = format!("{left_out} more findings were left out");
    findings.push(finding("FINDINGS_LEFT_OUT", Severity::Warning, &[], message));
}

/// A finding of ours.
fn finding(code: &str, severity: Severity, terms: &[&str], message: String) -> Finding {
    Finding {
        code: code.to_owned(),
        severity,
        source: OURS.to_owned(),
        place: None,
        terms: terms.iter().map(|term| (*term).to_owned()).collect(),
        message,
        actual: None,
        expected: None,
        remedy: None,
    }
}
