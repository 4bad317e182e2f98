//! Where the line table ends, and which lines in it are no lines of the invoice.

use crate::extraction::lexicon::{Column, Lexicon, Shelf, Term, Total};
use crate::extraction::text::columns::Header;
use crate::extraction::text::context::Context;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::extraction::text::table::cells::cells_of;

/// The lines below a header, up to the first sum.
pub(super) fn body(layout: &Layout, header: &Header, end: usize) -> Vec<usize> {
    let mut body = Vec::new();
    for line in header.lines.1 + 1..end {
        let span = layout.lines[line];
        if is_carried(layout, span) {
            continue;
        }
        if ends_table(layout, header, span) {
            if is_subtotal(layout, span) && goes_on(layout, header, line, end) {
                continue;
            }
            break;
        }
        body.push(line);
    }
    body
}

fn is_subtotal(layout: &Layout, line: Span) -> bool {
    let found = Lexicon::get().find(Shelf::Totals, &layout.folded(line));
    found.iter().any(|found| found.term == Term::Total(Total::Lines))
}

/// Below a subtotal the table goes on when a line with quantity, price and amount follows before
/// the next sum.
fn goes_on(layout: &Layout, header: &Header, line: usize, end: usize) -> bool {
    let context = Context::bare();
    let next = (line + 1..end.min(line + 8))
        .take_while(|at| !ends_table(layout, header, layout.lines[*at]));
    next.into_iter().any(|at| {
        let columns: Vec<Column> =
            cells_of(layout, &context, header, at).iter().map(|(column, _)| *column).collect();
        [Column::Quantity, Column::Price, Column::Net].iter().all(|column| columns.contains(column))
    })
}

fn is_carried(layout: &Layout, line: Span) -> bool {
    let found = Lexicon::get().find(Shelf::Totals, &layout.folded(line));
    found.iter().any(|found| found.term == Term::Total(Total::Carried) && found.letters > 4)
}

/// A line that starts with the name of a sum, and has no quantity.
fn ends_table(layout: &Layout, header: &Header, line: Span) -> bool {
    let segments = layout.segments_of(line);
    let quantity = line.tokens().any(|at| {
        let token = &layout.tokens[at];
        let column = header.column(token.left, token.right);
        column == Some(Column::Quantity) && token.has_digit() && layout.segment(at).start == at
    });
    let sum = segments.iter().any(|segment| {
        let folded = layout.folded(*segment);
        let start = folded.iter().position(|word| !word.is_empty()).unwrap_or(0);
        let label = Lexicon::get().at(Shelf::Totals, &folded, start);
        label.is_some_and(|label| match label.term {
            Term::Total(
                Total::Lines
                | Total::Net
                | Total::Tax
                | Total::Gross
                | Total::Any
                | Total::TaxBase
                | Total::Payable
                | Total::Allowances
                | Total::Charges
                | Total::Paid,
            ) => label.exact && closes(layout, *segment, label.end),
            _ => false,
        })
    });
    sum && !quantity
}

/// Behind the name of a sum come its amount, a rate or nothing; a text goes on with words.
fn closes(layout: &Layout, segment: Span, end: usize) -> bool {
    let rest = Span { start: segment.start + end, end: segment.end };
    let words = rest.tokens().filter(|at| {
        let token = &layout.tokens[*at];
        !token.has_digit() && token.folded.len() > 3 && !token.text.starts_with('(')
    });
    words.count() <= 2
}
