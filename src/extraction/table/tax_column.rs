//! A column that is called `tax` and nothing more: the rate of a line, its tax, or that of the
//! document? Its own values and the amounts beside them tell; where they do not, nobody guesses.

use rust_decimal::Decimal;

use crate::extraction::table::Row;
use crate::extraction::written::number::{self, DecimalSign, Number};
use crate::models::decimal::round;

/// What such a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// BT-152, in per cent.
    Rate,
    /// The tax of a line, for which EN 16931 has no term.
    OfLine,
    /// BT-110.
    OfDocument,
}

/// What else a table says, for a comparison.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// The column of net amounts of lines.
    pub(crate) net: Option<usize>,
    /// The column of BT-109.
    pub(crate) document_net: Option<usize>,
    /// The column of gross amounts, of lines or of the document.
    pub(crate) gross: Option<usize>,
    /// The columns of quantity and price, where there is no net amount.
    pub(crate) product: Option<(usize, usize)>,
    /// The heading says that it is an amount, or another column is the rate.
    pub(crate) is_amount: bool,
    /// Some column is one of a line.
    pub(crate) lines: bool,
}

/// VAT rates in force in the EU, Norway, Switzerland and the United Kingdom, in thousandths.
const RATES: [u32; 35] = [
    0, 21, 25, 26, 30, 38, 40, 48, 50, 55, 60, 70, 80, 81, 90, 95, 100, 110, 120, 130, 135, 140,
    150, 160, 170, 180, 190, 200, 210, 220, 230, 240, 250, 255, 270,
];

/// A value of the column, with what stands beside it.
#[derive(Debug, Default)]
struct Taxed {
    tax: Decimal,
    decimals: usize,
    net: Option<Decimal>,
    net_decimals: usize,
    document_net: Option<Decimal>,
    gross: Option<Decimal>,
}

/// What the column holds, and why; none where several readings are possible, or none is.
pub(crate) fn decide(
    rows: &[Row],
    index: usize,
    beside: &Beside,
) -> Option<(Reading, &'static str)> {
    let written = |row: &Row| row.cell(index).text();
    let stated: Vec<&Row> = rows.iter().filter(|row| !written(row).is_empty()).collect();
    let is_percent = |row: &&Row| written(row).ends_with('%');
    if !beside.is_amount && !stated.is_empty() && stated.iter().all(is_percent) {
        return Some((Reading::Rate, "it has per cent signs"));
    }
    let taxed = taxed(&stated, index, beside);
    let first = taxed.first()?;
    let constant = taxed.iter().all(|row| row.tax == first.tax);
    let mut open = vec![Reading::OfLine];
    if constant {
        open.push(Reading::OfDocument);
    }
    if !beside.is_amount && taxed.iter().all(|row| is_known_rate(row.tax)) {
        open.push(Reading::Rate);
    }
    by_elimination(&taxed, open, beside.lines)
}

fn by_elimination(
    taxed: &[Taxed],
    open: Vec<Reading>,
    lines: bool,
) -> Option<(Reading, &'static str)> {
    if let Some(only) = settled(&open, taxed, lines) {
        return Some((only, "its values allow nothing else"));
    }
    let closing: Vec<_> = open.iter().copied().filter(|way| closes(taxed, *way)).collect();
    if let Some(way) = settled(&closing, taxed, lines) {
        return Some((way, "net, tax and gross agree"));
    }
    let mut open = if closing.is_empty() { open } else { closing };
    let short = |row: &Taxed| row.decimals == 0 && row.net_decimals >= 2;
    if open.contains(&Reading::Rate) && taxed.iter().all(short) {
        return Some((Reading::Rate, "it has no decimals, and the amounts beside it have"));
    }
    let may_be_rate = open.contains(&Reading::Rate);
    open.retain(|way| is_lawful(taxed, *way));
    if open.is_empty() && !may_be_rate {
        return Some((Reading::OfDocument, "it is the same in every row"));
    }
    settled(&open, taxed, lines).map(|way| (way, "only so it fits a rate of VAT"))
}

/// The one reading that is left; readings that say the same are one.
fn settled(open: &[Reading], taxed: &[Taxed], lines: bool) -> Option<Reading> {
    let single = taxed.len() == 1;
    let mut open = open.to_vec();
    if single && open.contains(&Reading::OfDocument) {
        open.retain(|way| *way != Reading::OfLine);
    }
    let amount = if single { Reading::OfDocument } else { Reading::OfLine };
    let same = taxed.iter().all(|row| tax_of(row, Reading::Rate) == Some(row.tax));
    if same && open.contains(&Reading::Rate) && open.contains(&amount) {
        let other = if lines { amount } else { Reading::Rate };
        open.retain(|way| *way != other);
    }
    match open[..] {
        [only] => Some(only),
        _ => None,
    }
}

fn taxed(rows: &[&Row], index: usize, beside: &Beside) -> Vec<Taxed> {
    let columns = [beside.net, beside.document_net, beside.gross, Some(index)];
    let product = beside.product.map(|(quantity, price)| [quantity, price]);
    let columns: Vec<usize> =
        columns.into_iter().flatten().chain(product.into_iter().flatten()).collect();
    let texts: Vec<String> =
        rows.iter().flat_map(|row| columns.iter().map(|at| row.cell(*at).text())).collect();
    let sign = number::decimal_sign(texts.iter().map(String::as_str));
    let value = |row: &Row, column: Option<usize>| decimal(&row.cell(column?).text(), sign);
    let one = |row: &&Row| {
        let text = row.cell(index).text();
        let document_net = value(row, beside.document_net);
        let of = beside.net.or(beside.product.map(|(_, price)| price)).or(beside.document_net);
        let product = || {
            let (quantity, price) = beside.product?;
            let net = value(row, Some(quantity))?.checked_mul(value(row, Some(price))?)?;
            Some(round(net, 2))
        };
        let whole = || document_net.filter(|_| rows.len() == 1);
        Some(Taxed {
            tax: decimal(text.trim_end_matches(['%', ' ']), sign)?,
            decimals: decimals(&text),
            net: value(row, beside.net).or_else(product).or_else(whole),
            net_decimals: of.map_or(0, |column| decimals(&row.cell(column).text())),
            document_net,
            gross: value(row, beside.gross),
        })
    };
    rows.iter().filter_map(one).collect()
}

fn decimal(text: &str, sign: Option<DecimalSign>) -> Option<Decimal> {
    number::parse(text, sign).and_then(Number::sure)
}

/// Digits behind the last sign that may be the decimal one.
fn decimals(text: &str) -> usize {
    text.rsplit_once(['.', ',']).map_or(0, |(_, decimals)| decimals.len())
}

fn is_known_rate(rate: Decimal) -> bool {
    RATES.iter().any(|known| Decimal::new(i64::from(*known), 1) == rate)
}

/// The tax of a row in one of the readings.
fn tax_of(row: &Taxed, way: Reading) -> Option<Decimal> {
    match way {
        Reading::Rate => {
            let share = row.net?.checked_mul(row.tax)?.checked_div(Decimal::ONE_HUNDRED)?;
            Some(round(share, 2))
        }
        Reading::OfLine | Reading::OfDocument => Some(row.tax),
    }
}

fn sum(mut amounts: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    amounts.try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount?))
}

/// The net amount of the document: stated, or that of the rows together.
fn whole_net(taxed: &[Taxed]) -> Option<Decimal> {
    let stated = taxed.iter().find_map(|row| row.document_net);
    stated.or_else(|| sum(taxed.iter().map(|row| row.net)))
}

/// Whether net and tax are the gross amount: in each row, or in all of them together.
fn closes(taxed: &[Taxed], way: Reading) -> bool {
    let row_closes = |row: &Taxed| {
        let gross = tax_of(row, way).zip(row.net).and_then(|(tax, net)| tax.checked_add(net));
        gross.is_some() && gross == row.gross
    };
    if way != Reading::OfDocument && taxed.iter().all(row_closes) {
        return true;
    }
    let tax = match way {
        Reading::OfDocument => taxed.first().map(|row| row.tax),
        _ => sum(taxed.iter().map(|row| tax_of(row, way))),
    };
    let gross = whole_net(taxed).zip(tax).and_then(|(net, tax)| net.checked_add(tax));
    gross.is_some() && taxed.iter().all(|row| row.gross == gross)
}

/// Whether some rate of VAT makes this tax of this net amount. What is unknown forbids nothing.
fn is_lawful(taxed: &[Taxed], way: Reading) -> bool {
    let fits = |net: Option<Decimal>, tax: Decimal| {
        net.is_none_or(|net| {
            let by = |rate: &u32| net.checked_mul(Decimal::new(i64::from(*rate), 3));
            RATES.iter().any(|rate| by(rate).is_some_and(|share| round(share, 2) == tax))
        })
    };
    match way {
        Reading::Rate => true,
        Reading::OfLine => taxed.iter().all(|row| fits(row.net, row.tax)),
        Reading::OfDocument => taxed.first().is_some_and(|row| fits(whole_net(taxed), row.tax)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Beside, Reading, decide};
    use crate::extraction::table::{Cell, Row};

    /// Rows of net, tax and gross.
    fn decided(rows: &[[&str; 3]], beside: &Beside) -> Option<Reading> {
        let cell = |text: &&str| Cell::Text((*text).to_owned());
        let row = |(number, cells): (u32, &[&str; 3])| Row {
            number,
            cells: cells.iter().map(cell).collect(),
        };
        let rows: Vec<Row> = (1..).zip(rows).map(row).collect();
        decide(&rows, 1, beside).map(|(reading, _)| reading)
    }

    #[test]
    fn the_amounts_beside_it_tell_rate_and_amount_apart() {
        use Reading::{OfDocument, OfLine, Rate};
        #[rustfmt::skip]
        let cases: [(&[[&str; 3]], Option<Reading>); 17] = [
            (&[["200.00", "19 %", ""]], Some(Rate)),
            (&[["200.00", "19", "238.00"]], Some(Rate)),
            (&[["200.00", "19", "219.00"]], Some(OfDocument)),
            (&[["50.00", "9.50", "59.50"]], Some(OfDocument)),
            // Both close and say the same.
            (&[["100.00", "19.00", "119.00"]], Some(Rate)),
            (&[["100.00", "19.00", ""]], Some(Rate)),
            (&[["200.00", "38.00", ""]], Some(OfDocument)),
            (&[["200.00", "19", ""]], Some(Rate)),
            // 9.5 % is a rate of Slovenia: both are possible.
            (&[["200.00", "19.00", ""]], None),
            (&[["200", "19", ""]], None),
            (&[["", "19", ""]], None),
            (&[["125", "19", ""], ["15", "19", ""]], Some(Rate)),
            (&[["100.00", "19.00", ""], ["30.00", "5.70", ""]], Some(OfLine)),
            // 20 % and 10 %, or 20 % of both.
            (&[["100.00", "20.00", ""], ["50.00", "10.00", ""]], None),
            (&[["100.00", "38.00", "238.00"], ["100.00", "38.00", "238.00"]], Some(OfDocument)),
            (&[["100.00", "19.00", "238.00"], ["100.00", "19.00", "238.00"]], Some(Rate)),
            (&[["", "", ""]], None),
        ];
        let beside = Beside { net: Some(0), gross: Some(2), lines: true, ..Beside::default() };
        for (rows, expected) in cases {
            assert_eq!(decided(rows, &beside), expected, "{rows:?}");
        }
    }

    #[test]
    fn a_document_without_lines_has_an_amount_of_tax() {
        let beside = Beside { document_net: Some(0), gross: Some(2), ..Beside::default() };
        let whole = decided(&[["100.00", "19.00", "119.00"]], &beside);
        assert_eq!(whole, Some(Reading::OfDocument));
    }

    #[test]
    fn an_amount_by_its_heading_is_never_a_rate() {
        let beside = Beside { net: Some(0), is_amount: true, lines: true, ..Beside::default() };
        assert_eq!(decided(&[["125", "19", ""]], &beside), Some(Reading::OfDocument));
        let both = decided(&[["100", "19", ""], ["100", "19", ""]], &beside);
        assert_eq!(both, None, "19 % of each line, or 9.5 % of all");
    }
}
