//! Cross Industry Invoice (Factur-X, ZUGFeRD 2, XRechnung) and ZUGFeRD 1, which has its structure
//! under older names: where each business term stands, and the traps on the way (handbook §6).

pub(crate) mod amounts;
pub(crate) mod date;
pub(crate) mod delivery;
pub(crate) mod invoice;
pub(crate) mod item;
pub(crate) mod lexical;
pub(crate) mod line;
pub(crate) mod party;
pub(crate) mod payment;
pub(crate) mod references;
pub(crate) mod rules;
pub(crate) mod terms;
pub(crate) mod totals;

use crate::extraction::tree::Element;

/// The first path that leads somewhere. Names of ZUGFeRD 1 stand behind those of today, and never
/// beside them in one document.
fn either<'a, 'i: 'a, const N: usize>(
    at: Element<'a, 'i>,
    paths: [&str; N],
) -> Option<Element<'a, 'i>> {
    paths.into_iter().find_map(|path| at.find(path))
}

/// The number of a referenced document: ZUGFeRD 1 calls it `ID`.
fn number_of<'a, 'i: 'a>(parent: Option<Element<'a, 'i>>, path: &str) -> Option<Element<'a, 'i>> {
    let document = parent?.find(path)?;
    either(document, ["ram:IssuerAssignedID", "ram:ID"])
}

/// The rate of a tax.
fn rate_of<'a, 'i: 'a>(tax: Element<'a, 'i>) -> Option<Element<'a, 'i>> {
    either(tax, ["ram:RateApplicablePercent", "ram:ApplicablePercent"])
}

#[cfg(test)]
mod tests;
