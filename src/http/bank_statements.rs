//! What the bank says: files of statements, their entries, and what people say of these.

pub mod body;
pub mod decide;
pub mod entries;
pub mod entry;
pub mod read;
pub mod resource;
pub mod submit;
