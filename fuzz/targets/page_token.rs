//! `page_token`: as it stands, and what becomes of one of ours.
#![no_main]

#[path = "../requests/page_token.rs"]
mod page_token;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    page_token::look(bytes);
});
