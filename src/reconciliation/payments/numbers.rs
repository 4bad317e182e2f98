//! Invoice numbers in the text of a payment: as whole tokens, however people set blanks,
//! hyphens and leading zeros.

use unicode_normalization::UnicodeNormalization;

/// Characters of a text that are read; an MT940 has 390, ISO 20022 some lines of 140 each.
const CHARACTERS_READ: usize = 4_000;

/// Letters and digits that a number needs to be told from any other word (handbook §17).
pub(crate) const NUMBER_CHARACTERS_MIN: usize = 4;

/// Runs of a number: `INV-2024/0017` has three. Longer ones are found as references alone.
const RUNS_MAX: usize = 8;

/// Letters or digits that stand together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    text: String,
    digits: bool,
    /// Nothing but letters and digits stands right before it.
    begins: bool,
    ends: bool,
    /// The one character between it and the run before.
    gap: Option<char>,
}

/// Splits a text into its runs: NFKC, capitals.
pub(crate) fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let (mut gap, mut gap_length) = (None, 1_usize);
    for letter in text.chars().take(CHARACTERS_READ).nfkc().flat_map(char::to_uppercase) {
        if !letter.is_alphanumeric() {
            if let Some(last) = runs.last_mut() {
                last.ends = true;
            }
            (gap, gap_length) = (Some(letter), gap_length + 1);
            continue;
        }
        let digits = letter.is_ascii_digit();
        match runs.last_mut() {
            Some(last) if gap_length == 0 && last.digits == digits => last.text.push(letter),
            _ => runs.push(Run {
                text: letter.into(),
                digits,
                begins: gap_length > 0,
                ends: false,
                gap: gap.filter(|_| gap_length == 1),
            }),
        }
        (gap, gap_length) = (None, 0);
    }
    if let Some(last) = runs.last_mut() {
        last.ends = true;
    }
    runs
}

/// How a number is looked up; none when it is too short or has no digit.
pub(crate) fn key(number: &str) -> Option<String> {
    let runs = runs(number);
    (runs.len() <= RUNS_MAX).then(|| key_of(&runs)).flatten()
}

fn key_of(runs: &[Run]) -> Option<String> {
    let characters: usize = runs.iter().map(|run| run.text.chars().count()).sum();
    if characters < NUMBER_CHARACTERS_MIN || !runs.iter().any(|run| run.digits) {
        return None;
    }
    let mut key = String::new();
    for run in runs {
        let stripped = if run.digits { run.text.trim_start_matches('0') } else { &run.text };
        key.push_str(if stripped.is_empty() { "0" } else { stripped });
        key.push(' ');
    }
    Some(key)
}

/// The keys that stand in a text and are known, the longest first where they overlap.
pub(crate) fn found<'a, T>(text: &[Run], known: impl Fn(&str) -> Option<&'a T>) -> Vec<&'a T> {
    let mut all = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let longest = text.len().min(start + RUNS_MAX);
        let windows = (start + 1..=longest).rev().map(|end| (end, &text[start..end]));
        let hit = windows
            .filter(|(_, window)| window[0].begins && window[window.len() - 1].ends)
            .filter(|(end, window)| window.len() > 1 || !in_date(text, end - 1))
            .find_map(|(end, window)| Some((end, known(&key_of(window)?)?)));
        start = hit.as_ref().map_or(start + 1, |(end, _)| *end);
        all.extend(hit.map(|(_, value)| value));
    }
    all
}

/// The year of a date is no invoice number, even where some supplier has invoice 2026.
fn in_date(text: &[Run], place: usize) -> bool {
    let year_first = [4..=4, 1..=2, 1..=2];
    let year_last = [1..=2, 1..=2, 4..=4];
    let date_at = |start: usize, lengths: &[std::ops::RangeInclusive<usize>; 3]| {
        let Some(parts) = text.get(start..start + 3) else { return false };
        let joined = parts[1].gap == parts[2].gap && matches!(parts[1].gap, Some('.' | '-' | '/'));
        let shaped = parts.iter().zip(lengths);
        joined && shaped.into_iter().all(|(run, len)| run.digits && len.contains(&run.text.len()))
    };
    date_at(place, &year_first) || (place >= 2 && date_at(place - 2, &year_last))
}

/// A reference or account as it is compared: capitals, letters and digits alone.
pub fn plain(text: &str) -> String {
    let letters = text.chars().take(CHARACTERS_READ).nfkc().flat_map(char::to_uppercase);
    letters.filter(|letter| letter.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::{found, key, runs};

    #[test]
    fn a_number_is_found_as_a_whole_token_and_not_inside_another() {
        for (number, text, wanted) in [
            ("4711", "Rechnung 4711", true),
            ("4711", "Rg.4711,4712", true),
            ("4711", "Rechnung 04711", true),
            ("004711", "4711", true),
            ("4711", "Rechnung 47112", false),
            ("4711", "Rechnung 14711", false),
            ("4711", "A4711", false),
            ("4711", "4711A", false),
            ("A4711", "a 4711", true),
            ("INV-2024/0017", "paid inv 2024 17 today", true),
            ("INV-2024/0017", "INV202417", false),
            ("INV-2024/0017", "INV2024-17", true),
            ("471", "Rechnung 471", false),
            ("0471", "Rechnung 471", false),
            ("0471", "Rechnung 0471", true),
            ("ABCD", "ABCD", false),
            ("2026", "vom 02.05.2026", false),
            ("2026", "2026-05-02", false),
            ("2026", "Rechnung 2026", true),
            ("2026", "02.05.2026", false),
            ("RG-02.05.2026", "Rechnung RG-02.05.2026", true),
            ("4711", "4711 12 05", true),
            ("4711", "4711.120.005", true),
            ("4711", "#4711", true),
            ("4711", "4711", true),
            ("４７１１", "Nr 4711", true),
            ("4711", "", false),
        ] {
            let known = key(number);
            let hit = |key: &str| (Some(key) == known.as_deref()).then_some(&());
            assert_eq!(!found(&runs(text), hit).is_empty(), wanted, "{number} in {text}");
        }
    }

    #[test]
    fn the_longest_number_wins_where_two_overlap() {
        let known = [key("RE-2024-4711"), key("4711"), key("4712")];
        let hit = |text: &str| known.iter().flatten().find(|key| *key == text);
        let text = runs("RE-2024-4711 und 4712");
        let key = |place: usize| known[place].as_ref().expect("it is long enough and has a digit");
        assert_eq!(found(&text, hit), [key(0), key(2)]);
    }
}
