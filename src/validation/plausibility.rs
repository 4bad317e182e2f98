//! What may be lawful and is still odd: dates, accounts, ids, signs. All are warnings.

use std::collections::HashSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::models::finding::{Finding, Severity};
use crate::models::invoice::{Invoice, InvoiceKind, normalised};
use crate::validation::{finding, iban};

/// Days after which an invoice is old: a year, and a month for the post.
const AGE_DAYS_MAX: i64 = 400;

/// Dates (three), sign, number, accounts, references, ids of lines, base quantities.
pub(crate) const RULES: usize = 9;

/// Finds what is odd; `known` is what others found before, and without `today` no date is too
/// early or too late.
pub(crate) fn judge(
    invoice: &Invoice,
    known: &[Finding],
    today: Option<NaiveDate>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(due_date(invoice));
    found.extend(today.and_then(|today| issue_date(invoice, today)));
    // PEPPOL-EN16931-P0100 and its like say nothing of signs, so nobody said this before.
    found.extend(sign(invoice));
    found.extend(number(invoice));
    accounts(invoice, &mut found);
    references(invoice, &mut found);
    lines(invoice, &mut found);
    found.retain(|odd| known.iter().all(|known| known.code != odd.code));
    found
}

fn warning(code: &str, terms: &[&str], place: String, message: String) -> Finding {
    let mut found = finding(code, Severity::Warning, terms, message);
    found.place = Some(place);
    found
}

fn due_date(invoice: &Invoice) -> Option<Finding> {
    let (issued, due) = (invoice.issue_date?, invoice.due_date?);
    let message = format!("due on {due}, and issued on {issued}");
    let terms = ["BT-9", "BT-2"];
    (due < issued).then(|| {
        let mut odd = warning("DUE_BEFORE_ISSUE", &terms, "BT-9".to_owned(), message);
        odd.actual = Some(due.to_string());
        odd.expected = Some(format!("{issued} or later"));
        odd
    })
}

fn issue_date(invoice: &Invoice, today: NaiveDate) -> Option<Finding> {
    let issued = invoice.issue_date?;
    let age = today.signed_duration_since(issued).num_days();
    let (code, expected) = match age {
        ..0 => ("ISSUED_IN_FUTURE", format!("{today} or earlier")),
        0..=AGE_DAYS_MAX => return None,
        _ => ("ISSUED_LONG_AGO", format!("at most {AGE_DAYS_MAX} days before {today}")),
    };
    let message = format!("issued on {issued}, looked at on {today}");
    let mut odd = warning(code, &["BT-2"], "BT-2".to_owned(), message);
    odd.actual = Some(issued.to_string());
    odd.expected = Some(expected);
    Some(odd)
}

/// A number of another document was taken for the number of the invoice.
fn number(invoice: &Invoice) -> Option<Finding> {
    let number = normalised(invoice.number.as_deref()?);
    let others = [
        ("BT-13", "the order number", &invoice.order_reference),
        ("BT-10", "the buyer's reference", &invoice.buyer_reference),
    ];
    let same = others
        .into_iter()
        .find(|(_, _, other)| other.as_deref().is_some_and(|other| normalised(other) == number));
    let (term, what, _) = same?;
    let message = format!("the number of the invoice is {what} too ({term})");
    let mut odd = warning("NUMBER_IS_REFERENCE", &["BT-1", term], "BT-1".to_owned(), message);
    odd.actual.clone_from(&invoice.number);
    odd.expected = Some("a number that the supplier gave".to_owned());
    Some(odd)
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

/// Creditor references of ISO 11649.
fn references(invoice: &Invoice, found: &mut Vec<Finding>) {
    for (index, payment) in invoice.payments.iter().enumerate() {
        let Some(reference) = payment.remittance.as_deref() else {
            continue;
        };
        if let Some(fault) = iban::reference_fault(reference) {
            let message = format!("the payment reference looks like one of ISO 11649 and {fault}");
            let place = format!("BG-16[{}]/BT-83", index + 1);
            let mut wrong = warning("PAYMENT_REFERENCE_WRONG", &["BT-83"], place, message);
            wrong.actual = Some(reference.to_owned());
            wrong.remedy = Some("ask the supplier what to quote with the payment".to_owned());
            found.push(wrong);
        }
    }
}

fn accounts(invoice: &Invoice, found: &mut Vec<Finding>) {
    for (index, account) in invoice.accounts().enumerate() {
        if let Some(fault) = iban::fault(account) {
            let message = format!("the account looks like an IBAN and {fault}");
            let place = format!("BG-17[{}]/BT-84", index + 1);
            let mut wrong = warning("IBAN_WRONG", &["BT-84"], place, message);
            wrong.actual = Some(account.to_owned());
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
    use crate::models::finding::Severity;
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

    fn codes(invoice: &Invoice, today: Option<NaiveDate>) -> Vec<String> {
        let found = judge(invoice, &[], today);
        assert!(found.iter().all(|found| found.severity == Severity::Warning));
        assert!(found.iter().all(|found| found.place.is_some()));
        found.into_iter().map(|found| found.code).collect()
    }

    #[test]
    fn a_sound_invoice_has_no_findings() {
        assert_eq!(codes(&sound(), None), [""; 0]);
        assert_eq!(codes(&Invoice::default(), None), [""; 0]);
    }

    #[test]
    fn each_oddity_is_found() {
        let line = |id: &str, base: Option<Decimal>| InvoiceLine {
            id: id.to_owned(),
            price_base_quantity: base,
            ..InvoiceLine::default()
        };
        type Spoil = fn(&mut Invoice);
        let cases: [(&str, Spoil); 6] = [
            ("DUE_BEFORE_ISSUE", |i| i.due_date = NaiveDate::from_ymd_opt(2026, 11, 23)),
            ("PAYABLE_NEGATIVE", |i| i.totals.payable = Some(Decimal::NEGATIVE_ONE)),
            ("PAYABLE_NEGATIVE", |i| {
                i.kind = InvoiceKind::CreditNote;
                i.totals.payable = Some(Decimal::NEGATIVE_ONE);
            }),
            ("IBAN_WRONG", |i| i.payments.push(paid_to("DE02120300000000202052"))),
            ("PAYMENT_REFERENCE_WRONG", |i| {
                i.payments[0].remittance = Some("RF19 5390 0754 7034".to_owned());
            }),
            ("NUMBER_IS_REFERENCE", |i| {
                i.number = Some("4500 0815".to_owned());
                i.order_reference = Some("45000815".to_owned());
            }),
        ];
        for (code, spoil) in cases {
            let mut invoice = sound();
            spoil(&mut invoice);
            assert_eq!(codes(&invoice, None), [code]);
        }
        let mut invoice = sound();
        invoice.lines = vec![line("1", None), line("1", None), line("2", Some(Decimal::ZERO))];
        let expected = ["LINE_ID_REPEATED", "PRICE_BASE_NOT_POSITIVE"];
        assert_eq!(codes(&invoice, None), expected);
    }

    #[test]
    fn an_invoice_is_neither_of_tomorrow_nor_of_the_year_before_last() {
        for (day, code) in [
            ((2026, 11, 23), Some("ISSUED_IN_FUTURE")),
            ((2026, 11, 24), None),
            ((2027, 12, 29), None),
            ((2027, 12, 30), Some("ISSUED_LONG_AGO")),
        ] {
            let today = NaiveDate::from_ymd_opt(day.0, day.1, day.2);
            let found = codes(&sound(), today);
            assert_eq!(found, code.into_iter().collect::<Vec<_>>(), "{day:?}");
        }
    }
}
