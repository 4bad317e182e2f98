//! Number, dates, references, kind and currency of the document.

use chrono::NaiveDate;

use crate::extraction::lexicon::Field;
use crate::extraction::text::context::Context;
use crate::extraction::text::draft::Candidate;
use crate::extraction::text::draft::Draft;
use crate::extraction::text::ids;
use crate::extraction::text::labels::Label;
use crate::extraction::text::labels::Side;
use crate::extraction::text::labels::places;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::extraction::text::title;
use crate::models::evidence::Confidence;
use crate::models::finding::Severity;
use crate::models::invoice::Delivery;
use crate::models::invoice::PrecedingInvoice;

/// Longest number of a document.
const ID_MAX: usize = 40;

/// Fills the header fields.
pub(super) fn read(draft: &mut Draft<'_>, labels: &[Label], context: &Context) {
    let layout = draft.layout;
    let title = title::of(layout);
    title::kind(draft, &title);
    let mut numbers: Vec<Candidate> = Vec::new();
    numbers.extend(title.iter().filter_map(|title| title.number.clone()));
    numbers.extend(references(layout, labels, Field::Number));
    several(draft, &numbers);
    draft.invoice.number = draft.choose("BT-1", numbers);

    let mut dates = dates(layout, labels, context, Field::IssueDate);
    dates.extend(title.iter().filter_map(|title| title::date(layout, title, context)));
    dates.extend(dates_of(layout, labels, context, (Field::AnyDate, 3)));
    if dates.is_empty() {
        dates = context.lone_dates(layout);
    }
    draft.invoice.issue_date = day(draft.choose("BT-2", dates));
    let mut due = self::dates(layout, labels, context, Field::DueDate);
    due.extend(debits(layout, context));
    draft.invoice.due_date = day(draft.choose("BT-9", due));
    let delivered = self::dates(layout, labels, context, Field::DeliveryDate);
    if let Some(date) = day(draft.choose("BT-72", delivered)) {
        draft.invoice.delivery = Some(Delivery { date: Some(date), ..Delivery::default() });
    }
    let order = references(layout, labels, Field::Order);
    draft.invoice.order_reference = draft.choose("BT-13", order);
    let advice = references(layout, labels, Field::DeliveryNote);
    draft.invoice.despatch_advice_reference = draft.choose("BT-16", advice);
    let contract = references(layout, labels, Field::Contract);
    draft.invoice.contract_reference = draft.choose("BT-12", contract);
    let reference = references(layout, labels, Field::BuyerReference);
    draft.invoice.buyer_reference = draft.choose("BT-10", reference);
    if draft.invoice.type_code.as_deref().is_some_and(|code| matches!(code, "381" | "384")) {
        let preceding = references(layout, labels, Field::Preceding);
        if let Some(number) = draft.choose("BT-25", preceding) {
            let preceding = PrecedingInvoice { number: Some(number), issue_date: None };
            draft.invoice.preceding_invoices.push(preceding);
        }
    }
}

/// Numbers that are as good as one another and stand on different pages: several invoices, printed
/// one after the other.
fn several(draft: &mut Draft<'_>, numbers: &[Candidate]) {
    let best = numbers.iter().map(|number| number.weight).max();
    let page = |number: &Candidate| number.span.map(|span| draft.layout.tokens[span.start].page);
    let mut found: Vec<(&str, u32)> = Vec::new();
    for number in numbers.iter().filter(|number| Some(number.weight) == best) {
        let is_new = |page| !found.iter().any(|seen| seen.0 == number.value || seen.1 == page);
        found.extend(page(number).filter(|page| is_new(*page)).map(|page| (&*number.value, page)));
    }
    if found.len() < 2 {
        return;
    }
    let list: Vec<_> =
        found.iter().map(|(number, page)| format!("{number:?} on page {page}")).collect();
    let message = format!("the document has several invoice numbers: {}", list.join(", "));
    let remedy = "send each invoice as a document of its own";
    draft.doubt("SEVERAL_INVOICES", Severity::Fatal, &["BT-1"], [&message, remedy]);
}

/// Days on which the money is taken by debit: `wird am 20.03.2026 … eingezogen`.
fn debits(layout: &Layout, context: &Context) -> Vec<Candidate> {
    let on = ["am", "on", "le", "il", "el", "op", "zum", "vom"];
    let dates = context.dates.iter().filter(|date| {
        let before = date.span.start.checked_sub(1).map(|at| layout.tokens[at].folded.as_str());
        before.is_some_and(|word| on.contains(&word)) && ids::debited(layout, date.span)
    });
    let candidate = |date: &crate::extraction::text::context::Written| Candidate {
        value: date.value.to_string(),
        span: Some(date.span),
        label: None,
        rule: "the day of the debit",
        weight: 4,
        confidence: if date.open { Confidence::ONE_OF_SEVERAL } else { Confidence::LABELLED },
    };
    dates.map(candidate).collect()
}

fn day(text: Option<String>) -> Option<NaiveDate> {
    text.and_then(|text| text.parse().ok())
}

/// Values of a label that are ids: with a digit, no date, no sentence.
fn references(layout: &Layout, labels: &[Label], field: Field) -> Vec<Candidate> {
    let mut found = Vec::new();
    for label in labels.iter().filter(|label| label.field == field) {
        for (side, place) in places(layout, labels, label) {
            if side == Side::Wrapped && !found.is_empty() {
                continue;
            }
            let Some(span) = id_at(layout, place) else {
                // Something else stands at the right: what is below belongs to it.
                if side == Side::Right && place.end - place.start > 2 {
                    break;
                } else {
                    continue;
                };
            };
            let strength = 2 * u32::from(label.leads) + u32::from(label.exact);
            found.push(Candidate {
                value: trimmed(&layout.text(span)),
                span: Some(span),
                label: Some(label.span),
                rule: if side == Side::Right { "label at the left" } else { "label above" },
                weight: 4 + strength,
                confidence: Confidence::LABELLED,
            });
            break;
        }
    }
    found
}

/// The id at the start of a span: one word with a digit, or several that belong together.
pub(super) fn id_at(layout: &Layout, place: Span) -> Option<Span> {
    let mut start = place.start;
    // `Nr.`, `No`, `#`, `(380)` before the value are no part of it.
    while start < place.end && skipped(&layout.tokens[start].text) {
        start += 1;
    }
    let mut end = start;
    while end < place.end && end < start + 5 && (end == start || layout.gap(end) < 0.7) {
        let token = &layout.tokens[end];
        if !part_of_id(&token.text) || is_date(&token.text) {
            break;
        }
        end += 1;
        if token.text.ends_with([',', ';', ')']) {
            break;
        }
    }
    let span = Span { start, end };
    let text = layout.text(span);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let amount = crate::extraction::written::number::parse(&text, None)
        .is_some_and(|_| text.rsplit_once([',', '.']).is_some_and(|(_, cents)| cents.len() == 2));
    (digits > 0 && text.len() <= ID_MAX && !is_date(&text) && !amount).then_some(span)
}

fn skipped(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '°' && c != 'º');
    let lower = bare.to_lowercase();
    let parenthesised = word.starts_with('(') && word.ends_with(')') && bare.len() <= 4;
    let sign = ["nr", "no", "n°", "nº", "num", "núm", "nummer", "number", "n", ""];
    parenthesised || sign.contains(&&*lower)
}

/// Upper-case letters, digits and what joins them.
fn part_of_id(word: &str) -> bool {
    let joins =
        |c: char| matches!(c, '-' | '/' | '.' | '_' | '#' | ',' | ';' | ')' | '(' | '–' | '+');
    let fits = word.chars().all(|c| c.is_ascii_digit() || c.is_uppercase() || joins(c));
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let mixed = digits >= 2 && word.chars().all(|c| c.is_alphanumeric() || joins(c));
    (fits || mixed) && !matches!(word, "-" | "–" | "/" | "(" | ")" | "EUR" | "€") || word == "/"
}

fn is_date(text: &str) -> bool {
    let separated = text.contains(['.', '/', '-', ' ']);
    separated && crate::extraction::written::date::parse(text).is_some()
}

/// An id without the punctuation of its sentence.
pub(super) fn trimmed(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric() && c != ')').trim_end_matches(')').to_owned()
}

fn dates(layout: &Layout, labels: &[Label], context: &Context, field: Field) -> Vec<Candidate> {
    dates_of(layout, labels, context, (field, 6))
}

/// Values of a label that are dates.
fn dates_of(
    layout: &Layout,
    labels: &[Label],
    context: &Context,
    (field, weight): (Field, u32),
) -> Vec<Candidate> {
    let mut found = Vec::new();
    for label in labels.iter().filter(|label| label.field == field) {
        if field == Field::DueDate && context.in_discount_clause(layout, label.span) {
            continue;
        }
        let date = places(layout, labels, label).into_iter().find_map(|(side, place)| {
            // In a sentence the date follows its words closely.
            let reach = if side == Side::Right { 4 } else { 2 };
            let date = context.dates.iter().find(|date| {
                place.contains(date.span.start) && date.span.start < place.start + reach
            })?;
            Some((side, date))
        });
        let Some((side, date)) = date else { continue };
        let strength = 2 * u32::from(label.leads) + u32::from(label.exact && label.letters > 5);
        found.push(Candidate {
            value: date.value.to_string(),
            span: Some(date.span),
            label: Some(label.span),
            rule: if side == Side::Right { "label at the left" } else { "label above" },
            weight: weight + strength,
            confidence: if date.open { Confidence::ONE_OF_SEVERAL } else { Confidence::LABELLED },
        });
    }
    found
}
