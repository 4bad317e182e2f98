//! The query of a list.
#![no_main]

#[path = "../requests/query.rs"]
mod query;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    query::look(bytes);
});
