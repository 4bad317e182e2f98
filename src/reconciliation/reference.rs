//! Finding a number or id that people typed: trimmed first, then without leading zeros.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Without blanks at either end. Most texts have none, and a million of them are trimmed.
pub(crate) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// A reference with something in it; "NA" is what BT-13 carries where a syntax demands a value.
pub(crate) fn meaningful(reference: Option<&str>) -> Option<&str> {
    reference.map(trimmed).filter(|text| !text.is_empty() && !text.eq_ignore_ascii_case("NA"))
}

/// `007` is `7`, and `000` is `0`.
pub(crate) fn without_zeros(text: &str) -> &str {
    let stripped = text.trim().trim_start_matches('0');
    if stripped.is_empty() && !text.trim().is_empty() { "0" } else { stripped }
}

/// Numeric ids in the order of their numbers: 2 before 10. A total order over different ids.
pub(crate) fn rank(id: &str) -> (usize, &str) {
    (without_zeros(id).chars().count(), id)
}

/// Where a name stands; almost always once.
#[derive(Debug)]
enum Places {
    One(usize),
    Several(Vec<usize>),
}

impl Places {
    fn add(&mut self, place: usize) {
        match self {
            Self::One(first) => *self = Self::Several(vec![*first, place]),
            Self::Several(places) => places.push(place),
        }
    }

    fn list(&self) -> &[usize] {
        match self {
            Self::One(place) => std::slice::from_ref(place),
            Self::Several(places) => places,
        }
    }
}

/// Hashed, because a million names are looked up one by one and never listed.
type Index<'a> = HashMap<&'a str, Places>;

/// Names and where they stand.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    names: Vec<&'a str>,
    exact: Index<'a>,
    /// Made when a name is not found as it is written.
    stripped: OnceCell<Index<'a>>,
}

impl<'a> Names<'a> {
    /// Remembers each name with its place in the list.
    pub(crate) fn new(names: impl Iterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.map(trimmed).collect();
        let exact = index(names.iter().copied());
        Self { names, exact, stripped: OnceCell::new() }
    }

    /// All places of this very name; else the one place that has it without leading zeros.
    pub(crate) fn find(&self, name: &str) -> &[usize] {
        if let Some(places) = self.exact.get(trimmed(name)) {
            return places.list();
        }
        let stripped =
            self.stripped.get_or_init(|| index(self.names.iter().map(|name| without_zeros(name))));
        match stripped.get(without_zeros(name)) {
            Some(place @ Places::One(_)) => place.list(),
            _ => &[],
        }
    }
}

fn index<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> Index<'a> {
    let mut index = Index::with_capacity(names.len());
    for (place, name) in names.enumerate() {
        match index.entry(name) {
            Entry::Occupied(mut known) => known.get_mut().add(place),
            Entry::Vacant(free) => {
                free.insert(Places::One(place));
            }
        }
    }
    index
}

#[cfg(test)]
mod tests {
    use super::{Names, meaningful, rank, without_zeros};

    #[test]
    fn finds_trimmed_then_without_leading_zeros_when_unique() {
        let names = Names::new(["10", " 0020", "7", "007", "000"].into_iter());
        for (name, places) in [
            ("10", &[0][..]),
            (" 10 ", &[0]),
            ("010", &[0]),
            ("20", &[1]),
            ("007", &[3]),
            ("7", &[2]),
            ("07", &[]),
            ("0", &[4]),
            ("", &[]),
            ("99", &[]),
        ] {
            assert_eq!(names.find(name), places, "{name:?}");
        }
    }

    #[test]
    fn nothing_said_is_no_reference() {
        for nothing in [None, Some(""), Some("  "), Some("NA"), Some(" na ")] {
            assert_eq!(meaningful(nothing), None);
        }
        assert_eq!(meaningful(Some(" PO-1 ")), Some("PO-1"));
    }

    #[test]
    fn zeros_alone_are_one_and_nothing_is_nothing() {
        for (text, stripped) in [("000", "0"), (" 0 ", "0"), ("", ""), ("  ", ""), (" 0070", "70")]
        {
            assert_eq!(without_zeros(text), stripped, "{text:?}");
        }
    }

    #[test]
    fn ids_stand_in_the_order_of_their_numbers() {
        assert!(rank("2") < rank("10") && rank("009") < rank("10") && rank("1") != rank("01"));
    }
}
