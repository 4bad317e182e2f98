//! Bars as SVG, drawn here: nothing is loaded, and what they say stands beside them as text.

use askama::Template;

/// Units of the picture's width; it scales to its place.
const WIDTH: i64 = 600;

/// Units of a row's height.
const ROW: i64 = 26;

/// Units of the words before a bar.
const WORDS: i64 = 150;

/// Units of the number behind the longest bar.
const NUMBER: i64 = 60;

/// Horizontal bars.
#[derive(Template)]
#[template(path = "dashboard/chart.svg", escape = "html")]
pub struct Chart {
    title: String,
    width: i64,
    height: i64,
    bars: Vec<Bar>,
}

struct Bar {
    word: String,
    value: i64,
    class: String,
    link: String,
    start: i64,
    top: i64,
    length: i64,
}

impl Bar {
    fn baseline(&self) -> i64 {
        self.top + ROW - 9
    }

    fn behind(&self) -> i64 {
        self.start + self.length + 6
    }
}

/// A word, its number, its class and where it leads.
pub struct Counted {
    /// What is counted.
    pub word: String,
    /// How many.
    pub value: i64,
    /// How it looks.
    pub class: String,
    /// Where they are listed; empty for nowhere.
    pub link: String,
}

impl Chart {
    /// A bar for each; the longest fills the width.
    pub fn of(title: &str, counted: Vec<Counted>) -> Self {
        let most = counted.iter().map(|one| one.value).max().unwrap_or(0).max(1);
        let room = WIDTH - WORDS - NUMBER;
        let bars: Vec<Bar> = (0..)
            .zip(counted)
            .map(|(row, one)| Bar {
                length: (one.value.saturating_mul(room) / most).max(1),
                word: one.word,
                value: one.value,
                class: one.class,
                link: one.link,
                start: WORDS,
                top: row * ROW,
            })
            .collect();
        let height = ROW * i64::try_from(bars.len()).unwrap_or(0);
        Self { title: title.to_owned(), width: WIDTH, height, bars }
    }
}

#[cfg(test)]
mod tests {
    use super::{Chart, Counted, NUMBER, WIDTH, WORDS};

    #[test]
    fn the_longest_bar_fills_the_room_and_none_is_invisible() {
        let counted = |value| Counted {
            word: "held".to_owned(),
            value,
            class: String::new(),
            link: String::new(),
        };
        let chart = Chart::of("", vec![counted(10_000), counted(5_000), counted(1)]);
        let lengths: Vec<i64> = chart.bars.iter().map(|bar| bar.length).collect();
        let room = WIDTH - WORDS - NUMBER;
        assert_eq!(lengths, [room, room / 2, 1]);
    }
}
