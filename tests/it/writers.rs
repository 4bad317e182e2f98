//! Invoices written out again: nothing is lost in silence, and what was valid stays valid.

/// Invoices in which every member has a value.
mod plausible;

use std::collections::BTreeMap;

use ap_gateway::extraction::tree_rules;
use ap_gateway::extraction::writer::{Format, Written, write, write_with};
use ap_gateway::extraction::{Reading, read_invoice};
use ap_gateway::models::finding::{Finding, Severity};
use ap_gateway::models::invoice::{Invoice, InvoiceKind};
use ap_gateway::validation::{Document, Subject, judge};
use en16931_formats::report::Kind;
use proptest::prelude::*;

use crate::suites::files;
use crate::writers::plausible::{CONTENT, Values, invoice, sha256, values};

fn write_as_read(reading: &Reading, to: Format) -> Written {
    let contents = |sha256: &str| {
        let attached = reading.attached.iter().find(|attached| attached.sha256 == sha256);
        attached.map(|attached| attached.bytes.clone())
    };
    write_with(&reading.invoice, to, &contents)
}

/// Rules that a document breaks, so that nobody may take it.
fn broken(reading: Reading) -> Vec<String> {
    let found = judge(Subject {
        read: reading.findings.clone(),
        broken: reading.broken.clone(),
        decided: tree_rules(reading.syntax),
        ..Subject::new(reading.syntax, &reading.invoice, Document::from(&reading.document))
    })
    .findings;
    let fatal = found.into_iter().filter(|found| found.severity == Severity::Fatal);
    fatal.map(|found| found.code).collect()
}

/// What the reader of the rules crate has to say of a document: elements out of place.
fn misplaced(xml: &str) -> Vec<String> {
    let read = en16931_formats::read(xml.as_bytes()).expect("readable");
    let entries = read.entries.iter().filter(|entry| entry.kind != Kind::Ambiguous);
    entries.map(|entry| format!("{:?} {} {:?}", entry.kind, entry.path, entry.value)).collect()
}

/// The folder of examples of each syntax.
const EXAMPLES: [(Format, &str); 2] =
    [(Format::Ubl, "suites/en16931/examples-ubl"), (Format::Cii, "suites/en16931/examples-cii")];

#[test]
fn examples_written_again_say_the_same_and_break_no_rule_more() {
    let mut wrong = Vec::new();
    for (to, folder) in EXAMPLES {
        for (name, bytes) in files(folder) {
            let first = read_invoice(&bytes).expect("readable");
            let written = write_as_read(&first, to);
            let second = read_invoice(written.xml.as_bytes()).expect("readable");
            let again = write_as_read(&second, to);
            assert!(again.xml == written.xml, "{name}");
            assert_eq!(second.attached, first.attached, "{name}");
            if !written.lost.is_empty() || second.invoice != first.invoice {
                wrong.push(format!("{name}: {:?}", summary(&written.lost)));
            }
            if !second.findings.is_empty() {
                wrong.push(format!("{name}: {:?}", second.findings));
            }
            wrong.extend(
                misplaced(&written.xml).into_iter().map(|entry| format!("{name}: {entry}")),
            );
            let (before, after) = (broken(first), broken(second));
            if before != after {
                wrong.push(format!("{name}: {after:?} instead of {before:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the other syntax cannot say of the examples, and which rules that breaks: few, and known.
#[test]
fn examples_go_through_the_other_syntax_with_losses_that_are_named() {
    let mut losses = BTreeMap::new();
    for (from, folder) in EXAMPLES {
        let to = if from == Format::Ubl { Format::Cii } else { Format::Ubl };
        for (name, bytes) in files(folder) {
            let first = read_invoice(&bytes).expect("readable");
            let there = write_as_read(&first, to);
            let second = read_invoice(there.xml.as_bytes()).expect("readable");
            let back = write_as_read(&second, from);
            let third = read_invoice(back.xml.as_bytes()).expect("readable");
            let mut said = summary(&there.lost);
            if said.is_empty() {
                assert_eq!(second.invoice.lines, first.invoice.lines, "{name}");
                assert_eq!(third.invoice.totals, first.invoice.totals, "{name}");
            }
            let misplaced = misplaced(&there.xml);
            said.extend(misplaced.into_iter().map(|entry| (entry, 1)));
            let before = broken(first);
            let new = broken(second).into_iter().filter(|rule| !before.contains(rule));
            said.extend(new.map(|rule| (format!("breaks {rule}"), 1)));
            if !said.is_empty() {
                losses.insert(format!("{name} as {}", to.as_str()), said);
            }
        }
    }
    insta::assert_json_snapshot!("losses_of_the_examples", losses);
}

/// Losses as `code field`, each with how often.
fn summary(lost: &[Finding]) -> BTreeMap<String, usize> {
    let mut summary = BTreeMap::new();
    for loss in lost {
        let field = loss.message.split(' ').next().expect("a field");
        *summary.entry(format!("{} {field}", loss.code)).or_default() += 1;
    }
    summary
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_ubl_has_a_place_for_comes_back(values in values(), credit: bool) {
        let mut meant = invoice(&mut Values::new(values), credit);
        meant.cash_discounts.clear();
        for line in &mut meant.lines {
            (line.unit_as_written, line.parent, line.status) = (None, None, None);
        }
        let contents = |hash: &str| (hash == sha256()).then(|| CONTENT.to_vec());
        let written = write_with(&meant, Format::Ubl, &contents);
        prop_assert_eq!(&written.lost, &[] as &[Finding], "{}", written.xml);
        let read = read_invoice(written.xml.as_bytes()).expect("readable");
        prop_assert_eq!(read.invoice, meant);
    }

    #[test]
    fn whatever_cii_has_a_place_for_comes_back(values in values(), credit: bool) {
        let mut meant = invoice(&mut Values::new(values), credit);
        meant.preceding_invoices.truncate(1);
        meant.cash_discounts[0].days = None;
        for line in &mut meant.lines {
            line.unit_as_written = None;
        }
        let remittance = meant.payments[0].remittance.clone();
        for payment in &mut meant.payments {
            payment.remittance.clone_from(&remittance);
        }
        let contents = |hash: &str| (hash == sha256()).then(|| CONTENT.to_vec());
        let written = write_with(&meant, Format::Cii, &contents);
        prop_assert_eq!(&written.lost, &[] as &[Finding], "{}", written.xml);
        let read = read_invoice(written.xml.as_bytes()).expect("readable");
        prop_assert_eq!(read.invoice, meant);
    }

    #[test]
    fn every_change_of_an_invoice_is_seen(values in values(), texts: [String; 3]) {
        let mut meant = invoice(&mut Values::new(values), false);
        let [number, terms, unit] = texts;
        meant.number = Some(number);
        meant.payment_terms = Some(terms);
        meant.lines[0].unit = Some(unit);
        for to in [Format::Ubl, Format::Cii] {
            let written = write(&meant, to);
            let read = read_invoice(written.xml.as_bytes()).expect("readable");
            let is_lost = |place: &str| written.lost.iter().any(|lost| lost.place.as_deref() == Some(place));
            let blank = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().is_empty();
            let same = |a: &Option<String>, b: &Option<String>| a == b || blank(a) && blank(b);
            prop_assert!(is_lost("/number") != same(&meant.number, &read.invoice.number));
            let line = &read.invoice.lines[0];
            prop_assert!(is_lost("/lines/0/unit") != same(&meant.lines[0].unit, &line.unit));
        }
    }
}

#[test]
fn cii_names_what_it_has_no_place_for() {
    let meant = invoice(&mut Values::fixed(), true);
    let written = write(&meant, Format::Cii);
    insta::assert_json_snapshot!("lost_in_cii", summary(&written.lost));
}

#[test]
fn ubl_names_what_it_has_no_place_for() {
    let mut meant = invoice(&mut Values::fixed(), false);
    // UBL has one creditor id, and the day of a credit note in a way to pay.
    let mut second = meant.payments[1].clone();
    second.direct_debit.as_mut().expect("a direct debit").creditor = Some("another".into());
    meant.payments.push(second);
    let written = write(&meant, Format::Ubl);
    let lost = summary(&written.lost);
    insta::assert_json_snapshot!("lost_in_ubl", lost);
    assert!(written.lost.iter().all(|lost| lost.place.is_some() && lost.expected.is_some()));

    let empty =
        Invoice { kind: InvoiceKind::CreditNote, due_date: meant.due_date, ..Invoice::default() };
    let added = summary(&write(&empty, Format::Ubl).lost);
    assert_eq!(added, BTreeMap::from([("TERM_ADDED BT-81".to_owned(), 1)]));
}

#[test]
fn a_small_invoice_reads_like_one_in_both_syntaxes() {
    let small = r##"{"number": "R <&> 1", "issue_date": "2026-11-30", "type_code": "380",
        "currency": "EUR", "due_date": "2026-12-30", "payment_terms": "30 days",
        "notes": [{"subject_code": "AAI", "text": "Thank \"you\""}],
        "specification": "urn:cen.eu:en16931:2017", "kind": "invoice",
        "seller": {"name": "Müller & Söhne", "vat_id": "DE123456789",
            "address": {"city": "Köln", "country": "DE"}},
        "buyer": {"name": "Buyer", "address": {"country": "AT"}},
        "payments": [{"means_code": "58", "accounts": [{"id": "DE89370400440532013000"}]}],
        "cash_discounts": [{"days": 14, "percent": "2"}],
        "totals": {"lines": "25.00", "net": "25.00", "tax": "4.75", "gross": "29.75",
            "payable": "29.75"},
        "tax": [{"base": "25.00", "tax": "4.75", "category": "S", "rate": "19"}],
        "lines": [{"id": "1", "quantity": "2.500", "unit": "KGM", "unit_as_written": "kg",
            "net": "25.00", "price": "10.0000", "tax_category": "S", "tax_rate": "19",
            "name": "Bolts"}]}"##;
    let small: Invoice = serde_json::from_str(small).expect("an invoice");
    for to in [Format::Ubl, Format::Cii] {
        let written = write(&small, to);
        insta::assert_snapshot!(format!("small_{}", to.as_str()), written.xml);
        insta::assert_json_snapshot!(format!("lost_of_small_{}", to.as_str()), written.lost);
    }
}

#[test]
fn characters_that_xml_cannot_have_are_left_out_and_named() {
    for to in [Format::Ubl, Format::Cii] {
        let number = Some("R\u{1}-\u{b}1\u{ffff}".to_owned());
        let specification = Some("urn:x".to_owned());
        let kind = InvoiceKind::Invoice;
        let written = write(&Invoice { kind, number, specification, ..Invoice::default() }, to);
        let read = read_invoice(written.xml.as_bytes()).expect("readable");
        assert_eq!(read.invoice.number.as_deref(), Some("R-1"));
        assert_eq!(written.lost.len(), 1, "{:?}", written.lost);
        let lost = &written.lost[0];
        assert_eq!((lost.code.as_str(), lost.terms[0].as_str()), ("TERM_CHANGED", "BT-1"));
        assert!(lost.message.contains("3 of its characters, such as U+0001"), "{}", lost.message);
    }
}

/// What is absent stays absent, whatever the schema asks for.
#[test]
fn an_invoice_without_anything_is_written_without_anything() {
    for to in [Format::Ubl, Format::Cii] {
        let written = write(&Invoice::default(), to);
        assert_eq!(written.lost, []);
        let read = read_invoice(written.xml.as_bytes()).expect("readable");
        assert_eq!(read.invoice, Invoice::default());
    }
}

#[test]
fn what_cannot_be_read_again_is_said() {
    let lines = vec![Default::default(); 10_001];
    let written = write(&Invoice { lines, ..Invoice::default() }, Format::Ubl);
    assert_eq!(written.lost.len(), 1);
    assert_eq!(written.lost[0].code, "LOSS_UNKNOWN");
}
