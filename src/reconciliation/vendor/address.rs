//! Is the invoice for us, and from somebody else?

use crate::models::invoice::{Invoice, Party};
use crate::models::supplier::Entity;
use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::holds;
use crate::reconciliation::identity;
use crate::reconciliation::party;
use crate::reconciliation::show;

/// The holds of seller and buyer. Of a company that we know nothing about nothing is said.
pub(super) fn holds(invoice: &Invoice, entity: &Entity) -> Vec<Hold> {
    [own_vat(invoice, entity), not_for_us(invoice, entity)].into_iter().flatten().collect()
}

fn own_vat(invoice: &Invoice, entity: &Entity) -> Option<Hold> {
    let seller = vat_id(&invoice.seller)?;
    let text = format!(
        "the seller's VAT id {} (BT-31) is our own, so seller and buyer may have been mixed up; \
         releases when a lead has looked, and otherwise never",
        show::name(&seller)
    );
    is_ours(&seller, entity).then(|| holds::document(HoldCode::OwnVat, &text))
}

/// By VAT id (BT-48); where the buyer has none, by its name, if it is like none of ours.
fn not_for_us(invoice: &Invoice, entity: &Entity) -> Option<Hold> {
    let said = match vat_id(&invoice.buyer) {
        Some(_) if entity.vat_ids.is_empty() => None,
        Some(buyer) if is_ours(&buyer, entity) => None,
        Some(buyer) => Some(format!("VAT id {} (BT-48)", show::name(&buyer))),
        None => foreign_name(&invoice.buyer, entity),
    }?;
    let text = format!(
        "the buyer's {said} is not ours; releases when a lead has looked, and otherwise never: \
         send the invoice back to the supplier if it is for somebody else"
    );
    Some(holds::document(HoldCode::NotAddressedToUs, &text))
}

fn foreign_name(buyer: &Party, entity: &Entity) -> Option<String> {
    let named = |name: &str| Party { name: Some(name.to_owned()), ..Party::default() };
    let name = buyer.name.as_deref().filter(|name| !name.trim().is_empty())?;
    let buyer = named(name);
    let foreign = !entity.names.is_empty()
        && entity.names.iter().all(|ours| party::differ(&buyer, &named(ours)));
    foreign.then(|| format!("name {} (BT-44)", show::name(name)))
}

fn vat_id(party: &Party) -> Option<String> {
    let id = identity::id(party.vat_id.as_deref()?);
    (!id.is_empty()).then_some(id)
}

fn is_ours(vat_id: &str, entity: &Entity) -> bool {
    entity.vat_ids.iter().any(|ours| identity::id(ours) == vat_id)
}
