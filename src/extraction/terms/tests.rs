use super::{Field, INVOICE, Kind, Path, find, fold, locate};
use std::collections::HashSet;

fn all() -> Vec<&'static Field> {
    fn below(group: &'static [Field], found: &mut Vec<&'static Field>) {
        for field in group {
            found.push(field);
            if let Some(fields) = field.members() {
                below(fields, found);
            }
        }
    }
    let mut found = Vec::new();
    below(INVOICE, &mut found);
    found
}

#[test]
fn every_term_of_the_standard_has_one_member() {
    let fields = all();
    let terms: Vec<_> = fields.iter().map(|field| field.term).collect();
    // BT-4 does not exist in EN 16931-1, nor do the groups 13 to 19 have other members.
    let absent = ["BT-4"];
    for number in 1..=165 {
        let term = format!("BT-{number}");
        let there = terms.contains(&term.as_str());
        assert_eq!(there, !absent.contains(&term.as_str()), "{term}");
    }
    for number in 1..=32 {
        assert!(terms.contains(&format!("BG-{number}").as_str()), "BG-{number}");
    }
    let mut seen = HashSet::new();
    for field in fields.iter().filter(|field| !field.term.is_empty()) {
        // The code of a class is the class: the list and its member have one term.
        assert!(seen.insert(field.term) || field.term == "BT-158", "{} twice", field.term);
    }
}

#[test]
fn a_key_means_one_member_of_its_group() {
    fn check(group: &'static [Field]) {
        let mut seen = HashSet::new();
        for field in group {
            let name = field.has_name().then_some(field.name);
            let term = Some(field.term).filter(|term| !term.is_empty());
            for key in name.into_iter().chain(term).chain(field.aliases.iter().copied()) {
                assert!(seen.insert(fold(key)), "{key} means two things");
            }
            field.members().into_iter().for_each(check);
        }
    }
    check(INVOICE);
}

#[test]
fn a_term_is_found_through_groups_and_a_name_is_not() {
    let names = |route: Option<Vec<&Field>>| {
        route.map(|route| route.iter().map(|field| field.name).collect::<Vec<_>>().join("."))
    };
    for (key, found) in [
        ("BT-1", Some("number")),
        ("bt-1", Some("number")),
        ("Invoice Number", Some("number")),
        ("invoiceNumber", Some("number")),
        ("BT-31", Some("seller.vat_id")),
        ("BT-40", Some("seller.address.country")),
        ("BT-112", Some("totals.gross")),
        ("vat_id", None),
        ("gross", None),
        ("BT-84", None),
        ("BT-131", None),
        ("BT-4", None),
    ] {
        assert_eq!(names(find(INVOICE, key)).as_deref(), found, "{key}");
    }
    for (term, found) in [
        ("BT-84", "payments.accounts.id"),
        ("BT-131", "lines.net"),
        ("BT-92", "allowances_and_charges.amount"),
        ("BT-136", "lines.allowances_and_charges.amount"),
    ] {
        assert_eq!(names(locate(term)).as_deref(), Some(found), "{term}");
    }
}

#[test]
fn a_path_names_a_member_as_evidence_does() {
    let field = |term: &str| locate(term).and_then(|route| route.last().copied()).expect("a row");
    let line = Path::default().item("lines", "BG-25", 1);
    let class = line.item("classifications", "BT-158", 0);
    let discount = Path::default().item("cash_discounts", "", 0);
    let unit = Field::new("unit_as_written", "", Kind::Word);
    for (path, expected) in [
        (Path::default().leaf(field("BT-112")), "BT-112"),
        (Path::default().group(field("BG-7")).leaf(&unit), "BG-7/ext.unit_as_written"),
        (line.leaf(field("BT-131")), "BG-25[2]/BT-131"),
        (line.leaf(&unit), "BG-25[2]/ext.unit_as_written"),
        (class.leaf(field("BT-158")), "BG-25[2]/BT-158[1]"),
        (class.leaf(field("BT-158-1")), "BG-25[2]/BT-158[1]/BT-158-1"),
        (discount.leaf(&unit), "ext.cash_discounts[1]/ext.unit_as_written"),
    ] {
        assert_eq!(path, expected);
    }
}

#[test]
fn the_reference_is_the_table_of_terms() {
    let documented = include_str!("../../../docs/extraction-tables.md");
    let reference = super::reference::reference();
    let said = "the table of terms in the docs is old; the new one is";
    assert!(documented.contains(&reference), "{said}\n\n{reference}");
}
