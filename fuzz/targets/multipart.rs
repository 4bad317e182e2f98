//! A submission as a form: its `Content-Type`, then its body.
#![no_main]

#[path = "../requests/multipart.rs"]
mod multipart;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    multipart::look(bytes);
});
