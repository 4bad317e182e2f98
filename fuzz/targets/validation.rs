//! The canonical invoice as it is kept, judged as if it came from every source.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ap_gateway::judgement(bytes));
