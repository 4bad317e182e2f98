//! The due date where the page says days and no date: `zahlbar innerhalb 30 Tagen`, `30 days net`.

use chrono::Days;

use crate::extraction::lexicon::Field;
use crate::extraction::text::context::Context;
use crate::extraction::text::draft::{Candidate, Draft};
use crate::extraction::text::labels::{Label, places};
use crate::extraction::text::layout::{Layout, Span};
use crate::models::evidence::Confidence;

/// Days that suppliers grant; a number above is something else.
const DAYS_MAX: u64 = 180;

/// Words for days that are days of the calendar, as the lexicon folds them.
const DAYS: [&str; 16] = [
    "tag", "tage", "tagen", "day", "days", "jour", "jours", "giorno", "giorni", "gg", "dia",
    "dias", "dag", "dagen", "dzien", "dni",
];

/// Beginnings of words that make a number of days one of payment.
#[rustfmt::skip]
const PAYING: [&str; 33] = [
    "zahl", "bezahl", "ueberweis", "uberweis", "begleich", "fallig", "faellig", "netto", "abzug",
    "net", "pay", "due", "remit", "settle",
    "paiement", "payer", "payable", "regl", "echeance", "pagamento", "pagare", "pagar", "pago", "scaden", "vencim",
    "betal", "voldaan", "voldoen", "overmak", "platn", "zaplat", "przelew", "termin",
];

/// Beginnings of words by which the days do not run from the day of issue, are working days, or
/// are those of something else: a discount, a reminder, a complaint, a return.
#[rustfmt::skip]
const OTHERWISE: [&str; 43] = [
    "monatsende", "ende", "eom", "month", "fin", "fine", "mese", "mes", "maand", "miesiac",
    "erhalt", "eingang", "zugang", "receipt", "reception", "ricev", "recepcion", "ontvangst", "otrzym",
    "liefer", "deliver", "livraison", "consegna", "entrega", "levering",
    "ouvr", "lavorativ", "habil", "uteis", "roboc", "werk", "arbeits", "business", "working",
    "verzug", "mahn", "late", "overdue", "reklam", "beanstand", "complain", "return", "widerruf",
];

/// Fills BT-9 from BT-2 and the days granted; a date on the page that agrees becomes surer.
pub(super) fn read(draft: &mut Draft<'_>, labels: &[Label], context: &Context) {
    let Some(issued) = draft.invoice.issue_date else { return };
    let sure = draft.evidence.iter().find(|evidence| evidence.field == "BT-2");
    let sure = sure.map_or(Confidence::ONE_OF_SEVERAL, |evidence| evidence.confidence);
    let layout = draft.layout;
    let granted = (0..layout.tokens.len()).filter_map(|at| granted(layout, labels, context, at));
    let candidates = granted.filter_map(|(days, words)| {
        Some(Candidate {
            value: issued.checked_add_days(Days::new(days))?.to_string(),
            span: None,
            label: Some(words),
            rule: "BT-2 + the days of the payment terms",
            weight: 1,
            confidence: Confidence::LABELLED.min(sure),
        })
    });
    let candidates: Vec<Candidate> = candidates.collect();
    match draft.invoice.due_date {
        None => {
            let due = draft.choose("BT-9", candidates);
            draft.invoice.due_date = due.and_then(|day| day.parse().ok());
        }
        Some(due) => {
            let due = due.to_string();
            let agree = !candidates.is_empty() && candidates.iter().all(|other| other.value == due);
            let stated = draft.evidence.iter_mut().find(|evidence| evidence.field == "BT-9");
            if let Some(stated) = stated.filter(|_| agree && sure >= Confidence::LABELLED) {
                stated.confidence = stated.confidence.max(Confidence::CONSISTENT);
            }
        }
    }
}

/// The days that a number on the page grants for paying, and the words that say it.
fn granted(layout: &Layout, labels: &[Label], context: &Context, at: usize) -> Option<(u64, Span)> {
    let bare = layout.tokens[at].text.trim_matches(['(', ')', ',']);
    let days = bare.bytes().all(|byte| byte.is_ascii_digit()).then(|| bare.parse().ok())??;
    let segment = layout.segment(at);
    let word = |at: usize| segment.contains(at).then(|| layout.tokens[at].folded.as_str());
    let unit = word(at + 1).is_some_and(|unit| DAYS.contains(&unit));
    // English says `net 30` alone.
    let net = at > 0 && word(at - 1) == Some("net") && at + 1 == segment.end;
    let span = Span { start: at, end: at + 1 + usize::from(unit) };
    if !(1..=DAYS_MAX).contains(&days) || !(unit || net) || others(layout, context, segment, span) {
        return None;
    }
    let begins = |stems: &[&str], span: Span| {
        let words = &layout.tokens[span.tokens()];
        words.iter().any(|word| stems.iter().any(|stem| word.folded.starts_with(stem)))
    };
    let clause = clause(layout, segment, at);
    let labelled = || {
        let terms = labels.iter().filter(|label| {
            matches!(label.field, Field::Terms | Field::DueDate) && label.span.start < at
        });
        let mut places = terms.flat_map(|label| places(layout, labels, label));
        places.any(|(_, place)| layout.segment(place.start).contains(at))
    };
    let paying = net || begins(&PAYING, segment) || labelled();
    (paying && !begins(&OTHERWISE, clause)).then_some((days, span))
}

/// Whether the number belongs to a discount for early payment: `2 % Skonto in 10 Tagen oder 30
/// Tage netto` has one of either kind.
fn others(layout: &Layout, context: &Context, segment: Span, span: Span) -> bool {
    let next = (span.end < segment.end).then(|| layout.tokens[span.end].folded.as_str());
    let net = next.is_some_and(|word| ["net", "netto", "ohne", "rein"].contains(&word));
    !net && context.in_discount_clause(layout, span)
}

/// The part of a segment around a token, up to a comma, semicolon or full stop.
fn clause(layout: &Layout, segment: Span, at: usize) -> Span {
    let ends = |at: &usize| {
        let text = &layout.tokens[*at].text;
        text.ends_with([',', ';']) || (text.ends_with('.') && text.len() > 3)
    };
    let start = (segment.start..at).rev().find(ends).map_or(segment.start, |at| at + 1);
    let end = (at..segment.end).find(ends).map_or(segment.end, |at| at + 1);
    Span { start, end }
}
