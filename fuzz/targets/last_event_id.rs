//! `Last-Event-ID`: each line is one.
#![no_main]

#[path = "../requests/last_event_id.rs"]
mod last_event_id;
#[path = "../requests/lines.rs"]
mod lines;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    last_event_id::look(bytes);
});
