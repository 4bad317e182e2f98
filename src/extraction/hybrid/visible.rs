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
use crate::models::iban;
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
    findings.extend(account(invoice, &seen, read));
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

/// Accounts. Each that the XML names may be on the page; where none is, an account of another
/// that passes its check digits contradicts.
fn account(invoice: &Invoice, seen: &Seen, read: &[Evidence]) -> Option<Finding> {
    let first = invoice.accounts().next()?;
    if invoice.accounts().any(|account| seen.shows_number(account)) {
        return None;
    }
    let others = || seen.accounts().min();
    match others().filter(|_| iban::is_registered(&bare(first))) {
        Some(other) => Some(mismatch("BT-84", other, first, None)),
        None => Some(told("BT-84", first, read)),
    }
}

/// Whether two canonical values are one: `571.0` and `571.00`, `DE 12` and `DE12`.
fn same(one: &str, other: &str) -> bool {
    let numbers = (one.parse::<Decimal>(), other.parse::<Decimal>());
    matches!(numbers, (Ok(one), Ok(other)) if one.abs() == other.abs()) || bare(one) == bare(other)
}

fn mismatch(term: &str, on_page: &str, inside: &str, page: Option<u32>) -> Finding {
    let message = format!(
        "the page says {on_page:?} and the invoice inside {inside:?}: as in a document that was \
         tampered with"
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
    let message = format!("the invoice inside says {inside:?}, which no page shows");
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
    use crate::models::finding::Severity;
    use crate::models::invoice::{Account, Invoice, Payment, Totals};

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
    fn a_value_that_no_page_shows_is_a_warning() {
        let invoice = invoice("RE-1001", "2026-11-30", "9999.00", "12345678");
        let findings = visible(&invoice, &page("nothing of it"), &[]);
        assert_eq!(findings.len(), 5);
        assert!(findings.iter().all(|finding| finding.severity == Severity::Warning));
        assert_eq!(visible(&invoice, &[], &[])[0].code, "VISUAL_UNREAD");
    }
}
