//! Agreement with the official rules, measured on the public suites.

use std::collections::{BTreeMap, BTreeSet};

use ap_gateway::extraction::read_invoice;
use ap_gateway::models::finding::{Finding, Severity};
use ap_gateway::validation::judge;

use roxmltree::{Document, Node};

use crate::suites::{files, folder};

fn findings(bytes: &[u8]) -> Vec<Finding> {
    let reading = read_invoice(bytes).expect("readable");
    judge(&reading.invoice, &reading.document, reading.findings)
}

/// Path in the suites to the set of fatal rules.
fn official_verdicts() -> BTreeMap<String, BTreeSet<String>> {
    let file = folder("suites/en16931").join("official-verdicts.jsonl");
    let text = std::fs::read_to_string(file).expect("the verdicts can be read");
    let rows = text.lines().map(|line| serde_json::from_str(line).expect("a row is JSON"));
    rows.map(|row: serde_json::Value| {
        let fatal = row["fatal"].as_object().expect("a map of rules");
        let path = row["path"].as_str().expect("a path").to_owned();
        (path, fatal.keys().cloned().collect())
    })
    .collect()
}

/// Where our fatal findings are not the recorded ones. The recorded verdicts are those of the
/// EN 16931 rules alone; a document that claims a profile on top is held to that as well.
const EXAMPLES_THAT_DIFFER: [(&str, &str, &str); 1] = [(
    "issue116.xml",
    "PEPPOL-COMMON-R049",
    "claims Peppol BIS Billing 3, and its Swedish organisation numbers have wrong check digits",
)];

#[test]
fn fatal_rules_of_every_ubl_example_are_the_official_ones() {
    let official = official_verdicts();
    let mut wrong = Vec::new();
    for (name, bytes) in files("suites/en16931/examples-ubl") {
        let mut expected = official[&format!("en16931/examples-ubl/{name}")].clone();
        for (file, rule, _) in EXAMPLES_THAT_DIFFER {
            if file == name {
                expected.insert(rule.to_owned());
            }
        }
        let fatal = findings(&bytes).into_iter();
        let fatal = fatal.filter(|found| found.severity == Severity::Fatal);
        let fatal: BTreeSet<String> = fatal.map(|found| found.code).collect();
        if fatal != expected {
            wrong.push(format!("{name}: {fatal:?} instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Unit assertions that we answer otherwise than CEN: rule, how often, and why. A new difference
/// fails the test, and so does one that is gone.
const UNITS_THAT_DIFFER: [(&str, usize, &str); 15] = [
    ("BR-03", 1, "a date that is no date counts as absent; it is a finding anyway"),
    ("BR-08", 1, "an empty group counts as absent"),
    ("BR-10", 1, "an empty group counts as absent"),
    ("BR-19", 1, "an empty group counts as absent"),
    ("BR-32", 2, "an absent VAT category is not told from an empty one"),
    ("BR-37", 2, "an absent VAT category is not told from an empty one"),
    ("BR-55", 1, "an empty preceding invoice reference is read as none"),
    ("BR-CL-03", 1, "the currency of each amount is compared with BT-5, not with the list"),
    ("BR-CL-24", 1, "the rules see no attachment without a file name"),
    ("BR-CO-19", 1, "an empty period is read as none"),
    ("UBL-DT-06", 1, "rules about attributes are not in the rules crate"),
    ("UBL-DT-07", 1, "rules about attributes are not in the rules crate"),
    ("UBL-SR-42", 1, "three tax schemes of one party: cardinalities above one are not checked"),
    ("UBL-SR-44", 1, "cardinalities above one are not checked"),
    ("UBL-SR-47", 2, "payment means of different codes are read as one"),
];

#[test]
fn unit_assertions_of_cen_are_answered_as_cen_does() {
    let mut assertions = 0;
    let mut differ: BTreeMap<String, usize> = BTreeMap::new();
    for (name, bytes) in files("suites/en16931/ubl-invoice-unit") {
        let source = String::from_utf8(bytes).expect("UTF-8");
        let set = Document::parse(source.trim_start_matches('\u{feff}')).expect("XML");
        for test in set.descendants().filter(|node| node.has_tag_name((DIFI, "test"))) {
            let document = test.children().filter(Node::is_element);
            let mut document = document.filter(|node| !node.has_tag_name((DIFI, "assert")));
            let document = standalone(document.next().expect("a document"));
            let found = findings(document.as_bytes());
            for expected in test.descendants().filter(Node::is_element) {
                let fires = match expected.tag_name().name() {
                    "success" => false,
                    "error" | "warning" => true,
                    _ => continue,
                };
                let rule = expected.text().expect("a rule").trim();
                assertions += 1;
                if found.iter().any(|found| found.code == rule) != fires {
                    *differ.entry(rule.to_owned()).or_default() += 1;
                    println!("{name}: {rule} should fire: {fires}");
                }
            }
        }
    }
    let expected = UNITS_THAT_DIFFER.iter().map(|(rule, times, _)| ((*rule).to_owned(), *times));
    assert_eq!(differ, expected.collect());
    assert_eq!(assertions, 917);
}

const DIFI: &str = "http://difi.no/xsd/vefa/validator/1.0";

/// A fragment as a document: with the namespaces that are declared around it.
fn standalone(fragment: Node<'_, '_>) -> String {
    let source = &fragment.document().input_text()[fragment.range()];
    let name = source.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
    let (name, rest) = source.split_at(name.expect("a start tag"));
    let tag = &rest[..rest.find('>').expect("a start tag")];
    let missing = fragment.namespaces().filter_map(|namespace| {
        let attribute = match namespace.name() {
            Some("xml") => return None,
            Some(prefix) => format!("xmlns:{prefix}="),
            None => "xmlns=".to_owned(),
        };
        let uri = namespace.uri();
        (!tag.contains(&attribute)).then(|| format!(" {attribute}\"{uri}\""))
    });
    format!("{name}{}{rest}", missing.collect::<String>())
}

#[test]
fn rules_of_a_profile_are_for_documents_that_claim_it() {
    let (_, bytes) = files("suites/en16931/examples-ubl")
        .into_iter()
        .find(|(name, _)| name == "ubl-tc434-example6.xml")
        .expect("the example");
    let source = String::from_utf8(bytes).expect("UTF-8");
    let core = "urn:cen.eu:en16931:2017</cbc:CustomizationID>";
    assert!(source.contains(core));
    let claims = |profile: &str| {
        let claim = format!("{profile}</cbc:CustomizationID>");
        findings(source.replace(core, &claim).as_bytes())
    };
    let german = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0";
    let peppol = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0";
    let of_profile = |found: &[Finding]| {
        let codes = found.iter().map(|found| &found.code);
        codes.filter(|code| code.starts_with("BR-DE") || code.starts_with("PEPPOL")).count()
    };
    assert_eq!(of_profile(&findings(source.as_bytes())), 0);
    assert!(of_profile(&claims(german)) > 0);
    assert!(of_profile(&claims(peppol)) > 0);
    let unknown = claims("urn:example:unknown");
    assert_eq!(of_profile(&unknown), 0);
    assert!(
        unknown.iter().any(|found| {
            found.code == "PROFILE_UNKNOWN" && found.severity == Severity::Warning
        })
    );
}

/// Removed by CEN on 2026-04-04: payable, and neither a due date nor payment terms.
#[test]
fn an_invoice_without_due_date_and_terms_is_valid() {
    for (name, bytes) in files("suites/en16931/examples-ubl") {
        let source = String::from_utf8_lossy(&bytes).into_owned();
        let cut = source.replace("cbc:DueDate>", "cbc:TaxPointDate>");
        let cut = cut.replace("cac:PaymentTerms>", "cac:Terms>");
        assert!(findings(cut.as_bytes()).iter().all(|found| found.code != "BR-CO-25"), "{name}");
    }
}
