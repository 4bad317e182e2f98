//! BG-25: rows of the table to lines of the invoice.

use rust_decimal::Decimal;

use crate::extraction::lexicon::rec20;
use crate::extraction::text::draft::Candidate;
use crate::extraction::text::draft::Draft;
use crate::extraction::text::layout::Span;
use crate::extraction::text::search::Assignment;
use crate::extraction::text::table::Cell;
use crate::extraction::text::table::Row;
use crate::extraction::text::table::Table;
use crate::models::decimal::round;
use crate::models::evidence::Confidence;
use crate::models::finding::Severity;
use crate::models::invoice::AllowanceCharge;
use crate::models::invoice::Identifier;
use crate::models::invoice::InvoiceLine;

/// Fills the lines. Amounts that are with tax are no BT-131 and are left out.
pub(super) fn read(draft: &mut Draft<'_>, table: &Table, totals: Option<&Assignment>) {
    let with_tax = totals.map_or(table.gross, |found| found.agreement.lines_gross);
    let sums = totals.and_then(|found| found.agreement.lines);
    let net = |row: &&Row| {
        row.net
            .map(|cell| cell.value + row.below.iter().map(|(cell, _)| cell.value).sum::<Decimal>())
    };
    let all: Decimal = table.rows.iter().filter_map(|row| net(&row)).sum();
    // Rows without quantity count unless the sums hold without them.
    let full_only = sums.is_some_and(|(sum, ..)| sum != all);
    let rows = table.rows.iter().filter(|row| !full_only || row.is_full());
    for (at, row) in rows.enumerate() {
        let consistent = sums.is_some() && (row.agrees() || !row.is_full());
        let exact = row.below.is_empty()
            && row.product().is_none_or(|product| row.net.is_some_and(|net| product == net.value));
        line(draft, row, at + 1, Agreed { sums: consistent, price: consistent && exact, with_tax });
    }
    if draft.invoice.lines.is_empty() {
        draft.doubt(
            "FIELD_MISSING",
            Severity::Information,
            &["BG-25"],
            ["no line of the invoice could be read", "enter the lines if they are needed"],
        );
    } else if sums.is_none() && !with_tax {
        draft.doubt(
            "TOTALS_INCONSISTENT",
            Severity::Warning,
            &["BG-25", "BT-106"],
            [
                "the lines that were read do not add up to the net amount",
                "compare the lines with the page",
            ],
        );
    }
}

/// What agrees about a line.
#[derive(Debug, Clone, Copy)]
struct Agreed {
    /// The sums of the document hold, and so does the line to the cent.
    sums: bool,
    /// Its product is its net exactly: the price is not rounded, and no discount is in it.
    price: bool,
    /// Its amounts are with tax.
    with_tax: bool,
}

fn line(draft: &mut Draft<'_>, row: &Row, number: usize, agreed: Agreed) {
    let layout = draft.layout;
    let Agreed { sums: consistent, with_tax, .. } = agreed;
    let text = |span: Option<Span>| span.map(|span| layout.text(span));
    let below: Decimal = row.below.iter().map(|(cell, _)| cell.value).sum();
    let written = text(row.unit).map(|word| word.trim_matches(['(', ')', ',']).to_owned());
    let unit = written.as_deref().and_then(rec20);
    let position = text(row.position).map(|text| text.trim_end_matches('.').to_owned());
    let texts: Vec<String> = row.texts.iter().map(|span| layout.text(*span)).collect();
    let gtin = row.standard_item.map(|span| layout.text(span)).or_else(|| gtin(&texts, row, draft));
    let mut line = InvoiceLine {
        id: position.filter(|text| text.len() <= 12).unwrap_or_else(|| number.to_string()),
        quantity: row.quantity.map(|cell| cell.value),
        unit: Some(unit.unwrap_or("C62").to_owned()).filter(|_| row.quantity.is_some()),
        unit_as_written: written.filter(|word| Some(word.as_str()) != unit),
        net: row.net.map(|cell| cell.value + below).filter(|_| !with_tax),
        price: row.price.map(|cell| cell.value).filter(|_| !with_tax),
        price_base_quantity: row.base,
        tax_rate: row.rate.map(|cell| cell.value),
        name: texts.first().cloned(),
        description: Some(texts.get(1..).unwrap_or_default().join("\n"))
            .filter(|text| !text.is_empty()),
        seller_item_id: text(row.seller_item),
        buyer_item_id: text(row.buyer_item),
        standard_item_id: gtin.map(|value| Identifier { value, scheme: Some("0160".to_owned()) }),
        ..InvoiceLine::default()
    };
    adjust(&mut line, row, draft);
    let sure = if consistent { Confidence::CONSISTENT } else { Confidence::PLACED };
    let found = |cell: Option<Cell>| cell.map(|cell| (cell.value, cell.span));
    let net = row.net.map(|cell| (cell.value + below, cell.span));
    for (term, value) in [
        ("BT-129", found(row.quantity)),
        ("BT-146", found(row.price).filter(|_| !with_tax)),
        ("BT-131", net.filter(|_| !with_tax)),
        ("BT-152", found(row.rate)),
    ] {
        let Some((value, span)) = value else { continue };
        let candidate = Candidate {
            value: value.to_string(),
            span: Some(span),
            label: None,
            rule: if consistent {
                "column of the table; the sums agree"
            } else {
                "column of the table"
            },
            weight: 1,
            confidence: match term {
                "BT-146" if sure == Confidence::CONSISTENT && !agreed.price => Confidence::PLACED,
                _ => sure,
            },
        };
        draft.note(&format!("BG-25[{number}]/{term}"), candidate, vec![]);
    }
    if let (Some(name), Some(span)) = (&line.name, row.texts.first()) {
        let candidate = Candidate {
            value: name.clone(),
            span: Some(*span),
            label: None,
            rule: "column of the table",
            weight: 1,
            confidence: Confidence::PLACED,
        };
        draft.note(&format!("BG-25[{number}]/BT-153"), candidate, vec![]);
    }
    draft.invoice.lines.push(line);
}

/// A discount column, and adjustments printed below the line, are allowances or charges of it.
fn adjust(line: &mut InvoiceLine, row: &Row, draft: &Draft<'_>) {
    for (cell, words) in &row.below {
        line.allowances_and_charges.push(AllowanceCharge {
            charge: cell.value > Decimal::ZERO,
            amount: cell.value.abs(),
            reason: Some(draft.layout.text(*words)),
            ..AllowanceCharge::default()
        });
    }
    let (Some(product), Some(net), Some(discount)) = (row.product(), row.net, row.discount) else {
        return;
    };
    let amount = round(product, 2) - net.value;
    if amount > Decimal::ZERO {
        let of_base = product.checked_mul(discount.value.abs() / Decimal::ONE_HUNDRED);
        let of_base = round(of_base.unwrap_or_default(), 2);
        let percent =
            ((of_base - amount).abs() <= Decimal::new(1, 2)).then_some(discount.value.abs());
        line.allowances_and_charges.push(AllowanceCharge {
            charge: false,
            amount,
            base: percent.map(|_| round(product, 2)),
            percent,
            ..AllowanceCharge::default()
        });
    }
}

/// A GTIN in the row, told by its check digit.
fn gtin(texts: &[String], row: &Row, draft: &Draft<'_>) -> Option<String> {
    let own = row.net.map(|cell| draft.layout.text(draft.layout.lines[cell.line]));
    let words: Vec<&str> =
        texts.iter().chain(own.iter()).flat_map(|text| text.split_whitespace()).collect();
    let found = words.into_iter().find(|word| {
        let digits: Vec<u32> = word.chars().filter_map(|c| c.to_digit(10)).collect();
        let whole = matches!(word.len(), 13 | 14) && digits.len() == word.len();
        let weighted =
            digits.iter().rev().enumerate().map(|(at, d)| if at % 2 == 1 { d * 3 } else { *d });
        whole && weighted.sum::<u32>() % 10 == 0
    });
    found.map(str::to_owned)
}
