//! The words that name things on invoices, in eight languages: data, one file a language.
//!
//! Words are compared by their letters, digits, `#` and `%` alone: case, accents, dots and blanks
//! do not count, so `USt.-Id.-Nr.`, `Ust-IdNr` and a spaced `R E C H N U N G` are found. The
//! longest label wins, and from six letters on one letter may be wrong.

mod country;
mod de;
mod en;
mod es;
mod fr;
mod it;
mod nl;
mod pl;
mod pt;
mod term;
mod unit;

use std::collections::HashMap;
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub(crate) use crate::extraction::lexicon::country::country;
pub(crate) use crate::extraction::lexicon::term::{Column, Document, Field, Language, Term, Total};
pub(crate) use crate::extraction::lexicon::unit::rec20;

/// Labels of one language: what they name, and how it is written.
pub(crate) type Labels = [(Term, &'static [&'static str])];

/// From this many letters on, one may be wrong.
const FUZZY_FROM: usize = 6;
/// No label is longer, in words; a spaced one has its letters for words.
const WORDS_MAX: usize = 18;

/// A label in a row of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// What it names.
    pub term: Term,
    /// In which language; a word of several languages counts for each, the first stands here.
    pub language: Language,
    /// First word.
    pub start: usize,
    /// One past the last word.
    pub end: usize,
    /// Letters of the label: a longer one is more specific.
    pub letters: usize,
    /// No letter was wrong.
    pub exact: bool,
}

/// Which kind of label is looked for: one word may name a field here and a column there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Shelf {
    /// Fields of header and footer.
    Fields,
    /// What a document calls itself.
    Documents,
    /// Columns of the line table.
    Columns,
    /// Sums and what belongs to them.
    Totals,
}

/// The labels of one shelf.
#[derive(Default)]
struct Books {
    exact: HashMap<String, (Term, Language)>,
    /// For one wrong letter: labels that are long enough, with their letters.
    long: Vec<(String, usize)>,
    /// Which of them begin so, and which end so. One wrong letter of six leaves three at one end.
    beginning: HashMap<[char; 3], Vec<usize>>,
    ending: HashMap<[char; 3], Vec<usize>>,
}

/// The first three letters.
fn three(mut letters: impl Iterator<Item = char>) -> Option<[char; 3]> {
    Some([letters.next()?, letters.next()?, letters.next()?])
}

/// All labels of all languages, by what they are compared by.
pub(crate) struct Lexicon {
    shelves: [Books; 4],
    longest: usize,
}

impl Lexicon {
    /// The one lexicon; made once.
    pub(crate) fn get() -> &'static Self {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        LEXICON.get_or_init(Self::new)
    }

    fn new() -> Self {
        let mut lexicon = Self { shelves: std::array::from_fn(|_| Books::default()), longest: 0 };
        for (language, labels) in LANGUAGES {
            for (term, words) in *labels {
                for word in *words {
                    lexicon.add(*term, *language, folded(word));
                }
            }
        }
        lexicon
    }

    fn add(&mut self, term: Term, language: Language, label: String) {
        let books = &mut self.shelves[term.shelf() as usize];
        // The first language to claim a word keeps it; the order of LANGUAGES is by use.
        if books.exact.contains_key(&label) {
            return;
        }
        let letters = label.chars().count();
        self.longest = self.longest.max(letters);
        if letters >= FUZZY_FROM
            && let (Some(first), Some(last)) = (three(label.chars()), three(label.chars().rev()))
        {
            let index = books.long.len();
            books.beginning.entry(first).or_default().push(index);
            books.ending.entry(last).or_default().push(index);
            books.long.push((label.clone(), letters));
        }
        books.exact.insert(label, (term, language));
    }

    /// What a text names when it is a label as a whole.
    pub(crate) fn whole(&self, shelf: Shelf, text: &str) -> Option<Term> {
        self.shelves[shelf as usize].exact.get(&folded(text)).map(|(term, _)| *term)
    }

    /// The labels in a row of words that were [`folded`], from the left, the longest first where
    /// several start together. They do not overlap.
    pub(crate) fn find(&self, shelf: Shelf, words: &[String]) -> Vec<Found> {
        let mut found = Vec::new();
        let mut start = 0;
        while start < words.len() {
            match self.at(shelf, words, start) {
                Some(label) => {
                    start = label.end;
                    found.push(label);
                }
                None => start += 1,
            }
        }
        found
    }

    /// The longest label that starts with a word: exact before near.
    pub(crate) fn at(&self, shelf: Shelf, words: &[String], start: usize) -> Option<Found> {
        if words.get(start)?.is_empty() {
            return None;
        }
        let mut text = String::with_capacity(2 * self.longest);
        // Where each candidate ends: in words, in bytes of the text, and in letters.
        let mut candidates: Vec<(usize, usize, usize)> = Vec::new();
        let mut letters = 0;
        for end in start + 1..=words.len().min(start + WORDS_MAX) {
            let word = &words[end - 1];
            text.push_str(word);
            letters += word.chars().count();
            if letters > self.longest + 1 {
                break;
            }
            if !word.is_empty() {
                candidates.push((end, text.len(), letters));
            }
        }
        let exact = &self.shelves[shelf as usize].exact;
        let found = |(term, language): (Term, Language), (end, _, letters), exact| Found {
            term,
            language,
            start,
            end,
            letters,
            exact,
        };
        let spelt = candidates.iter().rev().find_map(|candidate| {
            exact.get(&text[..candidate.1]).map(|label| found(*label, *candidate, true))
        });
        spelt.or_else(|| {
            let mut fuzzy =
                candidates.iter().rev().filter(|(_, _, letters)| *letters >= FUZZY_FROM);
            fuzzy.find_map(|candidate| {
                let label = self.nearly(shelf, &text[..candidate.1], candidate.2)?;
                Some(found(label, *candidate, false))
            })
        })
    }

    fn nearly(&self, shelf: Shelf, text: &str, letters: usize) -> Option<(Term, Language)> {
        // A digit is no slip of the pen.
        if text.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let books = &self.shelves[shelf as usize];
        let begin = books.beginning.get(&three(text.chars())?);
        let end = books.ending.get(&three(text.chars().rev())?);
        let near = begin.into_iter().chain(end).flatten().copied().filter(|index| {
            let (label, length) = &books.long[*index];
            length.abs_diff(letters) <= 1 && one_edit(text, label)
        });
        // The shorter first, then what begins with the same letter, then the first language.
        let order = |index: &usize| {
            let (label, length) = &books.long[*index];
            (*length, label.chars().next() != text.chars().next(), *index)
        };
        let (label, _) = &books.long[near.min_by_key(order)?];
        // A word of the trade is no slip of another.
        let known = self.shelves.iter().any(|books| books.exact.contains_key(text));
        if known { None } else { books.exact.get(label).copied() }
    }
}

/// At most one letter added, lost, or another.
fn one_edit(a: &str, b: &str) -> bool {
    // Bytes decide nearly always: one letter has four at most.
    let before = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let behind = a.bytes().rev().zip(b.bytes().rev()).take_while(|(x, y)| x == y).count();
    if before + behind + 4 < a.len().max(b.len()) {
        return false;
    }
    let same = a.chars().zip(b.chars()).take_while(|(x, y)| x == y);
    let common: usize = same.map(|(x, _)| x.len_utf8()).sum();
    let (a, b) = (&a[common..], &b[common..]);
    let behind = |text: &str| text.chars().next().map_or(0, char::len_utf8);
    let (after_a, after_b) = (&a[behind(a)..], &b[behind(b)..]);
    after_a == after_b || a == after_b || after_a == b
}

/// The letters, digits, `#` and `%` of a text, lower case and without accents: what labels are
/// compared by. `n°` and `nº` become `no`.
pub(crate) fn folded(text: &str) -> String {
    let lower = text.chars().map(|c| if c == '°' { 'o' } else { c }).flat_map(char::to_lowercase);
    let bare = lower.nfkd().filter(|c| !is_combining_mark(*c));
    let mut folded = String::new();
    for letter in bare {
        match letter {
            'ß' => folded.push_str("ss"),
            'ł' => folded.push('l'),
            'ø' => folded.push('o'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            c if c.is_alphanumeric() || c == '#' || c == '%' => folded.push(c),
            _ => {}
        }
    }
    folded
}

const LANGUAGES: &[(Language, &Labels)] = &[
    (Language::German, de::LABELS),
    (Language::English, en::LABELS),
    (Language::French, fr::LABELS),
    (Language::Italian, it::LABELS),
    (Language::Spanish, es::LABELS),
    (Language::Dutch, nl::LABELS),
    (Language::Portuguese, pt::LABELS),
    (Language::Polish, pl::LABELS),
];

#[cfg(test)]
mod tests;
