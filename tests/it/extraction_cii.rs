//! Cross Industry Invoices: public examples against an independent look and their UBL twins,
//! mutations.

/// The same invoice in other words.
mod alike;

use ap_gateway::extraction::{Reading, Unreadable, read_invoice};
use ap_gateway::models::extraction::Syntax;
use ap_gateway::models::finding::Finding;
use ap_gateway::models::finding::Severity;
use ap_gateway::models::invoice::InvoiceLine;
use roxmltree::{Document, Node};
use rust_decimal::Decimal;

use crate::suites::embedded::embedded;
use crate::suites::{files, folder};

const EXAMPLES: &str = "suites/en16931/examples-cii";

/// Examples whose gross and net prices are for different quantities.
const ODD_BASES: [&str; 3] =
    ["CII_business_example_01.xml", "CII_example2.xml", "CII_example5.xml"];

/// The first element of each name of a path that stands anywhere below: another way than the
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
        let odd = ODD_BASES.contains(&name.as_str());
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
        let account = account.map(|id| id.split_whitespace().collect::<String>());
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
