//! Ids with check digits: VAT ids, IBAN, BIC.

use crate::extraction::lexicon::Field;
use crate::extraction::text::checks;
use crate::extraction::text::checks::Vat;
use crate::extraction::text::draft::Candidate;
use crate::extraction::text::draft::Draft;
use crate::extraction::text::labels::Label;
use crate::extraction::text::labels::places;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::models::evidence::Confidence;
use crate::models::iban;
use crate::models::invoice::Account;
use crate::models::invoice::Payment;

/// An id is written in at most so many words.
const WORDS_MAX: usize = 9;

/// A VAT id on the page.
#[derive(Debug, Clone)]
pub(super) struct VatId {
    pub value: String,
    pub span: Span,
    pub vat: Vat,
    /// Its label, when it has one.
    pub label: Option<Label>,
}

/// Every VAT id of the document, labelled or told by its form.
pub(super) fn vat_ids(layout: &Layout, labels: &[Label], ibans: &[(String, Span)]) -> Vec<VatId> {
    let mut ids: Vec<VatId> = Vec::new();
    for label in labels {
        if !matches!(label.field, Field::VatId | Field::BuyerVatId) {
            continue;
        }
        let found = places(layout, labels, label).into_iter().find_map(|(_, span)| {
            let end = span.end.min(span.start + WORDS_MAX);
            (span.start..end).find_map(|at| vat_at(layout, at, end, Some(label)))
        });
        ids.extend(found.map(|id| VatId { label: Some(*label), ..id }));
    }
    for at in 0..layout.tokens.len() {
        let taken = ids.iter().any(|id| id.span.contains(at))
            || ibans.iter().any(|(_, span)| span.contains(at));
        if !taken {
            ids.extend(vat_at(layout, at, layout.segment(at).end, None));
        }
    }
    ids.sort_by_key(|id| id.span.start);
    ids.dedup_by(|next, id| next.span == id.span);
    ids
}

fn vat_at(layout: &Layout, at: usize, end: usize, label: Option<&Label>) -> Option<VatId> {
    let mut text = String::new();
    let mut best = None;
    for last in at..end.min(at + WORDS_MAX) {
        let word = &layout.tokens[last].text;
        text.extend(
            word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()),
        );
        if text.len() > 16 || word.ends_with(',') && last == at && text.len() < 4 {
            break;
        }
        let span = Span { start: at, end: last + 1 };
        if text.starts_with(|c: char| c.is_ascii_uppercase())
            && let Some(vat) = checks::vat_id(&text)
        {
            let prefix = word_prefix(layout, at);
            // Without a label, a form alone could be anything: two letters must stand there.
            if label.is_some() || (prefix && (vat == Vat::Checked || text.starts_with("DE"))) {
                best = Some(VatId { value: text.clone(), span, vat, label: None });
            }
        } else if let Some(value) = label.and_then(|label| checks::national(label.language, &text))
        {
            best = Some(VatId { value, span, vat: Vat::Checked, label: None });
        }
    }
    best
}

fn word_prefix(layout: &Layout, at: usize) -> bool {
    let text = &layout.tokens[at].text;
    text.chars().take(2).all(|c| c.is_ascii_uppercase())
}

/// Every IBAN whose check digits hold, and labelled ones whose digits do not.
pub(super) fn ibans(layout: &Layout) -> Vec<(String, Span)> {
    let mut found: Vec<(String, Span)> = Vec::new();
    let mut at = 0;
    while at < layout.tokens.len() {
        match iban_at(layout, at) {
            Some((value, span)) => {
                at = span.end;
                found.push((value, span));
            }
            None => at += 1,
        }
    }
    found
}

fn iban_at(layout: &Layout, at: usize) -> Option<(String, Span)> {
    let line = layout.line(at);
    let mut text = String::new();
    for last in at..line.end.min(at + WORDS_MAX) {
        let word = layout.tokens[last].text.trim_end_matches([',', '.', ';']);
        if !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == 0xc2 || byte == 0xa0) {
            return None;
        }
        text.extend(
            word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()),
        );
        let length = iban::length(&text);
        if text.len() >= 4 && length.is_none() {
            return None;
        }
        if length.is_some_and(|length| text.len() >= length) {
            return iban::is_iban(&text).then_some((text, Span { start: at, end: last + 1 }));
        }
    }
    None
}

/// BT-84 and BT-86: where to pay to. An account that is debited is the buyer's.
pub(super) fn accounts(draft: &mut Draft<'_>, labels: &[Label], ibans: &[(String, Span)]) {
    let layout = draft.layout;
    let mut candidates = Vec::new();
    for (value, span) in ibans.iter().filter(|(_, span)| !debited(layout, *span)) {
        let label = label_before(layout, labels, Field::Iban, *span);
        candidates.push(Candidate {
            value: value.clone(),
            span: Some(*span),
            label,
            rule: "check digits of an IBAN",
            weight: 1,
            confidence: Confidence::CONSISTENT,
        });
    }
    if candidates.is_empty() {
        candidates.extend(unchecked(layout, labels));
    }
    let mut ids: Vec<String> = Vec::new();
    for candidate in &candidates {
        if !ids.contains(&candidate.value) {
            ids.push(candidate.value.clone());
        }
    }
    let several = ids.len() > 1;
    for candidate in candidates.iter_mut().filter(|_| several) {
        candidate.confidence = Confidence::PLACED;
    }
    if draft.choose("BT-84", candidates).is_none() {
        return;
    }
    let bic = bic(draft, labels);
    let mut accounts: Vec<Account> =
        ids.into_iter().map(|id| Account { id: Some(id), ..Account::default() }).collect();
    if let [only] = accounts.as_mut_slice() {
        only.bic = bic;
    }
    draft.invoice.payments.push(Payment { accounts, ..Payment::default() });
}

/// What stands behind `IBAN` and has its form, though its digits fail: a slip, or a sample.
fn unchecked(layout: &Layout, labels: &[Label]) -> Vec<Candidate> {
    let labels_of = labels.iter().filter(|label| label.field == Field::Iban);
    let found = labels_of.filter_map(|label| {
        places(layout, labels, label).into_iter().find_map(|(_, span)| {
            let text: String =
                layout.text(span).chars().filter(char::is_ascii_alphanumeric).collect();
            let form = iban::length(&text)?;
            // A length of no IBAN is one more doubt.
            let confidence =
                if text.len() == form { Confidence::PLACED } else { Confidence::ONE_OF_SEVERAL };
            ((15..=34).contains(&text.len()) && !debited(layout, span)).then(|| Candidate {
                value: text.to_ascii_uppercase(),
                span: Some(span),
                label: Some(label.span),
                rule: "label; the check digits fail",
                weight: 1,
                confidence,
            })
        })
    });
    found.collect()
}

fn label_before(layout: &Layout, labels: &[Label], field: Field, span: Span) -> Option<Span> {
    let line = layout.tokens[span.start].line;
    let mut before = labels.iter().filter(|label| {
        label.field == field
            && layout.tokens[label.span.start].line == line
            && label.span.end <= span.start
    });
    before.next_back().map(|label| label.span)
}

/// Words around an account from which money is taken.
const DEBIT: [&str; 14] = [
    "lastschrift",
    "eingezogen",
    "abgebucht",
    "abbuchung",
    "einzug",
    "ihremkonto",
    "directdebit",
    "prelevement",
    "preleve",
    "addebito",
    "domiciliacion",
    "incasso",
    "domiciliering",
    "youraccount",
];

/// Whether a place is in a sentence about a debit.
pub(super) fn debited(layout: &Layout, span: Span) -> bool {
    let line = layout.tokens[span.start].line;
    let lines = layout.lines[line..].iter().take(2);
    let text: String = lines.flat_map(|line| layout.folded(*line)).collect();
    let own = layout.segment(span.start);
    let sentence = own.end - own.start > span.end - span.start + 3;
    sentence && DEBIT.iter().any(|word| text.contains(word))
}

fn bic(draft: &mut Draft<'_>, labels: &[Label]) -> Option<String> {
    let layout = draft.layout;
    let labelled = labels.iter().filter(|label| label.field == Field::Bic);
    let found = labelled.filter_map(|label| {
        places(layout, labels, label).into_iter().find_map(|(_, span)| {
            let word = layout.tokens[span.start].text.trim_matches([',', ';', '.']);
            let form = matches!(word.len(), 8 | 11)
                && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
                && word.bytes().take(6).all(|byte| byte.is_ascii_uppercase());
            (form && !debited(layout, label.span)).then(|| Candidate {
                value: word.to_owned(),
                span: Some(Span { start: span.start, end: span.start + 1 }),
                label: Some(label.span),
                rule: "label and form",
                weight: 1,
                confidence: Confidence::LABELLED,
            })
        })
    });
    let found = found.collect();
    draft.choose("BT-86", found)
}
