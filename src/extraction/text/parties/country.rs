//! The country of an address: before its post code (`D-80333`, `DE 80333`), or its last line.

use crate::extraction::lexicon::{self, Field};
use crate::extraction::text::draft::Candidate;
use crate::extraction::text::layout::{Layout, Span};
use crate::extraction::text::parties::block::Block;
use crate::models::evidence::Confidence;

/// Lines of an address below the name: addition, street, box, town, region, country.
const LINES_MAX: usize = 6;

/// An address is as narrow as a column of a letter, in points.
const OUTDENT: f32 = 14.0;

/// An address keeps together, in line heights.
const GAP: f32 = 2.3;

/// The country of a party, by its block or else below its name.
pub(super) fn of(
    layout: &Layout,
    blocks: &[Block],
    (field, name): (Field, Option<&Candidate>),
) -> Option<Candidate> {
    let block = blocks.iter().find(|block| block.field == field);
    let by_block = block.map(|block| {
        let lines = &layout.lines[block.first..=block.last.min(layout.lines.len() - 1)];
        let segments = lines.iter().flat_map(|line| layout.segments_of(*line)).copied();
        segments.filter(|segment| block.holds(layout, segment.start)).collect::<Vec<_>>()
    });
    let address = by_block.or_else(|| Some(below(layout, name?.span?)))?;
    before_post_code(layout, &address).or_else(|| last_line(layout, &address))
}

/// The lines below a name that stand together with it.
fn below(layout: &Layout, name: Span) -> Vec<Span> {
    let head = &layout.tokens[name.start];
    let lines = layout.lines.iter().skip(head.line + 1).take(LINES_MAX);
    let mut bottom = head.bottom();
    let own = lines.map_while(|line| {
        let near = |segment: &&Span| {
            let token = &layout.tokens[segment.start];
            (token.left - head.left).abs() < OUTDENT && token.page == head.page
        };
        let segment = *layout.segments_of(*line).iter().find(near)?;
        let token = &layout.tokens[segment.start];
        let close = token.top - bottom < GAP * head.height;
        bottom = token.bottom();
        close.then_some(segment)
    });
    own.collect()
}

fn is_post_code(text: &str) -> bool {
    (4..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `DE 80333`, and `D-80333` by the letters of number plates.
fn before_post_code(layout: &Layout, address: &[Span]) -> Option<Candidate> {
    address.iter().flat_map(|segment| segment.tokens()).find_map(|at| {
        let token = &layout.tokens[at];
        let next = layout.tokens.get(at + 1).filter(|next| next.line == token.line);
        let apart = next.is_some_and(|next| is_post_code(&next.text)).then_some(&*token.text);
        let joined = token.text.split_once('-').filter(|(_, code)| is_post_code(code));
        let prefix = apart.or(joined.map(|(prefix, _)| prefix))?;
        let value = match prefix {
            "D" => "DE",
            "A" => "AT",
            "F" => "FR",
            "I" => "IT",
            "B" => "BE",
            "L" => "LU",
            code if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) => code,
            _ => return None,
        };
        let rule = "the letters before the post code";
        Some(found(value, Span { start: at, end: at + 1 }, rule, Confidence::LABELLED))
    })
}

/// A line that is the name of a country and nothing else, below one with a post code.
fn last_line(layout: &Layout, address: &[Span]) -> Option<Candidate> {
    let coded =
        |segment: &Span| layout.tokens[segment.tokens()].iter().any(|token| token.has_digit());
    address.windows(2).find_map(|pair| {
        let code = lexicon::country(&layout.text(pair[1])).filter(|_| coded(&pair[0]))?;
        Some(found(code, pair[1], "the last line of the address", Confidence::LABELLED))
    })
}

fn found(value: &str, span: Span, rule: &'static str, confidence: Confidence) -> Candidate {
    Candidate {
        value: value.to_owned(),
        span: Some(span),
        label: None,
        rule,
        weight: 1,
        confidence,
    }
}
