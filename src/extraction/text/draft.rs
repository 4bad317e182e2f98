//! The invoice as it grows: each value with its evidence.

use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::models::evidence::Alternative;
use crate::models::evidence::Confidence;
use crate::models::evidence::Evidence;
use crate::models::evidence::Source;
use crate::models::finding::Finding;
use crate::models::finding::Severity;
use crate::models::invoice::Invoice;

/// Alternatives kept for a field: a person chooses among few.
const ALTERNATIVES_MAX: usize = 5;

/// What was found for one field.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// In canonical form.
    pub value: String,
    /// Where it stands; none for what was derived.
    pub span: Option<Span>,
    /// The label that led to it.
    pub label: Option<Span>,
    /// The rule's name, or a formula.
    pub rule: &'static str,
    /// How good the place is; compared within one field only.
    pub weight: u32,
    /// How sure it would be if it were alone.
    pub confidence: Confidence,
}

/// Invoice, evidence and findings, growing together.
pub(super) struct Draft<'a> {
    pub layout: &'a Layout,
    pub source: Source,
    pub invoice: Invoice,
    pub evidence: Vec<Evidence>,
    pub findings: Vec<Finding>,
}

/// Fields that sums or check digits prove, whoever read them: totals, tax, lines, IBAN, VAT id.
fn is_proved(field: &str) -> bool {
    let summed = ["BT-10", "BT-11", "BG-2"].iter().any(|terms| field.starts_with(terms));
    (summed && field.len() > "BT-10".len()) || matches!(field, "BT-31" | "BT-48" | "BT-84")
}

impl<'a> Draft<'a> {
    pub(super) fn new(layout: &'a Layout, source: Source) -> Self {
        let (invoice, evidence, findings) = (Invoice::default(), vec![], vec![]);
        Self { layout, source, invoice, evidence, findings }
    }

    /// Takes the best candidate of a field. Two different values of equal weight are one of
    /// several, whichever is taken.
    pub(super) fn choose(&mut self, field: &str, mut candidates: Vec<Candidate>) -> Option<String> {
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.weight));
        let mut best = candidates.first()?.clone();
        let mut others: Vec<Candidate> = Vec::new();
        for other in candidates {
            let known = |seen: &Candidate| same(&seen.value, &other.value);
            if !known(&best) && !others.iter().any(known) {
                others.push(other);
            }
        }
        if others.first().is_some_and(|other| other.weight == best.weight) {
            best.confidence = Confidence::ONE_OF_SEVERAL;
        }
        let alternatives = others.iter().map(|other| Alternative {
            value: other.value.clone(),
            confidence: Confidence::ONE_OF_SEVERAL,
        });
        let alternatives = alternatives.take(ALTERNATIVES_MAX).collect();
        let value = best.value.clone();
        self.note(field, best, alternatives);
        Some(value)
    }

    /// Records where a value came from.
    pub(super) fn note(&mut self, field: &str, found: Candidate, alternatives: Vec<Alternative>) {
        let raw = found.span.map(|span| self.layout.text(span)).filter(|raw| *raw != found.value);
        let page = found.span.map(|span| self.layout.tokens[span.start].page);
        // What recognition gave is one step less sure than what was written.
        let confidence = match (self.source, found.confidence) {
            (Source::Ocr, Confidence::LABELLED) => Confidence::PLACED,
            (Source::Ocr, confidence) if !is_proved(field) => confidence.min(Confidence::LABELLED),
            (_, confidence) => confidence,
        };
        self.evidence.push(Evidence {
            field: field.to_owned(),
            value: found.value,
            raw,
            source: if found.span.is_some() { self.source } else { Source::Derived },
            place: None,
            page,
            bounds: found.span.map(|span| self.layout.bounds(span)),
            label: found.label.map(|span| self.layout.text(span)),
            rule: Some(found.rule.to_owned()),
            confidence,
            alternatives,
        });
    }

    /// Records a doubt for a person to settle.
    pub(super) fn doubt(
        &mut self,
        code: &str,
        severity: Severity,
        terms: &[&str],
        said: [&str; 2],
    ) {
        self.findings.push(Finding {
            code: code.to_owned(),
            severity,
            source: "ap-gateway".to_owned(),
            place: None,
            terms: terms.iter().map(|term| (*term).to_owned()).collect(),
            message: said[0].to_owned(),
            actual: None,
            expected: None,
            remedy: Some(said[1].to_owned()),
        });
    }
}

fn same(a: &str, b: &str) -> bool {
    let folded = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
    folded(a) == folded(b)
}
