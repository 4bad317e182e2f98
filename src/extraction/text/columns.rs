//! The header row of the line table, and which column a number stands in.

use crate::extraction::lexicon::{Column, Lexicon, Shelf, Term};
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;

/// Lines of one header stand no further apart, in line heights.
const STACKED: f32 = 1.7;
/// A header has no more lines.
const LINES_MAX: usize = 6;

/// A column and where its header stands.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub column: Column,
    pub left: f32,
    pub right: f32,
}

/// A header row.
#[derive(Debug, Clone)]
pub(super) struct Header {
    pub heads: Vec<Head>,
    /// Its first and last line.
    pub lines: (usize, usize),
}

impl Header {
    pub(super) fn has(&self, column: Column) -> bool {
        self.heads.iter().any(|head| head.column == column)
    }

    /// The column that a box is in: the one it overlaps most, else the nearest.
    pub(super) fn column(&self, left: f32, right: f32) -> Option<Column> {
        let distance = |head: &Head| {
            let overlap = right.min(head.right) - left.max(head.left);
            let edges = (left - head.left).abs().min((right - head.right).abs());
            // Overlap is negative where there is a gap.
            -overlap.min(6.0) * 4.0 + edges
        };
        let nearest = self.heads.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        Some(nearest.column)
    }

    /// Whether two headers are of one table that goes on.
    pub(super) fn same(&self, other: &Self) -> bool {
        let columns = |header: &Self| -> Vec<Column> {
            header.heads.iter().map(|head| head.column).collect()
        };
        columns(self) == columns(other)
    }

    fn is_of_lines(&self) -> bool {
        let amount = self.has(Column::Net) || self.has(Column::Gross);
        let item = self.has(Column::Quantity) || self.has(Column::Price);
        let known = self.heads.iter().filter(|head| head.column != Column::Other).count();
        let text = self.has(Column::Description);
        (amount && item && known >= 3)
            || (amount && text && known >= 2)
            || (item && text && known >= 4)
    }
}

/// A piece of a header: a label, or words that are none on their line.
#[derive(Debug, Clone)]
struct Cell {
    text: String,
    column: Option<Column>,
    left: f32,
    right: f32,
    line: usize,
}

/// Every header of a line table, in reading order.
pub(super) fn headers(layout: &Layout) -> Vec<Header> {
    let mut found: Vec<Header> = Vec::new();
    let mut line = 0;
    while line < layout.lines.len() {
        match header_at(layout, line) {
            Some(header) => {
                line = header.lines.1 + 1;
                found.push(header);
            }
            None => line += 1,
        }
    }
    found
}

fn header_at(layout: &Layout, line: usize) -> Option<Header> {
    let labels = labels_of(layout, line);
    if labels == 0 {
        return None;
    }
    // The widest stack of lines that makes a header; a line with an amount is none of it.
    let mut best: Option<Header> = None;
    let mut cells = Vec::new();
    for last in line..layout.lines.len().min(line + LINES_MAX) {
        if (last > line && !stacked(layout, last - 1, last)) || has_amount(layout, last) {
            break;
        }
        cells.extend(cells_of(layout, last));
        let header = Header { heads: heads(&cells), lines: (line, last) };
        let more = best.as_ref().is_none_or(|best| header.heads.len() >= best.heads.len());
        if header.is_of_lines() && more && (last == line || helps(layout, last)) {
            best = Some(header);
        }
    }
    best
}

/// A line below belongs to the header when it has labels, or is short words only.
fn helps(layout: &Layout, line: usize) -> bool {
    labels_of(layout, line) > 0 || {
        let span = layout.lines[line];
        span.end - span.start <= 4 && !span.tokens().any(|at| layout.tokens[at].has_digit())
    }
}

fn labels_of(layout: &Layout, line: usize) -> usize {
    cells_of(layout, line).iter().filter(|cell| cell.column.is_some()).count()
}

fn stacked(layout: &Layout, above: usize, below: usize) -> bool {
    let (a, b) =
        (&layout.tokens[layout.lines[above].start], &layout.tokens[layout.lines[below].start]);
    a.page == b.page && b.top - a.top < STACKED * a.height.max(b.height)
}

fn has_amount(layout: &Layout, line: usize) -> bool {
    let amount = |at: usize| {
        let text = layout.tokens[at].text.trim_matches(['€', '$', '£', ')', '(']);
        let decimals = text.rsplit_once([',', '.']).is_some_and(|(_, end)| end.len() == 2);
        decimals
            && text.bytes().all(|byte| !byte.is_ascii_alphabetic())
            && layout.tokens[at].has_digit()
    };
    layout.lines[line].tokens().any(amount)
}

fn cells_of(layout: &Layout, line: usize) -> Vec<Cell> {
    let whole = layout.lines[line];
    let mut cells = Vec::new();
    let segments = layout.segments_of(whole);
    for segment in segments {
        let found = Lexicon::get().find(Shelf::Columns, &layout.folded(*segment));
        let mut at = segment.start;
        for label in found {
            let Term::Column(column) = label.term else { continue };
            let (start, end) = (segment.start + label.start, segment.start + label.end);
            cells.extend(cell(layout, Span { start: at, end: start }, None, line));
            cells.extend(cell(layout, Span { start, end }, Some(column), line));
            at = end;
        }
        cells.extend(cell(layout, Span { start: at, end: segment.end }, None, line));
    }
    cells
}

fn cell(layout: &Layout, span: Span, column: Option<Column>, line: usize) -> Option<Cell> {
    if span.is_empty() {
        return None;
    }
    let bounds = layout.bounds(span);
    let (left, right) = (bounds.left, bounds.left + bounds.width);
    Some(Cell { text: layout.text(span), column, left, right, line })
}

/// Pieces above each other are one head; its words together may be a label that none is alone.
fn heads(cells: &[Cell]) -> Vec<Head> {
    let mut stacks: Vec<Vec<&Cell>> = Vec::new();
    for cell in cells {
        let above = stacks.iter_mut().find(|stack| {
            stack.iter().any(|other| {
                let overlap = cell.right.min(other.right) - cell.left.max(other.left);
                let narrow = (cell.right - cell.left).min(other.right - other.left);
                cell.line != other.line && overlap > 0.5 * narrow
            })
        });
        match above {
            Some(stack) => stack.push(cell),
            None => stacks.push(vec![cell]),
        }
    }
    let mut heads: Vec<Head> = stacks.iter().filter_map(|stack| head(stack)).collect();
    heads.sort_by(|a, b| a.left.total_cmp(&b.left));
    one_amount(&mut heads);
    heads
}

/// Of several amounts one is the net: behind a column of tax stands the gross, before the price
/// `Amount` is a quantity.
fn one_amount(heads: &mut [Head]) {
    let at = |heads: &[Head], column: Column| heads.iter().position(|head| head.column == column);
    let nets: Vec<usize> = (0..heads.len()).filter(|at| heads[*at].column == Column::Net).collect();
    let [first, .., last] = nets.as_slice() else { return };
    let tax = heads[*first..*last]
        .iter()
        .any(|head| matches!(head.column, Column::TaxRate | Column::TaxAmount));
    let before_price =
        at(heads, Column::Price).is_some_and(|price| *first < price && price < *last);
    if at(heads, Column::Quantity).is_none() && before_price {
        heads[*first].column = Column::Quantity;
    } else if tax && at(heads, Column::Gross).is_none() {
        heads[*last].column = Column::Gross;
    } else {
        for net in &nets[..nets.len() - 1] {
            heads[*net].column = Column::Other;
        }
    }
}

fn head(stack: &[&Cell]) -> Option<Head> {
    let text: Vec<&str> = stack.iter().map(|cell| cell.text.as_str()).collect();
    let whole = match Lexicon::get().whole(Shelf::Columns, &text.join(" ")) {
        Some(Term::Column(column)) => Some(column),
        _ => None,
    };
    let column = whole.or_else(|| stack.iter().find_map(|cell| cell.column))?;
    let left = stack.iter().map(|cell| cell.left).fold(f32::MAX, f32::min);
    let right = stack.iter().map(|cell| cell.right).fold(0.0, f32::max);
    Some(Head { column, left, right })
}
