//! Item ids on both sides, strongest kind first: GTIN, the buyer's id, the seller's id.

pub(crate) mod known_by;

use crate::models::invoice::InvoiceLine;
use crate::models::order::OrderLine;
use crate::reconciliation::reference::without_zeros;

/// The kinds of item id, strongest first (handbook §3, step 3).
pub(crate) const KINDS: [&str; 3] = ["BT-157", "BT-156", "BT-155"];

/// The digits of the shortest GTIN.
const GTIN_DIGITS_MIN: usize = 8;

/// One id for each of [`KINDS`], as it is compared.
pub(crate) type Ids<'a> = [Option<&'a str>; 3];

/// The ids of an invoice line.
pub(crate) fn invoiced(line: &InvoiceLine) -> Ids<'_> {
    ids(
        line.standard_item_id.as_ref().map(|id| id.value.as_str()),
        line.buyer_item_id.as_deref(),
        line.seller_item_id.as_deref(),
    )
}

/// The ids of an order line.
pub(crate) fn ordered(line: &OrderLine) -> Ids<'_> {
    ids(
        line.standard_item_id.as_deref(),
        line.buyer_item_id.as_deref(),
        line.seller_item_id.as_deref(),
    )
}

fn ids<'a>(standard: Option<&'a str>, buyer: Option<&'a str>, seller: Option<&'a str>) -> Ids<'a> {
    let said = |id: Option<&'a str>| id.map(str::trim).filter(|id| !id.is_empty());
    [said(standard).map(gtin), said(buyer), said(seller)]
}

/// A GTIN of 8, 12 or 13 digits may be padded to 14 with zeros and stays the same.
fn gtin(id: &str) -> &str {
    let digits = id.len() <= 14 && id.bytes().all(|byte| byte.is_ascii_digit());
    if digits { without_zeros(id) } else { id }
}

/// An id that nobody says the kind of, as it is compared if it is a GTIN that was padded with
/// zeros. What is shorter than a GTIN is another id without its zeros.
pub(crate) fn unpadded(id: &str) -> Option<&str> {
    (id.len() >= GTIN_DIGITS_MIN).then(|| gtin(id)).filter(|gtin| *gtin != id)
}

/// The strongest kind that both sides know, when it differs: its name and both ids.
pub(crate) fn conflict<'a>(
    one: Ids<'a>,
    other: Ids<'a>,
) -> Option<(&'static str, &'a str, &'a str)> {
    let kinds = KINDS.into_iter().zip(one.into_iter().zip(other));
    let (kind, one, other) =
        kinds.filter_map(|(kind, (one, other))| Some((kind, one?, other?))).next()?;
    (one != other).then_some((kind, one, other))
}

#[cfg(test)]
mod tests {
    use super::{conflict, ids};

    #[test]
    fn the_strongest_kind_that_both_know_decides() {
        let one = ids(Some("04012345678901"), Some("A"), Some("x"));
        for (other, differs) in [
            (ids(Some("4012345678901"), Some("B"), None), None),
            (ids(None, Some("B"), Some("x")), Some("BT-156")),
            (ids(Some("4012345678918"), Some("A"), None), Some("BT-157")),
            (ids(None, None, Some(" x ")), None),
            (ids(None, None, None), None),
        ] {
            assert_eq!(conflict(one, other).map(|found| found.0), differs, "{other:?}");
        }
    }
}
