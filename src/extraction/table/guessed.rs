//! The layout of a table without a mapping profile: what its headings say, and where they leave it
//! open, its values.

use std::collections::HashSet;
use std::fmt::Write;

use crate::extraction::notes::{finding, shown};
use crate::extraction::table::headings::{Meaning, folded, meaning, named, says_amount};
use crate::extraction::table::layout::{Column, Layout, Records};
use crate::extraction::table::own_names;
use crate::extraction::table::profile::{Route, same};
use crate::extraction::table::tax_column::{self, Beside, Reading};
use crate::extraction::table::{Row, Table, letters};
use crate::extraction::written::number;
use crate::models::decimal::round;
use crate::models::finding::{Finding, Severity};

/// Rows among which the headings are searched: a title, an address and a logo may stand above.
const HEADINGS_WITHIN: usize = 40;

/// Columns that a finding names.
const NAMED_MAX: usize = 60;

/// The layout that the headings tell; none where no row of headings is known.
pub(crate) fn by_headings(table: &Table) -> Option<Layout> {
    let within = table.rows.iter().take(HEADINGS_WITHIN).enumerate();
    let known = |row: &Row| row.cells.iter().filter_map(|cell| meaning(&cell.text())).count();
    let (at, row, _) = within
        .map(|(at, row)| (at, row, known(row)))
        .filter(|(_, _, known)| *known >= 2)
        .rev()
        .max_by_key(|(_, _, known)| *known)?;
    let below = &table.rows[at + 1..];
    let mut reader = Headings { below, ..Headings::default() };
    let written = row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank());
    let written = written.map(|(index, cell)| (index, cell.text()));
    let written = written.map(|(index, heading)| (index, meaning(&heading), heading));
    let mut written: Vec<_> = written.collect();
    reader.gross = written.iter().find(|(_, meaning, _)| is_gross(meaning)).map(|found| found.0);
    // What an amount belongs to shows beside the columns that say what they are, and whether a tax
    // is a rate beside the other amounts.
    written.sort_by_key(|(_, meaning, _)| match meaning {
        Some(Meaning::Amount(_, "BT-110")) => 2,
        Some(Meaning::Amount(..)) => 1,
        _ => 0,
    });
    for (index, meaning, heading) in written {
        reader.heading(index, meaning, heading);
    }
    reader.columns.sort_by_key(|column| column.index);
    reader.unknown.sort();
    let has_content =
        |column: &Column| matches!(column.route.last(), Some(field) if is_content(field.term));
    if !reader.columns.iter().any(has_content) {
        return None;
    }
    let mut guessed = vec![reader.finding(table, row)];
    guessed
        .extend(reader.unclear.iter().map(|(index, heading)| unclear(table, row, *index, heading)));
    Some(Layout {
        columns: reader.columns,
        records: reader.records,
        first_row: at + 1,
        width: Some(row.cells.len()),
        guessed,
    })
}

/// A number or an amount: what a table without any of them is about, nobody knows.
fn is_content(term: &str) -> bool {
    matches!(term, "BT-1" | "BT-129" | "BT-131" | "BT-146" | "BT-109" | "BT-112" | "BT-115")
}

/// Whether a heading is one of gross amounts.
fn is_gross(meaning: &Option<Meaning>) -> bool {
    match meaning {
        Some(Meaning::Amount(_, document)) => *document == "BT-112",
        Some(Meaning::Term(route)) => route.last().is_some_and(|field| field.term == "BT-112"),
        _ => false,
    }
}

/// A tax that is a rate or an amount, and nothing tells which.
fn unclear(table: &Table, row: &Row, index: usize, heading: &str) -> Finding {
    let message = format!(
        "the column {} {:?} may be a rate in per cent or an amount, and the amounts beside it do \
         not tell which: it was not read",
        letters(index),
        shown(heading)
    );
    let mut found = finding("TAX_COLUMN_UNCLEAR", Severity::Warning, "", message);
    found.terms = ["BT-152", "BT-110"].map(str::to_owned).to_vec();
    found.place = Some(table.address(row, index));
    found.remedy = Some(
        "call the column tax_rate or tax_amount, add a column of gross amounts, or use a mapping \
         profile"
            .to_owned(),
    );
    found
}

/// Whether a text under a heading such as `MwSt` is a rate, or nothing: it has a per cent sign, or
/// is a small number without the decimals of an amount.
fn is_rate(text: &str) -> bool {
    const RATE_MAX: u32 = 27;
    let (text, percent) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (text, false),
    };
    let mut parts = text.split(['.', ',']);
    let whole = parts.next().unwrap_or_default();
    let decimals = parts.next().map_or(0, str::len);
    let small = whole.parse::<u32>().is_ok_and(|whole| whole <= RATE_MAX);
    text.is_empty() || (small && parts.next().is_none() && (percent || decimals <= 1))
}

#[derive(Default)]
struct Headings<'t> {
    below: &'t [Row],
    /// The column of gross amounts.
    gross: Option<usize>,
    columns: Vec<Column>,
    records: Option<Records>,
    unknown: Vec<(usize, String)>,
    /// Columns of a tax that may be a rate or an amount.
    unclear: Vec<(usize, String)>,
    /// Why a column of a tax is what it is.
    reasons: Vec<(usize, &'static str)>,
}

impl Headings<'_> {
    fn heading(&mut self, index: usize, meaning: Option<Meaning>, heading: String) {
        let route = match meaning {
            Some(Meaning::Term(route)) => Some(route),
            Some(Meaning::RecordType) if self.records.is_none() => {
                let records = Records::by_usual_words(index);
                if self.below.iter().any(|row| records.is_header(row).is_some()) {
                    self.records = Some(records);
                    return;
                }
                None
            }
            Some(Meaning::Amount(_, "BT-110")) if self.records.is_none() => {
                self.tax(index, &heading)
            }
            Some(Meaning::Amount(line, document)) => self.amount(index, line, document),
            _ => None,
        };
        match route {
            Some(route) => self.column(Column { index, heading, route }),
            None => self.unknown.push((index, heading)),
        }
    }

    /// Two columns of one term: the longer heading says more, and the other is not understood.
    fn column(&mut self, mut column: Column) {
        if let Some(first) = self.columns.iter_mut().find(|known| same(&known.route, &column.route))
        {
            if own_names::name_and_description(first, &mut column) {
                return self.column(column);
            }
            if folded(&column.heading).len() > folded(&first.heading).len() {
                std::mem::swap(first, &mut column);
            }
            self.unknown.push((column.index, column.heading));
            return;
        }
        self.columns.push(column);
    }

    /// The column of a term.
    fn of(&self, term: &str) -> Option<usize> {
        let is_it = |column: &&Column| column.route.last().is_some_and(|field| field.term == term);
        self.columns.iter().find(is_it).map(|column| column.index)
    }

    /// A tax: the rate of the line, or the amount of the document. That of a line has no term, and
    /// follows from the rate.
    fn tax(&mut self, index: usize, heading: &str) -> Option<Route> {
        let beside = Beside {
            net: self.of("BT-131"),
            document_net: self.of("BT-109"),
            gross: self.gross,
            product: self.of("BT-129").zip(self.of("BT-146")),
            is_amount: self.of("BT-152").is_some() || says_amount(heading),
            lines: self.columns.iter().any(Column::is_of_line),
        };
        let Some((reading, why)) = tax_column::decide(self.below, index, &beside) else {
            let values = self.below.iter().any(|row| !row.cell(index).is_blank());
            if values {
                self.unclear.push((index, heading.to_owned()));
            }
            return None;
        };
        self.reasons.push((index, why));
        match reading {
            Reading::Rate => named("BT-152"),
            Reading::OfDocument => named("BT-110"),
            Reading::OfLine => None,
        }
    }

    /// An amount that is the same in each of several rows is one of the document, unless each row
    /// has it as its quantity times its price, or has nothing else of a line; any other is one of
    /// the line.
    fn amount(&self, index: usize, line: Option<&str>, document: &str) -> Option<Route> {
        let values: Vec<_> = self.below.iter().map(|row| row.cell(index).text()).collect();
        let mut stated = values.iter().filter(|text| !text.is_empty());
        let first = stated.next();
        let differ = stated.clone().any(|text| Some(text) != first);
        let alone = stated.next().is_none();
        let has_rate = self.of("BT-152").is_some();
        if document == "BT-110" && !has_rate && values.iter().all(|text| is_rate(text)) {
            return named("BT-152");
        }
        let of_document = match line {
            _ if self.records.is_some() => line.is_none(),
            Some(_) => {
                let lines = self.columns.iter().any(Column::is_of_line);
                lines && !differ && !alone && !self.is_product(index)
            }
            None => !differ,
        };
        if of_document { named(document) } else { line.and_then(named) }
    }

    /// Whether the first row that has all three says that the column is quantity times price.
    fn is_product(&self, index: usize) -> bool {
        let (Some(quantity), Some(price)) = (self.of("BT-129"), self.of("BT-146")) else {
            return false;
        };
        let texts = self
            .below
            .iter()
            .flat_map(|row| [index, quantity, price].map(|column| row.cell(column).text()));
        let sign = number::decimal_sign(texts.collect::<Vec<_>>().iter().map(String::as_str));
        let value = |row: &Row, column: usize| {
            number::parse(&row.cell(column).text(), sign).and_then(number::Number::sure)
        };
        self.below.iter().any(|row| {
            let product = value(row, quantity).zip(value(row, price));
            let product = product.and_then(|(quantity, price)| quantity.checked_mul(price));
            product.is_some() && product.map(|net| round(net, 2)) == value(row, index)
        })
    }

    fn finding(&self, table: &Table, row: &Row) -> Finding {
        let mut message = String::from("the columns were understood by their headings: ");
        let heading =
            |index: usize, heading: &str| format!("{} {:?}", letters(index), shown(heading));
        for (count, column) in self.columns.iter().take(NAMED_MAX).enumerate() {
            let term = column.route.last().map_or("", |field| match field.term {
                "" => field.name,
                term => term,
            });
            let comma = if count == 0 { "" } else { ", " };
            let heading = heading(column.index, &column.heading);
            let reason = self.reasons.iter().find(|(index, _)| *index == column.index);
            let reason = reason.map(|(_, why)| format!(" ({why})")).unwrap_or_default();
            write!(message, "{comma}{heading} is {term}{reason}")
                .expect("a string takes everything");
        }
        if let Some(records) = &self.records {
            let letter = letters(records.column);
            write!(message, ", {letter} tells rows apart").expect("a string takes everything");
        }
        let unknown = self.unknown.iter().take(NAMED_MAX);
        let unknown: Vec<_> = unknown.map(|(index, text)| heading(*index, text)).collect();
        if !unknown.is_empty() {
            let unknown = unknown.join(", ");
            write!(message, "; not read: {unknown}").expect("a string takes everything");
        }
        let mut found = finding("TABLE_GUESSED", Severity::Warning, "", message);
        let terms: HashSet<_> = self
            .columns
            .iter()
            .filter_map(|column| column.route.last())
            .map(|field| field.term)
            .collect();
        let mut terms: Vec<_> =
            terms.into_iter().filter(|term| !term.is_empty()).map(str::to_owned).collect();
        terms.sort();
        found.terms = terms;
        found.place = Some(table.address(row, 0));
        found.remedy = Some(
            "compare it with the document; a mapping profile for this sender makes it certain"
                .to_owned(),
        );
        found
    }
}
