use crate::extraction::rules::Test::{
    Absent, AtMost, Cents, Code, Exists, Filled, Holds, Once, OneExists, OneFilled,
};
use crate::extraction::rules::forbidden::Forbidden;
use crate::extraction::rules::lists::CURRENCIES;
use crate::extraction::rules::{Rule, RuleSet, fatal, warning};
use crate::extraction::tree::{Element, parse};
use crate::models::finding::Severity;

const CBC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
const CAC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";

#[rustfmt::skip]
static RULES: &[Rule] = &[
    fatal("FILLED", "BT-1", "/", Filled("cbc:ID")),
    fatal("ONE-FILLED", "", "/", OneFilled(&["cbc:ID", "cbc:UUID"])),
    fatal("EXISTS", "", "/cac:Party", Exists("cbc:EndpointID/@schemeID")),
    fatal("ONE-EXISTS", "", "cac:Party", OneExists(&["cbc:Name", "cac:PartyName"])),
    fatal("AT-MOST", "", "/", AtMost(1, "cac:Party[cbc:Name=A,B]")),
    fatal("ONCE", "", "/", Once("cac:Party[!cbc:Name]")),
    fatal("ABSENT", "", "cac:Party[cbc:Name^=VAT]", Absent("cbc:ID")),
    fatal("CENTS", "", "*Amount", Cents(".")),
    fatal("CODE", "BT-5", "cbc:Amount | cbc:TaxAmount", Code("@currencyID", &CURRENCIES)),
    warning("HOLDS", "", "cac:Side[cbc:Indicator?false]/cbc:Amount",
        Holds(|at| at.trimmed() == "1", "is not one", "state one")),
];

/// The rules that an `<Invoice>` with this inside breaks, in order.
fn broken(inside: &str) -> Vec<String> {
    let text = format!("<Invoice xmlns:cbc='{CBC}' xmlns:cac='{CAC}'>{inside}</Invoice>");
    let document = parse(&text).expect("XML");
    let set = RuleSet::new("test", &[RULES], Forbidden::default());
    let found = set.check(Element::root(&document));
    assert!(found.iter().all(|found| found.place.is_some() && found.remedy.is_some()));
    let mut codes: Vec<_> = found.into_iter().map(|found| found.code).collect();
    codes.sort_unstable();
    codes
}

const PARTY: &str = "<cac:Party><cbc:EndpointID schemeID=''/><cac:PartyName/></cac:Party>";

#[test]
fn each_test_holds_and_breaks_where_it_should() {
    let sound = format!("<cbc:ID>1</cbc:ID>{PARTY}");
    assert_eq!(broken(&sound), [""; 0]);
    for (inside, rules) in [
        (format!("<cbc:ID> </cbc:ID>{PARTY}"), &["FILLED", "ONE-FILLED"][..]),
        (format!("<cbc:UUID>1</cbc:UUID>{PARTY}"), &["FILLED"]),
        (format!("{sound}{PARTY}"), &["ONCE"]),
        ("<cbc:ID>1</cbc:ID>".to_owned(), &["ONCE"]),
        (
            format!("{sound}<cac:Party><cbc:EndpointID/><cbc:Name>C</cbc:Name></cac:Party>"),
            &["EXISTS"],
        ),
        (
            format!("{sound}<cac:Party><cbc:EndpointID schemeID='1'/></cac:Party>"),
            &["ONCE", "ONE-EXISTS"],
        ),
        (format!("{sound}<cbc:Amount>1.005</cbc:Amount>"), &["CENTS"]),
        (
            format!("{sound}<cac:X><cbc:TaxAmount currencyID='XX'>1</cbc:TaxAmount></cac:X>"),
            &["CODE"],
        ),
        (format!("{sound}<cbc:TaxAmount>1</cbc:TaxAmount>"), &[]),
        (
            format!(
                "{sound}<cac:Side><cbc:Indicator>0</cbc:Indicator><cbc:Amount>2</cbc:Amount></cac:Side>"
            ),
            &["HOLDS"],
        ),
        (
            format!(
                "{sound}<cac:Side><cbc:Indicator>true</cbc:Indicator><cbc:Amount>2</cbc:Amount></cac:Side>"
            ),
            &[],
        ),
        (
            format!(
                "{sound}<cac:Y><cac:Party><cbc:Name>vat</cbc:Name><cbc:ID/></cac:Party></cac:Y>"
            ),
            &["ABSENT"],
        ),
    ] {
        assert_eq!(broken(&inside), rules, "{inside}");
    }
    let named = "<cac:Party><cbc:EndpointID schemeID='1'/><cbc:Name>A</cbc:Name></cac:Party>";
    assert_eq!(broken(&format!("{sound}{named}{}", named.replace('A', "B"))), ["AT-MOST"]);
}

#[test]
fn what_is_forbidden_is_found_by_its_path_and_says_where() {
    let rows =
        [("CR-1", "/ubl:Invoice", "cac:Party/cbc:Logo"), ("CII-DT-076", "//cac:Period", "cbc:ID")];
    let forbidden = Forbidden::new(&rows, &[("DT-08", "schemeName")], |_| false);
    let set = RuleSet::new("test", &[], forbidden);
    assert_eq!(set.ids, ["CII-DT-076", "CR-1", "DT-08"]);
    let text = format!(
        "<Invoice xmlns:cbc='{CBC}' xmlns:cac='{CAC}'><cac:Party><cbc:Logo/></cac:Party>\
         <cac:X><cac:Party><cbc:Logo/></cac:Party><cac:Period><cbc:ID schemeName='a'/></cac:Period>\
         </cac:X></Invoice>"
    );
    let document = parse(&text).expect("XML");
    let found = set.check(Element::root(&document));
    let said: Vec<_> = found
        .iter()
        .map(|found| (found.code.as_str(), found.severity, found.place.as_deref().expect("placed")))
        .collect();
    assert_eq!(
        said,
        [
            ("CR-1", Severity::Warning, "/Invoice/cac:Party/cbc:Logo"),
            ("CII-DT-076", Severity::Fatal, "/Invoice/cac:X/cac:Period/cbc:ID"),
            ("DT-08", Severity::Warning, "/Invoice/cac:X/cac:Period/cbc:ID/@schemeName"),
        ]
    );
}

#[test]
fn a_slip_on_every_line_is_kept_a_hundred_times_and_hides_no_other_rule() {
    let many = "<cbc:Amount>1.005</cbc:Amount>".repeat(5_000);
    let codes = broken(&format!("{PARTY}{many}"));
    assert_eq!(codes.iter().filter(|code| *code == "CENTS").count(), 100);
    assert!(codes.contains(&"FILLED".to_owned()));
}
