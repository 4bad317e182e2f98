//! What an invoice uses of the prepayments of its order (handbook §10).

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::payment::{PrepaidInvoice, PrepaymentCase, PrepaymentUse};
use crate::reconciliation::payments::amount::{TooLarge, add, less, percent};

/// Invoices in sequence: a partial one uses its percentage, as far as it remains; the last one
/// uses all that remains, but never more than it asks for.
pub fn use_prepayments<'a>(case: &'a PrepaymentCase) -> Vec<PrepaymentUse> {
    let mut remaining: BTreeMap<&'a str, Result<Decimal, TooLarge>> = BTreeMap::new();
    for one in &case.prepayments {
        let sum = remaining.entry(&one.po).or_insert(Ok(Decimal::ZERO));
        *sum = sum.and_then(|sum| add(sum, one.paid));
    }
    let digits = case.currency.map_or(2, |currency| currency.minor_digits());
    let used_by = |invoice: &'a PrepaidInvoice| {
        let rest = remaining.entry(&invoice.po).or_insert(Ok(Decimal::ZERO));
        match rest.and_then(|rest| used(case, invoice, (rest, digits))) {
            Ok((answer, left)) => {
                *rest = Ok(left);
                answer
            }
            Err(error) => PrepaymentUse {
                number: invoice.number.clone(),
                used: None,
                remaining: None,
                payable: None,
                agrees: None,
                remark: Some(error.to_string()),
            },
        }
    };
    case.invoices.iter().map(used_by).collect()
}

fn used(
    case: &PrepaymentCase,
    invoice: &PrepaidInvoice,
    (rest, digits): (Decimal, u32),
) -> Result<(PrepaymentUse, Decimal), TooLarge> {
    let gross = invoice.gross.max(Decimal::ZERO);
    let planned = match case.percent.filter(|_| !invoice.last) {
        Some(plan) => decimal::round(percent(gross, plan)?, digits),
        None => gross,
    };
    let used = planned.min(rest).min(gross).max(Decimal::ZERO);
    let left = less(rest, used)?;
    let canonical = |amount: Decimal| {
        let mut amount = amount.normalize();
        if amount.scale() < digits {
            amount.rescale(digits);
        }
        amount
    };
    let remark = (invoice.last && left > Decimal::ZERO)
        .then(|| format!("{} more was prepaid than the last invoice asks for", canonical(left)));
    let answer = PrepaymentUse {
        number: invoice.number.clone(),
        used: Some(canonical(used)),
        remaining: Some(canonical(left)),
        payable: Some(canonical(less(invoice.gross, used)?)),
        agrees: invoice.stated.map(|stated| stated == used),
        remark,
    };
    Ok((answer, left))
}

#[cfg(test)]
mod tests {
    use super::use_prepayments;
    use crate::models::payment::PrepaymentCase;
    use serde_json::json;

    fn run(case: serde_json::Value) -> Vec<(String, String, String)> {
        let case: PrepaymentCase = serde_json::from_value(case).expect("a case");
        let shown = |amount: Option<rust_decimal::Decimal>| {
            amount.map_or("-".to_owned(), |amount| amount.to_string())
        };
        let uses = use_prepayments(&case).into_iter();
        uses.map(|one| (shown(one.used), shown(one.remaining), shown(one.payable))).collect()
    }

    #[test]
    fn partial_invoices_use_their_share_and_the_last_one_the_rest() {
        let said = |used: &str, rest: &str, pay: &str| (used.into(), rest.into(), pay.into());
        let invoice = |gross: &str, last: bool| json!({"number": "I", "po": "P", "gross": gross, "final": last});
        let paid = json!([{"po": "P", "paid": "100"}, {"po": "Q", "paid": "7"}]);
        for (percent, invoices, wanted) in [
            (json!("25"), json!([invoice("100", false)]), vec![said("25.00", "75.00", "75.00")]),
            (json!("33.333"), json!([invoice("10", false)]), vec![said("3.33", "96.67", "6.67")]),
            (json!("100"), json!([invoice("150", false)]), vec![said("100.00", "0.00", "50.00")]),
            (json!("25"), json!([invoice("60", true)]), vec![said("60.00", "40.00", "0.00")]),
            (json!(null), json!([invoice("60", false)]), vec![said("60.00", "40.00", "0.00")]),
            (json!("25"), json!([invoice("-60", true)]), vec![said("0.00", "100.00", "-60.00")]),
        ] {
            let case = json!({"percent": percent, "prepayments": paid, "invoices": invoices});
            assert_eq!(run(case), wanted);
        }
    }

    #[test]
    fn what_is_left_behind_the_last_invoice_is_told_and_what_was_stated_compared() {
        for (gross, last, stated, left, agrees) in [
            ("60", true, json!(null), Some("40.00 more was prepaid"), None),
            ("60", false, json!(null), None, None),
            ("100", true, json!("100"), None, Some(true)),
            ("60", true, json!("60.00"), Some("40.00 more was prepaid"), Some(true)),
            ("60", false, json!("59.99"), None, Some(false)),
        ] {
            let invoice =
                json!({"number": "I", "po": "P", "gross": gross, "final": last, "stated": stated});
            let case = json!({"prepayments": [{"po": "P", "paid": "100"}], "invoices": [invoice]});
            let case: PrepaymentCase = serde_json::from_value(case).expect("a case");
            let found = use_prepayments(&case).remove(0);
            let told = found.remark.as_deref();
            assert_eq!(told.is_some(), left.is_some(), "{told:?}");
            assert!(told.unwrap_or_default().starts_with(left.unwrap_or_default()), "{told:?}");
            assert_eq!(found.agrees, agrees, "{gross} {stated}");
        }
    }

    #[test]
    fn amounts_that_do_not_fit_have_no_figures() {
        let most = "79228162514264337593543950335";
        let most = &most[..28];
        let paid: Vec<_> =
            (0..12).map(|_| json!({"po": "P", "paid": most.replace('7', "9")})).collect();
        let case = json!({"prepayments": paid,
            "invoices": [{"number": "I", "po": "P", "gross": "1"}]});
        assert_eq!(run(case), [("-".to_owned(), "-".to_owned(), "-".to_owned())]);
    }
}
