//! XML orders and receipts that cannot be read, as problems that name the place.

use crate::extraction::Unreadable;
use crate::http::error::{ApiError, Slug};
use crate::http::registration::unsupported;
use crate::models::fault::Fault;
use crate::models::order::LINES_MAX;

/// 413 for a document with so many lines, in whatever form it came.
pub fn too_many_lines(found: usize) -> ApiError {
    refuse(Unreadable::TooLarge { what: "lines", found, max: LINES_MAX })
}

/// The problem of a document that cannot be read. Syntax is 400, content 422, size 413.
pub fn refuse(unreadable: Unreadable) -> ApiError {
    let text = unreadable.to_string();
    let fault = |code: &str| [Fault::at("", code, &text)];
    match unreadable {
        Unreadable::Unsupported { detected, .. } => unsupported(detected.as_deref()).detail(text),
        Unreadable::TooLarge { what, max, .. } => {
            // Some are not counted to the end: their text is "or more nodes".
            let unit = what.strip_prefix("or more ").unwrap_or(what);
            Slug::PayloadTooLarge.error().detail(text).member("limit", max).member("unit", unit)
        }
        Unreadable::Content { faults } => {
            let refused = Slug::ValidationFailed.error();
            refused.detail("The content is not acceptable.").faults(faults)
        }
        Unreadable::Forbidden { .. } => {
            Slug::ValidationFailed.error().faults(fault("forbidden_xml")).detail(text)
        }
        Unreadable::Empty => Slug::InvalidRequest.error().faults(fault("empty")).detail(text),
        // Orders and receipts are XML, which no other process reads.
        Unreadable::Refused(refusal) => {
            let code = refusal.code.as_str().to_ascii_lowercase();
            Slug::ValidationFailed.error().faults(fault(&code)).detail(text)
        }
        Unreadable::Encoding { .. } | Unreadable::NotXml { .. } => {
            Slug::InvalidRequest.error().faults(fault("not_xml")).detail(text)
        }
        Unreadable::NotJson { .. } => {
            Slug::InvalidRequest.error().faults(fault("not_json")).detail(text)
        }
        // Orders and receipts are XML or JSON: none of these is met.
        Unreadable::Archive { .. } | Unreadable::NoText | Unreadable::Defect => {
            unsupported(None).detail(text)
        }
        Unreadable::Several { .. } => {
            Slug::ValidationFailed.error().faults(fault("several_documents")).detail(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Unreadable, refuse};

    #[test]
    fn the_unit_of_a_limit_is_one_plural_though_it_was_not_counted_to_the_end() {
        for (what, unit) in [("lines", "lines"), ("or more nodes", "nodes")] {
            let refused = refuse(Unreadable::TooLarge { what, found: 2, max: 1 });
            assert_eq!(refused.0.members["unit"], unit);
        }
    }
}
