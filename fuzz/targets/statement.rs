//! Bank statements: camt, MT940 and MT942, OFX, CSV.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ap_gateway::statement(bytes));
