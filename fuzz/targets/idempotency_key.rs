//! `Idempotency-Key`: each line is one.
#![no_main]

#[path = "../requests/idempotency_key.rs"]
mod idempotency_key;
#[path = "../requests/lines.rs"]
mod lines;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    idempotency_key::look(bytes);
});
