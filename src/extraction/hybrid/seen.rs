//! What a person sees on the pages, in any usual spelling: amounts, days, numbers, accounts.

use std::collections::HashSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use crate::extraction::page::Page;
use crate::extraction::written::date::{self, Date};
use crate::extraction::written::number::{self, Number};
use crate::models::iban;

/// Letters below which a page is a picture to us, and shows nothing.
const LETTERS_MIN: usize = 50;

/// Words that one day or amount is written with: `30. September 2026`, `1 234 567,89`.
const WORDS_MAX: usize = 4;

/// Words of an account in groups of four: a Maltese one has eight.
const GROUPS_MAX: usize = 9;

/// Letters and digits from which a number is looked for across words; a shorter one would be found
/// in anything.
const NUMBER_LETTERS_MIN: usize = 4;

/// The pages, as sets of what they show.
#[derive(Debug, Default)]
pub(super) struct Seen {
    amounts: HashSet<Decimal>,
    days: HashSet<NaiveDate>,
    /// Each word as its letters and digits in upper case.
    words: HashSet<String>,
    /// The letters and digits of each page in upper case, without anything between.
    pages: Vec<String>,
    /// Accounts whose check digits hold.
    accounts: HashSet<String>,
}

impl Seen {
    /// None where the pages have no text to speak of: then nothing can be said.
    pub(super) fn on(pages: &[Page]) -> Option<Self> {
        let mut seen = Self::default();
        for page in pages {
            let words: Vec<String> =
                page.words.iter().map(|word| word.text.nfkc().collect()).collect();
            seen.take_figures(&words);
            let bare: Vec<String> = words.iter().map(|word| bare(word)).collect();
            seen.take_accounts(&bare);
            seen.pages.push(bare.concat());
            seen.words.extend(bare);
        }
        let letters: usize = seen.pages.iter().map(String::len).sum();
        (letters >= LETTERS_MIN).then_some(seen)
    }

    /// Amounts and days, from each word that has a digit, from what is a figure within it, and
    /// from the words that follow.
    fn take_figures(&mut self, words: &[String]) {
        for (at, word) in words.iter().enumerate() {
            for figure in word.split(|c: char| !c.is_ascii_digit() && !is_sign(c)) {
                self.take_figure(figure.trim_matches(is_sign));
            }
            let following = &words[at..words.len().min(at + WORDS_MAX)];
            for count in 1..=following.len() {
                let words = &following[..count];
                if words.iter().any(|word| word.contains(|c: char| c.is_ascii_digit())) {
                    self.take_figure(&words.join(" "));
                    if count > 1 {
                        self.take_figure(&words.concat());
                    }
                }
            }
        }
    }

    fn take_figure(&mut self, text: &str) {
        match number::parse(text, None) {
            Some(Number::Sure(amount)) => self.amounts.extend([amount.abs().normalize()]),
            Some(Number::Open { grouped, decimals }) => {
                self.amounts.extend([grouped, decimals].map(|amount| amount.abs().normalize()));
            }
            None => {}
        }
        match date::parse(text) {
            Some(Date::Sure(day)) => self.days.extend([day]),
            Some(Date::Open { day_first, month_first }) => {
                self.days.extend([day_first, month_first]);
            }
            None => {}
        }
    }

    fn take_accounts(&mut self, bare: &[String]) {
        for at in 0..bare.len() {
            let mut account = String::new();
            for word in bare[at..].iter().take(GROUPS_MAX) {
                account.push_str(word);
                if iban::is_registered(&account) {
                    self.accounts.insert(account.clone());
                }
            }
        }
    }

    /// Whether an amount stands there, of either sign: a credit note may show it with a minus.
    pub(super) fn shows_amount(&self, amount: Decimal) -> bool {
        self.amounts.contains(&amount.abs().normalize())
    }

    /// Whether a day stands there.
    pub(super) fn shows_day(&self, day: NaiveDate) -> bool {
        self.days.contains(&day)
    }

    /// Whether the number of a document, or of an account, stands there.
    pub(super) fn shows_number(&self, number: &str) -> bool {
        let number = bare(&number.nfkc().collect::<String>());
        let across = || self.pages.iter().any(|page| page.contains(&number));
        self.words.contains(&number) || number.len() >= NUMBER_LETTERS_MIN && across()
    }

    /// The accounts that stand there.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &str> {
        self.accounts.iter().map(String::as_str)
    }
}

/// Letters and digits in upper case.
pub(super) fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

fn is_sign(letter: char) -> bool {
    matches!(letter, '.' | ',' | '\'' | '’' | '/' | '-')
}
