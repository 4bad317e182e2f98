//! Our own extractors: their refusals are problems that name the place; axum's are plain text.

pub mod accept;
pub mod body;
pub mod content_type;
pub mod form;
pub mod json;
pub mod path;
pub mod query;
pub mod repair;
pub mod shape;
pub mod tree;

pub use crate::http::extract::path::Id;
pub use crate::http::extract::query::Query;
