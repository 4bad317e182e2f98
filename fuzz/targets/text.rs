//! An invoice on a page, as a typewriter sets it: labels, tables, sums.
#![no_main]

#[path = "../typed/pages.rs"]
mod pages;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ap_gateway::pages(&pages::typed(&String::from_utf8_lossy(bytes)));
});
