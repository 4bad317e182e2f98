//! The canonical invoice as JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ap_gateway::json(bytes));
