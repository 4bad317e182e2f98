//! The text layer of a PDF alone: words with their places.
#![no_main]

#[path = "../typed/foreign.rs"]
mod foreign;

libfuzzer_sys::fuzz_target!(init: foreign::panics_are_caught(), |bytes: &[u8]| {
    ap_gateway::text_layer(bytes);
});
