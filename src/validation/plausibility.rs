//! What may be lawful and is still odd: dates, accounts, ids, signs. All are warnings.

use std::collections::HashSet;

use rust_decimal::Decimal;

use crate::models::finding::{Finding, Severity};
use crate::models::invoice::{Invoice, InvoiceKind};
use crate::models::money::Currency;
use crate::validation::{finding, iban};

/// Finds what is odd; `known` is what others found before.
pub(crate) fn judge(invoice: &Invoice, known: &[Finding]) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(currency(invoice, known));
    found.extend(due_date(invoice));
    found.extend(sign(invoice));
    accounts(invoice, &mut found);
    lines(invoice, &mut found);
    found
}

fn warning(code: &str, terms: &[&str], place: String, message: String) -> Finding {
    let mut found = finding(code, Severity::Warning, terms, message);
    found.place = Some(place);
    found
}

fn currency(invoice: &Invoice, known: &[Finding]) -> Option<Finding> {
    let error = Currency::parse(invoice.currency.as_deref()?).err()?;
    // The official list of codes said it.
    if known.iter().any(|known| known.code == "BR-CL-04") {
        return None;
    }
    let place = "BT-5".to_owned();
    Some(warning("CURRENCY_UNKNOWN", &["BT-5"], place, error.to_string()))
}

fn due_date(invoice: &Invoice) -> Option<Finding> {
    let (issued, due) = (invoice.issue_date?, invoice.due_date?);
    let message = format!("due on {due}, and issued on {issued}");
    let terms = ["BT-9", "BT-2"];
    (due < issued).then(|| warning("DUE_BEFORE_ISSUE", &terms, "BT-9".to_owned(), message))
}

/// Credit notes have positive amounts and the opposite effect.
fn sign(invoice: &Invoice) -> Option<Finding> {
    let payable = invoice.totals.payable?;
    if payable >= Decimal::ZERO {
        return None;
    }
    let message = match invoice.kind {
        InvoiceKind::Invoice => "the invoice asks for less than nothing: is it a credit note?",
        InvoiceKind::CreditNote => "the credit note gives less than nothing: is it an invoice?",
    };
    let place = "BG-22/BT-115".to_owned();
    let terms = ["BT-115", "BT-3"];
    let mut found = warning("PAYABLE_NEGATIVE", &terms, place, message.to_owned());
    found.actual = Some(payable.to_string());
    Some(found)
}

fn accounts(invoice: &Invoice, found: &mut Vec<Finding>) {
    for (index, account) in invoice.accounts().enumerate() {
        if let Some(fault) = iban::fault(account) {
            let message = format!("the account looks like an IBAN and {fault}");
            let place = format!("BG-17[{}]/BT-84", index + 1);
            let mut wrong = warning("IBAN_WRONG", &["BT-84"], place, message);
            let remedy = "compare it with the supplier's known account; do not pay before";
            wrong.remedy = Some(remedy.to_owned());
            found.push(wrong);
        }
    }
}

/// Lines are told apart by their ids, and prices are for a positive quantity.
fn lines(invoice: &Invoice, found: &mut Vec<Finding>) {
    let mut ids = HashSet::new();
    for (index, line) in invoice.lines.iter().enumerate() {
        let place = |term: &str| format!("BG-25[{}]/{term}", index + 1);
        if !line.id.is_empty() && !ids.insert(line.id.as_str()) {
            let message = format!("line id {:?} is used twice", line.id);
            found.push(warning("LINE_ID_REPEATED", &["BT-126"], place("BT-126"), message));
        }
        if let Some(base) = line.price_base_quantity.filter(|base| *base <= Decimal::ZERO) {
            let message = format!("line {}: a price for {base} units says nothing", line.id);
            let place = place("BT-149");
            found.push(warning("PRICE_BASE_NOT_POSITIVE", &["BT-149"], place, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::models::finding::{Finding, Severity};
    use crate::models::invoice::{Account, Invoice, InvoiceKind, InvoiceLine, Payment};
    use chrono::NaiveDate;
    use rust_decimal::Decimal;

    fn sound() -> Invoice {
        Invoice {
            currency: Some("EUR".to_owned()),
            issue_date: NaiveDate::from_ymd_opt(2026, 11, 24),
            due_date: NaiveDate::from_ymd_opt(2026, 11, 24),
            payments: vec![paid_to("DE02120300000000202051"), paid_to("4711")],
            ..Invoice::default()
        }
    }

    fn paid_to(account: &str) -> Payment {
        let account = Account { id: Some(account.to_owned()), ..Account::default() };
        Payment { accounts: vec![account], ..Payment::default() }
    }

    fn codes(invoice: &Invoice, known: &[Finding]) -> Vec<String> {
        let found = judge(invoice, known);
        assert!(found.iter().all(|found| found.severity == Severity::Warning));
        assert!(found.iter().all(|found| found.place.is_some()));
        found.into_iter().map(|found| found.code).collect()
    }

    #[test]
    fn a_sound_invoice_has_no_findings() {
        assert_eq!(codes(&sound(), &[]), [""; 0]);
        assert_eq!(codes(&Invoice::default(), &[]), [""; 0]);
    }

    #[test]
    fn each_oddity_is_found() {
        let line = |id: &str, base: Option<Decimal>| InvoiceLine {
            id: id.to_owned(),
            price_base_quantity: base,
            ..InvoiceLine::default()
        };
        type Spoil = fn(&mut Invoice);
        let cases: [(&str, Spoil); 5] = [
            ("CURRENCY_UNKNOWN", |i| i.currency = Some("EURO".to_owned())),
            ("DUE_BEFORE_ISSUE", |i| i.due_date = NaiveDate::from_ymd_opt(2026, 11, 23)),
            ("PAYABLE_NEGATIVE", |i| i.totals.payable = Some(Decimal::NEGATIVE_ONE)),
            ("PAYABLE_NEGATIVE", |i| {
                i.kind = InvoiceKind::CreditNote;
                i.totals.payable = Some(Decimal::NEGATIVE_ONE);
            }),
            ("IBAN_WRONG", |i| i.payments.push(paid_to("DE02120300000000202052"))),
        ];
        for (code, spoil) in cases {
            let mut invoice = sound();
            spoil(&mut invoice);
            assert_eq!(codes(&invoice, &[]), [code]);
        }
        let mut invoice = sound();
        invoice.lines = vec![line("1", None), line("1", None), line("2", Some(Decimal::ZERO))];
        let expected = ["LINE_ID_REPEATED", "PRICE_BASE_NOT_POSITIVE"];
        assert_eq!(codes(&invoice, &[]), expected);
    }

    #[test]
    fn a_currency_that_the_rules_refused_is_not_said_twice() {
        let mut invoice = sound();
        invoice.currency = Some("EURO".to_owned());
        let mut known = judge(&invoice, &[]);
        known[0].code = "BR-CL-04".to_owned();
        assert_eq!(codes(&invoice, &known), [""; 0]);
    }
}
