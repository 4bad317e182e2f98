//! The types of CII's values, which the names of their elements end in: what is not read is held
//! to them too, since neither we nor the rules would miss a discount that is no number.

use crate::extraction::cii::date;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::lexical::zero_added;
use crate::extraction::xsd;

/// What an ending of a name promises of a number.
const NUMBERS: [(&str, &str); 6] = [
    ("Amount", "is not an amount such as 1190.00"),
    ("Quantity", "is not a quantity such as 2.5"),
    ("Percent", "is not a percentage such as 19"),
    ("Measure", "is not a measure such as 14"),
    ("Numeric", "is not a number such as 0.5"),
    ("ConversionRate", "is not a rate such as 1.0832"),
];

/// Notes every value that is not of the type of its element, unless it is noted already.
pub(crate) fn check(root: Element<'_, '_>, notes: &mut Notes) {
    let leaves = root.descendants().filter(|at| at.elements().next().is_none());
    for leaf in leaves {
        if let Some(why) = fault(leaf)
            && !notes.is_noted(leaf)
        {
            notes.malformed(leaf, "", &why);
        }
    }
}

/// What is wrong with a value, by the type of its element.
fn fault(leaf: Element<'_, '_>) -> Option<String> {
    let text = leaf.trimmed();
    if let Some(why) = number(leaf) {
        return xsd::decimal(&text).is_none().then(|| why.to_owned());
    }
    if leaf.local() == "Indicator" {
        return xsd::boolean(&text).is_none().then(|| "is neither true nor false".to_owned());
    }
    if date::LEAVES.contains(&leaf.local()) {
        let format = leaf.attribute("format");
        return date::parse(&text, format).is_none().then(|| date::why(format));
    }
    None
}

fn number(leaf: Element<'_, '_>) -> Option<&'static str> {
    let ends = |(ending, _): &&(&str, &str)| leaf.local().ends_with(ending);
    NUMBERS.iter().find(ends).map(|(_, why)| *why)
}

/// As in UBL: the zero that writers leave out, for the reader of the rules.
pub(crate) fn with_zero(leaf: Element<'_, '_>) -> Option<String> {
    number(leaf)?;
    zero_added(&leaf.trimmed())
}
