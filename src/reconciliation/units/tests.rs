use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::models::conversion::Conversion;
use crate::models::decimal;
use crate::reconciliation::units::Units;
use crate::reconciliation::units::fraction::Fraction;

fn conversion(item: &str, vendor: &str, from: &str, to: &str, factor: &str) -> Conversion {
    let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Conversion {
        item: said(item),
        vendor: said(vendor),
        from: from.to_owned(),
        to: to.to_owned(),
        factor: decimal::parse(factor).expect("a decimal"),
    }
}

fn units(conversions: &[Conversion]) -> Units {
    Units::new(conversions, &BTreeMap::from([("Stk".to_owned(), "C62".to_owned())]))
}

fn shown(factor: Option<Fraction>) -> String {
    factor.and_then(|factor| factor.round(6)).map_or("none".to_owned(), decimal::plain)
}

#[test]
fn fixed_factors_and_aliases_need_no_file() {
    let units = units(&[]);
    for (from, to, factor) in [
        ("KGM", "KGM", "1"),
        (" kgm", "KGM", "1"),
        ("stk", "EA", "1"),
        ("XPP", "H87", "1"),
        ("KGM", "GRM", "1000"),
        ("GRM", "TNE", "0.000001"),
        ("TNE", "KGM", "1000"),
        ("MTR", "CMT", "100"),
        ("MMT", "KMT", "0.000001"),
        ("HLT", "LTR", "100"),
        ("MLT", "LTR", "0.001"),
        ("MTQ", "LTR", "1000"),
        ("MTK", "CMK", "10000"),
        ("HUR", "MIN", "60"),
        ("SEC", "HUR", "0.000278"),
        ("DZN", "C62", "12"),
        ("PCE", "DZN", "0.083333"),
        ("PR", "EA", "2"),
        ("GRO", "DZN", "12"),
        ("CEN", "MIL", "0.1"),
        ("DAY", "HUR", "none"),
        ("MON", "DAY", "none"),
        ("XBX", "C62", "none"),
        ("XPX", "C62", "none"),
        ("PA", "EA", "none"),
        ("KGM", "LTR", "none"),
        ("KGM", "C62", "none"),
        ("rolls", "ROLLS", "1"),
        ("rolls", "KGM", "none"),
        ("", "KGM", "none"),
        ("KGM", " ", "none"),
        ("", "", "none"),
    ] {
        assert_eq!(shown(units.factor(&[], None, from, to)), factor, "{from} in {to}");
    }
}

#[test]
fn the_narrowest_conversion_on_file_decides() {
    let units = units(&[
        conversion("", "", "XBX", "C62", "6"),
        conversion("", "V1", "XBX", "C62", "7"),
        conversion("MM01", "", "XBX", "C62", "10"),
        conversion("MM01", "V1", "xbx", "stk", "12"),
        conversion("MM01", "", "PR", "C62", "3"),
    ]);
    for (item, vendor, from, to, factor) in [
        (Some("MM01"), Some("V1"), "XBX", "C62", "12"),
        (Some("MM01"), Some("V2"), "XBX", "C62", "10"),
        (Some(" MM01 "), None, "XBX", "EA", "10"),
        (Some("MM02"), Some("V1"), "XBX", "C62", "7"),
        (Some("MM02"), Some("V2"), "XBX", "C62", "6"),
        (None, None, "C62", "XBX", "0.166667"),
        (Some(""), Some(""), "XBX", "C62", "6"),
        // An item's own pair wins over the fixed one.
        (Some("MM01"), None, "PR", "C62", "3"),
        (Some("MM02"), None, "PR", "C62", "2"),
    ] {
        let found = units.factor(item.as_slice(), vendor, from, to);
        assert_eq!(shown(found), factor, "{item:?} {vendor:?} {from} in {to}");
    }
}

#[test]
fn ways_over_several_conversions_are_found() {
    let units = units(&[
        conversion("MM01", "", "XPX", "XBX", "40"),
        conversion("MM01", "", "XBX", "EA", "12"),
        conversion("MM01", "", "ROL", "KGM", "12.5"),
    ]);
    for (from, to, factor) in [
        ("XPX", "C62", "480"),
        ("XPX", "DZN", "40"),
        ("DZN", "XBX", "1"),
        ("XPX", "GRO", "3.333333"),
        ("ROL", "TNE", "0.0125"),
        ("GRM", "ROL", "0.00008"),
        ("ROL", "C62", "none"),
    ] {
        assert_eq!(shown(units.factor(&["MM01"], None, from, to)), factor, "{from} in {to}");
    }
}

/// A box of this item holds twelve, whatever a box holds else, and whichever way that is written.
#[test]
fn on_the_way_over_several_the_narrowest_conversion_counts() {
    for general in [conversion("", "", "XBX", "EA", "10"), conversion("", "", "EA", "XBX", "0.1")] {
        let units = units(&[
            conversion("", "", "XPX", "XBX", "40"),
            conversion("MM01", "", "XBX", "EA", "12"),
            general.clone(),
        ]);
        let factor = |item: &str| shown(units.factor(&[item], None, "XPX", "C62"));
        assert_eq!([factor("MM01"), factor("MM02")], ["480", "400"], "{general:?}");
    }
}

/// Sixty-four units are visited, that is sixty-three steps.
#[test]
fn a_way_over_too_many_units_is_none() {
    let chain =
        (0..70).map(|at| conversion("A", "", &format!("U{at}"), &format!("U{}", at + 1), "2"));
    let chain: Vec<Conversion> = chain.collect();
    for (steps, found) in [(62, true), (63, true), (64, false)] {
        let units = units(&chain[..steps]);
        let factor = units.factor(&["A"], None, "U0", &format!("U{steps}"));
        assert_eq!(factor.is_some(), found, "{steps}");
    }
}

#[test]
fn conversions_that_contradict_each_other_are_none() {
    let units = units(&[
        conversion("A", "", "XBX", "C62", "10"),
        conversion("A", "", "C62", "XBX", "0.1"),
        conversion("B", "", "XBX", "C62", "10"),
        conversion("B", "", "XBX", "C62", "12"),
        conversion("C", "", "XPX", "XBX", "2"),
        conversion("C", "", "XBX", "C62", "10"),
        conversion("C", "", "XPX", "DZN", "2"),
        conversion("B", "", "ROL", "KGM", "2"),
        conversion("D", "", "XBX", "C62", "0"),
        conversion("D", "", "XPX", "C62", "-1"),
        conversion("D", "", "XPK", " ", "4"),
    ]);
    for (item, from, to, factor) in [
        ("A", "XBX", "C62", "10"),
        ("B", "XBX", "C62", "none"),
        ("B", "XBX", "DZN", "none"),
        // It is not the other conversions' fault.
        ("B", "ROL", "GRM", "2000"),
        ("C", "XPX", "XBX", "2"),
        ("C", "XPX", "C62", "none"),
        ("D", "XBX", "C62", "none"),
        ("D", "XPX", "C62", "none"),
    ] {
        assert_eq!(shown(units.factor(&[item], None, from, to)), factor, "{item} {from} {to}");
    }
}

#[test]
fn a_code_that_is_its_own_alias_is_no_piece() {
    let own = BTreeMap::from([("XPP".to_owned(), "XPP".to_owned())]);
    let units = Units::new(&[], &own);
    assert_eq!(units.factor(&[], None, "XPP", "C62"), None);
    assert_eq!(units.factor(&[], None, "EA", "C62"), Some(Fraction::ONE));
}

#[test]
fn numbers_too_large_are_none_and_no_panic() {
    let most = "9999999999999999999999999999";
    let units = units(&[
        conversion("A", "", "X1", "X2", most),
        conversion("A", "", "X2", "X3", most),
        conversion("A", "", "X3", "X4", most),
    ]);
    assert_eq!(units.factor(&["A"], None, "X1", "X4"), None);
    assert!(units.factor(&["A"], None, "X1", "X2").is_some());
}

const CODES: [&str; 14] = [
    "KGM", "GRM", "TNE", "MTR", "LTR", "HUR", "SEC", "DZN", "PR", "EA", "XBX", "XPX", "ROL", "DAY",
];

proptest! {
    #[test]
    fn there_and_back_is_one(
        edges in prop::collection::vec((0..CODES.len(), 0..CODES.len(), 1_i64..100_000, 0_u32..4), 0..5),
        from in 0..CODES.len(),
        to in 0..CODES.len(),
    ) {
        let edges: Vec<Conversion> = edges
            .into_iter()
            .map(|(from, to, factor, scale)| {
                let factor = rust_decimal::Decimal::new(factor, scale).to_string();
                conversion("I", "", CODES[from], CODES[to], &factor)
            })
            .collect();
        let units = units(&edges);
        let there = units.factor(&["I"], None, CODES[from], CODES[to]);
        let back = units.factor(&["I"], None, CODES[to], CODES[from]);
        prop_assert_eq!(there.is_some(), back.is_some());
        if let (Some(there), Some(back)) = (there, back) {
            prop_assert_eq!(there.checked_mul(back), Some(Fraction::ONE));
        }
    }
}
