//! One fault of a request: where, what, in words. All faults are listed, never the first alone.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::order::{LINES_MAX, TEXT_CHARACTERS_MAX};

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

    /// Adds a fault for each way in which the lines of a document cannot be told apart: none, too
    /// many, or an id that stands twice.
    pub fn lines<'a>(
        faults: &mut Vec<Self>,
        document: &str,
        ids: impl ExactSizeIterator<Item = &'a str>,
    ) {
        let count = ids.len();
        if count == 0 {
            let text = format!("the {document} needs at least one line");
            faults.push(Self::at("/lines", "empty", &text));
        }
        if count > LINES_MAX {
            let text = format!("{count} lines; at most {LINES_MAX} are taken");
            faults.push(Self::at("/lines", "too_many", &text));
        }
        let mut seen = HashSet::new();
        for (index, id) in ids.enumerate() {
            if !seen.insert(id.trim()) {
                let text = format!("line id {id:?} is used twice in this {document}");
                faults.push(Self::at(&format!("/lines/{index}/id"), "duplicate", &text));
            }
        }
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
