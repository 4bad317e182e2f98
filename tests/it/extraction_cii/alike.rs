//! What says the same is the same invoice: twins in UBL, documents written in both syntaxes, other
//! spellings of the same XML.

use ap_gateway::extraction::{Reading, read_invoice};
use roxmltree::{Document, Node};
use rust_decimal::Decimal;

use crate::extraction_cii::{EXAMPLES, folded, source};
use crate::suites::{files, folder};

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
const LOST: [(&str, &str); 2] = [
    (
        "lines.price_discount",
        "UBL has no gross price without a discount, and CII no discount without a gross price",
    ),
    ("totals.tax", "UBL has no subtotals (BG-23) without a tax total: its writer adds one"),
];

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
