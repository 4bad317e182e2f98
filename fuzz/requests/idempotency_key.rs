//! `Idempotency-Key`: each line is one.

use ap_gateway::http::error::ApiError;
use ap_gateway::http::idempotency::{IDEMPOTENCY_KEY, IdempotencyKey};

use super::lines;

/// Whether there is a key. It is within its limits, of the one header there is, and the same when
/// it is written in quotes.
pub(crate) fn look(bytes: &[u8]) -> bool {
    let Some(head) = lines::head(&IDEMPOTENCY_KEY, bytes) else { return false };
    match IdempotencyKey::of(&head) {
        Ok(read) => {
            let key = read.0.clone().expect("a header that is there is seen");
            assert!((1..=255).contains(&key.len()), "{} characters", key.len());
            assert!(key.bytes().all(|byte| byte.is_ascii_graphic()), "{key:?}");
            assert_eq!(head.len(), 1, "one of several was taken");
            let quoted = key.replace('\\', "\\\\").replace('"', "\\\"");
            let again = lines::head(&IDEMPOTENCY_KEY, format!("\"{quoted}\"").as_bytes());
            let again = IdempotencyKey::of(&again.expect("visible characters"));
            assert_eq!(again.ok(), Some(read), "another key in quotes");
            true
        }
        Err(error) => {
            names(&error, "Idempotency-Key");
            false
        }
    }
}

/// A refusal says what it refuses.
fn names(error: &ApiError, word: &str) {
    let problem = &error.0;
    let parameters = problem.errors.iter().filter_map(|fault| fault.parameter.as_deref());
    let told = [problem.slug.title(), problem.detail.as_deref().unwrap_or_default()];
    let named = told.into_iter().chain(parameters).any(|text| text.contains(word));
    assert!(named, "a refusal that does not name {word}: {problem:?}");
}
