//! Whether the pages say what the invoice inside says. A hybrid that was tampered with pays
//! another amount, or to another account, than the person sees who approves it.
//!
//! A value of the XML that stands on the page in any usual spelling is confirmed. One that does
//! not is a contradiction only where the page surely says another: as read with its label, or, for
//! accounts, by check digits. Else the page may simply not show it, which is a warning.

use rust_decimal::Decimal;

use crate::extraction::content::PdfContent;
use crate::extraction::hybrid::finding;
use crate::extraction::hybrid::seen::{Seen, bare};
use crate::extraction::page::Page;
use crate::models::evidence::{Confidence, Evidence};
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::Invoice;

/// Code of a contradiction between page and XML.
const MISMATCH: &str = "VISUAL_MISMATCH";

/// Compares the invoice inside with the pages, by BT-1, 2, 84, 112 and 115 (handbook §7). `read`
/// is what the text reader found on the same pages; it may be empty.
pub fn visible(invoice: &Invoice, pages: &[Page], read: &[Evidence]) -> Vec<Finding> {
    let Some(seen) = Seen::on(pages) else {
        let message = "the pages have no text that could be compared with the invoice inside";
        let mut finding = finding("VISUAL_UNREAD", Severity::Warning, &[], message.to_owned());
        finding.remedy = Some("compare them by eye".to_owned());
        return vec![finding];
    };
    let totals = &invoice.totals;
    let amount = |term, value: Option<Decimal>| {
        value.map(|value| (term, value.to_string(), seen.shows_amount(value)))
    };
    let number = invoice.number.as_deref();
    let compared = [
        number.map(|number| ("BT-1", number.to_owned(), seen.shows_number(number))),
        invoice.issue_date.map(|day| ("BT-2", day.to_string(), seen.shows_day(day))),
        amount("BT-112", totals.gross),
        amount("BT-115", totals.payable),
    ];
    let compared = compared.into_iter().flatten();
    let mut findings: Vec<Finding> = compared
        .filter_map(|(term, value, shown)| match shown {
            true => outvoted(term, &value, read),
            false => Some(told(term, &value, read)),
        })
        .collect();
    findings.extend(accounts(invoice, &seen, read));
    findings
}

/// The invoice inside could be read, and the pages could not: a person has to compare.
pub fn unread(content: &PdfContent) -> Option<Finding> {
    let refusal = content.pages.as_ref().err()?;
    let message = format!("the pages could not be compared with the invoice inside: {refusal}");
    let mut finding = finding("VISUAL_UNREAD", Severity::Fatal, &[], message);
    finding.remedy = Some("compare them by eye, or ask the supplier for another copy".to_owned());
    Some(finding)
}

/// A value that stands somewhere on the pages, while their sums prove another for its term.
fn outvoted(term: &str, value: &str, read: &[Evidence]) -> Option<Finding> {
    let proved = |evidence: &&Evidence| {
        evidence.field == term && evidence.confidence >= Confidence::CONSISTENT
    };
    let other = read.iter().find(proved).filter(|evidence| !same(&evidence.value, value))?;
    Some(mismatch(term, &other.value, value, other.page))
}

/// A value that no page shows: a contradiction where another was surely read for the same term.
fn told(term: &str, value: &str, read: &[Evidence]) -> Finding {
    let other = read.iter().find(|evidence| {
        evidence.field == term
            && evidence.confidence >= Confidence::LABELLED
            && !same(&evidence.value, value)
    });
    match other {
        Some(other) => mismatch(term, &other.value, value, other.page),
        None => not_shown(term, value),
    }
}

/// Accounts. One that the XML names and no page shows is a contradiction where the page shows an
/// account of another: by its check digits, or by its label, for a forger may get them wrong.
fn accounts(invoice: &Invoice, seen: &Seen, read: &[Evidence]) -> Vec<Finding> {
    let paid_to = invoice.accounts().map(|account| ("BT-84", account));
    let debits = invoice.payments.iter().filter_map(|payment| payment.direct_debit.as_ref());
    let debited = debits.filter_map(|debit| debit.account.as_deref());
    let all: Vec<(&str, &str)> = paid_to.chain(debited.map(|account| ("BT-91", account))).collect();
    let is_ours = |other: &str| all.iter().any(|(_, account)| same(account, other));
    let labelled = read.iter().find(|evidence| is_labelled_account(evidence, is_ours));
    let other = seen.accounts().filter(|other| !is_ours(other)).min().map(|other| (other, None));
    let other = other.or_else(|| labelled.map(|found| (&*found.value, found.page)));
    let shows_paid = invoice.accounts().any(|account| seen.shows_number(account));
    let hidden = all.iter().filter(|(_, account)| !seen.shows_number(account));
    let told = hidden.filter_map(|(term, account)| match (*term, other) {
        // Who is paid is beyond doubt when a page says so; further accounts are named.
        ("BT-84", _) if shows_paid => Some(not_shown(term, account)),
        ("BT-84", Some((other, page))) if is_account_like(account) => {
            Some(mismatch(term, other, account, page))
        }
        ("BT-84", _) => Some(told(term, account, read)),
        // A page often leaves the account of the buyer out, and has that of the seller.
        (_, Some(_)) if !shows_paid => Some(not_shown(term, account)),
        _ => None,
    });
    told.collect()
}

/// Whether a value was read behind the label of an account and is none of these; one with covered
/// digits says nothing.
fn is_labelled_account(evidence: &Evidence, is_ours: impl Fn(&str) -> bool) -> bool {
    let covered = evidence.value.bytes().skip(2).take(2).any(|digit| !digit.is_ascii_digit());
    evidence.field == "BT-84" && evidence.label.is_some() && !covered && !is_ours(&evidence.value)
}

/// Whether a text may be compared with an IBAN: two letters and two digits lead it.
fn is_account_like(account: &str) -> bool {
    let bare = bare(account);
    bare.chars().take(2).all(|letter| letter.is_ascii_alphabetic())
        && bare.chars().skip(2).take(2).all(|digit| digit.is_ascii_digit())
}

/// Whether two canonical values are one: `571.0` and `571.00`, `DE 12` and `DE12`.
fn same(one: &str, other: &str) -> bool {
    let numbers = (one.parse::<Decimal>(), other.parse::<Decimal>());
    matches!(numbers, (Ok(one), Ok(other)) if one.abs() == other.abs()) || bare(one) == bare(other)
}

/// The terms that are compared, as people call them.
fn in_words(term: &str) -> &str {
    match term {
        "BT-1" => "invoice number",
        "BT-2" => "invoice date",
        "BT-84" => "account to pay to",
        "BT-91" => "account to be debited",
        "BT-112" => "total with tax",
        "BT-115" => "amount due",
        term => term,
    }
}

fn mismatch(term: &str, on_page: &str, inside: &str, page: Option<u32>) -> Finding {
    let what = in_words(term);
    let message = format!(
        "as {what} ({term}) the page says {on_page:?} and the invoice inside {inside:?}: as in a \
         document that was tampered with"
    );
    let mut finding = finding(MISMATCH, Severity::Fatal, &[term], message);
    finding.place = page.map(|page| format!("page {page}"));
    finding.actual = Some(inside.to_owned());
    finding.expected = Some(on_page.to_owned());
    finding.remedy =
        Some("do not pay; ask the supplier, by a way that you know, which one counts".to_owned());
    finding
}

fn not_shown(term: &str, inside: &str) -> Finding {
    let what = in_words(term);
    let message =
        format!("as {what} ({term}) the invoice inside says {inside:?}, which no page shows");
    let mut finding = finding("VISUAL_NOT_SHOWN", Severity::Warning, &[term], message);
    finding.actual = Some(inside.to_owned());
    finding.remedy = Some("look whether the page says something else".to_owned());
    finding
}

#[cfg(test)]
mod tests {
    use super::visible;
    use crate::extraction::page::{Page, Word};
    use crate::models::evidence::{Bounds, Confidence, Evidence, Source};
    use crate::models::finding::{Finding, Severity};
    use crate::models::invoice::{Account, DirectDebit, Invoice, Payment, Totals};

    fn page(text: &str) -> Vec<Page> {
        let bounds = Bounds { left: 0.0, top: 0.0, width: 1.0, height: 1.0 };
        let text =
            format!("{text} and enough other words that nobody takes the page for a picture");
        let word =
            |text: &str| Word { text: text.to_owned(), bounds, font_size: 9.0, recognised: None };
        vec![Page { words: text.split_whitespace().map(word).collect(), ..Page::default() }]
    }

    fn invoice(number: &str, day: &str, payable: &str, account: &str) -> Invoice {
        let account = Account { id: Some(account.to_owned()), ..Account::default() };
        let amount = payable.parse().ok();
        Invoice {
            number: Some(number.to_owned()),
            issue_date: day.parse().ok(),
            totals: Totals { payable: amount, gross: amount, ..Totals::default() },
            payments: vec![Payment { accounts: vec![account], ..Payment::default() }],
            ..Invoice::default()
        }
    }

    fn read(field: &str, value: &str, confidence: Confidence) -> Evidence {
        Evidence {
            field: field.to_owned(),
            value: value.to_owned(),
            raw: None,
            source: Source::PdfText,
            place: None,
            page: Some(1),
            bounds: None,
            label: None,
            rule: None,
            confidence,
            alternatives: Vec::new(),
        }
    }

    const IBAN: &str = "DE89370400440532013000";

    #[test]
    fn any_usual_spelling_confirms() {
        let invoice = invoice("RE-2026/0815", "2026-11-30", "1234.50", IBAN);
        for text in [
            "RE-2026/0815 30.11.2026 1.234,50 DE89 3704 0044 0532 0130 00",
            "RE 2026 / 0815 November 30, 2026 $1,234.50 DE89370400440532013000",
            "Nr.:RE-2026/0815 vom:30.11.26 1 234,50 € IBAN:DE89370400440532013000",
            "re-2026/0815 30 novembre 2026 EUR1234,50 de89 3704 0044 0532 0130 00",
            "RE-2026/0815 2026-11-30 1'234.50- DE89-3704-0044-0532-0130-00",
        ] {
            assert_eq!(visible(&invoice, &page(text), &[]), [], "{text}");
        }
    }

    #[test]
    fn what_the_page_surely_says_otherwise_is_a_stop() {
        let invoice = invoice("RE-1001", "2026-11-30", "9999.00", IBAN);
        let pages = page("RE-1001 30.11.2026 1.190,00 DE02 1203 0000 0000 2020 51");
        let evidence = [
            read("BT-112", "1190.00", Confidence::CONSISTENT),
            read("BT-115", "1190.00", Confidence::PLACED),
        ];
        let findings = visible(&invoice, &pages, &evidence);
        let told: Vec<_> = findings
            .iter()
            .map(|finding| (&*finding.code, finding.severity, &*finding.terms[0]))
            .collect();
        assert_eq!(
            told,
            [
                ("VISUAL_MISMATCH", Severity::Fatal, "BT-112"),
                ("VISUAL_NOT_SHOWN", Severity::Warning, "BT-115"),
                ("VISUAL_MISMATCH", Severity::Fatal, "BT-84"),
            ]
        );
        assert_eq!(findings[2].expected.as_deref(), Some("DE02120300000000202051"));
    }

    #[test]
    fn an_account_with_wrong_check_digits_contradicts_by_its_label() {
        let text = "RE-1001 30.11.2026 9.999,00 IBAN: DE89 3704 0044 0532 0130 01";
        let labelled = |value: &str| Evidence {
            label: Some("IBAN".to_owned()),
            ..read("BT-84", value, Confidence::PLACED)
        };
        for (value, inside, expected) in [
            ("DE89370400440532013001", IBAN, Some(Severity::Fatal)),
            // The invoice inside may have the wrong digits too.
            ("DE89370400440532013001", "DE88370400440532013000", Some(Severity::Fatal)),
            ("DE89370400440532013001", "DE89370400440532013001", None),
            ("DEXXXXXXXXXXXXXXXXXX00", IBAN, Some(Severity::Warning)),
        ] {
            let invoice = invoice("RE-1001", "2026-11-30", "9999.00", inside);
            let findings = visible(&invoice, &page(text), &[labelled(value)]);
            let found = findings.first().map(|finding| finding.severity);
            assert_eq!(found, expected, "{value} {inside} {findings:?}");
            assert!(findings.len() < 2, "{findings:?}");
        }
    }

    #[test]
    fn every_account_to_pay_to_is_compared_and_that_of_a_debit_too() {
        let mut paid = invoice("RE-1001", "2026-11-30", "9999.00", IBAN);
        let second = Account { id: Some("DE02120300000000202051".into()), ..Account::default() };
        paid.payments[0].accounts.push(second);
        let text = "RE-1001 30.11.2026 9.999,00 DE89 3704 0044 0532 0130 00";
        let told = |invoice: &Invoice, text: &str| {
            let findings = visible(invoice, &page(text), &[]);
            let one = |finding: &Finding| (finding.severity, finding.terms.concat());
            findings.iter().map(one).collect::<Vec<_>>()
        };
        assert_eq!(told(&paid, text), [(Severity::Warning, "BT-84".to_owned())]);
        paid.payments[0].accounts.clear();
        let account = Some("DE02120300000000202051".to_owned());
        paid.payments[0].direct_debit = Some(DirectDebit { account, ..DirectDebit::default() });
        assert_eq!(told(&paid, text), [(Severity::Warning, "BT-91".to_owned())]);
        // A page without any account leaves nothing to compare a debit with.
        assert_eq!(told(&paid, "RE-1001 30.11.2026 9.999,00"), []);
    }

    #[test]
    fn a_value_that_no_page_shows_is_a_warning() {
        let invoice = invoice("RE-1001", "2026-11-30", "9999.00", "12345678");
        let findings = visible(&invoice, &page("nothing of it"), &[]);
        assert_eq!(findings.len(), 5);
        assert!(findings.iter().all(|finding| finding.severity == Severity::Warning));
        assert_eq!(visible(&invoice, &[], &[])[0].code, "VISUAL_UNREAD");
    }
}
