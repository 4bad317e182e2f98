//! UBL 2.1: where each business term stands, and the traps on the way (handbook §5).

pub(crate) mod amounts;
pub(crate) mod delivery;
pub(crate) mod invoice;
pub(crate) mod item;
pub(crate) mod lexical;
pub(crate) mod line;
pub(crate) mod order;
pub(crate) mod party;
pub(crate) mod payment;
pub(crate) mod receipt;
pub(crate) mod references;
pub(crate) mod rules;
pub(crate) mod totals;

#[cfg(test)]
mod tests;
