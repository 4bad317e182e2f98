//! `traceparent`, and behind it `tracestate`.
#![no_main]

#[path = "../requests/traceparent.rs"]
mod traceparent;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    traceparent::look(bytes);
});
