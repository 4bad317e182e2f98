//! The types of UBL's basic elements, which their names end in: what is not read is held to them
//! too, since neither we nor the rules would miss a discount that is no number.

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::xsd;

/// What an ending of a name promises.
struct Type {
    ending: &'static str,
    fits: fn(&str) -> bool,
    /// The words for a value that does not fit.
    why: &'static str,
}

const TYPES: [Type; 7] = [
    number("Amount", "is not an amount such as 1190.00"),
    number("Quantity", "is not a quantity such as 2.5"),
    number("Percent", "is not a percentage such as 19"),
    number("Numeric", "is not a number such as 0.5"),
    number("Rate", "is not a rate such as 1.0832"),
    Type {
        ending: "Date",
        fits: |text| xsd::date(text).is_some(),
        why: "is not a day such as 2026-11-30",
    },
    Type {
        ending: "Indicator",
        fits: |text| xsd::boolean(text).is_some(),
        why: "is neither true nor false",
    },
];

const fn number(ending: &'static str, why: &'static str) -> Type {
    Type { ending, fits: |text| xsd::decimal(text).is_some(), why }
}

/// Notes every value that is not of the type of its element, unless it is noted already.
pub(crate) fn check(root: Element<'_, '_>, notes: &mut Notes) {
    // Extensions speak other languages than UBL.
    for group in root.elements().filter(|group| group.local() != "UBLExtensions") {
        for leaf in group.descendants().filter(|leaf| leaf.is_basic()) {
            let text = leaf.trimmed();
            if let Some(wanted) = type_of(leaf)
                && !(wanted.fits)(&text)
            {
                if !notes.is_noted(leaf) {
                    notes.malformed(leaf, "", wanted.why);
                }
            } else if has_cents_at_most(leaf) && decimals(&text) > 2 {
                notes.broken_rule(leaf, "UBL-DT-01", "has more than two decimals");
            }
        }
    }
}

fn type_of(leaf: Element<'_, '_>) -> Option<&'static Type> {
    TYPES.iter().find(|wanted| leaf.local().ends_with(wanted.ending))
}

/// Amounts have two decimals at most (UBL-DT-01, BR-DEC-*); prices have as many as they need.
fn has_cents_at_most(leaf: Element<'_, '_>) -> bool {
    leaf.local().ends_with("Amount") && !leaf.is_inside("Price")
}

fn decimals(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, decimals)| decimals.len())
}

/// A number with the zero that writers of Oracle origin leave out, as in `.50`: right in XML
/// Schema, and refused by the reader of the rules. Nothing where nothing is to be changed.
pub(crate) fn with_zero(leaf: Element<'_, '_>) -> Option<String> {
    if !leaf.is_basic() || type_of(leaf).is_none() {
        return None;
    }
    zero_added(&leaf.trimmed())
}

/// A number that lacks its zero, with it.
pub(crate) fn zero_added(text: &str) -> Option<String> {
    let digits = text.trim_start_matches(['+', '-']);
    let lacks_zero = digits.starts_with('.') && xsd::decimal(text).is_some();
    lacks_zero.then(|| {
        let sign = if text.starts_with('-') { "-" } else { "" };
        format!("{sign}0{digits}")
    })
}
