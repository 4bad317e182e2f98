//! Invoices written again: what is not named as lost comes back.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ap_gateway::writer(bytes));
