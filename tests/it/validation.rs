//! Which rules a document is held to. How well they agree with the official ones is measured in
//! `suites`.

use ap_gateway::models::finding::{Finding, Severity};
use ap_gateway::validation::RuleSet;

use crate::suites::{files, judged};

fn findings(bytes: &[u8]) -> Vec<Finding> {
    judged(bytes, RuleSet::Declared).expect("readable").judgement.findings
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
