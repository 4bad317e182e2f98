//! A PDF with an invoice inside, held against its pages: XML, a form feed, and what is seen.
#![no_main]

#[path = "../typed/pages.rs"]
mod pages;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|byte| *byte == b'\x0c').unwrap_or(bytes.len());
    let (inside, seen) = bytes.split_at(end);
    ap_gateway::hybrid(inside, pages::typed(&String::from_utf8_lossy(seen)));
});
