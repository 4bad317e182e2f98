//! `Prefer`: each line is one.

use std::time::Duration;

use ap_gateway::http::prefer::{PREFER, Prefer};

use super::lines;

const DEFAULT: Duration = Duration::from_secs(7);
const SECONDS_MAX: u64 = 30;

/// Whether something is applied. No wait is longer than the longest, and who sends what we say that
/// we applied gets the same.
pub(crate) fn look(bytes: &[u8]) -> bool {
    let Some(head) = lines::head(&PREFER, bytes) else { return false };
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
