//! A case, compared with its orders and receipts.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ap_gateway::case(bytes));
