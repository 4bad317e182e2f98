//! Labels on the page, and where the value of a label is looked for.

use crate::extraction::lexicon::{Field, Found, Language, Lexicon, Shelf, Term};
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;

/// A label with fewer letters must start a segment or end with a colon: `to`, `le`, `date` are
/// words of any sentence.
const SENTENCE_LETTERS: usize = 6;
/// The value of a label is at most so many line heights below it.
const BELOW: f32 = 2.6;
/// How far left of its label a value may start, in points.
const OUTDENT: f32 = 12.0;

/// A label of a header field on the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    pub field: Field,
    pub span: Span,
    pub language: Language,
    pub letters: usize,
    pub exact: bool,
    /// It starts its segment, and is no word of a sentence.
    pub leads: bool,
}

/// All labels of header fields, in reading order.
pub(super) fn of(layout: &Layout) -> Vec<Label> {
    let lexicon = Lexicon::get();
    let mut labels = Vec::new();
    for segment in &layout.segments {
        for found in lexicon.find(Shelf::Fields, &layout.folded(*segment)) {
            let Term::Field(field) = found.term else { continue };
            let span = Span { start: segment.start + found.start, end: segment.start + found.end };
            let leads = found.start == 0 || follows_break(layout, span.start, *segment);
            if stands(layout, field, &found, span, leads) {
                let Found { language, letters, exact, .. } = found;
                labels.push(Label { field, span, language, letters, exact, leads });
            }
        }
    }
    labels
}

/// Behind `|`, `/`, `·` or a comma a new clause starts.
fn follows_break(layout: &Layout, at: usize, segment: Span) -> bool {
    let before = (at > segment.start).then(|| layout.tokens[at - 1].text.as_str());
    before.is_some_and(|text| text.ends_with(['|', '·', '•', '●', ';', ',', '–']))
}

fn stands(layout: &Layout, field: Field, found: &Found, span: Span, leads: bool) -> bool {
    let colon = layout.tokens[span.end - 1].text.ends_with(':')
        || layout.tokens.get(span.end).is_some_and(|next| next.text.starts_with(':'));
    match field {
        // `Lieferant GmbH` is a name: a party's label is alone, of several words or has a colon.
        Field::Seller | Field::Buyer | Field::OtherParty => {
            let alone = layout.segment(span.start).end == span.end;
            leads && (colon || alone || span.end - span.start > 1)
        }
        Field::Name | Field::Other => colon || leads,
        _ => colon || leads || found.letters >= SENTENCE_LETTERS,
    }
}

/// Where a value stands, seen from its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Right,
    Below,
    /// On the next line of the same paragraph.
    Wrapped,
}

/// Where to look for the value of a label: to the right, up to the next label; then below, in the
/// same column; then at the start of the next line, for a sentence that goes on there.
pub(super) fn places(layout: &Layout, labels: &[Label], label: &Label) -> Vec<(Side, Span)> {
    let line = layout.line(label.span.start);
    let next = labels.iter().map(|other| other.span.start);
    let end = next.filter(|start| *start >= label.span.end && *start < line.end).min();
    let right = Span { start: label.span.end, end: end.unwrap_or(line.end) };
    let right = without_punctuation(layout, right);
    let mut places = Vec::new();
    if !right.is_empty() {
        places.push((Side::Right, right));
    }
    let limit = end.map_or(f32::MAX, |at| layout.tokens[at].left - 2.0);
    places.extend(below(layout, labels, label, limit).map(|span| (Side::Below, span)));
    places.extend(wrapped(layout, label).map(|span| (Side::Wrapped, span)));
    places
}

fn without_punctuation(layout: &Layout, mut span: Span) -> Span {
    while !span.is_empty() {
        let text = layout.tokens[span.start].text.as_str();
        if text.chars().any(char::is_alphanumeric) {
            break;
        }
        span.start += 1;
    }
    span
}

/// The first line below within the column of the label: from its left edge to `limit`.
fn below(layout: &Layout, labels: &[Label], label: &Label, limit: f32) -> Option<Span> {
    let head = &layout.tokens[label.span.start];
    let tail = &layout.tokens[label.span.end - 1];
    let lines = layout.lines.iter().skip(head.line + 1);
    for line in lines.take(6) {
        let first = &layout.tokens[line.start];
        if first.page != head.page || first.top - head.top > BELOW * head.height + 4.0 {
            return None;
        }
        let within = |at: &usize| {
            let token = &layout.tokens[*at];
            let starts = token.left >= head.left - OUTDENT && token.left < limit;
            let hangs = token.left < tail.right && token.right > head.left;
            (starts || hangs) && token.right <= limit + 60.0
        };
        let tokens: Vec<usize> = line.tokens().filter(within).collect();
        let (Some(start), Some(end)) = (tokens.first(), tokens.last()) else { continue };
        // A segment is taken whole; the first of them is nearest to the label.
        let segment = layout.segment(*start);
        let span = Span { start: *start, end: segment.end.min(end + 1) };
        let labelled = labels.iter().any(|other| other.span.start == span.start);
        if labelled {
            return None;
        }
        return Some(span);
    }
    None
}

/// The start of the next line, when the label ends its own.
fn wrapped(layout: &Layout, label: &Label) -> Option<Span> {
    let segment = layout.segment(label.span.start);
    let head = &layout.tokens[segment.start];
    if segment.end != label.span.end || segment.start == label.span.start {
        return None;
    }
    let line = layout.lines.iter().skip(head.line + 1).find(|line| {
        let first = &layout.tokens[line.start];
        first.page == head.page && first.top > head.top + 0.5 * head.height
    })?;
    let near = line.tokens().find(|at| (layout.tokens[*at].left - head.left).abs() < OUTDENT)?;
    let token = &layout.tokens[near];
    let close = token.top - head.top < 2.0 * head.height;
    close.then(|| layout.segment(near))
}
