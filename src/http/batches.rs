//! `/batches`: many invoices handed in at once.

pub mod cancel;
mod form;
mod inline;
mod json;
pub mod limits;
pub mod read;
pub mod resource;
mod results;
pub mod source;
pub mod submit;
