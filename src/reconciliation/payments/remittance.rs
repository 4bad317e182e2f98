//! What a payment says it pays: one line for each item (handbook §17).

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::models::payment::{
    OpenItem, PaymentCase, RemittanceAdvice, RemittanceLine, Row, Settlement,
};
use crate::reconciliation::payments::amount::{TooLarge, add, written};

/// One advice for each transaction that new rows of a settlement pay items with, in the order of
/// the rows. Rows that were taken back are left out, and so are payments with amounts that cannot
/// be added.
pub fn remittance_advices(case: &PaymentCase, settlement: &Settlement) -> Vec<RemittanceAdvice> {
    let items: BTreeMap<&str, &OpenItem> =
        case.open_items.iter().map(|item| (item.id.as_str(), item)).collect();
    let back: BTreeSet<u64> = settlement.rows.iter().filter_map(|row| row.reverses).collect();
    let mut order: Vec<&str> = Vec::new();
    let mut rows: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &settlement.rows {
        let Some(id) = row.transaction.as_deref() else { continue };
        if row.reverses.is_some() || back.contains(&row.sequence) {
            continue;
        }
        if !rows.contains_key(id) {
            order.push(id);
        }
        rows.entry(id).or_default().push(row);
    }
    let advice = |id: &&str| {
        let lines = rows[id].iter();
        let mut total = Decimal::ZERO;
        let mut made = Vec::new();
        for row in lines {
            total = add(total, row.paid).ok()?;
            let open = settlement.open.get(&row.item).copied().unwrap_or_default();
            made.push(line(row, items.get(row.item.as_str())?, open).ok()?);
        }
        Some(RemittanceAdvice { transaction: (*id).to_owned(), total, lines: made })
    };
    order.iter().filter_map(advice).collect()
}

fn line(row: &Row, item: &OpenItem, open: Decimal) -> Result<RemittanceLine, TooLarge> {
    let parts =
        [(row.fee, "bank fee"), (row.write_off, "small difference"), (row.offset, "set against")];
    let mut deduction = Decimal::ZERO;
    let mut reasons = Vec::new();
    for (amount, reason) in parts.into_iter().filter(|(amount, _)| !amount.is_zero()) {
        deduction = add(deduction, amount)?;
        let other = row.offset_by.as_deref().filter(|_| reason == "set against");
        reasons.push(format!("{reason} {}", other.unwrap_or_default()).trim().to_owned());
    }
    Ok(RemittanceLine {
        number: item.called().to_owned(),
        currency: item.currency,
        paid: written(row.settles(), item.currency),
        discount: written(row.discount, item.currency),
        deduction: written(deduction, item.currency),
        reason: (!reasons.is_empty()).then(|| reasons.join(", ")),
        open,
    })
}
