//! CII deliveries and periods: BG-13 to BG-15, BG-26.

use crate::extraction::cii::{date, party};
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::delivery::ADDRESS;
use crate::models::invoice::{Delivery, Period};

/// BG-13; the element that holds it is mandatory in CII, and mostly empty.
pub(crate) fn read(at: Element<'_, '_>, notes: &mut Notes) -> Option<Delivery> {
    let place = at.find("ram:ShipToTradeParty");
    let day = at.find("ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime");
    if place.is_none() && day.is_none() {
        return None;
    }
    let address = place.and_then(|at| at.find("ram:PostalTradeAddress"));
    Some(Delivery {
        name: notes.word(place.and_then(|at| at.find("ram:Name")), "BT-70"),
        location: notes.identifier(place.and_then(party::single_id), "BT-71"),
        date: date::read(day, "BT-72", notes),
        address: address.map(|at| party::address(Some(at), &ADDRESS, notes)),
    })
}

/// BG-14 or BG-26, by its terms.
pub(crate) fn period(
    at: Option<Element<'_, '_>>,
    (start, end): (&str, &str),
    notes: &mut Notes,
) -> Option<Period> {
    let at = at?.find("ram:BillingSpecifiedPeriod")?;
    let period = Period {
        start: date::read(at.find("ram:StartDateTime"), start, notes),
        end: date::read(at.find("ram:EndDateTime"), end, notes),
    };
    (period != Period::default()).then_some(period)
}
