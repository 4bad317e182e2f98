//! The full examples of the standard.

use ap_gateway::extraction::{Reading, read_invoice};
use ap_gateway::models::extraction::Acceptance;
use ap_gateway::validation::RuleSet;
use roxmltree::{Document, Node};
use rust_decimal::Decimal;

use crate::suites::{files, judged};

const EXAMPLES: &str = "suites/en16931/examples-ubl";

#[test]
#[cfg_attr(no_suite_en16931_examples_ubl, ignore = "en16931/examples-ubl is not in the suites")]
fn examples_in_ubl_are_accepted() {
    let (figures, refused) = accept_all(EXAMPLES);
    println!("{figures}");
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
#[cfg_attr(no_suite_en16931_examples_cii, ignore = "en16931/examples-cii is not in the suites")]
fn examples_in_cii_are_accepted() {
    let (figures, refused) = accept_all("suites/en16931/examples-cii");
    println!("{figures}");
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// Figures, and what was refused.
fn accept_all(folder: &str) -> (String, Vec<String>) {
    let mut refused = Vec::new();
    let all = files(folder);
    for (name, bytes) in &all {
        match judged(bytes, RuleSet::Core) {
            Ok(judged) if judged.judgement.acceptance == Acceptance::Accept => {}
            Ok(judged) => refused.push(format!("{name}: {:?}", judged.fatal())),
            Err(why) => refused.push(format!("{name}: {why}")),
        }
    }
    let accepted = all.len() - refused.len();
    (format!("{folder}: {} documents, {accepted} accepted", all.len()), refused)
}

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
#[cfg_attr(no_suite_en16931_examples_ubl, ignore = "en16931/examples-ubl is not in the suites")]
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
#[cfg_attr(no_suite_en16931_examples_ubl, ignore = "en16931/examples-ubl is not in the suites")]
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
