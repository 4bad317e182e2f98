//! Numbers and dates as people write them.
//!
//! `1.234` is a thousand in Rome and a little more than one in London: what the text alone does
//! not say is decided from the whole document, and stays open where that says nothing.

pub(crate) mod date;
pub(crate) mod number;
