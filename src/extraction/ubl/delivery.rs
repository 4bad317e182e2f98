//! UBL `Delivery` and `InvoicePeriod`: BG-13 to BG-15, BG-26.

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::party;
use crate::models::invoice::{Delivery, Period};

/// BG-15.
pub(crate) const ADDRESS: [&str; 7] =
    ["BT-75", "BT-76", "BT-165", "BT-77", "BT-78", "BT-79", "BT-80"];

/// BG-13.
pub(crate) fn read(at: Element<'_, '_>, notes: &mut Notes) -> Delivery {
    let location = at.find("cac:DeliveryLocation");
    let place = location.and_then(|at| at.find("cac:Address"));
    Delivery {
        name: notes.word(at.find("cac:DeliveryParty/cac:PartyName/cbc:Name"), "BT-70"),
        location: notes.identifier(location.and_then(|at| at.find("cbc:ID")), "BT-71"),
        date: notes.date(at.find("cbc:ActualDeliveryDate"), "BT-72"),
        address: place.map(|at| party::address(Some(at), &ADDRESS, notes)),
    }
}

/// BG-14 or BG-26, by its terms; a group that holds BT-8 alone is no period.
pub(crate) fn period(
    at: Option<Element<'_, '_>>,
    (start, end): (&str, &str),
    notes: &mut Notes,
) -> Option<Period> {
    let at = at?;
    let period = Period {
        start: notes.date(at.find("cbc:StartDate"), start),
        end: notes.date(at.find("cbc:EndDate"), end),
    };
    (period != Period::default()).then_some(period)
}
