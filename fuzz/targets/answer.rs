//! What a reading process answers, should a document have taken it over: one frame a line.
#![no_main]

#[path = "../typed/answer.rs"]
mod answer;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ap_gateway::answer(&answer::typed(bytes)));
