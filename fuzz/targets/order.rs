//! Orders and receipts, as UBL and as JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ap_gateway::order(bytes));
