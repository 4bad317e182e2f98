//! Bytes of any kind: what they are, and then what they say.
#![no_main]

#[path = "../typed/foreign.rs"]
mod foreign;

libfuzzer_sys::fuzz_target!(init: foreign::panics_are_caught(), |bytes: &[u8]| {
    ap_gateway::document(bytes);
});
