//! The key of a form: sent twice, it is one intent.

use uuid::Uuid;

/// For a page that is drawn now.
pub fn new() -> String {
    Uuid::now_v7().simple().to_string()
}

/// What a form brought back, where it is such a key.
pub fn of(text: Option<String>) -> Option<String> {
    text.filter(|key| key.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
