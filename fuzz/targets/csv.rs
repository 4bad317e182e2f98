//! Invoices as CSV, by their headings and by a profile.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ap_gateway::csv(bytes));
