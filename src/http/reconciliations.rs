//! Comparisons of what callers bring themselves: nothing of the ledger is touched.

mod body;
pub mod preview;
pub mod resource;
pub mod start;
mod whole;

pub use preview::preview_reconciliation;
pub use start::{get_reconciliation, start_reconciliation};
