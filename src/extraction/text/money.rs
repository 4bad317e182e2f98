//! Currency, terms of payment and discounts for paying early.

use iso_currency::Currency;
use rust_decimal::Decimal;

use crate::extraction::lexicon::Field;
use crate::extraction::text::amounts::Amounts;
use crate::extraction::text::amounts::currency_of;
use crate::extraction::text::context;
use crate::extraction::text::context::Context;
use crate::extraction::text::draft::Candidate;
use crate::extraction::text::draft::Draft;
use crate::extraction::text::labels::Label;
use crate::extraction::text::labels::places;
use crate::extraction::text::layout::Span;
use crate::extraction::written::number;
use crate::models::evidence::Confidence;
use crate::models::invoice::CashDiscount;

/// BT-5: as labelled, else as the amounts have it beside them.
pub(super) fn currency(draft: &mut Draft<'_>, labels: &[Label], amounts: &Amounts) {
    let layout = draft.layout;
    let mut candidates = Vec::new();
    for label in labels.iter().filter(|label| label.field == Field::Currency) {
        let found = places(layout, labels, label).into_iter().find_map(|(_, place)| {
            let at = place.tokens().take(3).find(|at| code(&layout.tokens[*at].text).is_some())?;
            Some((code(&layout.tokens[at].text)?, at))
        });
        candidates.extend(found.map(|(value, at)| Candidate {
            value,
            span: Some(Span { start: at, end: at + 1 }),
            label: Some(label.span),
            rule: "label and code",
            weight: 8,
            confidence: Confidence::CONSISTENT,
        }));
    }
    let mut others: Vec<(String, usize, u32)> = Vec::new();
    for at in 0..layout.tokens.len() {
        let bare = layout.tokens[at].text.trim_matches(|c: char| {
            c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '\'' | '\u{a0}')
        });
        let Some(found) = currency_of(bare) else { continue };
        let line = layout.tokens[at].line;
        let total = amounts.labelled.iter().any(|l| l.amount.line == line);
        let weight = if total { 4 } else { 2 };
        match others.iter_mut().find(|(code, ..)| code == found) {
            Some(other) => other.2 = other.2.max(weight),
            None => others.push((found.to_owned(), at, weight)),
        }
    }
    let alone = others.len() == 1;
    candidates.extend(others.into_iter().map(|(value, at, weight)| {
        // A dollar is the dollar of many countries.
        let sign = layout.tokens[at].text.contains('$') && value == "USD";
        let confidence = match (alone, weight, sign) {
            (_, _, true) => Confidence::PLACED,
            (true, 4, _) => Confidence::CONSISTENT,
            (true, ..) => Confidence::LABELLED,
            _ => Confidence::PLACED,
        };
        let span = Some(Span { start: at, end: at + 1 });
        Candidate { value, span, label: None, rule: "beside amounts", weight, confidence }
    }));
    draft.invoice.currency = draft.choose("BT-5", candidates);
}

fn code(text: &str) -> Option<String> {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '€' | '$' | '£'));
    let iso = Currency::from_code(bare).map(|currency| currency.code().to_owned());
    iso.or_else(|| currency_of(bare).map(str::to_owned))
}

/// BT-20: the sentence that a label of terms or of a due date is in; and its discounts.
pub(super) fn terms(draft: &mut Draft<'_>, labels: &[Label], context: &Context) {
    let layout = draft.layout;
    let label = labels.iter().find(|label| {
        let place = layout.segment(label.span.start);
        let sentence = place.end - place.start > label.span.end - label.span.start + 2;
        match label.field {
            Field::Terms => true,
            Field::DueDate => sentence && label.letters > 7,
            _ => false,
        }
    });
    if let Some(label) = label {
        let own = layout.segment(label.span.start);
        let sentence = own.end > label.span.end + 1;
        let place = if sentence {
            Some(own)
        } else {
            places(layout, labels, label).first().map(|(_, place)| layout.segment(place.start))
        };
        if let Some(place) = place.filter(|place| place.end - place.start > 1) {
            let text = layout.text(place);
            let candidate = Candidate {
                value: text.clone(),
                span: Some(place),
                label: Some(label.span),
                rule: "words of payment terms",
                weight: 1,
                confidence: Confidence::PLACED,
            };
            draft.note("BT-20", candidate, vec![]);
            draft.invoice.payment_terms = Some(text);
        }
    }
    for line in &layout.lines {
        if context::is_cash_discount(layout, *line) {
            let discount = discount(draft, context, *line);
            draft.invoice.cash_discounts.extend(discount);
        }
    }
}

/// `3% Skonto innerhalb 10 Tagen bis 15.06.2018`: the percentage nearest to the word, the days and
/// the date behind it.
fn discount(draft: &Draft<'_>, context: &Context, line: Span) -> Option<CashDiscount> {
    let layout = draft.layout;
    let word = line
        .tokens()
        .find(|at| context::is_cash_discount(layout, Span { start: *at, end: at + 1 }))?;
    let percent = |at: usize| {
        let token = &layout.tokens[at];
        let next = layout.tokens.get(at + 1).is_some_and(|next| next.text.starts_with('%'));
        let value = number::parse(&token.text, context.decimal)?.sure()?;
        (token.text.ends_with('%') || next)
            .then_some(value)
            .filter(|value| *value < Decimal::from(20))
    };
    let near =
        (line.start.max(word.saturating_sub(4))..line.end.min(word + 5)).find_map(percent)?;
    let days = (word..line.end.saturating_sub(1)).find_map(|at| {
        let unit = &layout.tokens[at + 1].folded;
        let days =
            ["tag", "day", "jour", "giorn", "dia", "dag"].iter().any(|word| unit.starts_with(word));
        days.then(|| layout.tokens[at].text.parse::<u32>().ok()).flatten()
    });
    let until =
        context.dates.iter().find(|date| (word..line.end).contains(&date.span.start) && !date.open);
    let until = until.map(|date| date.value);
    Some(CashDiscount { until, days, percent: Some(near), ..CashDiscount::default() })
}
