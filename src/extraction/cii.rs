//! UN/CEFACT Cross Industry Invoice: where each business term stands (handbook §6).

pub(crate) mod rules;
