//! Labels beside their values, above and below the lines: how people write invoices in a
//! spreadsheet, with a number and a date on top and the totals at the bottom.

use crate::extraction::table::headings::{Meaning, folded, label_meaning, named};
use crate::extraction::table::layout::{Column, Layout};
use crate::extraction::table::profile::same;
use crate::extraction::table::rows::Reader;
use crate::extraction::table::{Cell, Row, Table};

/// Labels that say an amount and not which one: net or gross, of a line or of the document.
const OPEN: [&str; 10] = [
    "amount",
    "total amount",
    "betrag",
    "summe",
    "montant",
    "importo",
    "importe",
    "bedrag",
    "total",
    "base",
];

/// Cells between a label and its value: a merged cell leaves some of them empty.
const BESIDE_MAX: usize = 6;

/// A label with its value.
#[derive(Debug)]
struct Mark<'t> {
    row: &'t Row,
    column: Column,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Marks<'t> {
    found: Vec<Mark<'t>>,
    /// Rows that are no lines, because a label of a total stands in them.
    rows: Vec<u32>,
}

impl Marks<'_> {
    /// Whether the row is a label with a value, and no line.
    pub(crate) fn has(&self, row: &Row) -> bool {
        self.rows.contains(&row.number)
    }
}

/// Finds them above the headings, and below in rows that have neither quantity nor price.
pub(crate) fn find<'t>(table: &'t Table, layout: &Layout) -> Marks<'t> {
    let mut marks = Marks::default();
    let headings = layout.first_row.saturating_sub(1);
    let is_price = |column: &&Column| {
        column.route.last().is_some_and(|field| matches!(field.term, "BT-129" | "BT-146"))
    };
    let prices: Vec<_> =
        layout.columns.iter().filter(is_price).map(|column| column.index).collect();
    for (index, row) in table.rows.iter().enumerate() {
        if index == headings {
            continue;
        }
        let below = index > headings;
        // The label of a total may stand in the column of the price.
        let has_value = |cell: &Cell| !cell.is_blank() && label_meaning(&cell.text()).is_none();
        let is_line = prices.is_empty() || prices.iter().any(|at| has_value(row.cell(*at)));
        if below && is_line {
            continue;
        }
        let before = marks.found.len();
        let total = marks.row(row, below);
        if below && (total || marks.found.len() > before) {
            marks.rows.push(row.number);
        }
    }
    // What a column says is not looked for beside labels.
    marks
        .found
        .retain(|mark| !layout.columns.iter().any(|known| same(&known.route, &mark.column.route)));
    marks.without_repeated();
    marks
}

impl<'t> Marks<'t> {
    /// Of several labels of one member the longest says most; but parts for each rate, such as
    /// `VAT 7 %` and `VAT 19 %`, are none of them the whole.
    fn without_repeated(&mut self) {
        let parts =
            |mark: &Mark<'_>| mark.column.heading.trim_end_matches([':', ' ']).ends_with('%');
        let letters = |mark: &Mark<'_>| mark.column.heading.chars().count();
        let mut kept: Vec<Mark<'t>> = Vec::new();
        let mut in_parts: Vec<Mark<'t>> = Vec::new();
        for mark in std::mem::take(&mut self.found) {
            let is_same = |other: &Mark<'_>| same(&other.column.route, &mark.column.route);
            let Some(at) = kept.iter().position(is_same) else {
                kept.push(mark);
                continue;
            };
            if parts(&mark) && parts(&kept[at]) {
                in_parts.push(mark);
            } else if letters(&mark) > letters(&kept[at]) {
                kept[at] = mark;
            }
        }
        kept.retain(|mark| {
            let is_same = |other: &Mark<'_>| same(&other.column.route, &mark.column.route);
            !in_parts.iter().any(is_same)
        });
        self.found = kept;
    }

    /// Whether a label of a total stands in the row, also one that does not say which.
    fn row(&mut self, row: &'t Row, below: bool) -> bool {
        let mut total = false;
        for (index, cell) in row.cells.iter().enumerate() {
            let Cell::Text(label) = cell else { continue };
            let route = match label_meaning(label) {
                Some(Meaning::Amount(..)) if OPEN.contains(&&*folded(label)) => {
                    total = true;
                    None
                }
                Some(Meaning::Amount(_, document)) if below => named(document),
                Some(Meaning::Term(route)) => Some(route),
                _ => None,
            };
            let Some(route) = route.filter(|route| route[0].term != "BG-25") else { continue };
            let beside = row.cells.iter().enumerate().skip(index + 1).take(BESIDE_MAX);
            let value = beside.filter(|(_, cell)| !cell.is_blank()).map(|(at, _)| at).next();
            let Some(value) = value else { continue };
            if label_meaning(&row.cell(value).text()).is_some() {
                continue;
            }
            let column = Column { index: value, heading: label.trim().to_owned(), route };
            self.found.push(Mark { row, column });
        }
        total
    }
}

impl Reader<'_> {
    /// Sets what labels say.
    pub(crate) fn marks(&mut self, marks: &Marks<'_>) {
        for mark in &marks.found {
            self.document(&[&mark.column], &[mark.row]);
        }
    }
}
