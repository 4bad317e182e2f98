//! PNG, JPEG and TIFF, decoded to grey pages.
#![no_main]

#[path = "../typed/foreign.rs"]
mod foreign;

libfuzzer_sys::fuzz_target!(init: foreign::panics_are_caught(), |bytes: &[u8]| {
    ap_gateway::picture(bytes.to_vec());
});
