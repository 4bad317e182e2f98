//! CII payment means and terms: BG-16 to BG-19, BT-9, BT-20, and discounts for early payment.

use crate::extraction::writer::cii::day;
use crate::extraction::writer::discounts;
use crate::extraction::writer::markup::Markup;
use crate::extraction::writer::payments::of_one_account;
use crate::models::invoice::{Account, CashDiscount, DirectDebit, Invoice, Payment};

/// Every `SpecifiedTradeSettlementPaymentMeans`.
pub(crate) fn means(x: &mut Markup, invoice: &Invoice) {
    for payment in of_one_account(invoice) {
        x.kept_group("ram:SpecifiedTradeSettlementPaymentMeans", |x| one(x, &payment));
    }
}

fn one(x: &mut Markup, payment: &Payment) {
    x.leaf("ram:TypeCode", payment.means_code.as_ref());
    x.leaf("ram:Information", payment.means_text.as_ref());
    if let Some(card) = &payment.card {
        x.kept_group("ram:ApplicableTradeSettlementFinancialCard", |x| {
            x.leaf("ram:ID", card.number.as_ref());
            x.leaf("ram:CardholderName", card.holder.as_ref());
        });
    }
    let debited = payment.direct_debit.as_ref().and_then(|debit| debit.account.as_ref());
    x.group("ram:PayerPartyDebtorFinancialAccount", |x| {
        // The schema has no other number for an account that is charged.
        x.leaf("ram:IBANID", debited);
    });
    for of in &payment.accounts {
        x.group("ram:PayeePartyCreditorFinancialAccount", |x| account(x, of));
        x.group("ram:PayeeSpecifiedCreditorFinancialInstitution", |x| {
            x.leaf("ram:BICID", of.bic.as_ref());
        });
    }
}

fn account(x: &mut Markup, account: &Account) {
    let (iban, other) = if account.id.as_deref().is_some_and(is_like_iban) {
        (account.id.as_ref(), None)
    } else {
        (None, account.id.as_ref())
    };
    x.leaf("ram:IBANID", iban);
    x.leaf("ram:AccountName", account.name.as_ref());
    x.leaf("ram:ProprietaryID", other);
}

/// Two letters, two digits, and 11 to 30 letters and digits more. A wrong IBAN is one all the
/// same: what checks it has to see it as such.
fn is_like_iban(id: &str) -> bool {
    let id: Vec<u8> = id.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    (15..=34).contains(&id.len())
        && id[..2].iter().all(u8::is_ascii_alphabetic)
        && id[2..4].iter().all(u8::is_ascii_digit)
        && id[4..].iter().all(u8::is_ascii_alphanumeric)
}

/// The first direct debit: its creditor (BT-90) and mandate (BT-89) stand once in CII, outside of
/// the payment means.
pub(crate) fn direct_debit(invoice: &Invoice) -> Option<&DirectDebit> {
    invoice.payments.iter().find_map(|payment| payment.direct_debit.as_ref())
}

/// Every `SpecifiedTradePaymentTerms`: one that EN 16931 has, and one for each discount.
pub(crate) fn terms(x: &mut Markup, invoice: &Invoice) {
    let mandate = direct_debit(invoice).and_then(|debit| debit.mandate.as_ref());
    x.group("ram:SpecifiedTradePaymentTerms", |x| {
        x.leaf("ram:Description", discounts::terms(invoice));
        day(x, "ram:DueDateDateTime", "udt:DateTimeString", invoice.due_date);
        x.leaf("ram:DirectDebitMandateID", mandate);
    });
    // XRechnung has them in the text, and one group of terms.
    if discounts::are_in_terms(invoice) {
        return;
    }
    for of in &invoice.cash_discounts {
        x.group("ram:SpecifiedTradePaymentTerms", |x| {
            x.group("ram:ApplicableTradePaymentDiscountTerms", |x| discount(x, of));
        });
    }
}

fn discount(x: &mut Markup, discount: &CashDiscount) {
    // Days are counted from a day that is written: the last day has none behind it.
    let days = discount.days.filter(|_| discount.until.is_none());
    day(x, "ram:BasisDateTime", "udt:DateTimeString", discount.until);
    x.leaf_with("ram:BasisPeriodMeasure", &[("unitCode", Some("DAY"))], days);
    x.leaf("ram:BasisAmount", discount.base);
    x.leaf("ram:CalculationPercent", discount.percent);
    x.leaf("ram:ActualDiscountAmount", discount.amount);
}

#[cfg(test)]
mod tests {
    use super::is_like_iban;

    #[test]
    fn an_iban_is_told_from_another_number_by_its_shape() {
        for iban in ["DE89370400440532013000", "NO93 8601 1117 947", "de00370400440532013000"] {
            assert!(is_like_iban(iban), "{iban}");
        }
        for other in [
            "",
            "NO9386011117",
            "12345678901234567",
            "DEXX370400440532013000",
            "DE89é70400440532013",
        ] {
            assert!(!is_like_iban(other), "{other}");
        }
    }
}
