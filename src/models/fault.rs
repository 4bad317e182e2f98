//! One fault of a request: where, what, in words. All faults are listed, never the first alone.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::order::TEXT_CHARACTERS_MAX;

/// A member of `errors` in a problem document (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the body, or an XPath for XML bodies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "/lines/2/unit_price")]
    pub pointer: Option<String>,
    /// The query parameter, header or form field, when it is not the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// For machines, snake_case.
    #[schema(example = "not_a_decimal")]
    pub code: String,
    /// For people.
    pub detail: String,
}

impl Fault {
    /// A fault of the body.
    pub fn at(pointer: &str, code: &str, detail: &str) -> Self {
        let pointer = Some(pointer.to_owned());
        Self { pointer, parameter: None, code: code.to_owned(), detail: detail.to_owned() }
    }

    /// A fault of a query parameter, header or form field.
    pub fn parameter(name: &str, code: &str, detail: &str) -> Self {
        let parameter = Some(name.to_owned());
        Self { pointer: None, parameter, code: code.to_owned(), detail: detail.to_owned() }
    }

    /// Adds a fault unless the text is 1 to 255 characters, has no control characters, and is
    /// not blank.
    pub fn text(faults: &mut Vec<Self>, pointer: &str, text: &str) {
        if text.trim().is_empty() {
            faults.push(Self::at(pointer, "empty", "must not be empty"));
        } else if text.chars().count() > TEXT_CHARACTERS_MAX {
            let detail = format!("is longer than {TEXT_CHARACTERS_MAX} characters");
            faults.push(Self::at(pointer, "too_long", &detail));
        } else if text.chars().any(char::is_control) {
            faults.push(Self::at(pointer, "control_character", "has a control character"));
        }
    }
}
