//! The lines of the invoice: rows of the line table, over all its pages.

mod body;
mod cells;

use crate::extraction::lexicon::{Column, Lexicon, Shelf, Term, Total};
use crate::extraction::text::columns;
use crate::extraction::text::columns::Header;
use crate::extraction::text::context::Context;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::extraction::text::table::body::body;
use crate::extraction::text::table::cells::{cells_of, matched, numbers};
use crate::models::decimal::round;
use rust_decimal::Decimal;

/// More lines than this are no invoice.
const ROWS_MAX: usize = 20_000;

/// A number in a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub value: Decimal,
    pub span: Span,
    pub line: usize,
    /// Middle of the number, in points from the top of its page.
    y: f32,
    page: u32,
}

/// One line of the invoice.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub net: Option<Cell>,
    pub quantity: Option<Cell>,
    pub price: Option<Cell>,
    pub rate: Option<Cell>,
    pub discount: Option<Cell>,
    pub base: Option<Decimal>,
    pub position: Option<Span>,
    pub seller_item: Option<Span>,
    pub buyer_item: Option<Span>,
    pub standard_item: Option<Span>,
    pub unit: Option<Span>,
    /// Lines of its text.
    pub texts: Vec<Span>,
    /// An allowance or charge printed below the line, with its words.
    pub below: Vec<(Cell, Span)>,
}

impl Row {
    /// Quantity and price are there.
    pub(super) fn is_full(&self) -> bool {
        self.quantity.is_some() && self.price.is_some()
    }

    /// Quantity × price / base, before any discount.
    pub(super) fn product(&self) -> Option<Decimal> {
        let (quantity, price) = (self.quantity?.value, self.price?.value);
        let product = quantity.checked_mul(price)?;
        product.checked_div(self.base.unwrap_or(Decimal::ONE))
    }

    /// Whether quantity, price, discount and net agree to the cent.
    pub(super) fn agrees(&self) -> bool {
        let (Some(product), Some(net)) = (self.product(), self.net) else { return false };
        let net = net.value.abs();
        let product = product.abs();
        let close = |value: Decimal| (round(value, 2) - net).abs() <= Decimal::new(1, 2);
        let factor = |cell: Cell| (Decimal::ONE_HUNDRED - cell.value.abs()) / Decimal::ONE_HUNDRED;
        let reduced = |cell: Cell| product.checked_mul(factor(cell)).is_some_and(close);
        close(product)
            || self.discount.is_some_and(reduced)
            || self.discount.is_some_and(|cell| close(product - cell.value.abs()))
    }
}

/// The table as a whole.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub rows: Vec<Row>,
    /// The amounts of the lines are with tax.
    pub gross: bool,
    /// Lines of the page that are its own: no sums are looked for there.
    pub lines: Vec<usize>,
}

impl Table {
    /// Reads the table, or finds rows by arithmetic alone where no header is known.
    pub(super) fn of(layout: &Layout, context: &Context) -> Self {
        let headers = columns::headers(layout);
        let mut table = Self::default();
        let Some(first) = headers.first().cloned() else {
            table.by_arithmetic(layout, context);
            return table;
        };
        table.gross = !first.has(Column::Net) && first.has(Column::Gross);
        for (at, header) in headers.iter().enumerate() {
            let goes_on = header.same(&first) || (at > 0 && header.has(Column::Quantity));
            if !goes_on {
                continue;
            }
            let end = headers.get(at + 1).map_or(layout.lines.len(), |next| next.lines.0);
            table.lines.extend(header.lines.0..=header.lines.1);
            let body = body(layout, header, end);
            table.lines.extend(body.iter().copied());
            table.read(layout, context, header, &body);
        }
        if table.rows.is_empty() {
            table.by_arithmetic(layout, context);
        }
        table
    }

    fn read(&mut self, layout: &Layout, context: &Context, header: &Header, body: &[usize]) {
        let mut cells: Vec<(Column, Cell)> = Vec::new();
        for line in body {
            cells.extend(cells_of(layout, context, header, *line));
        }
        let amount = if header.has(Column::Net) { Column::Net } else { Column::Gross };
        let of = |column: Column| -> Vec<Cell> {
            cells.iter().filter(|(other, _)| *other == column).map(|(_, cell)| *cell).collect()
        };
        let mut anchors = of(amount);
        let with_cents = |cell: &Cell| cell.value.scale() == 2;
        if anchors.iter().any(with_cents) {
            anchors.retain(with_cents);
        }
        let numbers = [Column::Quantity, Column::Price, Column::TaxRate, Column::Discount];
        let [quantities, prices, rates, discounts] =
            numbers.map(|column| matched(&anchors, &of(column)));
        let bases = matched(&anchors, &of(Column::PriceBase));
        let mut rows: Vec<Row> = Vec::new();
        for (at, anchor) in anchors.iter().enumerate().take(ROWS_MAX) {
            let row = Row {
                net: Some(*anchor),
                quantity: quantities[at],
                price: prices[at],
                rate: rates[at],
                discount: discounts[at],
                base: bases[at].map(|cell| cell.value).filter(|value| *value > Decimal::ONE),
                ..Row::default()
            };
            let row = repaired(row, &cells, header);
            let words = layout.lines[anchor.line];
            let below = !row.is_full() && row.quantity.is_none() && is_adjustment(layout, words);
            match rows.last_mut() {
                Some(last) if below => last.below.push((*anchor, words)),
                _ => rows.push(row),
            }
        }
        quantity_from_position(&mut rows, &of(Column::Position), header);
        for row in &mut rows {
            row.base = row.base.or_else(|| base_said(layout, row));
        }
        words_of_rows(layout, header, body, &mut rows);
        self.rows.extend(rows);
    }

    /// Rows with a × b = c on one line, where no header tells the columns.
    fn by_arithmetic(&mut self, layout: &Layout, context: &Context) {
        for line in 0..layout.lines.len() {
            let numbers = numbers(layout, context, line);
            let Some((net, rest)) = numbers.split_last() else { continue };
            let pairs = rest.iter().enumerate().flat_map(|(at, quantity)| {
                rest[at + 1..].iter().map(move |price| (quantity, price))
            });
            let product = pairs.into_iter().find(|(quantity, price)| {
                let product = quantity.value.checked_mul(price.value);
                product.is_some_and(|product| round(product, 2) == net.value)
                    && net.value.scale() == 2
                    && net.value != Decimal::ZERO
            });
            let Some((quantity, price)) = product else { continue };
            let text = Span { start: layout.lines[line].start, end: net.span.start };
            let (quantity, price) = (Some(*quantity), Some(*price));
            let row = Row { net: Some(*net), quantity, price, texts: vec![text], ..Row::default() };
            self.rows.push(row);
            self.lines.push(line);
        }
    }
}

/// A row whose columns do not multiply may have its numbers under the wrong heads: two numbers of
/// its line that do multiply are quantity and price, in the order of the heads.
fn repaired(row: Row, cells: &[(Column, Cell)], header: &Header) -> Row {
    let Some(net) = row.net.filter(|_| !row.agrees()) else { return row };
    let of_line = cells.iter().filter(|(column, cell)| {
        cell.line == net.line && cell.span.end <= net.span.start && *column != Column::TaxRate
    });
    let of_line: Vec<Cell> = of_line.map(|(_, cell)| *cell).collect();
    let place = |column: Column| header.heads.iter().position(|head| head.column == column);
    let price_first = place(Column::Price) < place(Column::Quantity);
    let pairs = of_line
        .iter()
        .enumerate()
        .flat_map(|(at, first)| of_line[at + 1..].iter().map(move |second| (*first, *second)));
    let swapped =
        pairs.map(|(first, second)| if price_first { (second, first) } else { (first, second) });
    let fixed = swapped.map(|(quantity, price)| Row {
        quantity: Some(quantity),
        price: Some(price),
        discount: None,
        base: None,
        ..row.clone()
    });
    fixed.into_iter().find(|fixed| fixed.agrees() && net.value != Decimal::ZERO).unwrap_or(row)
}

/// `#` may head the quantities: then they multiply, and positions do not.
fn quantity_from_position(rows: &mut [Row], positions: &[Cell], header: &Header) {
    if header.has(Column::Quantity) || rows.is_empty() {
        return;
    }
    let anchors: Vec<Cell> = rows.iter().filter_map(|row| row.net).collect();
    let quantities = matched(&anchors, positions);
    let tried: Vec<Row> = rows
        .iter()
        .zip(quantities)
        .map(|(row, quantity)| Row { quantity, ..row.clone() })
        .collect();
    let agree = tried.iter().filter(|row| row.agrees()).count();
    if agree * 2 > tried.len() {
        for (row, tried) in rows.iter_mut().zip(tried) {
            row.quantity = tried.quantity;
        }
    }
}

/// A price per 100 or 1,000, where the row says that number and the arithmetic needs it.
fn base_said(layout: &Layout, row: &Row) -> Option<Decimal> {
    if !row.is_full() || row.agrees() {
        return None;
    }
    let line = layout.lines[row.price?.line];
    let text = layout.text(line);
    let bases = [10_i64, 100, 1000].into_iter().filter(|base| {
        let said =
            [format!("/{base}"), format!("/ {base}"), format!("per {base}"), format!("je {base}")];
        said.iter().any(|said| text.contains(said.as_str())) || text.contains('‰') && *base == 1000
    });
    let mut bases = bases.map(Decimal::from);
    bases.find(|base| Row { base: Some(*base), ..row.clone() }.agrees())
}

fn is_adjustment(layout: &Layout, line: Span) -> bool {
    let found = Lexicon::get().find(Shelf::Totals, &layout.folded(line));
    found.iter().any(|found| {
        matches!(found.term, Term::Total(Total::Allowance | Total::Allowances | Total::Charge))
    })
}

/// Texts, ids and units of the rows: each is of the row whose first line is the last above it.
fn words_of_rows(layout: &Layout, header: &Header, body: &[usize], rows: &mut [Row]) {
    let tops: Vec<usize> = rows
        .iter()
        .map(|row| {
            let cells = [row.net, row.quantity, row.price];
            cells.iter().flatten().map(|cell| cell.line).min().unwrap_or(usize::MAX)
        })
        .collect();
    for line in body {
        let Some(at) = tops.iter().rposition(|top| top <= line) else { continue };
        let row = &mut rows[at];
        let mut text: Option<Span> = None;
        for token in layout.lines[*line].tokens() {
            let own = [row.net, row.quantity, row.price, row.rate, row.discount];
            if own.iter().flatten().any(|cell| cell.span.contains(token)) {
                continue;
            }
            let span = Span { start: token, end: token + 1 };
            let place = &layout.tokens[token];
            let after_quantity =
                row.quantity.is_some_and(|cell| cell.span.end == token && layout.gap(token) < 1.5);
            match header.column(place.left, place.right) {
                _ if after_quantity && !place.has_digit() => row.unit = row.unit.or(Some(span)),
                Some(Column::Unit) => row.unit = row.unit.or(Some(span)),
                Some(Column::Position) => row.position = row.position.or(Some(span)),
                Some(Column::SellerItem) => row.seller_item = row.seller_item.or(Some(span)),
                Some(Column::BuyerItem) => row.buyer_item = row.buyer_item.or(Some(span)),
                Some(Column::StandardItem) => row.standard_item = row.standard_item.or(Some(span)),
                Some(Column::Description) => {
                    let start = text.map_or(token, |text| text.start);
                    text = Some(Span { start, end: token + 1 });
                }
                _ => {}
            }
        }
        row.texts.extend(text);
    }
}
