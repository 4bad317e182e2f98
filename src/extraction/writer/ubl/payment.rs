//! UBL `PaymentMeans` and `PaymentTerms`: BG-16 to BG-19, BT-9 of a credit note, BT-20.

use chrono::NaiveDate;

use crate::extraction::writer::discounts::terms_with_lines;
use crate::extraction::writer::markup::Markup;
use crate::extraction::writer::payments::of_one_account;
use crate::extraction::writer::ubl::{NOT_AVAILABLE, Whole};
use crate::models::invoice::Payment;

/// UNTDID 4461: the instrument is not defined. It stands where UBL asks for a way to pay only to
/// have the due date of a credit note in it.
const NOT_DEFINED: &str = "1";

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
    x.group("cac:PaymentTerms", |x| x.leaf("cbc:Note", terms_with_lines(invoice)));
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
