//! `Prefer`: each line is one.

use std::time::Duration;

use ap_gateway::http::prefer::{PREFER, Prefer};

use super::lines;

const DEFAULT: Duration = Duration::from_secs(7);
const SECONDS_MAX: u64 = 30;

/// Whether something is applied. Nothing is that stands in quotation marks. No wait is longer than
/// the longest, and who sends what we say that we applied gets the same.
pub(crate) fn look(bytes: &[u8]) -> bool {
    let Some(head) = lines::head(&PREFER, bytes) else { return false };
    in_quotation_marks(bytes);
    let wait = Prefer::of(&head).wait(DEFAULT, SECONDS_MAX);
    assert!(wait.at_most <= Duration::from_secs(SECONDS_MAX), "{wait:?}");
    let Some(applied) = wait.applied() else {
        assert_eq!(wait.at_most, DEFAULT, "a wait that nobody hears of");
        return false;
    };
    let again = lines::head(&PREFER, applied.as_bytes()).expect("a header");
    assert_eq!(Prefer::of(&again).wait(DEFAULT, SECONDS_MAX), wait, "{applied:?}");
    true
}

/// Whatever the lines are, as one value of something else they say nothing.
fn in_quotation_marks(bytes: &[u8]) {
    let mut quoted = b"x=\"".to_vec();
    for byte in bytes.iter().filter(|byte| **byte != b'\n') {
        if matches!(byte, b'"' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted.push(b'"');
    let head = lines::head(&PREFER, &quoted).expect("its letters were taken");
    assert_eq!(Prefer::of(&head), Prefer::default(), "{head:?}");
}
