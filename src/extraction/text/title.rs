//! What the document calls itself: `Rechnung Nr. 471102 vom 05.06.2018`.

use crate::extraction::lexicon::{Document, Field, Language, Lexicon, Shelf, Term};
use crate::extraction::text::context::Context;
use crate::extraction::text::draft::Candidate;
use crate::extraction::text::draft::Draft;
use crate::extraction::text::header::{id_at, trimmed};
use crate::extraction::text::labels::Label;
use crate::extraction::text::labels::Side;
use crate::extraction::text::labels::places;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::models::evidence::Confidence;
use crate::models::invoice::InvoiceKind;

/// A line that names the document.
#[derive(Debug, Clone)]
pub(super) struct Title {
    pub document: Document,
    pub span: Span,
    /// BT-1, when it follows.
    pub number: Option<Candidate>,
    /// A UNTDID 1001 code in parentheses.
    code: Option<String>,
    /// Height of its letters, tenths of a point.
    size: u32,
    /// The name starts its segment.
    leads: bool,
}

/// All of them, in reading order.
pub(super) fn of(layout: &Layout) -> Vec<Title> {
    let lexicon = Lexicon::get();
    let mut titles = Vec::new();
    for segment in &layout.segments {
        let folded = layout.folded(*segment);
        let found = lexicon.find(Shelf::Documents, &folded);
        let compound =
            folded.first().filter(|word| german(word)).map(|_| (Document::Invoice, 0, 1));
        let named = found.iter().filter_map(|found| match found.term {
            Term::Document(document) => Some((document, found.start, found.end)),
            _ => None,
        });
        let named: Vec<_> = named.collect();
        let compound = compound.filter(|_| !named.iter().any(|(_, start, _)| *start == 0));
        for (document, start, end) in compound.into_iter().chain(named) {
            let span = Span { start: segment.start + start, end: segment.start + end };
            titles.push(title(layout, document, span, *segment));
        }
    }
    titles
}

/// `Stromrechnung`, `Handwerkerrechnung`: German makes one word of it.
fn german(word: &str) -> bool {
    word.len() > 11 && word.ends_with("rechnung") && !word.contains("berechnung")
}

fn title(layout: &Layout, document: Document, span: Span, segment: Span) -> Title {
    let line = layout.line(span.start);
    let mut at = span.end;
    let mut code = None;
    let mut depth = 0_i32;
    // `(380)`, `(selbst ausgestellte Rechnung)` may stand between the name and the number.
    while at < line.end {
        let text = layout.tokens[at].text.as_str();
        let opened = depth > 0 || text.starts_with('(');
        let (opens, closes) = (text.matches('(').count(), text.matches(')').count());
        depth += i32::try_from(opens).unwrap_or(0) - i32::try_from(closes).unwrap_or(0);
        if !opened {
            break;
        }
        let digits = text.trim_matches(['(', ')']);
        if digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            code = Some(digits.to_owned());
        }
        at += 1;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a font size")]
    let size = (layout.tokens[span.start].height * 10.0) as u32;
    let number = number(layout, span, Span { start: at, end: line.end })
        .or_else(|| number_below(layout, span, segment));
    Title { document, span, number, code, size, leads: span.start == segment.start }
}

/// BT-1 behind the name: after `Nr.`, or at once.
fn number(layout: &Layout, name: Span, rest: Span) -> Option<Candidate> {
    let folded = layout.folded(Span { start: rest.start, end: rest.end.min(rest.start + 3) });
    let sign = Lexicon::get().at(Shelf::Fields, &folded, 0);
    let signed =
        sign.filter(|found| matches!(found.term, Term::Field(Field::NumberSign)) && found.exact);
    // A label of its own, such as `Rechnung Datum`, is no number of ours.
    if sign.is_some_and(|found| !matches!(found.term, Term::Field(Field::NumberSign))) {
        return None;
    }
    let start = rest.start + signed.map_or(0, |found| found.end);
    let span = id_at(layout, Span { start, end: rest.end })?;
    let near = span.start <= start + 1 && (span.start == 0 || layout.gap(span.start) < 3.0);
    near.then(|| Candidate {
        value: trimmed(&layout.text(span)),
        span: Some(span),
        label: Some(name),
        rule: "behind the name of the document",
        weight: if signed.is_some() { 6 } else { 3 },
        confidence: Confidence::LABELLED,
    })
}

/// BT-1 below the name, where the name heads a column: `Factuur` over `VF1005193039`.
fn number_below(layout: &Layout, name: Span, segment: Span) -> Option<Candidate> {
    let line = layout.line(name.start);
    // A row of heads has several cells.
    if name != segment || line == segment {
        return None;
    }
    let label = Label {
        field: Field::Number,
        span: name,
        language: Language::English,
        letters: 0,
        exact: true,
        leads: true,
    };
    let below = places(layout, &[], &label).into_iter().find(|(side, _)| *side == Side::Below)?;
    let head = layout.bounds(name);
    let span = id_at(layout, below.1)?;
    let place = layout.bounds(span);
    let overlap =
        (place.left + place.width).min(head.left + head.width) - place.left.max(head.left);
    (overlap > 0.0).then(|| Candidate {
        value: trimmed(&layout.text(span)),
        span: Some(span),
        label: Some(name),
        rule: "below the name of the document",
        weight: 2,
        confidence: Confidence::PLACED,
    })
}

/// BT-2 behind the number: `vom 05.06.2018`.
pub(super) fn date(layout: &Layout, title: &Title, context: &Context) -> Option<Candidate> {
    let number = title.number.as_ref()?.span?;
    let line = layout.tokens[number.start].line;
    let date = context.dates.iter().find(|date| {
        let near = date.span.start >= number.end && date.span.start <= number.end + 4;
        let line_of = layout.tokens[date.span.start].line;
        near && (line_of == line || line_of == line + 1)
    })?;
    Some(Candidate {
        value: date.value.to_string(),
        span: Some(date.span),
        label: Some(title.span),
        rule: "behind the number of the document",
        weight: 7,
        confidence: if date.open { Confidence::ONE_OF_SEVERAL } else { Confidence::LABELLED },
    })
}

/// BT-3, by the most prominent name; a code in parentheses decides.
pub(super) fn kind(draft: &mut Draft<'_>, titles: &[Title]) {
    let coded = titles.iter().find(|title| title.code.is_some() && title.number.is_some());
    let prominent = titles.iter().filter(|title| title.leads);
    let prominence = |title: &&Title| {
        let sure = u32::from(title.number.is_some()) * 60;
        (title.size + sure, std::cmp::Reverse(title.span.start))
    };
    let main = coded.or_else(|| prominent.max_by_key(prominence)).or_else(|| titles.first());
    let Some(main) = main else { return };
    let line = draft.layout.tokens[main.span.start].line;
    let on_line = |title: &&Title| draft.layout.tokens[title.span.start].line == line;
    let billed = titles.iter().filter(on_line).any(|title| title.document == Document::SelfBilled);
    let by_word = match main.document {
        _ if billed => "389",
        Document::Invoice | Document::NoInvoice => "380",
        Document::CreditNote => "381",
        Document::Correction => "384",
        Document::SelfBilled => "389",
        Document::Prepayment => "386",
    };
    let code = main.code.clone().unwrap_or_else(|| by_word.to_owned());
    if matches!(code.as_str(), "381" | "261" | "396") {
        draft.invoice.kind = InvoiceKind::CreditNote;
    }
    let found = Candidate {
        value: code.clone(),
        span: Some(main.span),
        label: None,
        rule: "what the document calls itself",
        weight: 1,
        confidence: Confidence::LABELLED,
    };
    draft.note("BT-3", found, vec![]);
    draft.invoice.type_code = Some(code);
}
