//! Discounts for early payment inside a text (BT-20), as XRechnung writes them:
//! `#SKONTO#TAGE=14#PROZENT=2.25#BASISBETRAG=357.93#`, one on a line (BR-DE-18).

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::xsd;
use crate::models::invoice::CashDiscount;

/// Discounts of one document. Real ones have one to three.
const DISCOUNTS_MAX: usize = 20;

/// The discounts that the text of an element names. A line that does not keep to the form is text
/// and no more: the rules of XRechnung find it.
pub(crate) fn read(at: Option<Element<'_, '_>>, notes: &mut Notes) -> Vec<CashDiscount> {
    let Some(at) = at else {
        return Vec::new();
    };
    let text = at.text();
    let lines = text.lines().filter_map(|line| Some((line.trim(), parse(line.trim())?)));
    let mut discounts = Vec::new();
    for (line, discount) in lines.take(DISCOUNTS_MAX) {
        let group = format!("ext.cash_discounts[{}]", discounts.len() + 1);
        notes.within(&group, |notes| {
            let percent = discount.percent.map(|percent| percent.to_string());
            let base = discount.base.map(|base| base.to_string());
            let days = discount.days.map(|days| days.to_string());
            for (name, value) in [("days", days), ("percent", percent), ("base", base)] {
                if let Some(value) = value {
                    notes.part(at, name, &value, line);
                }
            }
        });
        discounts.push(discount);
    }
    discounts
}

/// One line; nothing when it is no discount.
fn parse(line: &str) -> Option<CashDiscount> {
    let fields = line.strip_prefix("#SKONTO#")?.strip_suffix('#')?;
    let mut discount = CashDiscount::default();
    for field in fields.split('#') {
        match field.split_once('=')? {
            ("TAGE", days) => discount.days = Some(days.parse().ok()?),
            ("PROZENT", percent) => discount.percent = Some(xsd::decimal(percent)?),
            ("BASISBETRAG", base) => discount.base = Some(xsd::decimal(base)?),
            _ => return None,
        }
    }
    (discount.days.is_some() && discount.percent.is_some()).then_some(discount)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_line_in_the_form_of_xrechnung_is_a_discount() {
        let said = |line: &str| {
            let discount = parse(line)?;
            let base = discount.base.map_or("gross".to_owned(), |base| base.to_string());
            Some(format!("{}% of {base} in {}", discount.percent?, discount.days?))
        };
        let full = "#SKONTO#TAGE=14#PROZENT=2.25#BASISBETRAG=357.93#";
        assert_eq!(said(full).as_deref(), Some("2.25% of 357.93 in 14"));
        assert_eq!(said("#SKONTO#TAGE=7#PROZENT=2.00#").as_deref(), Some("2.00% of gross in 7"));
        for line in [
            "",
            "14 days net",
            "#VERZUG#TAGE=14#PROZENT=2.00#",
            "#SKONTO#TAGE=14#PROZENT=2,00#",
            "#SKONTO#TAGE=14#PROZENT=2.00",
            "#SKONTO#TAGE=-1#PROZENT=2.00#",
            "#SKONTO#TAGE=14#",
            "#SKONTO#",
            "#SKONTO##",
            "#SKONTO#TAGE=14#PROZENT=2.00#MEHR=1#",
        ] {
            assert_eq!(said(line), None, "{line}");
        }
    }
}
