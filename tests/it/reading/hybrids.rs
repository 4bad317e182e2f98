use ap_gateway::extraction::hybrid::{choose, profile_differs, suspicions, unread, visible};
use ap_gateway::extraction::page::Page;
use ap_gateway::models::finding::Severity;
use ap_gateway::models::invoice::{Account, Invoice, Payment, Totals};
use chrono::NaiveDate;
use serde_json::Value;

use crate::reading::runner;
use crate::suites::hybrids::{corpus, hash};

/// What the recorded fields say, as far as pages are compared with it.
fn invoice(truth: &Value) -> Invoice {
    let field = |term: &str| truth["fields"][term].as_str().map(str::to_owned);
    let amount = |term: &str| field(term).map(|text| text.parse().expect("an amount"));
    let day = |text: String| NaiveDate::parse_from_str(&text, "%Y%m%d").expect("a day");
    let account = field("BT-84").map(|id| Account { id: Some(id), ..Account::default() });
    Invoice {
        number: field("BT-1"),
        issue_date: field("BT-2").map(day),
        specification: field("BT-24"),
        totals: Totals { gross: amount("BT-112"), payable: amount("BT-115"), ..Totals::default() },
        payments: vec![Payment { accounts: account.into_iter().collect(), ..Payment::default() }],
        ..Invoice::default()
    }
}

/// Genuine documents whose pages do not show what the invoice inside says, and that is so: their
/// makers changed the one and not the other.
const NOT_SHOWN: [(&str, &str); 10] = [
    ("BeispielRE-20140703_502.pdf", "PDF_PROFILE_DIFFERS"), // metadata BASIC, XML COMFORT
    ("BeispielRE-20150613_503.pdf", "BT-112"),              // the page says 406,82 €
    ("BeispielRE-20150613_503.pdf", "BT-115"),
    ("BeispielRE-20151008_504.pdf", "BT-2"), // the page says 2015, the XML 2014
    ("BeispielRE-20151008_504new.pdf", "BT-2"),
    ("fail1.pdf", "BT-2"),
    ("fail2.pdf", "BT-2"),
    ("BeispielRE-20201121_508_withBOM.pdf", "BT-1"), // the page says RE-20190610/507
    ("BeispielRE-20201121_508_withBOM.pdf", "BT-2"),
    ("BASIC-WL_Einfach.pdf", "BT-84"), // the page says DE20…, the XML FR20…
];

#[tokio::test(flavor = "multi_thread")]
async fn genuine_hybrids_raise_no_alarm_and_what_they_do_not_show_is_listed() {
    let runner = runner();
    let mut told = Vec::new();
    let mut stopped = 0;
    for (path, bytes, truth) in corpus() {
        let content = runner.pdf(&bytes).await.expect("readable");
        assert_eq!(unread(&content), None, "{path}");
        assert_eq!(suspicions(&content.attachments), [], "{path}");
        let choice = choose(&content);
        let codes: Vec<_> = choice.findings.iter().map(|finding| &*finding.code).collect();
        if truth["syntax"] == "zugferd-draft" {
            assert_eq!(
                (choice.invoice, &codes[..]),
                (None, &["PAYLOAD_UNSUPPORTED"][..]),
                "{path}"
            );
            continue;
        }
        // One file holds an invoice of either version, and they differ.
        let several = path.ends_with("506_ZUGFeRD1and2.pdf");
        assert_eq!(codes == ["MULTIPLE_PAYLOADS"], several, "{path}: {codes:?}");
        let chosen = choice.invoice.unwrap_or_else(|| panic!("{path}: no invoice"));
        if !several {
            assert_eq!(Some(&*hash(&chosen.bytes)), truth["xml_sha256"].as_str(), "{path}");
        }
        let invoice = invoice(&truth);
        let pages = content.pages.expect("pages");
        stopped += usize::from(stops_another_account(&invoice, &pages));
        for finding in visible(&invoice, &pages, &[]) {
            assert_ne!(finding.severity, Severity::Fatal, "{path}: {finding:?}");
            told.push((path.clone(), finding.terms.concat()));
        }
        if let Some(finding) = profile_differs(content.structure.profile.as_ref(), &invoice) {
            told.push((path.clone(), finding.code));
        }
    }
    let expected = |(path, term): &(String, String)| {
        NOT_SHOWN.iter().any(|(name, known)| path.ends_with(name) && known == term)
    };
    let unexpected: Vec<_> = told.iter().filter(|found| !expected(found)).collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    assert_eq!(told.len(), NOT_SHOWN.len(), "{told:#?}");
    assert!(stopped >= 20, "only {stopped} documents show an account that another contradicts");
}

/// Whether the fraud that pays best is seen: the same page, and another account in the XML.
fn stops_another_account(invoice: &Invoice, pages: &[Page]) -> bool {
    let mut forged = invoice.clone();
    let other = Some("DE02120300000000202051".to_owned());
    forged.payments[0].accounts = vec![Account { id: other, ..Account::default() }];
    let findings = visible(&forged, pages, &[]);
    findings.iter().any(|finding| finding.code == "VISUAL_MISMATCH" && finding.terms == ["BT-84"])
}
