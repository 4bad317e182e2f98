//! Spreadsheets: as they are, or as the parts that an archive is made of here.
#![no_main]

#[path = "../typed/archive.rs"]
mod archive;
#[path = "../typed/foreign.rs"]
mod foreign;

libfuzzer_sys::fuzz_target!(init: foreign::panics_are_caught(), |bytes: &[u8]| {
    ap_gateway::sheet(archive::typed(bytes));
});
