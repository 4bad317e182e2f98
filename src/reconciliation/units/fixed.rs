//! What holds for every item: units of one measure, and numbers with a name (handbook §6).

use rust_decimal::Decimal;

use crate::reconciliation::units::fraction::Fraction;

/// UN/ECE Rec 20 and 21 codes that all mean one piece.
pub(crate) const ONE_PIECE: [&str; 6] = ["C62", "H87", "EA", "PCE", "NAR", "XPP"];

/// Code, the code it is measured in, and how many of them. Codes of UN/ECE Rec 20. Day, month, box,
/// pallet and pack are missing on purpose: how much they hold depends on the item.
const FIXED: &[(&str, &str, i64)] = &[
    ("MGM", "MGM", 1),
    ("GRM", "MGM", 1_000),
    ("KGM", "MGM", 1_000_000),
    ("DTN", "MGM", 100_000_000),
    ("TNE", "MGM", 1_000_000_000),
    ("MMT", "MMT", 1),
    ("CMT", "MMT", 10),
    ("DMT", "MMT", 100),
    ("MTR", "MMT", 1_000),
    ("KMT", "MMT", 1_000_000),
    ("MMK", "MMK", 1),
    ("CMK", "MMK", 100),
    ("DMK", "MMK", 10_000),
    ("MTK", "MMK", 1_000_000),
    ("MLT", "MLT", 1),
    ("CMQ", "MLT", 1),
    ("CLT", "MLT", 10),
    ("DLT", "MLT", 100),
    ("LTR", "MLT", 1_000),
    ("DMQ", "MLT", 1_000),
    ("HLT", "MLT", 100_000),
    ("MTQ", "MLT", 1_000_000),
    ("SEC", "SEC", 1),
    ("MIN", "SEC", 60),
    ("HUR", "SEC", 3_600),
    ("PR", "C62", 2),
    ("DZN", "C62", 12),
    ("CEN", "C62", 100),
    ("GRO", "C62", 144),
    ("MIL", "C62", 1_000),
];

/// What a unit is measured in, and how many of it: a unit of no measure is one of itself.
pub(crate) fn measured(unit: &str) -> (&str, Fraction) {
    let fixed = FIXED.iter().find(|(code, ..)| *code == unit);
    fixed.map_or((unit, Fraction::ONE), |&(_, base, count)| {
        (base, Fraction::of(Decimal::from(count)))
    })
}
