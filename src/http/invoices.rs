//! Invoices: handing in, looking up, their document, and what was made of it.

pub mod bulk;
pub mod decisions;
pub mod document;
pub mod events;
pub mod form;
pub mod list;
pub mod parts;
pub mod read;
pub mod resource;
pub mod response;
pub mod rest;
pub mod submit;
