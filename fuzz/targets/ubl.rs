//! UBL invoices and credit notes, read and judged.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ap_gateway::xml(bytes));
