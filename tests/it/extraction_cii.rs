//! Cross Industry Invoices: public examples against an independent look and their UBL twins, the
//! XML inside all public hybrid PDFs against their ground truth, mutations.

use ap_gateway::extraction::{Reading, Unreadable, read_invoice};
use ap_gateway::models::extraction::Syntax;
use ap_gateway::models::finding::Finding;
use ap_gateway::models::finding::Severity;
use ap_gateway::models::invoice::{Invoice, InvoiceLine};
use en16931_formats::zugferd;
use roxmltree::{Document, Node};
use rust_decimal::Decimal;

use crate::suites::{files, folder};

const EXAMPLES: &str = "suites/en16931/examples-cii";

/// The only element of a path of local names that stands anywhere below: another way than the
/// reader's.
fn at<'a, 'i>(node: Node<'a, 'i>, path: &str) -> Option<Node<'a, 'i>> {
    path.split('/').try_fold(node, |node, name| {
        node.descendants().skip(1).find(|at| at.is_element() && at.tag_name().name() == name)
    })
}

fn text(node: Node<'_, '_>, path: &str) -> Option<String> {
    let text = at(node, path)?.text()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn number(node: Node<'_, '_>, path: &str) -> Option<Decimal> {
    text(node, path).map(|text| text.parse().expect("an amount of a clean document"))
}

/// Names are kept on one line.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn source(bytes: Vec<u8>) -> String {
    let text = String::from_utf8(bytes).expect("UTF-8");
    text.trim_start_matches('\u{feff}').to_owned()
}

#[test]
fn examples_are_read_as_an_independent_look_reads_them() {
    for (name, bytes) in files(EXAMPLES) {
        let Reading { invoice, syntax, findings, .. } = read_invoice(&bytes).expect("readable");
        assert_eq!(syntax, Syntax::Cii, "{name}");
        // One example has for base quantities what are its prices.
        let odd = name == "CII_business_example_01.xml" || name == "CII_example2.xml";
        let said = findings.iter().filter(|found| !odd || found.code != "PRICE_BASE_DIFFERS");
        assert_eq!(said.collect::<Vec<_>>(), Vec::<&Finding>::new(), "{name}");
        let source = source(bytes);
        let document = Document::parse(&source).expect("XML");
        let root = document.root_element();
        assert_eq!(invoice.number, text(root, "ExchangedDocument/ID"), "{name}");
        assert_eq!(invoice.currency, text(root, "InvoiceCurrencyCode"), "{name}");
        let issued = invoice.issue_date.map(|day| day.format("%Y%m%d").to_string());
        assert_eq!(issued, text(root, "ExchangedDocument/DateTimeString"), "{name}");
        let due = invoice.due_date.map(|day| day.format("%Y%m%d").to_string());
        assert_eq!(due, text(root, "DueDateDateTime/DateTimeString"), "{name}");
        let agreement = at(root, "ApplicableHeaderTradeAgreement").expect("an agreement");
        let order = text(agreement, "BuyerOrderReferencedDocument/IssuerAssignedID");
        assert_eq!(invoice.order_reference, order, "{name}");
        let group = "SpecifiedTradeSettlementHeaderMonetarySummation";
        let total = |leaf: &str| number(root, &format!("{group}/{leaf}"));
        assert_eq!(invoice.totals.lines, total("LineTotalAmount"), "{name}");
        assert_eq!(invoice.totals.net, total("TaxBasisTotalAmount"), "{name}");
        assert_eq!(invoice.totals.gross, total("GrandTotalAmount"), "{name}");
        assert_eq!(invoice.totals.paid, total("TotalPrepaidAmount"), "{name}");
        assert_eq!(invoice.totals.payable, total("DuePayableAmount"), "{name}");
        let account = text(root, "PayeePartyCreditorFinancialAccount/IBANID");
        assert_eq!(invoice.accounts().next().map(str::to_owned), account, "{name}");
        let lines: Vec<_> = root
            .descendants()
            .filter(|at| at.tag_name().name() == "IncludedSupplyChainTradeLineItem")
            .collect();
        assert_eq!(invoice.lines.len(), lines.len(), "{name}");
        for (read, line) in invoice.lines.iter().zip(lines) {
            look_at_line(&name, read, line);
        }
    }
}

fn look_at_line(name: &str, read: &InvoiceLine, line: Node<'_, '_>) {
    assert_eq!(Some(&read.id), text(line, "LineID").as_ref(), "{name}");
    assert_eq!(read.name, text(line, "SpecifiedTradeProduct/Name"), "{name}");
    let net = "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount";
    assert_eq!(read.net, number(line, net), "{name}");
    assert_eq!(read.quantity, number(line, "BilledQuantity"), "{name}");
    let unit = at(line, "BilledQuantity").and_then(|at| at.attribute("unitCode"));
    assert_eq!(read.unit.as_deref(), unit, "{name}");
    assert_eq!(read.price, number(line, "NetPriceProductTradePrice/ChargeAmount"), "{name}");
    assert_eq!(read.gross_price, number(line, "GrossPriceProductTradePrice/ChargeAmount"));
    let base = number(line, "NetPriceProductTradePrice/BasisQuantity");
    let base = base.or_else(|| number(line, "GrossPriceProductTradePrice/BasisQuantity"));
    assert_eq!(read.price_base_quantity, base, "{name}");
    let order_line = text(line, "BuyerOrderReferencedDocument/LineID");
    assert_eq!(read.order_line_reference, order_line, "{name}");
    assert_eq!(read.tax_rate, number(line, "ApplicableTradeTax/RateApplicablePercent"), "{name}");
}

/// The rules crate reads the same documents by itself: where both speak, they agree.
#[test]
fn examples_are_read_as_the_rules_crate_reads_them() {
    for (name, bytes) in files(EXAMPLES) {
        let Reading { invoice, document, .. } = read_invoice(&bytes).expect("readable");
        let document = document.expect("the rules can read it");
        let decimal = |amount: en16931::InvoiceAmount| {
            amount.to_string().parse::<Decimal>().expect("an amount")
        };
        assert_eq!(invoice.number, document.number, "{name}");
        assert_eq!(invoice.seller.name, document.seller.name.as_deref().map(folded), "{name}");
        assert_eq!(invoice.seller.vat_id, document.seller.vat_identifier, "{name}");
        assert_eq!(invoice.seller.tax_number, document.seller.tax_registration, "{name}");
        assert_eq!(invoice.seller.ids.len(), document.seller.identifiers.len(), "{name}");
        assert_eq!(invoice.buyer.name, document.buyer.name.as_deref().map(folded), "{name}");
        assert_eq!(invoice.specification, document.specification_id, "{name}");
        assert_eq!(invoice.totals.net, Some(decimal(document.totals.taxable_total)), "{name}");
        assert_eq!(invoice.totals.payable, Some(decimal(document.totals.due)), "{name}");
        assert_eq!(invoice.totals.tax, document.totals.vat_total.map(decimal), "{name}");
        let other = document.totals.vat_total_accounting.map(decimal);
        assert_eq!(invoice.totals.tax_in_tax_currency, other, "{name}");
        assert_eq!(invoice.tax.len(), document.vat_breakdown.len(), "{name}");
        assert_eq!(invoice.notes.len(), document.notes.len(), "{name}");
        assert_eq!(invoice.supporting_documents.len(), document.attachments.len(), "{name}");
        assert_eq!(invoice.delivery.is_some(), document.delivery.is_some(), "{name}");
        let sides = document.allowances.len() + document.charges.len();
        assert_eq!(invoice.allowances_and_charges.len(), sides, "{name}");
        for (ours, theirs) in invoice.lines.iter().zip(&document.lines) {
            assert_eq!(ours.id, theirs.id, "{name}");
            assert_eq!(ours.net, Some(decimal(theirs.net_amount)), "{name}");
            assert_eq!(ours.name, theirs.item.name, "{name}");
            assert_eq!(ours.seller_item_id, theirs.item.seller_identifier, "{name}");
            assert_eq!(ours.attributes.len(), theirs.item.attributes.len(), "{name}");
            let sides = theirs.allowances.len() + theirs.charges.len();
            assert_eq!(ours.allowances_and_charges.len(), sides, "{name}");
        }
    }
}

/// The terms of the ground truth that are text, out of the canonical invoice.
fn field(invoice: &Invoice, term: &str) -> Option<String> {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.format("%Y%m%d").to_string());
    let amount = |amount: Option<Decimal>| amount.map(|amount| amount.normalize().to_string());
    match term {
        "BT-1" => invoice.number.clone(),
        "BT-2" => day(invoice.issue_date),
        "BT-3" => invoice.type_code.clone(),
        "BT-5" => invoice.currency.clone(),
        "BT-9" => day(invoice.due_date),
        // Two files name the order on their lines alone.
        "BT-13" => invoice.order_references().first().map(|&number| number.to_owned()),
        "BT-24" => invoice.specification.clone(),
        "BT-27" => invoice.seller.name.clone(),
        "BT-31" => invoice.seller.vat_id.clone(),
        "BT-44" => invoice.buyer.name.clone(),
        "BT-84" => invoice.accounts().next().map(|id| id.split_whitespace().collect()),
        "BT-106" => amount(invoice.totals.lines),
        "BT-109" => amount(invoice.totals.net),
        "BT-110" => amount(invoice.totals.tax),
        "BT-112" => amount(invoice.totals.gross),
        "BT-115" => amount(invoice.totals.payable),
        _ => panic!("{term} is a term that this test does not know"),
    }
}

fn line_field(line: &InvoiceLine, term: &str) -> Option<String> {
    let number = |value: Option<Decimal>| value.map(|value| value.normalize().to_string());
    match term {
        "BT-126" => Some(line.id.clone()),
        "BT-129" => number(line.quantity),
        "BT-130" => line.unit.clone(),
        "BT-131" => number(line.net),
        "BT-146" => number(line.price),
        "BT-153" => line.name.as_deref().map(folded),
        _ => panic!("{term} is a term that this test does not know"),
    }
}

/// As the ground truth has it, with numbers in their shortest form and blanks folded.
fn expected(term: &str, value: &serde_json::Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let is_number = |term: &str| {
        matches!(term, "BT-106" | "BT-109" | "BT-110" | "BT-112" | "BT-115")
            || matches!(term, "BT-129" | "BT-131" | "BT-146")
    };
    match text.trim().parse::<Decimal>() {
        Ok(number) if is_number(term) => number.normalize().to_string(),
        // The ground truth keeps the blanks of an IBAN; we do where it does not check.
        _ if term == "BT-84" => text.split_whitespace().collect(),
        _ => folded(text),
    }
}

/// Fields that are not read, with the reason.
const NOT_READ: [(&str, &str, &str); 1] = [(
    "ZUGFeRDv1/fail/Mustangproject/fail1.pdf",
    "BT-2",
    "the date says that it is in format 1020, which is none: a finding, and no date",
)];

#[test]
fn xml_inside_hybrid_files_is_read_as_the_ground_truth_says() {
    let suite = folder("suites/zugferd");
    let truth = std::fs::read_to_string(suite.join("ground-truth.jsonl")).expect("readable");
    let (mut counts, mut fields, mut not_read) = ([0; 3], 0, Vec::new());
    for row in truth.lines() {
        let row: serde_json::Value = serde_json::from_str(row).expect("JSON");
        let path = row["path"].as_str().expect("a path");
        let pdf = std::fs::read(suite.join(path)).expect("a file");
        let xml = embedded(&pdf, &row);
        let syntax = row["syntax"].as_str().expect("a syntax");
        if syntax == "zugferd-draft" {
            counts[2] += 1;
            let error = read_invoice(&xml).expect_err("refused");
            assert!(error.to_string().starts_with("a draft of ZUGFeRD"), "{path}: {error}");
            continue;
        }
        let reading = read_invoice(&xml).unwrap_or_else(|error| panic!("{path}: {error}"));
        let (wanted, count) =
            if syntax == "cii" { (Syntax::Cii, 0) } else { (Syntax::Zugferd1, 1) };
        assert_eq!(reading.syntax, wanted, "{path}");
        counts[count] += 1;
        for (term, value) in row["fields"].as_object().expect("fields") {
            fields += 1;
            let read = field(&reading.invoice, term);
            if read.as_deref() != Some(expected(term, value).as_str()) {
                not_read.push((path.to_owned(), term.clone(), read));
            }
        }
        let lines = row["lines"].as_array().expect("lines");
        assert_eq!(reading.invoice.lines.len(), lines.len(), "{path}");
        for (line, truth) in reading.invoice.lines.iter().zip(lines) {
            for (term, value) in truth.as_object().expect("terms") {
                if term == "net_in_text" || value.is_null() {
                    continue;
                }
                fields += 1;
                let read = line_field(line, term);
                assert_eq!(read.as_deref(), Some(expected(term, value).as_str()), "{path} {term}");
            }
        }
    }
    assert_eq!(counts, [53, 13, 1]);
    assert!(fields > 1_500, "{fields} fields");
    let known: Vec<_> = NOT_READ
        .iter()
        .map(|(path, term, _)| ((*path).to_owned(), (*term).to_owned(), None))
        .collect();
    assert_eq!(not_read, known);
}

/// The attachment that the ground truth names: some files have one more.
fn embedded(pdf: &[u8], row: &serde_json::Value) -> Vec<u8> {
    let mut all = zugferd::embedded_files(pdf, &zugferd::Limits::default()).expect("attachments");
    all.remove(row["attachment"].as_str().expect("a name")).expect("the attachment")
}

/// Nothing in the hybrid files is taken for a value of the wrong form, but for what is.
#[test]
fn only_what_is_malformed_is_called_malformed() {
    let suite = folder("suites/zugferd");
    let truth = std::fs::read_to_string(suite.join("ground-truth.jsonl")).expect("readable");
    let mut malformed = Vec::new();
    for row in truth.lines() {
        let row: serde_json::Value = serde_json::from_str(row).expect("JSON");
        let path = row["path"].as_str().expect("a path");
        let pdf = std::fs::read(suite.join(path)).expect("a file");
        let Ok(reading) = read_invoice(&embedded(&pdf, &row)) else {
            continue;
        };
        let findings = reading.findings.into_iter();
        let found = findings.filter(|found| found.code == "MALFORMED_VALUE");
        malformed.extend(found.map(|found| format!("{path} {:?}: {}", found.place, found.message)));
    }
    let fail1 = "ZUGFeRDv1/fail/Mustangproject/fail1.pdf";
    assert_eq!(malformed.len(), 2, "{malformed:#?}");
    assert!(malformed.iter().all(|found| found.starts_with(fail1)), "{malformed:#?}");
}

/// Examples that stand in both syntaxes, with the terms that differ because the files do: the one
/// was made by hand after the other, with other units, texts, dates and prices.
const TWINS: [(&str, &str, &[&str]); 6] = [
    (
        "CII_example1.xml",
        "ubl-tc434-example1.xml",
        &[
            "lines.name",
            "lines.unit",
            "notes.subject_code",
            "notes.text",
            "payments.accounts.id",
            "payments.remittance",
        ],
    ),
    (
        "CII_example4.xml",
        "ubl-tc434-example4.xml",
        &["lines.unit", "payments", "seller.contact.email"],
    ),
    ("CII_example6.xml", "ubl-tc434-example6.xml", &["lines.unit"]),
    (
        "CII_example7.xml",
        "ubl-tc434-example7.xml",
        &["buyer.contact.name", "issue_date", "lines.unit", "payments", "totals.tax"],
    ),
    (
        "CII_example8.xml",
        "ubl-tc434-example8.xml",
        &[
            "invoiced_object",
            "lines.price_base_quantity",
            "lines.price_base_unit",
            "lines.unit",
            "payments",
            "supporting_documents",
            "tax_point_date",
        ],
    ),
    (
        "CII_example9.xml",
        "ubl-tc434-example9.xml",
        &["due_date", "lines.period", "lines.price_base_quantity", "payments", "period"],
    ),
];

#[test]
fn twins_in_both_syntaxes_are_the_same_invoice() {
    let mut wrong = Vec::new();
    for (cii, ubl, differ) in TWINS {
        let read = |folder_name: &str, name: &str| {
            let bytes = std::fs::read(folder(folder_name).join(name)).expect("a file");
            serde_json::to_value(read_invoice(&bytes).expect("readable").invoice).expect("JSON")
        };
        let (cii_json, ubl_json) = (read(EXAMPLES, cii), read("suites/en16931/examples-ubl", ubl));
        let mut found = Vec::new();
        compare(&cii_json, &ubl_json, "", &mut found);
        let mut places: Vec<_> = found.iter().map(|(place, _)| unnumbered(place)).collect();
        places.sort();
        places.dedup();
        if places != differ {
            wrong.push(format!("{cii}: {places:?} {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the rules crate does not write in both syntaxes alike.
const LOST: [(&str, &str); 1] = [(
    "lines.price_discount",
    "UBL has no gross price without a discount, so that its writer adds a discount of 0",
)];

/// One document of the rules crate, written in both syntaxes, is one invoice.
#[test]
fn a_document_written_in_both_syntaxes_is_the_same_invoice() {
    let mut wrong = std::collections::BTreeMap::<String, Vec<String>>::new();
    let mut compared = 0;
    let all = files(EXAMPLES).into_iter().chain(files("suites/en16931/examples-ubl"));
    for (name, bytes) in all {
        let document = read_invoice(&bytes).expect("readable").document.expect("rules");
        let written = |syntax| en16931_formats::write_unchecked(&document, syntax).ok();
        let both = written(en16931_formats::Syntax::Cii).zip(written(en16931_formats::Syntax::Ubl));
        let Some((cii, ubl)) = both else {
            continue;
        };
        compared += 1;
        let canonical = |xml: &str| {
            let reading = read_invoice(xml.as_bytes()).expect("readable");
            serde_json::to_value(reading.invoice).expect("JSON")
        };
        let mut found = Vec::new();
        compare(&canonical(&cii.xml), &canonical(&ubl.xml), "", &mut found);
        for (place, what) in found {
            wrong.entry(unnumbered(&place)).or_default().push(format!("{name}: {what}"));
        }
    }
    assert!(compared > 30, "{compared}");
    let places: Vec<_> = wrong.keys().map(String::as_str).collect();
    let lost: Vec<_> = LOST.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, lost, "{wrong:#?}");
}

/// The same document, as another writer would have written it.
fn variants(source: &str) -> Vec<(&'static str, String)> {
    let body = source.split_once("?>").map_or(source, |(_, body)| body);
    let document = Document::parse(source).expect("XML");
    vec![
        ("order of attributes, prefixes", rewritten(document.root_element(), "", "")),
        ("indentation", format!("\u{feff}{}", rewritten(document.root_element(), "\r\n\t ", ""))),
        ("comments", rewritten(document.root_element(), "", "<!-- <a>&b; --><?c d?>")),
        ("no declaration", body.to_owned()),
    ]
}

/// An element with other prefixes, its attributes backwards, `space` between elements and `noise`
/// in each.
fn rewritten(node: Node<'_, '_>, space: &str, noise: &str) -> String {
    let namespace = node.tag_name().namespace().unwrap_or_default();
    let name = format!("p:{}", node.tag_name().name());
    let mut text = format!("<{name} xmlns:p='{namespace}'");
    let mut attributes: Vec<_> = node.attributes().filter(|at| at.namespace().is_none()).collect();
    attributes.reverse();
    for attribute in attributes {
        text.push_str(&format!(" {} = '{}'", attribute.name(), escaped(attribute.value())));
    }
    text.push('>');
    let is_group = node.children().any(|child| child.is_element());
    for child in node.children() {
        if child.is_element() {
            text.push_str(space);
            text.push_str(&rewritten(child, space, noise));
        } else if child.is_text() && !is_group {
            text.push_str(noise);
            text.push_str(&escaped(child.text().unwrap_or_default()));
        }
    }
    text.push_str(noise);
    format!("{text}</{name}\n>")
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('\'', "&#39;").replace('\n', "&#10;")
}

#[test]
fn what_says_nothing_in_xml_does_not_change_the_invoice() {
    let all = files(EXAMPLES).into_iter().chain(files("suites/en16931/examples-ubl"));
    for (name, bytes) in all.filter(|(_, bytes)| bytes.len() < 100_000) {
        let source = source(bytes);
        let plain = read_invoice(source.as_bytes()).expect("readable");
        for (what, variant) in variants(&source) {
            let read = read_invoice(variant.as_bytes());
            let read = read.unwrap_or_else(|error| panic!("{name}, {what}: {error}"));
            assert_eq!(read.invoice, plain.invoice, "{name}, {what}");
            assert_eq!(read.document, plain.document, "{name}, {what}");
            let places = |reading: &Reading| {
                let places = reading.evidence.iter();
                places.map(|one| (one.field.clone(), one.place.clone())).collect::<Vec<_>>()
            };
            assert_eq!(places(&read), places(&plain), "{name}, {what}");
        }
    }
}

#[test]
fn cut_and_spoilt_examples_are_refused_or_read_and_never_panic() {
    let (mut read, mut refused) = (0, 0);
    for (name, bytes) in files(EXAMPLES) {
        if bytes.len() > 100_000 {
            continue;
        }
        for end in (0..bytes.len() - 40).step_by(1_024) {
            let error = read_invoice(&bytes[..end]).expect_err("cut off");
            let fits = matches!(error, Unreadable::Empty | Unreadable::NotXml { .. });
            assert!(fits, "{name} cut at {end}: {error}");
        }
        for (turn, at) in (0..bytes.len()).step_by(211).enumerate() {
            let mut spoilt = bytes.clone();
            spoilt[at] = [b'<', b'9', 0, 0xff, b'"', b' ', b'&', b'x'][turn % 8];
            match read_invoice(&spoilt) {
                Ok(_) => read += 1,
                Err(error) => {
                    refused += 1;
                    assert!(!error.to_string().is_empty());
                }
            }
        }
    }
    assert!(read > 250 && refused > 300, "{read} read, {refused} refused");
}

/// Every amount, quantity, rate or date that is spoilt is missed by someone.
#[test]
fn a_spoilt_value_is_always_a_fatal_finding() {
    for (name, bytes) in files(EXAMPLES) {
        if bytes.len() > 100_000 {
            continue;
        }
        let source = source(bytes);
        let document = Document::parse(&source).expect("XML");
        let values = document.descendants().filter(|node| {
            let name = node.tag_name().name();
            ["Amount", "Quantity", "Percent", "String", "Indicator"]
                .iter()
                .any(|e| name.ends_with(e))
        });
        for (turn, value) in values.enumerate() {
            let Some(leaf) = value.first_child().filter(Node::is_text) else {
                continue;
            };
            if leaf.text().is_none_or(|text| text.trim().is_empty()) {
                continue;
            }
            let spoilt = ["1,00", "1E400", "NaN"][turn % 3];
            let (before, after) = (&source[..leaf.range().start], &source[leaf.range().end..]);
            let reading = read_invoice(format!("{before}{spoilt}{after}").as_bytes());
            let findings = reading.expect("bad content is readable").findings;
            let ours = findings.iter().filter(|found| {
                found.severity == Severity::Fatal && found.actual.as_deref() == Some(spoilt)
            });
            let element = value.tag_name().name();
            assert_eq!(ours.count(), 1, "{name}: {element} = {spoilt}: {findings:#?}");
        }
    }
}

/// `lines[3].unit` is about the `lines.unit` of all.
fn unnumbered(place: &str) -> String {
    place.chars().filter(|c| !matches!(c, '[' | ']') && !c.is_ascii_digit()).collect()
}

/// Where two canonical invoices differ. Numbers are compared as numbers, texts with folded blanks.
fn compare(
    left: &serde_json::Value,
    right: &serde_json::Value,
    place: &str,
    found: &mut Vec<(String, String)>,
) {
    use serde_json::Value;
    match (left, right) {
        (Value::Object(one), Value::Object(two)) => {
            let mut keys: Vec<_> = one.keys().chain(two.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let get = |map: &serde_json::Map<String, Value>| {
                    map.get(key).cloned().unwrap_or(Value::Null)
                };
                let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
                compare(&get(one), &get(two), &place, found);
            }
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            for ((one, two), number) in one.iter().zip(two).zip(1..) {
                compare(one, two, &format!("{place}[{number}]"), found);
            }
        }
        (Value::String(one), Value::String(two)) => {
            let same_number = one.parse::<Decimal>().ok().zip(two.parse::<Decimal>().ok());
            let same = same_number.is_some_and(|(one, two)| one == two);
            if !same && folded(one) != folded(two) {
                found.push((place.to_owned(), format!("{one} | {two}")));
            }
        }
        (one, two) if one != two => found.push((place.to_owned(), format!("{one} | {two}"))),
        _ => {}
    }
}
