//! Pages drawn for people: of PDF and of pictures.
#![no_main]

#[path = "../typed/foreign.rs"]
mod foreign;

libfuzzer_sys::fuzz_target!(init: foreign::panics_are_caught(), |bytes: &[u8]| {
    ap_gateway::drawing(bytes.to_vec());
});
