//! The policy as a document: read with the place of each fault, published as a schema, ready made,
//! and explained: which line of it decided what.

pub mod document;
pub mod explained;
pub mod ready_made;
pub mod schema;

mod tree;
