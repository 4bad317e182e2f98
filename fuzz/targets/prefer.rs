//! `Prefer`: each line is one.
#![no_main]

#[path = "../requests/lines.rs"]
mod lines;
#[path = "../requests/prefer.rs"]
mod prefer;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    prefer::look(bytes);
});
