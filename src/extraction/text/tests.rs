//! Pages drawn with characters: a column is 4 points wide, a line 12 points high, so that layouts
//! of other languages and habits can be read here as they look.

mod derived;
mod documents;
mod doubts;
mod spoilt;
mod taxes;

use super::{TextReading, read};
use crate::extraction::page::{Page, Word};
use crate::models::evidence::{Bounds, Source};

/// The words of a drawing, each page of its own.
fn pages(drawings: &[&str]) -> Vec<Page> {
    let numbered = drawings.iter().zip(1..);
    numbered.map(|(drawing, number)| page(number, drawing)).collect()
}

fn page(number: u32, drawing: &str) -> Page {
    let mut words = Vec::new();
    for (row, line) in drawing.lines().enumerate() {
        let letters: Vec<char> = line.chars().collect();
        let mut at = 0;
        while at < letters.len() {
            let length = letters[at..].iter().take_while(|c| !c.is_whitespace()).count();
            if length > 0 {
                words.push(Word {
                    text: letters[at..at + length].iter().collect(),
                    bounds: Bounds {
                        left: 30.0 + 4.0 * at as f32,
                        top: 30.0 + 12.0 * row as f32,
                        width: 4.0 * length as f32,
                        height: 10.0,
                    },
                    font_size: 10.0,
                    recognised: None,
                });
            }
            at += length.max(1);
        }
    }
    Page { number, width: 595.0, height: 842.0, words }
}

fn reading(drawings: &[&str]) -> TextReading {
    read(&pages(drawings), Source::PdfText)
}

/// Asserts the fields of a reading, all differences at once.
fn assert_fields(reading: &TextReading, wanted: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (field, value) in wanted {
        let found = reading.evidence.iter().find(|evidence| evidence.field == *field);
        let found = found.map_or("-", |evidence| evidence.value.as_str());
        if found != *value {
            wrong.push(format!("{field}: {found:?}, not {value:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{:#?}", reading.findings);
}

/// Asserts quantity, unit, price and net of every line.
fn assert_lines(reading: &TextReading, wanted: &[[&str; 4]]) {
    let text =
        |value: Option<rust_decimal::Decimal>| value.map_or("-".to_owned(), |v| v.to_string());
    let found: Vec<[String; 4]> = reading
        .invoice
        .lines
        .iter()
        .map(|line| {
            let unit = line.unit.clone().unwrap_or_default();
            [text(line.quantity), unit, text(line.price), text(line.net)]
        })
        .collect();
    assert_eq!(found, wanted, "{:#?}", reading.findings);
}
