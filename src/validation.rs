//! Is the document lawful and plausible? All findings, never the first alone.
//!
//! A pure function of its arguments: no clock, no I/O, the same findings for ever. Three judges
//! look at a document: the official rules of its profile, where it is of a syntax that they are
//! for; the mandatory terms; and our own arithmetic and plausibility, which run for every source
//! and are exact where the official rules allow slack. A judge that cannot judge is itself a fatal
//! finding: a document is never valid because nobody looked.
#![deny(clippy::disallowed_methods)]

mod arithmetic;
mod check_digits;
mod codes;
mod iban;
mod official;
mod parties;
mod plausibility;
mod presence;
mod remedy;
pub mod report;
mod vat_id;

use chrono::NaiveDate;

use crate::models::extraction::{Acceptance, Syntax};
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::Invoice;

pub use crate::validation::official::RuleSet;

/// Findings kept of one document: a person reads the first ten, a store keeps them all.
pub const FINDINGS_MAX: usize = 1_000;

/// Who says what the official rules do not.
const OURS: &str = "ap-gateway";

/// What is judged, and by whom.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// What the invoice was read from.
    pub syntax: Syntax,
    /// The canonical invoice.
    pub invoice: &'a Invoice,
    /// What the official rules judge.
    pub document: Document<'a>,
    /// What reading found.
    pub read: Vec<Finding>,
    /// Official rules that the document itself breaks, as reading found.
    pub broken: Vec<Finding>,
    /// Ids of the official rules that reading decided itself, sorted: they are in `broken` when
    /// they are, and the rules crate is not asked again.
    pub decided: &'static [&'static str],
    /// Which rules the document is held to.
    pub rule_set: RuleSet,
    /// The day of judgement; without one, no date is too early or too late.
    pub today: Option<NaiveDate>,
    /// Our own VAT ids; without one, nobody is taken for us.
    pub own_vat_ids: &'a [String],
}

impl<'a> Subject<'a> {
    /// A subject that is held to what it declares, on no particular day and by nobody in
    /// particular.
    pub fn new(syntax: Syntax, invoice: &'a Invoice, document: Document<'a>) -> Self {
        Self {
            syntax,
            invoice,
            document,
            read: Vec::new(),
            broken: Vec::new(),
            decided: &[],
            rule_set: RuleSet::Declared,
            today: None,
            own_vat_ids: &[],
        }
    }
}

/// What the official rules have to judge.
#[derive(Debug, Clone, Copy)]
pub enum Document<'a> {
    /// The rules crate's own form of the invoice.
    Read(&'a en16931::Invoice),
    /// A document of theirs that they could not read: an engine error, in words.
    Unread(&'a str),
    /// No document of theirs by nature: text of a PDF, tables, JSON, ZUGFeRD 1.
    NotTheirs,
}

impl<'a> From<&'a Result<en16931::Invoice, String>> for Document<'a> {
    fn from(read: &'a Result<en16931::Invoice, String>) -> Self {
        match read {
            Ok(document) => Self::Read(document),
            Err(why) => Self::Unread(why),
        }
    }
}

/// All findings, and what they come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The worst come first.
    pub findings: Vec<Finding>,
    /// Whether the document can be taken as what it claims to be.
    pub acceptance: Acceptance,
    /// How many rules were run; never zero without a fatal finding.
    pub rules_run: u32,
    /// Rules that should have run and did not; each has a fatal finding.
    pub not_run: Vec<String>,
    /// The releases of the rules, for the record of each document.
    pub judged_by: Vec<String>,
}

/// Judges a document.
pub fn judge(subject: Subject<'_>) -> Judgement {
    let official = official::judge(&subject);
    let own = official.judged_by.is_empty();
    let Subject { read: mut findings, mut broken, .. } = subject;
    official::fit(&mut broken, subject.decided, official.profile);
    findings.extend(broken);
    findings.extend(official.findings);
    if subject.decided.is_empty() {
        findings.extend(presence::judge(subject.invoice, subject.syntax, &findings));
    }
    findings.extend(arithmetic::judge(subject.invoice, &findings));
    findings.extend(codes::judge(subject.invoice, subject.syntax));
    findings.extend(plausibility::judge(subject.invoice, &findings, subject.today));
    findings.extend(parties::judge(subject.invoice, subject.own_vat_ids));
    let rules_run = rules_run(official.rules_run, official.rules_decided);
    if rules_run == 0 {
        findings.push(official::engine_error("no rule was run"));
    }
    findings.iter_mut().for_each(remedy::add);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let specification = subject.invoice.specification.as_deref();
    let specification = match subject.document {
        Document::Read(document) => document.specification_id.as_deref(),
        _ => specification,
    };
    let acceptance = acceptance(subject.syntax, specification, &findings);
    cut(&mut findings);
    let mut judged_by = if own { Vec::new() } else { official.judged_by };
    judged_by.push(format!("{OURS} {}", env!("CARGO_PKG_VERSION")));
    Judgement { findings, acceptance, rules_run, not_run: official.not_run, judged_by }
}

/// Whether a document with these findings can be taken as what it claims to be. MINIMUM, BASIC WL
/// and ZUGFeRD 1 are lawful as what they are and no invoices of EN 16931, and neither is what has
/// no structure: there the rules give no verdict.
pub fn acceptance(syntax: Syntax, specification: Option<&str>, findings: &[Finding]) -> Acceptance {
    let is_invoice = syntax.is_en16931() && official::is_invoice(specification);
    let fatal = findings.iter().any(|finding| finding.severity == Severity::Fatal);
    match (is_invoice, fatal) {
        (false, _) => Acceptance::Undefined,
        (true, true) => Acceptance::Reject,
        (true, false) => Acceptance::Accept,
    }
}

/// How many rules ran: those of the crate, those that reading decided, and ours.
pub fn rules_run(of_crate: usize, of_reading: usize) -> u32 {
    let ours = arithmetic::RULES + codes::RULES + plausibility::RULES + parties::RULES;
    u32::try_from(of_crate + of_reading + ours).unwrap_or(u32::MAX)
}

/// The notice that EN 16931 asks for wherever its rules are reported.
pub const ATTRIBUTION: &str = en16931::ATTRIBUTION;

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
