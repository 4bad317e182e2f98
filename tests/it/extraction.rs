//! Reading documents: the public examples against an independent look, hostile bytes, mutations.

use ap_gateway::extraction::{Reading, Unreadable, read_invoice, read_order, read_receipt};
use ap_gateway::models::finding::Severity;
use ap_gateway::validation::judge;
use roxmltree::{Document, Node};
use rust_decimal::Decimal;

use crate::suites::files;

const EXAMPLES: &str = "suites/en16931/examples-ubl";

/// The first element below `node` along local names: another way than the reader's.
fn at<'a, 'i>(node: Node<'a, 'i>, path: &str) -> Option<Node<'a, 'i>> {
    path.split('/')
        .try_fold(node, |node, name| node.children().find(|child| child.has_tag_name_local(name)))
}

trait LocalName {
    fn has_tag_name_local(&self, name: &str) -> bool;
}

impl LocalName for Node<'_, '_> {
    fn has_tag_name_local(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

fn text(node: Node<'_, '_>, path: &str) -> Option<String> {
    let text = at(node, path)?.text()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn number(node: Node<'_, '_>, path: &str) -> Option<Decimal> {
    text(node, path).map(|text| text.parse().expect("an amount of a clean document"))
}

#[test]
fn examples_are_read_as_an_independent_look_reads_them() {
    for (name, bytes) in files(EXAMPLES) {
        let Reading { invoice, findings, .. } = read_invoice(&bytes).expect("readable");
        assert_eq!(findings, [], "{name}");
        let source = String::from_utf8(bytes).expect("UTF-8");
        let document = Document::parse(source.trim_start_matches('\u{feff}')).expect("XML");
        let root = document.root_element();
        assert_eq!(invoice.number, text(root, "ID"), "{name}");
        assert_eq!(invoice.currency, text(root, "DocumentCurrencyCode"), "{name}");
        let issued = invoice.issue_date.map(|day| day.to_string());
        assert_eq!(issued, text(root, "IssueDate"), "{name}");
        let order = text(root, "OrderReference/ID").filter(|number| number != "NA");
        assert_eq!(invoice.order_reference, order, "{name}");
        let total = |leaf: &str| number(root, &format!("LegalMonetaryTotal/{leaf}"));
        assert_eq!(invoice.totals.lines, total("LineExtensionAmount"), "{name}");
        assert_eq!(invoice.totals.net, total("TaxExclusiveAmount"), "{name}");
        assert_eq!(invoice.totals.gross, total("TaxInclusiveAmount"), "{name}");
        assert_eq!(invoice.totals.payable, total("PayableAmount"), "{name}");
        let tax = root.children().filter(|child| child.has_tag_name_local("TaxTotal"));
        let tax = tax.filter_map(|total| at(total, "TaxAmount"));
        let mut tax = tax.filter(|tax| tax.attribute("currencyID") == invoice.currency.as_deref());
        let tax = tax.next().and_then(|tax| number(tax.parent().expect("a parent"), "TaxAmount"));
        assert_eq!(invoice.totals.tax, tax, "{name}");
        let lines: Vec<_> =
            root.children().filter(|child| child.tag_name().name().ends_with("Line")).collect();
        assert_eq!(invoice.lines.len(), lines.len(), "{name}");
        for (read, line) in invoice.lines.iter().zip(lines) {
            assert_eq!(Some(&read.id), text(line, "ID").as_ref(), "{name}");
            assert_eq!(read.net, number(line, "LineExtensionAmount"), "{name}");
            let quantity = number(line, "InvoicedQuantity");
            let quantity = quantity.or_else(|| number(line, "CreditedQuantity"));
            assert_eq!(read.quantity, quantity, "{name}");
            assert_eq!(read.price, number(line, "Price/PriceAmount"), "{name}");
            assert_eq!(read.price_base_quantity, number(line, "Price/BaseQuantity"), "{name}");
            let order_line = text(line, "OrderLineReference/LineID");
            assert_eq!(read.order_line_reference, order_line, "{name}");
            assert_eq!(read.tax_rate, number(line, "Item/ClassifiedTaxCategory/Percent"), "{name}");
        }
    }
}

/// Names are kept on one line.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
        assert_eq!(invoice.buyer.name, document.buyer.name.as_deref().map(folded), "{name}");
        assert_eq!(invoice.specification, document.specification_id, "{name}");
        assert_eq!(invoice.totals.net, Some(decimal(document.totals.taxable_total)), "{name}");
        assert_eq!(invoice.totals.payable, Some(decimal(document.totals.due)), "{name}");
        assert_eq!(invoice.totals.tax, document.totals.vat_total.map(decimal), "{name}");
        assert_eq!(invoice.totals.paid, document.totals.paid.map(decimal), "{name}");
        assert_eq!(invoice.tax.len(), document.vat_breakdown.len(), "{name}");
        let sides = document.allowances.len() + document.charges.len();
        assert_eq!(invoice.allowances_and_charges.len(), sides, "{name}");
        for (ours, theirs) in invoice.lines.iter().zip(&document.lines) {
            assert_eq!(ours.id, theirs.id, "{name}");
            assert_eq!(ours.net, Some(decimal(theirs.net_amount)), "{name}");
            assert_eq!(ours.name, theirs.item.name, "{name}");
            assert_eq!(ours.seller_item_id, theirs.item.seller_identifier, "{name}");
            let sides = theirs.allowances.len() + theirs.charges.len();
            assert_eq!(ours.allowances_and_charges.len(), sides, "{name}");
        }
    }
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

/// A small generator: the same numbers on every machine and run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("below end")
    }
}

const SCRAPS: [&[u8]; 14] = [
    b"",
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"&x;",
    b"\0",
    b"\xff",
    b"1E400",
    b"NaN",
    b"-",
    b"9999999999999",
    b"<!DOCTYPE a>",
    b"]]>",
];

fn mutate(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut mutant = bytes.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(mutant.len());
        let end = (at + dice.below(40)).min(mutant.len());
        match dice.below(5) {
            0 => mutant[at] = u8::try_from(dice.below(256)).expect("a byte"),
            1 => drop(mutant.drain(at..end)),
            2 => mutant.truncate(at.max(1)),
            3 => {
                let scrap = SCRAPS[dice.below(SCRAPS.len())];
                drop(mutant.splice(at..end, scrap.iter().copied()));
            }
            _ => {
                let again = mutant[at..end].to_vec();
                drop(mutant.splice(at..at, again));
            }
        }
    }
    mutant
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
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut read, mut refused) = (0, 0);
    let mut look = |bytes: &[u8]| {
        match read_invoice(bytes) {
            Ok(reading) => {
                read += 1;
                judge(&reading.invoice, &reading.document, reading.findings);
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
            let found = judge(&reading.invoice, &reading.document, reading.findings);
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
