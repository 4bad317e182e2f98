//! The address window of a letter: the line of the sender, and below it the addressee.

use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::extraction::text::parties::form::{is_address_form, is_name, separates};

/// `ACME GmbH · Street 1 · 12345 Town` above the addressee, and the addressee.
pub(super) fn sender_line(layout: &Layout) -> Option<(Span, Option<Span>)> {
    let segments = layout.lines.iter().filter(|line| {
        let token = &layout.tokens[line.start];
        token.page == 1 && token.top < 0.45 * layout.page_height(line.start)
    });
    for line in segments {
        // The separators may stand apart: what is near counts as one.
        for run in runs(layout, *line) {
            let marks = |at: &usize| separates(&layout.tokens[*at].text);
            let Some(first) = run.tokens().find(marks) else { continue };
            let count = run.tokens().filter(marks).count();
            let post_code = (first..run.end).any(|at| {
                let digits = layout.tokens[at].text.trim_matches(|c: char| !c.is_ascii_digit());
                (4..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
            });
            let end = if layout.tokens[first].text.chars().any(char::is_alphanumeric) {
                first + 1
            } else {
                first
            };
            let name = Span { start: run.start, end };
            if count >= 2 && post_code && is_name(layout, name) {
                return Some((name, addressee(layout, run)));
            }
        }
    }
    None
}

/// Parts of a line with no gap of a column between them.
fn runs(layout: &Layout, line: Span) -> Vec<Span> {
    let mut runs: Vec<Span> = Vec::new();
    for at in line.tokens() {
        let joins = at > line.start && layout.gap(at) < 2.6;
        match runs.last_mut() {
            Some(run) if joins => run.end = at + 1,
            _ => runs.push(Span { start: at, end: at + 1 }),
        }
    }
    runs
}

fn addressee(layout: &Layout, sender: Span) -> Option<Span> {
    let head = &layout.tokens[sender.start];
    let below = layout.segments.iter().filter(|segment| {
        let token = &layout.tokens[segment.start];
        let near = (token.left - head.left).abs() < 40.0;
        token.page == head.page
            && token.top > head.top + 2.0
            && token.top < head.top + 130.0
            && near
    });
    let mut fitting =
        below.filter(|segment| is_name(layout, **segment) && !is_address_form(layout, **segment));
    fitting.next().copied()
}
