//! Who sent the invoice, may it be paid, and is it for us? (Handbook §12.)
//!
//! The supplier is looked for by VAT id, then tax number, GLN, account and alias. The first of
//! these that any record has decides; two records that share it refuse the invoice, and nobody is
//! picked. A record with another VAT id or tax number than the seller's is another company, whatever
//! else agrees. Records are fetched by [`keys`](crate::reconciliation::identity::Identity::key).

mod address;
mod bank;

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::models::invoice::{Invoice, Party};
use crate::models::supplier::{Entity, Supplier};
use crate::models::verdict::{Hold, HoldCode, HoldSeverity};
use crate::reconciliation::holds;
use crate::reconciliation::identity::{self, Identity, IdentityKind};
use crate::reconciliation::show;

/// Records that a text lists.
const LISTED_MAX: usize = 5;

/// What is known when an invoice arrives.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// What it says.
    pub invoice: &'a Invoice,
    /// The records that share an identity with its seller; others do no harm.
    pub suppliers: &'a [Supplier],
    /// The company of ours that it should be for.
    pub entity: &'a Entity,
    /// The address it came from, where the channel knows one.
    pub sender: Option<&'a str>,
    /// The day on which accounts have to be verified.
    pub on: NaiveDate,
}

/// Who sent it, and why it may not be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined<'a> {
    /// None when it is unknown or ambiguous.
    pub supplier: Option<&'a Supplier>,
    /// Header holds, in the order of the handbook.
    pub holds: Vec<Hold>,
}

/// Why no one record is the seller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// No record has any of its identities.
    Unknown,
    /// A record has one, and another VAT id or tax number.
    Contradicted {
        /// What agrees.
        kind: IdentityKind,
        /// What differs.
        by: IdentityKind,
        /// Our id of the record.
        id: String,
    },
    /// Several records have the same identity.
    Ambiguous {
        /// What they share.
        kind: IdentityKind,
        /// Our ids of them, sorted.
        ids: Vec<String>,
    },
}

/// What a party or a record is known by.
type Identities = BTreeSet<Identity>;

/// All checks of §12 that need no order.
pub fn examine<'a>(arrival: &Arrival<'a>) -> Examined<'a> {
    let invoice = arrival.invoice;
    let mut holds = address::holds(invoice, arrival.entity);
    let supplier = match resolve(&invoice.seller, invoice.accounts(), arrival.suppliers) {
        Ok(supplier) => supplier,
        Err(reason) => {
            holds.push(unresolved(&invoice.seller, &reason));
            return Examined { supplier: None, holds };
        }
    };
    holds.extend(blocked(supplier));
    holds.extend(bank::changed(invoice, supplier, arrival.on));
    holds.extend(arrival.sender.and_then(|sender| unverified(sender, supplier)));
    Examined { supplier: Some(supplier), holds }
}

/// The one record of a party.
///
/// # Errors
/// None has any of its identities, several share the strongest that is known, or what is stronger
/// contradicts it.
pub fn resolve<'a, 'b>(
    party: &Party,
    accounts: impl Iterator<Item = &'b str>,
    suppliers: &'a [Supplier],
) -> Result<&'a Supplier, Unresolved> {
    let wanted = identity::of_party(party, accounts);
    let known: Vec<_> =
        suppliers.iter().map(|supplier| (supplier, identity::of_supplier(supplier))).collect();
    let mut contradicted = None;
    for kind in IdentityKind::ALL {
        let same = |of: &Identities| wanted.iter().any(|one| one.kind == kind && of.contains(one));
        let mut hits: Vec<&Supplier> = Vec::new();
        for (supplier, of) in known.iter().filter(|(_, of)| same(of)) {
            match contradiction(&wanted, of, kind) {
                None => hits.push(supplier),
                Some(by) => {
                    let id = supplier.id.clone();
                    contradicted.get_or_insert(Unresolved::Contradicted { kind, by, id });
                }
            }
        }
        hits.sort_by(|one, other| one.id.cmp(&other.id));
        hits.dedup_by(|one, other| one.id == other.id);
        match hits[..] {
            [] => {}
            [supplier] => return Ok(supplier),
            _ => {
                let ids = hits.iter().map(|supplier| supplier.id.clone()).collect();
                return Err(Unresolved::Ambiguous { kind, ids });
            }
        }
    }
    Err(contradicted.unwrap_or(Unresolved::Unknown))
}

/// The kind, stronger than the one that agrees, of which both sides know something and nothing is
/// the same. Only ids that a company has once in a country: it has a GLN for each of its places,
/// and another account is `BANK_CHANGED`.
fn contradiction(one: &Identities, other: &Identities, than: IdentityKind) -> Option<IdentityKind> {
    let stronger = [IdentityKind::VatId, IdentityKind::TaxNumber].into_iter();
    let mut stronger = stronger.filter(|kind| *kind < than);
    stronger.find(|kind| {
        let mut own = one.iter().filter(|identity| identity.kind == *kind).peekable();
        let known = other.iter().any(|identity| identity.kind == *kind);
        own.peek().is_some() && known && own.all(|identity| !other.contains(identity))
    })
}

fn unresolved(seller: &Party, reason: &Unresolved) -> Hold {
    let name = show::name(seller.name.as_deref().or(seller.vat_id.as_deref()).unwrap_or("?"));
    match reason {
        Unresolved::Unknown => {
            let text = format!(
                "seller {name} is no supplier on file: neither VAT id, tax number, GLN, account \
                 nor name is known; releases when a master record has one of them"
            );
            holds::document(HoldCode::VendorUnknown, &text)
        }
        Unresolved::Contradicted { kind, by, id } => {
            let text = format!(
                "seller {name} has the {} of supplier {} and another {}, so it is no supplier on \
                 file; releases when the master record has that {}, or a corrected invoice arrives",
                kind.name(),
                show::name(id),
                by.name(),
                by.name()
            );
            holds::document(HoldCode::VendorUnknown, &text)
        }
        Unresolved::Ambiguous { kind, ids } => {
            let mut listed: Vec<String> =
                ids.iter().take(LISTED_MAX).map(|id| show::name(id)).collect();
            if ids.len() > LISTED_MAX {
                listed.push(format!("{} more", ids.len() - LISTED_MAX));
            }
            let text = format!(
                "the {} of seller {name} is in several master records: {}; releases when one \
                 record alone has it",
                kind.name(),
                listed.join(", ")
            );
            holds::document(HoldCode::VendorAmbiguous, &text)
        }
    }
}

/// A block of posting stops; a block of payment alone lets the invoice be approved, not paid.
fn blocked(supplier: &Supplier) -> Option<Hold> {
    let (what, severity) = match supplier {
        Supplier { blocked_for_posting: true, .. } => ("posting", HoldSeverity::Stop),
        Supplier { blocked_for_payment: true, .. } => ("payment", HoldSeverity::Pay),
        _ => return None,
    };
    let text = format!(
        "supplier {} is blocked for {what}; releases when the block is taken off its master record",
        called(supplier)
    );
    Some(Hold { severity, ..holds::document(HoldCode::VendorBlocked, &text) })
}

fn unverified(sender: &str, supplier: &Supplier) -> Option<Hold> {
    let plain = |text: &str| text.trim().to_lowercase();
    let wanted = plain(sender);
    if wanted.is_empty() || supplier.senders.iter().any(|seen| plain(seen) == wanted) {
        return None;
    }
    let text = format!(
        "the document came from {}, an address never seen for supplier {}; releases when a clerk \
         has confirmed the address with the supplier",
        show::name(sender),
        called(supplier)
    );
    Some(holds::document(HoldCode::SenderUnverified, &text))
}

/// Id and name, as a clerk looks for it.
fn called(supplier: &Supplier) -> String {
    let id = show::name(&supplier.id);
    match &supplier.name {
        Some(name) => format!("{id} ({})", show::name(name)),
        None => id,
    }
}

#[cfg(test)]
mod tests;
