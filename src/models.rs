//! What the business talks about: plain data, pure functions.
//!
//! This module knows no clock, no I/O, no framework. Types that cross HTTP, Temporal or the
//! ledger live here and are persistent formats: fields are added with defaults, never renamed.
#![deny(clippy::disallowed_methods)]

pub mod access;
pub mod attention;
pub mod batch;
pub mod bulk;
pub mod case;
pub mod check;
pub mod conversion;
pub mod decimal;
pub mod decision;
pub mod duplicate;
pub mod evidence;
pub mod extraction;
pub mod fault;
pub mod finding;
pub mod hold;
pub mod iban;
pub mod invoice;
pub mod invoice_response;
pub mod media_type;
pub mod money;
pub mod order;
pub mod payment;
pub mod policy;
pub mod rate;
pub mod receipt;
pub mod refs;
pub mod sampling;
pub mod situation;
pub mod statement;
pub mod status;
pub mod supplier;
pub mod upkeep;
pub mod verdict;
pub mod webhook;
