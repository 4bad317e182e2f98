//! UBL `PaymentMeans` and `PaymentTerms`: BG-16 to BG-19, BT-9 of a credit note, BT-20.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::extraction::writer::markup::Markup;
use crate::extraction::writer::payments::of_one_account;
use crate::extraction::writer::ubl::{NOT_AVAILABLE, Whole};
use crate::models::invoice::{CashDiscount, Invoice, Payment};

/// UNTDID 4461: the instrument is not defined. It stands where UBL asks for a way to pay only to
/// have the due date of a credit note in it.
const NOT_DEFINED: &str = "1";

/// How a line of BT-20 begins that has a discount in it (XRechnung, BR-DE-18).
const DISCOUNT: &str = "#SKONTO#";

/// All ways to pay, and the terms.
pub(crate) fn write(x: &mut Markup, whole: Whole<'_>) {
    let Whole { invoice, credit_note, .. } = whole;
    let mut due_date = invoice.due_date.filter(|_| credit_note);
    let mut payments = of_one_account(invoice);
    if payments.is_empty() && due_date.is_some() {
        let means_code = Some(NOT_DEFINED.to_owned());
        payments.push(Payment { means_code, ..Payment::default() });
    }
    for payment in &payments {
        x.kept_group("cac:PaymentMeans", |x| means(x, payment, due_date.take()));
    }
    x.group("cac:PaymentTerms", |x| x.leaf("cbc:Note", terms_text(invoice)));
}

fn means(x: &mut Markup, payment: &Payment, due_date: Option<NaiveDate>) {
    let text = payment.means_text.as_deref();
    let code = payment.means_code.as_ref();
    x.leaf_with("cbc:PaymentMeansCode", &[("name", text)], code);
    x.leaf("cbc:PaymentDueDate", due_date);
    x.leaf("cbc:PaymentID", payment.remittance.as_ref());
    if let Some(card) = &payment.card {
        x.kept_group("cac:CardAccount", |x| {
            x.leaf("cbc:PrimaryAccountNumberID", card.number.as_ref());
            x.leaf("cbc:NetworkID", Some(NOT_AVAILABLE));
            x.leaf("cbc:HolderName", card.holder.as_ref());
        });
    }
    for account in &payment.accounts {
        x.kept_group("cac:PayeeFinancialAccount", |x| {
            x.leaf("cbc:ID", account.id.as_ref());
            x.leaf("cbc:Name", account.name.as_ref());
            x.group("cac:FinancialInstitutionBranch", |x| x.leaf("cbc:ID", account.bic.as_ref()));
        });
    }
    if let Some(debit) = &payment.direct_debit {
        x.kept_group("cac:PaymentMandate", |x| {
            x.leaf("cbc:ID", debit.mandate.as_ref());
            let account = debit.account.as_ref();
            x.group("cac:PayerFinancialAccount", |x| x.leaf("cbc:ID", account));
        });
    }
}

/// BT-20, with a line for each discount behind it where it has none yet. The last such line ends
/// with a line break: BR-DE-18 asks for it.
pub(crate) fn terms_text(invoice: &Invoice) -> Option<String> {
    let mut text = invoice.payment_terms.clone().unwrap_or_default();
    if !text.contains(DISCOUNT) {
        let lines = invoice.cash_discounts.iter().filter_map(|of| discount_text(of, invoice));
        for line in lines {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&line);
        }
    }
    if text.lines().last().is_some_and(|line| line.starts_with(DISCOUNT)) {
        text.push('\n');
    }
    (!text.is_empty()).then_some(text)
}

/// Whether a discount is in the written BT-20.
pub(crate) fn has_discount_text(discount: &CashDiscount, invoice: &Invoice) -> bool {
    let text = terms_text(invoice).unwrap_or_default();
    discount_text(discount, invoice).is_some_and(|line| text.contains(&line))
}

/// A discount as XRechnung words it; nothing, where its days or its percentage are not known.
fn discount_text(discount: &CashDiscount, invoice: &Invoice) -> Option<String> {
    let from_issue = |until: NaiveDate| (until - invoice.issue_date?).num_days().try_into().ok();
    let days: u32 = discount.days.or_else(|| discount.until.and_then(from_issue))?;
    let percent = with_cents(discount.percent?)?;
    let base =
        discount.base.map(|base| with_cents(base).map(|base| format!("#BASISBETRAG={base}")));
    let base = base.unwrap_or_else(|| Some(String::new()))?;
    Some(format!("{DISCOUNT}TAGE={days}#PROZENT={percent}{base}#"))
}

/// With exactly two decimals, where that changes nothing.
fn with_cents(value: Decimal) -> Option<String> {
    let mut cents = value;
    cents.rescale(2);
    (cents == value).then(|| cents.to_string())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rust_decimal::Decimal;

    use super::terms_text;
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
        assert_eq!(terms_text(&invoice(None)).as_deref(), Some(lines));
        let behind = format!("30 days\n{lines}");
        assert_eq!(terms_text(&invoice(Some("30 days"))), Some(behind));
        let own = "#SKONTO#TAGE=3#PROZENT=1.00#";
        assert_eq!(terms_text(&invoice(Some(own))), Some(format!("{own}\n")));
        assert_eq!(terms_text(&Invoice::default()), None);
    }
}
