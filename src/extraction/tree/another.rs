//! Two documents one after the other: what files look like that were put together by hand.

use roxmltree::{Document, ParsingOptions};

use crate::extraction::tree::NODES_MAX;
use crate::extraction::unreadable::Place;

/// Whether the parser stopped at `place` because a whole document had ended there and the next one
/// begins, with or without a declaration or a byte order mark of its own.
pub(super) fn begins_another(text: &str, place: Place) -> bool {
    let Some(offset) = place.offset_in(text) else { return false };
    let (first, rest) = text.split_at(offset);
    let rest = rest.trim_start_matches('\u{feff}').trim_start();
    let begins = rest.strip_prefix('<').and_then(|rest| rest.chars().next());
    let begins = begins.is_some_and(|c| c == '?' || c == '_' || c.is_alphabetic());
    let options = ParsingOptions { nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    begins && Document::parse_with_options(first, options).is_ok()
}

#[cfg(test)]
mod tests {
    use crate::extraction::tree::parse;
    use crate::extraction::unreadable::Unreadable;

    #[test]
    fn a_second_document_is_told_from_a_damaged_one() {
        for (text, place) in [
            ("<a/><b/>", Some("line 1, column 5")),
            ("<a>é</a>\n<!-- end -->\n<a/>\n<a/>", Some("line 3, column 1")),
            ("<a/>\n<?xml version=\"1.0\"?>\n<b/>", Some("line 2, column 1")),
            (
                "<?xml version=\"1.0\"?><a/>\n\u{feff}<?xml version=\"1.0\"?><b/>",
                Some("line 2, column 1"),
            ),
            ("<a/>\u{feff}<b/>", Some("line 1, column 5")),
            ("<a/></a>", None),
            ("<a/> text", None),
            ("<a/>\u{feff}", None),
            ("<a><b></a><c/>", None),
            (" <?xml version=\"1.0\"?><a/>", None),
        ] {
            let error = parse(text).expect_err("no single document");
            match place {
                Some(place) => {
                    let what = format!("another one begins at {place}");
                    assert_eq!(error, Unreadable::Several { found: 2, what }, "{text}");
                }
                None => assert!(matches!(error, Unreadable::NotXml { .. }), "{text}: {error}"),
            }
        }
    }
}
