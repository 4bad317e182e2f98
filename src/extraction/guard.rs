//! Limits that hold before a parser works: depth, attributes, namespaces, document types.
//!
//! The parser refuses document types by itself and does not recurse; but it compares all
//! attributes of an element with one another, and copies the namespaces in scope to each element
//! that declares one, so a hostile text of 25 MiB could keep it busy for hours.

use std::collections::HashSet;

use memchr::memchr;

use crate::extraction::tree::Element;
use crate::extraction::unreadable::{Place, Unreadable};

/// Elements inside one another: extraction handbook §11. Real documents have about a dozen.
pub(crate) const DEPTH_MAX: usize = 64;

/// Attributes of one element. UBL has 10 at most.
pub(crate) const ATTRIBUTES_MAX: usize = 100;

/// Namespace declarations in scope, counted with repetition: some writers repeat them on each
/// element, two or three on each of a dozen levels.
pub(crate) const NAMESPACES_MAX: usize = 100;

/// Elements that stand again beside one of the same name. Where EN 16931 has them once, the rules
/// crate compares each with each: 5,000 take it a tenth of a second, 100,000 a minute. Real
/// documents have some dozens at the head, and one or two on a line.
pub(crate) const REPEATS_MAX: usize = 5_000;

/// What stands often in large documents, and is no repetition: EN 16931 has no rule of "once" for
/// these, or below them. Lines, subtotals and allowances have limits of their own.
const OFTEN: [&str; 13] = [
    "AdditionalItemProperty",
    "AllowanceCharge",
    "ApplicableProductCharacteristic",
    "ApplicableTradeTax",
    "CommodityClassification",
    "CreditNoteLine",
    "DesignatedProductClassification",
    "IncludedSupplyChainTradeLineItem",
    "InvoiceLine",
    "SpecifiedLogisticsServiceCharge",
    "SpecifiedTradeAllowanceCharge",
    "SubInvoiceLine",
    "TaxSubtotal",
];

/// Scans the text once, without memory that grows with it.
///
/// # Errors
/// A document type, or a limit reached.
pub(crate) fn check(text: &str) -> Result<(), Unreadable> {
    let mut at = 0;
    // Namespace declarations of each open element.
    let mut open: Vec<usize> = Vec::new();
    let mut in_scope = 0;
    while let Some(found) = memchr(b'<', &text.as_bytes()[at..]) {
        let start = at + found;
        let rest = &text[start..];
        if rest.starts_with("<!--") {
            at = after(text, start + 4, "-->");
        } else if rest.starts_with("<![CDATA[") {
            at = after(text, start + 9, "]]>");
        } else if rest.starts_with("<?") {
            at = after(text, start + 2, "?>");
        } else if rest.starts_with("<!DOCTYPE") {
            let place = Place::of(text, start);
            let reason = "a document type declaration (DOCTYPE), which may define entities";
            let reason = reason.to_owned();
            return Err(Unreadable::Forbidden { place, reason });
        } else if rest.starts_with("</") {
            in_scope -= open.pop().unwrap_or(0);
            at = start + 2;
        } else {
            let tag = Tag::scan(rest);
            at = start + tag.length;
            in_scope += tag.namespaces;
            limit("attributes of one element", tag.attributes, ATTRIBUTES_MAX)?;
            limit("namespace declarations in scope", in_scope, NAMESPACES_MAX)?;
            if tag.closes_itself {
                in_scope -= tag.namespaces;
            } else {
                open.push(tag.namespaces);
                limit("levels of elements inside one another", open.len(), DEPTH_MAX)?;
            }
        }
    }
    Ok(())
}

fn after(text: &str, from: usize, end: &str) -> usize {
    let found = text[from..].find(end);
    found.map_or(text.len(), |found| from + found + end.len())
}

/// Refuses what is over a limit.
///
/// # Errors
/// [`Unreadable::TooLarge`].
pub(crate) fn limit(what: &'static str, found: usize, max: usize) -> Result<(), Unreadable> {
    if found > max {
        return Err(Unreadable::TooLarge { what, found, max });
    }
    Ok(())
}

/// Lines of an invoice. Each costs all later steps some time; the longest real ones, of telephone
/// companies and freight forwarders, have some thousands.
const LINES_MAX: usize = 10_000;

/// Tax subtotals of a document. Each is compared with each line; real documents have 1 to 10.
const SUBTOTALS_MAX: usize = 200;

/// Allowances and charges of a document. The rules add them up for each tax rate; real documents
/// have 0 to 10.
const ALLOWANCES_MAX: usize = 1_000;

/// Holds the number of lines of an invoice against its limit.
///
/// # Errors
/// [`Unreadable::TooLarge`].
pub(crate) fn lines(found: usize) -> Result<(), Unreadable> {
    limit("lines", found, LINES_MAX)
}

/// Holds the number of tax subtotals against its limit.
///
/// # Errors
/// [`Unreadable::TooLarge`].
pub(crate) fn subtotals(found: usize) -> Result<(), Unreadable> {
    limit("tax subtotals", found, SUBTOTALS_MAX)
}

/// Holds the number of allowances and charges of a document against its limit.
///
/// # Errors
/// [`Unreadable::TooLarge`].
pub(crate) fn allowances(found: usize) -> Result<(), Unreadable> {
    limit("allowances and charges", found, ALLOWANCES_MAX)
}

/// A start tag, as far as limits care.
struct Tag {
    length: usize,
    attributes: usize,
    namespaces: usize,
    closes_itself: bool,
}

impl Tag {
    fn scan(rest: &str) -> Self {
        let bytes = rest.as_bytes();
        let (mut attributes, mut namespaces) = (0, 0);
        let mut quote = None;
        for at in 1..bytes.len() {
            match (quote, bytes[at]) {
                (Some(open), byte) if byte == open => quote = None,
                (Some(_), _) => {}
                (None, byte @ (b'"' | b'\'')) => {
                    attributes += 1;
                    quote = Some(byte);
                }
                (None, b'>') => {
                    let closes_itself = bytes[at - 1] == b'/';
                    return Self { length: at + 1, attributes, namespaces, closes_itself };
                }
                (None, b'x') if bytes[at - 1].is_ascii_whitespace() => {
                    namespaces += usize::from(bytes[at..].starts_with(b"xmlns"));
                }
                (None, _) => {}
            }
        }
        // Cut off: the parser will say where.
        Self { length: bytes.len(), attributes, namespaces, closes_itself: true }
    }
}

/// Refuses documents that repeat what stands once so often that judging them would take minutes.
///
/// # Errors
/// [`Unreadable::TooLarge`].
pub(crate) fn repeats(root: Element<'_, '_>) -> Result<(), Unreadable> {
    let mut repeats = 0;
    let mut seen = HashSet::new();
    for parent in root.descendants() {
        seen.clear();
        for child in parent.elements() {
            let name = child.local();
            // The discount inside a price stands once.
            let often = OFTEN.contains(&name) && parent.local() != "Price";
            repeats += usize::from(!often && !seen.insert(name));
        }
    }
    limit("repeated elements", repeats, REPEATS_MAX)
}

#[cfg(test)]
mod tests {
    use super::{ATTRIBUTES_MAX, DEPTH_MAX, NAMESPACES_MAX, check};
    use crate::extraction::unreadable::{Place, Unreadable};

    fn too_large(text: &str) -> bool {
        matches!(check(text), Err(Unreadable::TooLarge { .. }))
    }

    #[test]
    fn the_limits_themselves_pass_and_one_more_does_not() {
        let nested = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(!too_large(&nested(DEPTH_MAX)) && too_large(&nested(DEPTH_MAX + 1)));
        let wide = |n: usize| format!("<a {}/>", "b='>'\n".repeat(n));
        assert!(!too_large(&wide(ATTRIBUTES_MAX)) && too_large(&wide(ATTRIBUTES_MAX + 1)));
        let spaces = |n: usize| format!("<a {}>", "xmlns:b='c' ".repeat(n));
        assert!(!too_large(&spaces(NAMESPACES_MAX)) && too_large(&spaces(NAMESPACES_MAX + 1)));
    }

    #[test]
    fn namespaces_of_closed_elements_do_not_count() {
        let text = format!("<r>{}</r>", "<a xmlns='b'><c xmlns:d='e'/></a>".repeat(500));
        assert_eq!(check(&text), Ok(()));
    }

    #[test]
    fn what_looks_like_a_tag_inside_comments_and_cdata_is_none() {
        let deep = "<a>".repeat(100);
        let text = format!("<r><!--{deep}<!DOCTYPE--><![CDATA[{deep}]]><?p {deep}?></r>");
        assert_eq!(check(&text), Ok(()));
    }

    #[test]
    fn a_document_type_is_refused_with_its_place() {
        let text = "<!-- x -->\n  <!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>";
        let Err(Unreadable::Forbidden { place, .. }) = check(text) else {
            panic!("not refused");
        };
        assert_eq!(place, Place { line: 2, column: 3 });
    }

    #[test]
    fn text_that_ends_anywhere_is_scanned_to_its_end() {
        let text = "<r a='1'><!-- c --><![CDATA[x]]><?p x?><b/></r>";
        for end in 0..=text.len() {
            assert_eq!(check(&text[..end]), Ok(()), "{end}");
        }
    }
}
