//! The XML inside hybrid PDFs against the recorded fields and lines of each.

use ap_gateway::extraction::read_invoice;
use ap_gateway::models::extraction::Syntax;
use ap_gateway::models::invoice::{Invoice, InvoiceLine};
use en16931_formats::zugferd;
use rust_decimal::Decimal;

use crate::suites::folder;

/// Names are kept on one line.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
#[cfg_attr(no_suite_zugferd, ignore = "zugferd/ground-truth.jsonl is not in the suites")]
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
            assert!(error.to_string().contains("this is a draft of it"), "{path}: {error}");
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
    let [cii, zugferd_1, drafts] = counts;
    println!(
        "zugferd: {cii} CII, {zugferd_1} ZUGFeRD 1, {drafts} drafts; {fields} values compared"
    );
    assert!(fields > 0, "the ground truth says nothing");
    let known: Vec<_> = NOT_READ
        .iter()
        .filter(|(path, ..)| suite.join(path).is_file())
        .map(|(path, term, _)| ((*path).to_owned(), (*term).to_owned(), None))
        .collect();
    assert_eq!(not_read, known);
}

/// The attachment that the ground truth names: some files have one more.
pub(crate) fn embedded(pdf: &[u8], row: &serde_json::Value) -> Vec<u8> {
    let mut all = zugferd::embedded_files(pdf, &zugferd::Limits::default()).expect("attachments");
    all.remove(row["attachment"].as_str().expect("a name")).expect("the attachment")
}
