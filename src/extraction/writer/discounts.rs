//! Discounts for early payment as lines of BT-20: UBL has nothing else for them, and German
//! senders use the lines in CII too (XRechnung, BR-DE-18).

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::models::invoice::{CashDiscount, Invoice};

/// How such a line begins.
const DISCOUNT: &str = "#SKONTO#";

/// BT-20, with a line for each discount behind it where it has none yet. The last such line ends
/// with a line break: BR-DE-18 asks for it.
pub(crate) fn terms_with_lines(invoice: &Invoice) -> Option<String> {
    let mut text = invoice.payment_terms.clone().unwrap_or_default();
    if !text.contains(DISCOUNT) {
        for line in invoice.cash_discounts.iter().filter_map(|of| line(of, invoice)) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&line);
        }
    }
    ended(text)
}

/// BT-20 as it is, with the line break behind a last line of this kind.
pub(crate) fn terms(invoice: &Invoice) -> Option<String> {
    ended(invoice.payment_terms.clone().unwrap_or_default())
}

fn ended(mut text: String) -> Option<String> {
    if text.lines().last().is_some_and(|line| line.starts_with(DISCOUNT)) && !text.ends_with('\n') {
        text.push('\n');
    }
    (!text.is_empty()).then_some(text)
}

/// Whether a discount is a line of the BT-20 that UBL gets.
pub(crate) fn has_line(discount: &CashDiscount, invoice: &Invoice) -> bool {
    let text = terms_with_lines(invoice).unwrap_or_default();
    line(discount, invoice).is_some_and(|line| text.contains(&line))
}

/// Whether BT-20 itself says all the discounts, and all of each.
pub(crate) fn are_in_terms(invoice: &Invoice) -> bool {
    let text = invoice.payment_terms.as_deref().unwrap_or_default();
    let lines = text.lines().filter(|line| line.trim().starts_with(DISCOUNT)).count();
    let is_said = |discount: &CashDiscount| {
        let all = discount.until.is_none() && discount.amount.is_none();
        all && line(discount, invoice).is_some_and(|line| text.contains(&line))
    };
    lines == invoice.cash_discounts.len() && invoice.cash_discounts.iter().all(is_said)
}

/// A discount as XRechnung words it; nothing, where its days or its percentage are not known.
fn line(discount: &CashDiscount, invoice: &Invoice) -> Option<String> {
    let from_issue = |until: NaiveDate| (until - invoice.issue_date?).num_days().try_into().ok();
    let days: u32 = discount.days.or_else(|| discount.until.and_then(from_issue))?;
    let percent = with_cents(discount.percent?)?;
    let base = match discount.base {
        Some(base) => format!("#BASISBETRAG={}", with_cents(base)?),
        None => String::new(),
    };
    Some(format!("{DISCOUNT}TAGE={days}#PROZENT={percent}{base}#"))
}

/// With exactly two decimals, where that changes nothing.
fn with_cents(value: Decimal) -> Option<String> {
    let mut cents = value;
    cents.rescale(2);
    (cents == value && cents.scale() == 2).then(|| cents.to_string())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rust_decimal::Decimal;

    use super::{are_in_terms, terms_with_lines};
    use crate::models::invoice::{CashDiscount, Invoice};

    #[test]
    fn discounts_are_lines_behind_the_terms() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 1);
        let discount = CashDiscount {
            days: Some(14),
            percent: Some(Decimal::new(2, 0)),
            base: Some(Decimal::new(11_900, 1)),
            ..CashDiscount::default()
        };
        let until = CashDiscount {
            until: NaiveDate::from_ymd_opt(2026, 11, 8),
            percent: Some(Decimal::new(2_500, 3)),
            ..CashDiscount::default()
        };
        let uneven = CashDiscount { percent: Some(Decimal::new(2_505, 3)), ..until.clone() };
        let unsaid = CashDiscount { percent: None, ..until.clone() };
        let invoice = |terms: Option<&str>| Invoice {
            issue_date: day,
            payment_terms: terms.map(str::to_owned),
            cash_discounts: vec![discount.clone(), until.clone(), uneven.clone(), unsaid.clone()],
            ..Invoice::default()
        };
        let lines = "#SKONTO#TAGE=14#PROZENT=2.00#BASISBETRAG=1190.00#\n\
                     #SKONTO#TAGE=7#PROZENT=2.50#\n";
        assert_eq!(terms_with_lines(&invoice(None)).as_deref(), Some(lines));
        let behind = format!("30 days\n{lines}");
        assert_eq!(terms_with_lines(&invoice(Some("30 days"))), Some(behind));
        let own = "#SKONTO#TAGE=3#PROZENT=1.00#";
        assert_eq!(terms_with_lines(&invoice(Some(own))), Some(format!("{own}\n")));
        assert_eq!(terms_with_lines(&Invoice::default()), None);

        let said =
            |text: &str| Invoice { cash_discounts: vec![discount.clone()], ..invoice(Some(text)) };
        assert!(are_in_terms(&said("#SKONTO#TAGE=14#PROZENT=2.00#BASISBETRAG=1190.00#")));
        assert!(!are_in_terms(&said("#SKONTO#TAGE=14#PROZENT=2.00#")));
        assert!(!are_in_terms(&said("14 days 2 %")));
    }
}
