//! Transactions of the entries of bank statements.

use rust_decimal::Decimal;

use crate::models::money::Currency;
use crate::models::payment::{Direction, Instructed, Transaction};
use crate::models::statement::{
    BankEntry, BankStatement, Charge, EntryDetail, EntryStatus, entry_keys,
};

/// One transaction for each payment of each entry, in the order of the file. A batch is split
/// when its details sum to it; entries of amount zero, or for information alone, are none.
///
/// The id is the key of the entry, so the same file gives the same ids; a payment of a batch adds
/// its place in it.
pub fn transactions(statements: &[BankStatement]) -> Vec<Transaction> {
    let mut all = Vec::new();
    for (statement, keys) in statements.iter().zip(entry_keys(statements)) {
        for (entry, key) in statement.entries.iter().zip(keys) {
            if entry.status == EntryStatus::Information {
                continue;
            }
            let payments = entry.payments();
            let several = payments.len() > 1;
            for (place, (amount, detail)) in (1..).zip(payments) {
                if amount.is_zero() {
                    continue;
                }
                let id = if several { format!("{key}/{place}") } else { key.to_string() };
                all.push(transaction(id, (statement, entry), (amount, detail), several));
            }
        }
    }
    all
}

fn transaction(
    id: String,
    (statement, entry): (&BankStatement, &BankEntry),
    (amount, detail): (Decimal, Option<&EntryDetail>),
    several: bool,
) -> Transaction {
    let code = entry.currency.as_deref().or(statement.currency.as_deref());
    let currency = code.and_then(|code| Currency::parse(code).ok());
    let direction = if amount < Decimal::ZERO { Direction::Out } else { Direction::In };
    let mut made = Transaction::of(&id, direction, amount.abs(), currency);
    made.date = entry.day();
    made.pending = entry.status == EntryStatus::Pending;
    made.reversal = entry.reversal;
    let of_entry: &[Charge] = if several { &[] } else { &entry.charges };
    let of_detail = detail.map_or(&[][..], |detail| &detail.charges);
    let charges = if of_detail.is_empty() { of_entry } else { of_detail };
    made.charges = taken(charges, code);
    made.references.extend(entry.reference.clone().filter(|_| !several));
    if detail.is_none() {
        made.text = entry.narrative.clone().or_else(|| entry.text.clone()).unwrap_or_default();
    }
    if let Some(detail) = detail {
        made.reversal |= detail.return_reason.is_some();
        made.return_reason = detail.return_reason.clone();
        made.instructed = detail.instructed.as_ref().and_then(|instructed| {
            let code = instructed.currency.as_deref().or(code)?;
            let currency = Currency::parse(code).ok()?;
            Some(Instructed { amount: instructed.amount.abs(), currency })
        });
        let party = &detail.counterparty;
        made.counterparty_name = party.name.clone().or_else(|| party.ultimate_name.clone());
        made.counterparty_iban = party.account.clone();
        made.end_to_end_id = detail.end_to_end_id.clone();
        let structured = detail.remittance.structured.iter().map(|one| one.reference.clone());
        made.references.extend(structured);
        made.text = detail.remittance.unstructured.join("\n");
    }
    made
}

/// What the bank took and the amount contains, in the currency of the entry.
fn taken(charges: &[Charge], code: Option<&str>) -> Option<Decimal> {
    let here = charges.iter().filter(|charge| {
        let same = charge.currency.is_none() || charge.currency.as_deref() == code;
        same && charge.included != Some(false) && charge.amount < Decimal::ZERO
    });
    let sum = here
        .map(|charge| charge.amount.abs())
        .try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount))?;
    (!sum.is_zero()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::transactions;
    use crate::models::payment::Direction;
    use crate::models::statement::{
        BankEntry, BankStatement, Charge, EntryDetail, EntryStatus, Remittance,
    };
    use rust_decimal::Decimal;

    fn statement(entries: Vec<BankEntry>) -> [BankStatement; 1] {
        let currency = Some("EUR".to_owned());
        [BankStatement { currency, entries, ..BankStatement::default() }]
    }

    #[test]
    fn signs_become_directions_and_a_batch_is_split() {
        let detail = |cents: i64| EntryDetail {
            amount: Some(Decimal::new(cents, 2)),
            ..EntryDetail::default()
        };
        let mut batch = BankEntry::of(Decimal::new(-1000, 2));
        batch.details = vec![detail(-400), detail(-600)];
        let mut pending = BankEntry::of(Decimal::new(5, 2));
        pending.status = EntryStatus::Pending;
        let mut told = BankEntry::of(Decimal::new(5, 2));
        told.status = EntryStatus::Information;
        let zero = BankEntry::of(Decimal::ZERO);
        batch.reference = Some("BATCH-1".to_owned());
        pending.reference = Some("KREF-1".to_owned());
        let made = transactions(&statement(vec![batch, pending, told, zero]));
        let seen: Vec<_> =
            made.iter().map(|one| (one.direction, one.amount.to_string(), one.pending)).collect();
        let wanted = [
            (Direction::Out, "4.00", false),
            (Direction::Out, "6.00", false),
            (Direction::In, "0.05", true),
        ];
        assert_eq!(seen, wanted.map(|(way, amount, open)| (way, amount.to_owned(), open)));
        assert!(made[0].id.ends_with("/1") && made[1].id.ends_with("/2"));
        // The reference of a batch is that of none of its payments.
        let references: Vec<_> = made.iter().map(|one| one.references.concat()).collect();
        assert_eq!(references, ["", "", "KREF-1"]);
    }

    #[test]
    fn a_reason_of_return_is_a_reversal_and_charges_are_what_the_bank_took() {
        let mut entry = BankEntry::of(Decimal::new(-1005, 2));
        entry.charges = vec![
            Charge { amount: Decimal::new(-5, 2), currency: None, included: None, kind: None },
            Charge {
                amount: Decimal::new(-7, 2),
                currency: None,
                included: Some(false),
                kind: None,
            },
        ];
        entry.details = vec![EntryDetail {
            return_reason: Some("AC04".to_owned()),
            remittance: Remittance {
                unstructured: vec!["Rechnung".to_owned(), "4711".to_owned()],
                ..Remittance::default()
            },
            ..EntryDetail::default()
        }];
        let made = transactions(&statement(vec![entry]));
        assert!(made[0].reversal);
        assert_eq!(made[0].charges, Some(Decimal::new(5, 2)));
        assert_eq!(made[0].text, "Rechnung\n4711");
    }

    #[test]
    fn a_charge_counts_in_the_currency_of_its_entry_alone() {
        for (currency, counts) in [(None, true), (Some("EUR"), true), (Some("USD"), false)] {
            let mut entry = BankEntry::of(Decimal::new(-1005, 2));
            let currency = currency.map(str::to_owned);
            let amount = Decimal::new(-5, 2);
            entry.charges = vec![Charge { amount, currency, included: None, kind: None }];
            let made = transactions(&statement(vec![entry.clone()]));
            let taken = counts.then_some(Decimal::new(5, 2));
            assert_eq!(made[0].charges, taken, "{:?}", entry.charges);
        }
    }
}
