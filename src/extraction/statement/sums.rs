//! Whether the figures of a statement agree: an entry that was lost shows here.

use rust_decimal::Decimal;

use crate::extraction::statement::remarks::Remarks;
use crate::models::finding::Severity;
use crate::models::statement::StatementSyntax;
use crate::models::statement::{Balance, BankEntry, BankStatement, EntryStatus, EntryTotal};

/// Opening balance + entries is not the closing balance.
const BALANCE: (&str, Severity) = ("STATEMENT_BALANCE", Severity::Fatal);

/// The balances cannot be compared.
const CURRENCIES: (&str, Severity) = ("STATEMENT_CURRENCIES", Severity::Warning);

/// The closing balance of a statement is not the opening balance of the next.
const GAP: (&str, Severity) = ("STATEMENT_GAP", Severity::Warning);

/// The bank counted other entries than were read.
const TOTALS: (&str, Severity) = ("STATEMENT_TOTALS", Severity::Fatal);

/// Checks each statement, and each against the one before it of the same account.
pub(crate) fn check(statements: &[BankStatement], remarks: &mut Remarks) {
    for statement in statements {
        let place = statement.place.as_deref().unwrap_or_default();
        check_balance(statement, place, remarks);
        let (credits, debits) = (statement.credits.as_ref(), statement.debits.as_ref());
        check_total(statement, (credits, "credit"), |sum| sum > Decimal::ZERO, remarks);
        check_total(statement, (debits, "debit"), |sum| sum < Decimal::ZERO, remarks);
    }
    for (before, after) in statements.iter().zip(statements.iter().skip(1)) {
        check_gap(before, after, remarks);
    }
}

fn check_balance(statement: &BankStatement, place: &str, remarks: &mut Remarks) {
    let (Some(opening), Some(closing)) = (statement.opening(), statement.closing()) else {
        return;
    };
    let booked = statement.entries.iter().filter(|entry| entry.status == EntryStatus::Booked);
    let mut sum = Some(opening.amount);
    for entry in booked {
        if entry.currency.is_some() && entry.currency != opening.currency {
            let text = "an entry is not in the currency of the opening balance: the sum of the \
                        statement cannot be checked";
            remarks.note(CURRENCIES, entry.place.as_deref().unwrap_or(place), text);
            return;
        }
        sum = sum.and_then(|sum| sum.checked_add(entry.amount));
    }
    let said = |balance: &Balance, amount: Decimal| {
        format!("{amount} {}", balance.currency.as_deref().unwrap_or_default()).trim().to_owned()
    };
    if opening.currency != closing.currency {
        let message = "opening and closing balance are in different currencies";
        let figures = (said(closing, closing.amount), said(opening, opening.amount));
        remarks.differs(CURRENCIES, place, figures, message);
    } else if sum != Some(closing.amount) {
        let expected =
            sum.map_or("a number of at most 28 digits".to_owned(), |sum| said(opening, sum));
        let message = format!(
            "opening balance {} and the booked entries make {expected}, and the closing balance \
             is {}: entries are missing, or one was read wrongly",
            said(opening, opening.amount),
            said(closing, closing.amount),
        );
        remarks.differs(BALANCE, place, (said(closing, closing.amount), expected), &message);
    }
}

fn check_total(
    statement: &BankStatement,
    (total, word): (Option<&EntryTotal>, &str),
    is_one: impl Fn(Decimal) -> bool,
    remarks: &mut Remarks,
) {
    let Some(total) = total else {
        return;
    };
    let entries = statement.entries.iter().filter(|entry| is_one(entry.amount));
    let amounts: Vec<Decimal> = entries.map(|entry: &BankEntry| entry.amount.abs()).collect();
    let add = |sum: Decimal, amount: &Decimal| sum.checked_add(*amount);
    let sum = amounts.iter().try_fold(Decimal::ZERO, add);
    let count = u64::try_from(amounts.len()).unwrap_or(u64::MAX);
    let place = statement.place.as_deref().unwrap_or_default();
    // Entries of amount zero may be counted on either side.
    let zeros = statement.entries.iter().filter(|entry| entry.amount.is_zero()).count();
    let most = count + u64::try_from(zeros).unwrap_or(u64::MAX);
    if let Some(said) = total.count
        && !(count..=most).contains(&said)
    {
        let message = format!("the bank counted {said} {word} entries, and {count} were read");
        remarks.differs(TOTALS, place, (count.to_string(), said.to_string()), &message);
    }
    if let Some(said) = total.amount
        && sum != Some(said)
    {
        let read = sum.map_or("too many digits".to_owned(), |sum| sum.to_string());
        let message = format!("the bank's sum of {word} entries is {said}, and {read} were read");
        remarks.differs(TOTALS, place, (read, said.to_string()), &message);
    }
}

fn check_gap(before: &BankStatement, after: &BankStatement, remarks: &mut Remarks) {
    let chained = |one: &BankStatement| {
        one.syntax == Some(StatementSyntax::Mt940) || one.syntax == Some(StatementSyntax::Camt053)
    };
    if before.account.is_none()
        || before.account != after.account
        || !chained(before)
        || !chained(after)
    {
        return;
    }
    let (Some(closing), Some(opening)) = (before.closing(), after.opening()) else {
        return;
    };
    if closing.currency == opening.currency && closing.amount != opening.amount {
        let message = format!(
            "the statement before it closed with {}, and this one opens with {}: a statement \
             between them is missing",
            closing.amount, opening.amount
        );
        let place = after.place.as_deref().unwrap_or_default();
        let figures = (opening.amount.to_string(), closing.amount.to_string());
        remarks.differs(GAP, place, figures, &message);
    }
}
