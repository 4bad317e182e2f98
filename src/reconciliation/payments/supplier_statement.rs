//! A supplier's statement beside our open items, number by number (handbook §17).

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use crate::models::payment::{
    ComparedLine, ItemKind, LineClass, OpenItem, StatementComparison, SupplierStatementCase,
};
use crate::reconciliation::payments::amount::{TooLarge, add, less, sum};

/// Characters of a number that are compared.
const CHARACTERS_MAX: usize = 255;

/// One number with what both sides say.
#[derive(Default)]
struct Entry<'a> {
    number: String,
    theirs: Option<Decimal>,
    ours: Option<Decimal>,
    in_transit: Decimal,
    items: Vec<&'a OpenItem>,
}

/// Compares a supplier's statement with what is open. Credit notes count negative on both sides;
/// lines with one number are taken together.
pub fn compare_statement(case: &SupplierStatementCase) -> StatementComparison {
    let digits = minor_digits(case);
    let entries = match entries(case) {
        Ok(entries) => entries,
        Err(error) => return refused(&error),
    };
    let lines: Vec<ComparedLine> =
        entries.iter().filter_map(|entry| compared(entry, digits)).collect();
    let theirs = sum(entries.iter().filter_map(|entry| entry.theirs));
    let ours = sum(entries.iter().filter_map(|entry| entry.ours));
    let in_transit = sum(lines
        .iter()
        .filter(|line| line.class == LineClass::PaidInTransit)
        .filter_map(|line| line.in_transit));
    let (Ok(theirs), Ok(ours), Ok(in_transit)) = (theirs, ours, in_transit) else {
        return refused(&TooLarge);
    };
    StatementComparison {
        balance: Some(written(theirs, digits)),
        balance_agrees: case.statement.balance.map(|balance| balance == theirs),
        ours: Some(written(ours, digits)),
        in_transit: Some(written(in_transit, digits)),
        lines,
    }
}

fn refused(error: &TooLarge) -> StatementComparison {
    let line = ComparedLine {
        number: String::new(),
        class: LineClass::Error,
        amount: None,
        ours: None,
        in_transit: None,
        text: error.to_string(),
    };
    StatementComparison {
        balance: None,
        balance_agrees: None,
        ours: None,
        in_transit: None,
        lines: vec![line],
    }
}

/// The supplier's numbers in their order, then ours by due date.
fn entries(case: &SupplierStatementCase) -> Result<Vec<Entry<'_>>, TooLarge> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut place_of = |entries: &mut Vec<Entry<'_>>, key: String, number: String| -> usize {
        *places.entry(key).or_insert_with(|| {
            entries.push(Entry { number, ..Entry::default() });
            entries.len() - 1
        })
    };
    for line in &case.statement.lines {
        let at = place_of(&mut entries, key(&line.number), tidy(&line.number));
        let claim = less(line.debit, line.credit)?;
        entries[at].theirs = Some(add(entries[at].theirs.unwrap_or_default(), claim)?);
    }
    for item in ours(case) {
        let at = place_of(&mut entries, key(item.called()), item.called().to_owned());
        let entry = &mut entries[at];
        entry.number = item.called().to_owned();
        entry.ours = Some(add(entry.ours.unwrap_or_default(), signed(item, item.amount))?);
        entry.items.push(item);
    }
    let mut late: BTreeMap<&str, Decimal> = BTreeMap::new();
    for payment in case.payments.iter().filter(|payment| payment.date > case.statement.date) {
        let sum = late.entry(&payment.item).or_default();
        *sum = add(*sum, payment.taken)?;
    }
    for entry in &mut entries {
        for item in &entry.items {
            let late = late.get(item.id.as_str()).copied().unwrap_or_default();
            entry.in_transit = add(entry.in_transit, signed(item, late))?;
        }
    }
    Ok(entries)
}

fn ours(case: &SupplierStatementCase) -> Vec<&OpenItem> {
    let statement = &case.statement;
    let theirs = |item: &&OpenItem| {
        (statement.supplier.is_none() || item.supplier == statement.supplier)
            && statement.currency.is_none_or(|currency| currency == item.currency)
    };
    let mut items: Vec<&OpenItem> = case.open_items.iter().filter(theirs).collect();
    items.sort_by_key(|item| (item.due.is_none(), item.due, item.id.as_str()));
    items
}

fn signed(item: &OpenItem, amount: Decimal) -> Decimal {
    match item.kind {
        ItemKind::Invoice => amount,
        ItemKind::CreditNote => -amount,
    }
}

/// One line of the answer; none for a closed item that the supplier does not list.
fn compared(entry: &Entry<'_>, digits: u32) -> Option<ComparedLine> {
    let said = |amount: Decimal| written(amount, digits);
    let (class, text) = match (entry.theirs, entry.ours) {
        (None, None) => return None,
        (Some(theirs), None) => {
            (LineClass::MissingHere, format!("{} claimed for what we do not know", said(theirs)))
        }
        (None, Some(ours)) if ours.is_zero() => return None,
        (None, Some(ours)) => {
            (LineClass::MissingThere, format!("{} open here is not on the statement", said(ours)))
        }
        (Some(theirs), Some(ours)) => {
            let with_late = add(ours, entry.in_transit);
            if theirs == ours {
                (LineClass::Agrees, "both say the same".to_owned())
            } else if !entry.in_transit.is_zero() && with_late == Ok(theirs) {
                let text = format!("{} was paid after the statement", said(entry.in_transit));
                (LineClass::PaidInTransit, text)
            } else if let Ok(gap) = less(theirs, ours) {
                (LineClass::AmountDiffers, format!("differs by {}", said(gap)))
            } else {
                (LineClass::Error, TooLarge.to_string())
            }
        }
    };
    let in_transit = Some(entry.in_transit).filter(|amount| !amount.is_zero());
    Some(ComparedLine {
        number: entry.number.clone(),
        class,
        amount: entry.theirs.map(said),
        ours: entry.ours.map(said),
        in_transit: in_transit.map(said),
        text,
    })
}

fn minor_digits(case: &SupplierStatementCase) -> u32 {
    let of_items = case.open_items.first().map(|item| item.currency);
    case.statement.currency.or(of_items).map_or(2, |currency| currency.minor_digits())
}

fn written(amount: Decimal, digits: u32) -> Decimal {
    let mut amount = amount.normalize();
    if amount.is_zero() {
        amount = Decimal::ZERO;
    }
    if amount.scale() < digits {
        amount.rescale(digits);
    }
    amount
}

/// In capitals, without blanks and the zeros before numbers.
fn tidy(number: &str) -> String {
    let capitals = number.trim().chars().take(CHARACTERS_MAX).nfkc().flat_map(char::to_uppercase);
    let mut out = String::new();
    let mut zero = false;
    // A blank ends a number, so that the zeros of the next one go too.
    let mut inside = false;
    for letter in capitals.chain(std::iter::once(' ')) {
        if letter == '0' && !inside {
            zero = true;
            continue;
        }
        if zero && !letter.is_ascii_digit() {
            out.push('0');
        }
        zero = false;
        inside = letter.is_ascii_digit();
        out.extend(Some(letter).filter(|letter| !letter.is_whitespace()));
    }
    out
}

/// How numbers are compared (handbook §11): letters that are typed for digits are those digits.
fn key(number: &str) -> String {
    let alike = |letter: char| match letter {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let kept = |letter: &char| !matches!(letter, '-' | '/' | '.' | '_' | '#');
    tidy(number).chars().filter(kept).map(alike).collect()
}

#[cfg(test)]
mod tests {
    use super::{compare_statement, key, tidy};
    use crate::models::payment::{LineClass, SupplierStatementCase};
    use serde_json::json;

    #[test]
    fn numbers_are_compared_as_the_handbook_says() {
        for (one, other) in
            [("INV-2024/0017", "inv 2024 0017"), ("0882", "882"), ("C 7", "c7"), ("RO-1", "R0 L")]
        {
            assert_eq!(key(one), key(other));
        }
        assert_ne!(key("100"), key("10"));
        assert_ne!(key("A-1"), key("A-11"));
        for (number, shown) in [("0882", "882"), (" c 7", "C7"), ("000", "0"), ("A00-1", "A0-1")] {
            assert_eq!(tidy(number), shown);
        }
    }

    #[test]
    fn what_we_paid_after_their_day_is_on_its_way() {
        for (open, paid, date, class) in [
            ("0", "500.00", "2026-06-01", LineClass::PaidInTransit),
            ("200.00", "300.00", "2026-06-01", LineClass::PaidInTransit),
            ("0", "500.00", "2026-05-31", LineClass::AmountDiffers),
            ("0", "499.99", "2026-06-01", LineClass::AmountDiffers),
            ("500.00", "0", "2026-06-01", LineClass::Agrees),
        ] {
            let case: SupplierStatementCase = serde_json::from_value(json!({
                "open_items": [{"id": "881", "kind": "invoice", "amount": open, "currency": "EUR"}],
                "payments": [{"item": "881", "taken": paid, "date": date}],
                "statement": {"date": "2026-05-31", "balance": "500.00",
                    "lines": [{"number": "0881", "debit": "500.00"}]},
            }))
            .expect("a case");
            let found = compare_statement(&case);
            assert_eq!(found.lines[0].class, class, "{open} {paid} {date}");
            assert_eq!(found.balance_agrees, Some(true));
        }
    }

    #[test]
    fn what_either_side_does_not_know_is_told_from_what_differs() {
        for (currency, zeros) in [("EUR", ".00"), ("JPY", ""), ("KWD", ".000")] {
            let ours = |id: &str, amount: &str, supplier: &str, currency: &str| {
                json!({"id": id, "kind": "invoice", "amount": amount, "currency": currency,
                       "supplier": supplier})
            };
            let case: SupplierStatementCase = serde_json::from_value(json!({
                "open_items": [ours("A", "100", "V1", currency), ours("B", "40", "V1", currency),
                    ours("D", "5", "V1", currency), ours("E", "0", "V1", currency),
                    ours("F", "9", "V2", currency), ours("G", "9", "V1", "USD")],
                "payments": [{"item": "B", "taken": "3", "date": "2026-06-01"}],
                "statement": {"date": "2026-05-31", "balance": "159", "supplier": "V1",
                    "currency": currency, "lines": [{"number": "A", "debit": "100"},
                    {"number": "B", "debit": "50"}, {"number": "C", "debit": "10"}]},
            }))
            .expect("a case");
            let found = compare_statement(&case);
            let lines = found.lines.iter().map(|line| {
                let shown = |amount: Option<rust_decimal::Decimal>| {
                    amount.map_or("-".to_owned(), |amount| amount.to_string())
                };
                let numbers = [shown(line.amount), shown(line.ours), shown(line.in_transit)];
                format!("{} {:?} {}: {}", line.number, line.class, numbers.join(" "), line.text)
            });
            let wanted = [
                "A Agrees 100z 100z -: both say the same",
                "B AmountDiffers 50z 40z 3z: differs by 10z",
                "C MissingHere 10z - -: 10z claimed for what we do not know",
                "D MissingThere - 5z -: 5z open here is not on the statement",
            ];
            let wanted = wanted.map(|line| line.replace('z', zeros));
            assert_eq!(lines.collect::<Vec<_>>(), wanted, "{currency}");
            let totals = [found.balance, found.ours, found.in_transit].map(|one| one.expect("one"));
            let totals = totals.map(|amount| amount.to_string());
            assert_eq!(totals, ["160", "145", "0"].map(|one| format!("{one}{zeros}")));
            assert_eq!(found.balance_agrees, Some(false));
        }
    }

    #[test]
    fn amounts_that_do_not_fit_are_an_error_and_no_panic() {
        let most = "9".repeat(28);
        let lines: Vec<_> =
            (0..12).map(|place| json!({"number": place.to_string(), "debit": most})).collect();
        let case: SupplierStatementCase =
            serde_json::from_value(json!({"statement": {"date": "2026-05-31", "lines": lines}}))
                .expect("a case");
        assert_eq!(compare_statement(&case).lines[0].class, LineClass::Error);
    }
}
