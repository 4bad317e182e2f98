//! Archives with one document: as they are, or made here of the parts that the bytes list.
#![no_main]

#[path = "../typed/archive.rs"]
mod archive;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ap_gateway::archive(&archive::typed(bytes)));
