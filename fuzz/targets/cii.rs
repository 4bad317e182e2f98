//! Cross Industry Invoices and ZUGFeRD 1, read and judged.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ap_gateway::xml(bytes));
