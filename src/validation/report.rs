//! A judgement for programs and for people: JSON in the manner of SVRL, and a plain table.
//!
//! SVRL is what Schematron engines write (ISO/IEC 19757-3): which rules were active, and each
//! failed assertion with rule, flag, location and text. We keep its words and add what teaches:
//! terms, actual, expected, remedy.

use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::models::extraction::{Acceptance, Extraction};
use crate::models::finding::{Finding, Severity};
use crate::validation::{ATTRIBUTION, Judgement};

/// The report of one document.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The document's own number (BT-1).
    pub number: Option<String>,
    /// What it was read from.
    pub syntax: &'static str,
    /// The specification that it declares (BT-24).
    pub specification: Option<String>,
    /// Whether it can be taken as what it claims to be.
    pub acceptance: Acceptance,
    /// Releases of the rules.
    pub judged_by: Vec<String>,
    /// How many rules ran; never zero.
    pub rules_run: u32,
    /// Rules that should have run and did not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules_not_run: Vec<String>,
    /// How many rules were broken, each counted once.
    pub rules_fired: usize,
    /// How many findings there are, by flag.
    pub counts: Counts,
    /// The findings, the worst first.
    pub failed_assertions: Vec<FailedAssertion>,
    /// The notice that EN 16931 asks for.
    pub attribution: &'static str,
}

/// Findings by flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Stops.
    pub fatal: usize,
    /// Worth a look.
    pub warning: usize,
    /// Worth knowing.
    pub information: usize,
}

/// One finding, in the words of SVRL.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedAssertion {
    /// Rule id.
    pub id: String,
    /// `fatal`, `warning` or `information`.
    pub flag: Severity,
    /// XPath, or business terms where the source has no elements.
    pub location: Option<String>,
    /// What is wrong.
    pub text: String,
    /// Who says so.
    pub source: String,
    /// Business terms concerned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
    /// What the document says.
    pub actual: Option<String>,
    /// What it should say.
    pub expected: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}

impl From<&Finding> for FailedAssertion {
    fn from(finding: &Finding) -> Self {
        let finding = finding.clone();
        Self {
            id: finding.code,
            flag: finding.severity,
            location: finding.place,
            text: finding.message,
            source: finding.source,
            terms: finding.terms,
            actual: finding.actual,
            expected: finding.expected,
            remedy: finding.remedy,
        }
    }
}

/// The report of a document whose record is kept.
pub fn of_extraction(extraction: &Extraction) -> Report {
    let mut fired: Vec<_> = extraction.findings.iter().map(|found| &found.code).collect();
    fired.sort_unstable();
    fired.dedup();
    Report {
        number: extraction.invoice.number.clone(),
        syntax: extraction.syntax.as_str(),
        specification: extraction.invoice.specification.clone(),
        acceptance: extraction.acceptance,
        judged_by: extraction.judged_by.clone(),
        rules_run: extraction.rules_run,
        rules_not_run: Vec::new(),
        rules_fired: fired.len(),
        counts: Counts {
            fatal: extraction.count(Severity::Fatal),
            warning: extraction.count(Severity::Warning),
            information: extraction.count(Severity::Information),
        },
        failed_assertions: extraction.findings.iter().map(FailedAssertion::from).collect(),
        attribution: ATTRIBUTION,
    }
}

/// The report of a document that was just judged: with the rules that did not run.
pub fn of_judgement(extraction: &Extraction, judgement: &Judgement) -> Report {
    Report { rules_not_run: judgement.not_run.clone(), ..of_extraction(extraction) }
}

/// The report as JSON, indented.
///
/// # Errors
/// None that is known: every part of a report can be written.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(report)
}

/// The report in lines of text: a head, then each finding with where, what and what to do.
pub fn text(report: &Report) -> String {
    let number = report.number.as_deref().unwrap_or("without a number");
    let verdict = match report.acceptance {
        Acceptance::Accept => "accepted",
        Acceptance::Reject => "refused",
        Acceptance::Undefined => "no verdict: not a full invoice of EN 16931",
    };
    let Counts { fatal, warning, information } = report.counts;
    let mut lines = vec![
        format!("{} {number}: {verdict}", report.syntax),
        format!("{fatal} fatal, {warning} warnings, {information} notes"),
        format!("{} rules run ({})", report.rules_run, report.judged_by.join(", ")),
    ];
    if !report.rules_not_run.is_empty() {
        lines.push(format!("NOT RUN: {}", report.rules_not_run.join(", ")));
    }
    let widest = report.failed_assertions.iter().map(|failed| failed.id.chars().count()).max();
    for failed in &report.failed_assertions {
        let width = widest.unwrap_or_default();
        let flag = match failed.flag {
            Severity::Fatal => "FATAL",
            Severity::Warning => "warning",
            Severity::Information => "note",
        };
        let location = failed.location.clone().unwrap_or_else(|| failed.terms.join(" "));
        lines.push(String::new());
        lines.push(format!("{flag:<8} {:<width$}  {location}", failed.id));
        lines.push(format!("         {}", failed.text));
        lines.extend(differs(failed).map(|differs| format!("         {differs}")));
        lines.extend(failed.remedy.iter().map(|remedy| format!("         → {remedy}")));
    }
    lines.push(String::new());
    lines.push(report.attribution.to_owned());
    lines.join("\n")
}

fn differs(failed: &FailedAssertion) -> Option<String> {
    match (&failed.actual, &failed.expected) {
        (Some(actual), Some(expected)) => Some(format!("found {actual}, expected {expected}")),
        (Some(actual), None) => Some(format!("found {actual}")),
        (None, Some(expected)) => Some(format!("expected {expected}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{json, of_judgement, text};
    use crate::models::extraction::{Extraction, Syntax};
    use crate::models::invoice::Invoice;
    use crate::validation::{Document, Judgement, Subject, judge};

    fn judged(document: Document<'_>) -> (Extraction, Judgement) {
        let invoice = Invoice { number: Some("R-1".to_owned()), ..Invoice::default() };
        let judgement = judge(Subject::new(Syntax::Cii, &invoice, document));
        let extraction = Extraction {
            acceptance: judgement.acceptance,
            judged_by: judgement.judged_by.clone(),
            rules_run: judgement.rules_run,
            findings: judgement.findings.clone(),
            ..Extraction::of(Syntax::Cii, invoice)
        };
        (extraction, judgement)
    }

    #[test]
    fn a_report_says_who_judged_how_much_and_what_to_do() {
        let document = en16931::Invoice::default();
        let (extraction, judgement) = judged(Document::Read(&document));
        let report = of_judgement(&extraction, &judgement);
        assert!(report.rules_run > 200 && report.rules_fired > 5);
        assert_eq!(report.counts.fatal, extraction.findings.len());
        let said = json(&report).expect("JSON");
        let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!(said["acceptance"], "reject");
        let first = &said["failed_assertions"][0];
        for key in ["id", "flag", "location", "text", "remedy"] {
            assert!(first[key].is_string(), "{key}: {first}");
        }
        let said = text(&report);
        assert!(said.starts_with("cii R-1: refused\n"), "{said}");
        assert!(said.contains("FATAL    BR-01") && said.contains("→ "), "{said}");
    }

    #[test]
    fn rules_that_did_not_run_are_named_and_the_document_is_refused() {
        let (extraction, judgement) = judged(Document::Unread("no reader"));
        let report = of_judgement(&extraction, &judgement);
        assert!(report.rules_not_run.contains(&"BR-CO-10".to_owned()));
        let said = text(&report);
        assert!(said.contains("refused") && said.contains("NOT RUN: "), "{said}");
        assert!(said.contains("ENGINE_ERROR"), "{said}");
    }
}
