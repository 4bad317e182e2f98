//! Pages from a text: words with places are too much for a fuzzer to find by itself.

use ap_gateway::extraction::page::{Page, Word};
use ap_gateway::models::evidence::Bounds;

/// Points of a character and of a line, as of a typewriter.
const CHARACTER: f32 = 6.0;
const LINE: f32 = 12.0;

/// The text as a typewriter sets it on A4; a form feed ends a page.
pub(crate) fn typed(text: &str) -> Vec<Page> {
    let page = |(number, text): (u32, &str)| Page {
        number,
        width: 595.0,
        height: 842.0,
        words: text.lines().zip(1_u16..).flat_map(|(line, row)| words(line, row)).collect(),
    };
    (1..).zip(text.split('\x0c')).map(page).collect()
}

fn words(line: &str, row: u16) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut after_blank = true;
    for (letter, column) in line.chars().zip(0_u16..) {
        if letter.is_whitespace() {
            after_blank = true;
            continue;
        }
        let (left, top) = (f32::from(column) * CHARACTER, f32::from(row) * LINE);
        if std::mem::take(&mut after_blank) {
            let bounds = Bounds { left, top, width: 0.0, height: LINE };
            words.push(Word { text: String::new(), bounds, font_size: 10.0, recognised: None });
        }
        let word = words.last_mut().expect("begun at the first letter");
        word.text.push(letter);
        word.bounds.width += CHARACTER;
    }
    words
}
