//! Refusals: one registry of types, one document, and every HTTP status that means failure.
//!
//! The core and the stores have errors named for what happened; here they become problems
//! (RFC 9457). A caller sees type, title, detail and faults, never a chain of causes.

pub mod document;
pub mod openapi;
pub mod page;
pub mod problem;
pub mod registry;
pub mod sources;

pub use crate::http::error::problem::{ApiError, Problem};
pub use crate::http::error::registry::Slug;
