//! Which rows are one invoice, and which of them are the document and which its lines.

use crate::extraction::notes::{finding, shown};
use crate::extraction::table::layout::{Column, Layout};
use crate::extraction::table::marks::Marks;
use crate::extraction::table::{Row, Table};
use crate::extraction::unreadable::Unreadable;
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::normalised;

/// Numbers of invoices that a refusal shows.
const SHOWN_MAX: usize = 5;

/// The rows of the one invoice.
#[derive(Debug)]
pub(crate) struct Groups<'t> {
    /// Rows that say what belongs to the document.
    pub(crate) document: Vec<&'t Row>,
    /// Rows that may be lines.
    pub(crate) lines: Vec<&'t Row>,
    /// Rows that are neither.
    pub(crate) unread: Option<Finding>,
}

impl<'t> Groups<'t> {
    /// Takes the rows below the headings apart.
    ///
    /// # Errors
    /// More than one invoice, told apart by seller and number.
    pub(crate) fn of(
        table: &'t Table,
        layout: &Layout,
        marks: &Marks<'_>,
    ) -> Result<Self, Unreadable> {
        let rows = table.rows[layout.first_row..].iter();
        let rows: Vec<_> = rows.filter(|row| !marks.has(row)).collect();
        let mut groups = Self { document: Vec::new(), lines: Vec::new(), unread: None };
        let Some(records) = &layout.records else {
            one_invoice(layout, &rows)?;
            groups.document.clone_from(&rows);
            groups.lines = rows;
            return Ok(groups);
        };
        let mut unread = Vec::new();
        for row in rows {
            match records.is_header(row) {
                Some(true) => groups.document.push(row),
                Some(false) => groups.lines.push(row),
                None => unread.push(row),
            }
        }
        one_invoice(layout, &groups.document)?;
        groups.unread = unread.first().map(|first| {
            let word = shown(&first.cell(records.column).text());
            let message = format!("{} rows are neither document nor line: {word:?}", unread.len());
            let mut found = finding("ROWS_NOT_READ", Severity::Warning, "", message);
            found.place = Some(table.address(first, records.column));
            found
        });
        Ok(groups)
    }
}

/// A row without a number belongs to the invoice above it.
fn one_invoice(layout: &Layout, rows: &[&Row]) -> Result<(), Unreadable> {
    let column = |terms: &[&str]| -> Option<&Column> {
        let of = |term: &&str| {
            layout
                .columns
                .iter()
                .find(|column| column.route.last().is_some_and(|field| field.term == *term))
        };
        terms.iter().find_map(of)
    };
    let Some(number) = column(&["BT-1"]) else { return Ok(()) };
    let seller = column(&["BT-31", "BT-32", "BT-30", "BT-29", "BT-27"]);
    let mut found: Vec<(String, String)> = Vec::new();
    let mut count = 0;
    for row in rows {
        let written = row.cell(number.index).text();
        if written.is_empty() {
            continue;
        }
        let seller = seller.map(|seller| normalised(&row.cell(seller.index).text()));
        let key = (seller.unwrap_or_default(), normalised(&written));
        // Some rows may not say the seller: that is no other one.
        let is_known = |(known_seller, known): &(String, String)| {
            let same_seller = *known_seller == key.0 || known_seller.is_empty() || key.0.is_empty();
            same_seller && *known == key.1
        };
        if found.iter().any(is_known) {
            continue;
        }
        count += 1;
        if found.len() < SHOWN_MAX {
            found.push(key);
        }
    }
    if count > 1 {
        let numbers: Vec<_> = found
            .iter()
            .map(|(seller, number)| match seller.as_str() {
                "" => shown(number),
                seller => format!("{} of {}", shown(number), shown(seller)),
            })
            .collect();
        let what = format!("numbers {}", numbers.join(", "));
        return Err(Unreadable::Several { found: count, what });
    }
    Ok(())
}
