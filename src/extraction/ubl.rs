//! UBL 2.1: where each business term stands, and the traps on the way (handbook §5).

pub(crate) mod amounts;
pub(crate) mod invoice;
pub(crate) mod lexical;
pub(crate) mod line;
pub(crate) mod order;
pub(crate) mod party;
pub(crate) mod receipt;

#[cfg(test)]
mod tests;
