//! What people say of proposals: pairs to remember, and how often the engine was right.
//!
//! Thresholds are never changed here: the report is for people who change the configuration.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::payment::{Answer, Band, Judged, LearnedPair, Memory, PrecisionReport};
use crate::reconciliation::payments::numbers;

/// Points of one band of the report.
const BAND: u16 = 50;

/// The highest score.
const HIGHEST: u16 = 1_000;

type Key = (String, String, Option<String>);

/// The memory with some more answers in it. A confirmation counts for counterparty and supplier;
/// a decline for the item that it names, or else for the pair, which then starts again from zero.
/// Answers are taken by their day: the order in which they are given changes nothing.
pub fn learn(memory: &Memory, answers: &[Judged]) -> Memory {
    if answers.is_empty() {
        return memory.clone();
    }
    let mut pairs: BTreeMap<Key, (u32, Option<NaiveDate>)> = BTreeMap::new();
    for pair in &memory.pairs {
        let key = key(&pair.counterparty, &pair.supplier, pair.item.as_ref());
        let (confirmed, declined) = pairs.entry(key).or_default();
        *confirmed = confirmed.saturating_add(pair.confirmed);
        *declined = (*declined).max(pair.declined);
    }
    let mut sorted: Vec<&Judged> = answers.iter().collect();
    sorted.sort_by_key(|one| (one.date, one.answer));
    for one in sorted {
        match one.answer {
            Answer::Confirmed => {
                let pair = pairs.entry(key(&one.counterparty, &one.supplier, None)).or_default();
                pair.0 = pair.0.saturating_add(1);
            }
            Answer::Declined => {
                let key = key(&one.counterparty, &one.supplier, one.item.as_ref());
                let pair = pairs.entry(key).or_default();
                *pair = (0, pair.1.max(Some(one.date)));
            }
        }
    }
    let pair = |((counterparty, supplier, item), (confirmed, declined))| LearnedPair {
        counterparty,
        supplier,
        item,
        confirmed,
        declined,
    };
    Memory {
        version: memory.version.saturating_add(1),
        pairs: pairs.into_iter().map(pair).collect(),
    }
}

fn key(counterparty: &str, supplier: &str, item: Option<&String>) -> Key {
    (numbers::plain(counterparty), supplier.to_owned(), item.cloned())
}

/// How the proposals of past runs fared, by score; and what each score would have meant as the
/// threshold of automatic allocation.
pub fn precision(past: &[Judged]) -> PrecisionReport {
    let lows = (0..=HIGHEST / BAND).rev().map(|band| band * BAND);
    let band = |from: u16, to: u16| {
        let within = past.iter().filter(|one| (from..=to).contains(&one.score));
        let (confirmed, declined): (Vec<&Judged>, Vec<&Judged>) =
            within.partition(|one| one.answer == Answer::Confirmed);
        let (confirmed, declined) = (confirmed.len() as u64, declined.len() as u64);
        let percent = Decimal::from(confirmed)
            .checked_mul(Decimal::ONE_HUNDRED)
            .and_then(|all| all.checked_div(Decimal::from(confirmed + declined)));
        let precision = percent.map(|percent| {
            let mut percent = decimal::round(percent, 2);
            percent.rescale(2);
            percent
        });
        Band { from, to, confirmed, declined, precision }
    };
    let bands = lows.clone().map(|from| band(from, (from + BAND - 1).min(HIGHEST)));
    let at_or_above = lows.map(|from| band(from, HIGHEST));
    PrecisionReport { bands: bands.collect(), at_or_above: at_or_above.collect() }
}

#[cfg(test)]
mod tests {
    use super::{learn, precision};
    use crate::models::payment::{Answer, Judged, Memory};

    fn judged(supplier: &str, answer: Answer, day: u32, score: u16) -> Judged {
        Judged {
            counterparty: "DE02 1203".to_owned(),
            supplier: supplier.to_owned(),
            item: None,
            score,
            answer,
            date: chrono::NaiveDate::from_ymd_opt(2026, 5, day).expect("a day"),
        }
    }

    #[test]
    fn confirmations_count_up_and_a_decline_starts_again() {
        use Answer::{Confirmed, Declined};
        let answers = [
            judged("V1", Confirmed, 1, 700),
            judged("V1", Confirmed, 2, 700),
            judged("V2", Confirmed, 4, 700),
            judged("V2", Declined, 3, 700),
            judged("V2", Confirmed, 2, 700),
        ];
        let memory = learn(&Memory::default(), &answers);
        assert_eq!(memory.version, 1);
        let seen: Vec<_> = memory
            .pairs
            .iter()
            .map(|pair| (pair.counterparty.as_str(), pair.supplier.as_str(), pair.confirmed))
            .collect();
        assert_eq!(seen, [("DE021203", "V1", 2), ("DE021203", "V2", 1)]);
        assert_eq!(memory.pairs[1].declined, Some(answers[3].date));
        let again = learn(&memory, &answers[..1]);
        assert_eq!((again.version, again.pairs[0].confirmed), (2, 3));
        assert_eq!(learn(&memory, &[]), memory);
        let mut turned = answers.to_vec();
        turned.reverse();
        assert_eq!(learn(&Memory::default(), &turned), memory);
    }

    #[test]
    fn a_decline_of_one_item_leaves_the_supplier() {
        let mut declined = judged("V1", Answer::Declined, 3, 700);
        declined.item = Some("4711".to_owned());
        let answers = [judged("V1", Answer::Confirmed, 1, 700), declined];
        let memory = learn(&Memory::default(), &answers);
        assert_eq!(memory.pairs.len(), 2);
        assert_eq!((memory.pairs[0].confirmed, memory.pairs[0].declined), (1, None));
        assert_eq!(memory.pairs[1].item.as_deref(), Some("4711"));
    }

    #[test]
    fn the_report_says_what_each_score_was_worth() {
        let past = [
            judged("V1", Answer::Confirmed, 1, 1000),
            judged("V1", Answer::Confirmed, 1, 950),
            judged("V1", Answer::Declined, 1, 949),
            judged("V1", Answer::Confirmed, 1, 900),
        ];
        let report = precision(&past);
        let of = |from: u16| report.bands.iter().find(|band| band.from == from).expect("a band");
        assert_eq!((of(1000).confirmed, of(950).confirmed, of(900).declined), (1, 1, 1));
        assert_eq!(of(900).precision.map(|one| one.to_string()).as_deref(), Some("50.00"));
        assert_eq!(of(850).precision, None);
        let above = report.at_or_above.iter().find(|band| band.from == 900).expect("a band");
        assert_eq!(above.precision.map(|one| one.to_string()).as_deref(), Some("75.00"));
    }
}
