//! Whether a statement goes on where the last one ended, across files.

use crate::models::finding::{Finding, Severity};
use crate::models::statement::{Balance, BankStatement};

/// A statement that opens with another balance than the last one closed with: one between them is
/// missing, or came twice. None when they agree, or one of them says nothing. What is inside one
/// file is checked when it is read.
pub fn continues(closed: &Balance, next: &BankStatement) -> Option<Finding> {
    let opened = next.opening()?;
    let same = opened.currency == closed.currency
        || opened.currency.is_none()
        || closed.currency.is_none();
    if same && opened.amount == closed.amount {
        return None;
    }
    let said = |balance: &Balance| {
        let currency = balance.currency.as_deref().unwrap_or_default();
        format!("{} {currency}", balance.amount).trim().to_owned()
    };
    Some(Finding {
        code: "STATEMENT_GAP".to_owned(),
        severity: Severity::Warning,
        source: "ap-gateway".to_owned(),
        place: next.place.clone(),
        terms: Vec::new(),
        message: format!(
            "the last statement of the account closed with {}, and this one opens with {}",
            said(closed),
            said(opened)
        ),
        actual: Some(said(opened)),
        expected: Some(said(closed)),
        remedy: Some("hand in the statement between them".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::continues;
    use crate::models::statement::{Balance, BalanceKind, BankStatement};

    fn balance(kind: BalanceKind, cents: i64, currency: &str) -> Balance {
        Balance {
            kind,
            code: "OPBD".to_owned(),
            intermediate: false,
            amount: rust_decimal::Decimal::new(cents, 2),
            currency: Some(currency.to_owned()),
            date: None,
        }
    }

    #[test]
    fn a_gap_between_two_files_is_seen() {
        let closed = balance(BalanceKind::Closing, 100, "EUR");
        for (opening, gap) in [
            (Some(balance(BalanceKind::Opening, 100, "EUR")), false),
            (Some(balance(BalanceKind::PreviousClosing, 100, "EUR")), false),
            (Some(balance(BalanceKind::Opening, 101, "EUR")), true),
            (Some(balance(BalanceKind::Opening, 100, "USD")), true),
            (None, false),
        ] {
            let balances = opening.into_iter().collect();
            let next = BankStatement { balances, ..BankStatement::default() };
            assert_eq!(continues(&closed, &next).is_some(), gap, "{next:?}");
        }
    }

    #[test]
    fn a_balance_that_says_no_currency_contradicts_none() {
        for (closed, opened, cents, gap) in [
            (None, Some("EUR"), 100, false),
            (Some("EUR"), None, 100, false),
            (None, None, 100, false),
            (None, Some("EUR"), 101, true),
        ] {
            let of = |kind, cents, currency: Option<&str>| Balance {
                currency: currency.map(str::to_owned),
                ..balance(kind, cents, "EUR")
            };
            let closed = of(BalanceKind::Closing, 100, closed);
            let balances = vec![of(BalanceKind::Opening, cents, opened)];
            let next = BankStatement { balances, ..BankStatement::default() };
            assert_eq!(continues(&closed, &next).is_some(), gap, "{closed:?} {next:?}");
        }
    }
}
