//! A whole head: host, conditions, what is taken, who asks.
#![no_main]

#[path = "../requests/head.rs"]
mod head;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    head::look(bytes);
});
