//! PDF: structure, attachments, pages, and the invoice in or on them.
#![no_main]

#[path = "../typed/foreign.rs"]
mod foreign;

libfuzzer_sys::fuzz_target!(init: foreign::panics_are_caught(), |bytes: &[u8]| {
    ap_gateway::pdf(bytes.to_vec());
});
