//! Our own JSON form: the canonical invoice, with keys by name or by term (handbook §12).
//!
//! The text is checked as a whole first and then walked level by level without being copied, so
//! that a hostile one costs no more memory than its limits allow. Numbers are taken from their
//! text and never become a float. What is wrong is a finding with its JSON pointer, and every one
//! of them; what is unknown is reported and not dropped in silence.

pub(crate) mod leaf;
mod members;
mod walk;

use serde_json::value::RawValue;

use crate::extraction::draft::Drafted;
use crate::extraction::guard;
use crate::extraction::json::members::{array, object, opening};
use crate::extraction::json::walk::Walk;
use crate::extraction::terms::fold;
use crate::extraction::unreadable::{Place, Unreadable};

/// Bytes of a JSON invoice: extraction handbook §11. One of 5,000 lines has about 5 MiB.
pub const BYTES_MAX: usize = 50 * 1024 * 1024;

/// Objects and arrays inside one another. The form itself has 7 levels.
const DEPTH_MAX: usize = 64;

/// What is asked for in refusals.
const WANTED: &str = "one invoice as a JSON object with the keys of the canonical invoice";

/// Reads an invoice.
///
/// # Errors
/// Text that is too large, is no JSON, or holds no invoice or several of them. Bad content of an
/// invoice is no error: it is in the findings.
pub fn read(text: &str) -> Result<Drafted, Unreadable> {
    guard::limit("bytes of JSON", text.len(), BYTES_MAX)?;
    let text = text.trim_start_matches('\u{feff}');
    guard::limit("levels of objects and arrays inside one another", depth(text), DEPTH_MAX)?;
    let root = only_value(text)?;
    let (invoice, pointer) = only_invoice(root)?;
    let drafted = Walk::default().invoice(invoice, &pointer)?;
    let is_known = |code: &str| code != "UNKNOWN_KEY";
    let read = !drafted.evidence.is_empty();
    if !read && !drafted.findings.iter().any(|finding| is_known(&finding.code)) {
        return Err(unsupported("JSON without a single term of an invoice"));
    }
    Ok(drafted)
}

fn unsupported(detected: &str) -> Unreadable {
    Unreadable::Unsupported { detected: Some(detected.to_owned()), wanted: WANTED }
}

/// The deepest level, as far as that matters. It does not see whether the text is JSON.
fn depth(text: &str) -> usize {
    let (mut level, mut deepest) = (0_usize, 0);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                level += 1;
                deepest = deepest.max(level);
            }
            b'}' | b']' => level = level.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The one value that the text is.
fn only_value(text: &str) -> Result<&RawValue, Unreadable> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let first = match values.next() {
        Some(first) => first.map_err(|error| not_json(&error))?,
        None => return Err(Unreadable::Empty),
    };
    let mut found = 1;
    for next in values {
        next.map_err(|error| not_json(&error))?;
        found += 1;
    }
    if found > 1 {
        let what = "one JSON value after another".to_owned();
        return Err(Unreadable::Several { found, what });
    }
    Ok(first)
}

fn not_json(error: &serde_json::Error) -> Unreadable {
    let count = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let place = Place { line: count(error.line()), column: count(error.column()) };
    // The library ends its messages with the place.
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
    Unreadable::NotJson { place, reason }
}

/// The invoice, and the JSON pointer to it: the value itself, the only item of a list, or the only
/// member `invoice` or `invoices` of an object.
fn only_invoice(root: &RawValue) -> Result<(&RawValue, String), Unreadable> {
    let (mut at, mut pointer) = (root, String::new());
    if opening(at) == b'{' {
        let members = object(at).map_err(|error| not_json(&error))?;
        if let ([(key, value)], 1) = (&members.kept[..], members.found)
            && matches!(fold(key).as_str(), "invoice" | "invoices")
        {
            pointer = format!("/{key}");
            at = value;
        }
    }
    if opening(at) == b'[' {
        let items = array(at).map_err(|error| not_json(&error))?;
        if items.found > 1 {
            let what = format!("items of the list at {pointer:?}");
            return Err(Unreadable::Several { found: items.found, what });
        }
        at = items.kept.first().copied().ok_or_else(|| unsupported("an empty list"))?;
        pointer.push_str("/0");
    }
    if opening(at) != b'{' {
        return Err(unsupported("JSON that is no object"));
    }
    Ok((at, pointer))
}

#[cfg(test)]
mod tests;
