//! Numbers that stand as cells, and the row each belongs to.

use crate::extraction::lexicon::{Column, rec20};
use crate::extraction::text::amounts::{FIGURES_MAX, VALUE_MAX};
use crate::extraction::text::columns::Header;
use crate::extraction::text::context::Context;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::extraction::text::table::Cell;
use crate::extraction::written::number;
use rust_decimal::Decimal;

/// A number of a table stands apart from the words before it by this much, in font sizes.
const CELL_GAP: f32 = 0.5;

/// The numbers of a line that stand as cells, each with its column.
pub(super) fn cells_of(
    layout: &Layout,
    context: &Context,
    header: &Header,
    line: usize,
) -> Vec<(Column, Cell)> {
    let cells = numbers(layout, context, line).into_iter().filter_map(|cell| {
        let bounds = layout.bounds(cell.span);
        let column = header.column(bounds.left, bounds.left + bounds.width)?;
        Some((column, cell))
    });
    cells.collect()
}

/// All numbers of a line that stand as cells.
pub(super) fn numbers(layout: &Layout, context: &Context, line: usize) -> Vec<Cell> {
    let span = layout.lines[line];
    let mut cells: Vec<Cell> = Vec::new();
    for at in span.tokens() {
        let token = &layout.tokens[at];
        let apart = at == span.start
            || layout.gap(at) > CELL_GAP
            || cells.last().is_some_and(|cell| cell.span.end == at)
            || is_mark(&layout.tokens[at - 1].text);
        let alone = at + 1 == span.end || layout.gap(at + 1) > CELL_GAP || {
            let next = &layout.tokens[at + 1].text;
            is_mark(next) || rec20(next).is_some() || number::parse(next, None).is_some()
        };
        if !(apart && alone) {
            continue;
        }
        let value = number::parse(&token.text, context.decimal).map(|number| match number {
            number::Number::Sure(value) => value,
            number::Number::Open { decimals, .. } => decimals,
        });
        let with_unit = value.is_none().then(|| number_with_unit(&token.text, context)).flatten();
        let Some(value) = value.or(with_unit) else { continue };
        if value.abs() > Decimal::from(VALUE_MAX) || cells.len() >= FIGURES_MAX {
            continue;
        }
        let mark = at + 1 < span.end && is_mark(&layout.tokens[at + 1].text);
        let end = if mark { at + 2 } else { at + 1 };
        let cell_span = Span { start: at, end };
        cells.push(Cell { value, span: cell_span, line, y: token.middle(), page: token.page });
    }
    cells
}

/// `10h`, `3kg`.
fn number_with_unit(text: &str, context: &Context) -> Option<Decimal> {
    let at = text.find(|c: char| c.is_alphabetic())?;
    let (number, unit) = text.split_at(at);
    rec20(unit)?;
    number::parse(number, context.decimal)?.sure()
}

fn is_mark(text: &str) -> bool {
    matches!(text, "%" | "€" | "$" | "£" | "EUR" | "USD" | "GBP" | "CHF" | "-")
}

/// For each anchor the number of another column that belongs to it: by order where there are as
/// many, else the nearest that no other anchor is nearer to.
pub(super) fn matched(anchors: &[Cell], cells: &[Cell]) -> Vec<Option<Cell>> {
    // A cell on the line of another anchor is of that one, however many there are.
    let in_order = anchors.len() == cells.len()
        && anchors.iter().zip(cells).all(|(own, cell)| {
            own.line == cell.line || anchors.iter().all(|other| other.line != cell.line)
        });
    if in_order {
        return cells.iter().copied().map(Some).collect();
    }
    let distance = |a: &Cell, b: &Cell| if a.page == b.page { (a.y - b.y).abs() } else { f32::MAX };
    let mut found = vec![None; anchors.len()];
    for cell in cells {
        let nearest = anchors
            .iter()
            .enumerate()
            .min_by(|(_, a), (_, b)| distance(a, cell).total_cmp(&distance(b, cell)));
        let Some((at, anchor)) = nearest else { continue };
        let own: &mut Option<Cell> = &mut found[at];
        let nearer =
            own.as_ref().is_none_or(|other| distance(anchor, cell) < distance(anchor, other));
        if nearer && distance(anchor, cell) < 40.0 {
            *own = Some(*cell);
        }
    }
    found
}
