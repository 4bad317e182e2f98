//! JSON bodies: an order, a receipt, a supplier, a decision.
#![no_main]

#[path = "../requests/body.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    body::look(bytes);
});
