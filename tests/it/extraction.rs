//! Reading documents: hostile bytes, encodings, mutations.

use ap_gateway::extraction::{
    Reading, Unreadable, read_invoice, read_order, read_receipt, tree_rules,
};
use ap_gateway::models::finding::{Finding, Severity};
use ap_gateway::validation::{self, Subject};
use roxmltree::{Document, Node};

use crate::mutated::{Dice, mutate};
use crate::suites::files;

const EXAMPLES: &str = "suites/en16931/examples-ubl";

fn judge(reading: Reading) -> Vec<Finding> {
    let document = validation::Document::from(&reading.document);
    let subject = Subject {
        decided: tree_rules(reading.syntax),
        ..Subject::new(reading.syntax, &reading.invoice, document)
    };
    validation::judge(Subject { read: reading.findings, broken: reading.broken, ..subject })
        .findings
}

/// The same document in another encoding says the same.
#[test]
fn examples_say_the_same_in_every_encoding() {
    for (name, bytes) in files(EXAMPLES) {
        let source = String::from_utf8(bytes).expect("UTF-8");
        let source = source.trim_start_matches('\u{feff}');
        let plain = read_invoice(source.as_bytes()).expect("readable");
        let body = source.split_once("?>").map_or(source, |(_, body)| body);
        let wide: Vec<u8> = format!("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?>{body}")
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        let mut variants = vec![wide, format!("\u{feff}{source}").into_bytes()];
        let latin = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{body}");
        let (latin, _, lossy) = encoding_rs::WINDOWS_1252.encode(&latin);
        if !lossy {
            variants.push(latin.into_owned());
        }
        for variant in variants {
            let read = read_invoice(&variant).expect("readable");
            assert_eq!(read.invoice, plain.invoice, "{name}");
            assert_eq!(read.document, plain.document, "{name}");
            assert_eq!(read.findings, plain.findings, "{name}");
        }
    }
}

/// Takes a whole element away, doubles it, or replaces its text.
fn mutate_element(source: &str, dice: &mut Dice) -> String {
    let document = Document::parse(source).expect("an example is XML");
    let elements: Vec<_> = document.descendants().filter(Node::is_element).collect();
    let element = elements[dice.below(elements.len())];
    let range = element.range();
    let (before, after) = (&source[..range.start], &source[range.end..]);
    let inside = &source[range.clone()];
    match dice.below(3) {
        0 => format!("{before}{after}"),
        1 => format!("{before}{inside}{inside}{after}"),
        _ => {
            let text = ["", "1,00", "1E400", "NaN", "-0", "99999999999999999999999999", "EUR", "ü"];
            let leaf = element.children().find(Node::is_text);
            let Some(leaf) = leaf else {
                return format!("{before}{after}");
            };
            let (before, after) = (&source[..leaf.range().start], &source[leaf.range().end..]);
            format!("{before}{}{after}", text[dice.below(text.len())])
        }
    }
}

#[test]
fn mutated_examples_are_read_or_refused_and_never_panic() {
    let mut dice = Dice::default();
    let (mut read, mut refused) = (0, 0);
    let mut look = |bytes: &[u8]| {
        match read_invoice(bytes) {
            Ok(reading) => {
                read += 1;
                judge(reading);
            }
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty());
            }
        }
        // Other readers get what is not theirs, too.
        assert!(read_order(bytes).is_err() && read_receipt(bytes).is_err());
    };
    for (_, bytes) in files(EXAMPLES) {
        // One example carries 3 MB of attachment: its mutants would all be about base64.
        if bytes.len() > 100_000 {
            continue;
        }
        let source = String::from_utf8(bytes.clone()).expect("UTF-8");
        let source = source.trim_start_matches('\u{feff}');
        for _ in 0..60 {
            look(&mutate(&bytes, &mut dice));
            look(mutate_element(source, &mut dice).as_bytes());
        }
    }
    assert!(read > 1_000 && refused > 400, "{read} read, {refused} refused");
}

/// Every amount that is taken away or spoilt is missed by someone: nothing is dropped silently.
#[test]
fn a_spoilt_amount_is_always_a_fatal_finding() {
    for (name, bytes) in files(EXAMPLES) {
        if bytes.len() > 100_000 {
            continue;
        }
        let source = String::from_utf8(bytes).expect("UTF-8");
        let source = source.trim_start_matches('\u{feff}');
        let document = Document::parse(source).expect("an example is XML");
        let amounts = document.descendants().filter(|node| {
            let name = node.tag_name().name();
            let numeric = name.ends_with("Amount") || name.ends_with("Quantity");
            numeric || name == "Percent" || name.ends_with("Date")
        });
        for (turn, amount) in amounts.enumerate() {
            let Some(leaf) = amount.children().find(Node::is_text) else {
                continue;
            };
            let spoilt = ["1,00", "1E400", "NaN"][turn % 3];
            let (before, after) = (&source[..leaf.range().start], &source[leaf.range().end..]);
            let reading = read_invoice(format!("{before}{spoilt}{after}").as_bytes());
            let reading = reading.expect("bad content is readable");
            let found = judge(reading);
            let fatal = found.iter().filter(|found| {
                found.severity == Severity::Fatal && found.actual.as_deref() == Some(spoilt)
            });
            let element = amount.tag_name().name();
            let parent = amount.parent_element().map_or("", |node| node.tag_name().name());
            assert_eq!(fatal.count(), 1, "{name}: {parent}/{element} = {spoilt}: {found:#?}");
        }
    }
}

#[test]
fn truncated_examples_are_refused_at_every_length() {
    for (name, bytes) in files(EXAMPLES) {
        if bytes.len() > 100_000 {
            continue;
        }
        for end in (0..bytes.len() - 20).step_by(997) {
            let error = read_invoice(&bytes[..end]).expect_err("cut off");
            let fits = matches!(error, Unreadable::Empty | Unreadable::NotXml { .. });
            assert!(fits, "{name} cut at {end}: {error}");
        }
    }
}
