//! `:NS:`, lines of two digits and a text, that some German programs write instead of `:86:`.

use crate::extraction::statement::mt::narrative::only;
use crate::extraction::statement::values::{prose, word};
use crate::models::statement::BankEntry;

/// Lines of one entry; there are 99 numbers.
const LINES_MAX: usize = 99;

/// Puts the lines into an entry: 01 to 14 what it is for, 15 and 16 the other side, 17 the kind of
/// business, 18 the batch.
pub(crate) fn read(entry: &mut BankEntry, body: &str) {
    for (number, text) in lines(body).take(LINES_MAX) {
        match number {
            1..=14 => only(entry).remittance.unstructured.extend(prose(text)),
            15 | 16 => {
                let name = &mut only(entry).counterparty.name;
                let before = name.take().unwrap_or_default();
                *name = word(&format!("{before} {text}"));
            }
            17 => entry.text = word(text),
            18 => entry.codes.batch = word(text),
            _ => {}
        }
    }
}

/// Line 22 of a statement: the holder of the account.
pub(crate) fn owner(body: &str) -> Option<String> {
    lines(body).find(|(number, _)| *number == 22).and_then(|(_, text)| word(text))
}

fn lines(body: &str) -> impl Iterator<Item = (u8, &str)> {
    body.lines().filter_map(|line| {
        let number = line.get(..2).filter(|two| two.bytes().all(|byte| byte.is_ascii_digit()))?;
        Some((number.parse().ok()?, &line[2..]))
    })
}
