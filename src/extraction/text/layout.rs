//! Words to tokens, lines and segments: the page as a reader's eye takes it in.

use crate::extraction::lexicon::folded;
use crate::extraction::page::Page;
use crate::models::evidence::Bounds;

/// Words whose middles differ by less, in heights of the smaller, stand on one line.
const SAME_LINE: f32 = 0.42;
/// A gap this wide, in font sizes, ends a segment: a phrase or the cell of a table.
const SEGMENT_GAP: f32 = 0.85;
/// The blank between the groups of a number is no wider, in font sizes.
const DIGIT_GAP: f32 = 0.45;
/// More words are no invoice; the rest is not read.
const WORDS_MAX: usize = 200_000;

/// A word, or the part of one before or after a colon.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub text: String,
    /// As the lexicon compares it.
    pub folded: String,
    pub page: u32,
    /// Index of its line.
    pub line: usize,
    pub left: f32,
    pub right: f32,
    pub top: f32,
    pub height: f32,
}

impl Token {
    pub(super) fn middle(&self) -> f32 {
        self.top + self.height / 2.0
    }

    pub(super) fn bottom(&self) -> f32 {
        self.top + self.height
    }

    pub(super) fn has_digit(&self) -> bool {
        self.text.bytes().any(|byte| byte.is_ascii_digit())
    }
}

/// Tokens from `start` up to `end`, which is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub(super) fn is_empty(self) -> bool {
        self.start >= self.end
    }

    pub(super) fn tokens(self) -> std::ops::Range<usize> {
        self.start..self.end.max(self.start)
    }

    pub(super) fn contains(self, token: usize) -> bool {
        self.tokens().contains(&token)
    }
}

/// All words of a document in reading order.
pub(super) struct Layout {
    pub tokens: Vec<Token>,
    /// Each line, from the top of the first page.
    pub lines: Vec<Span>,
    /// Each segment of each line.
    pub segments: Vec<Span>,
    /// Width and height by page.
    pub pages: Vec<(u32, f32, f32)>,
}

impl Layout {
    pub(super) fn of(pages: &[Page]) -> Self {
        let mut layout = Self { tokens: vec![], lines: vec![], segments: vec![], pages: vec![] };
        for page in pages {
            layout.pages.push((page.number, page.width, page.height));
            let mut tokens = tokens_of(page, WORDS_MAX.saturating_sub(layout.tokens.len()));
            tokens.sort_by(|a, b| a.middle().total_cmp(&b.middle()));
            let mut line: Vec<Token> = Vec::new();
            for token in tokens {
                let joins = line.first().is_none_or(|first| {
                    (token.middle() - mean(&line)).abs()
                        < SAME_LINE * token.height.min(first.height)
                });
                if !joins {
                    layout.push(std::mem::take(&mut line));
                }
                line.push(token);
            }
            layout.push(line);
        }
        layout
    }

    fn push(&mut self, mut line: Vec<Token>) {
        line.sort_by(|a, b| a.left.total_cmp(&b.left));
        let line = numbers_joined(line);
        let (start, number) = (self.tokens.len(), self.lines.len());
        for mut token in line {
            token.line = number;
            self.tokens.push(token);
        }
        let whole = Span { start, end: self.tokens.len() };
        if whole.is_empty() {
            return;
        }
        self.lines.push(whole);
        let mut from = start;
        for at in start + 1..=whole.end {
            if at == whole.end || self.gap(at) > SEGMENT_GAP {
                self.segments.push(Span { start: from, end: at });
                from = at;
            }
        }
    }

    /// The gap before a token of a line, in font sizes.
    pub(super) fn gap(&self, at: usize) -> f32 {
        let (before, token) = (&self.tokens[at - 1], &self.tokens[at]);
        (token.left - before.right) / token.height.min(before.height).max(1.0)
    }

    /// The segment that a token is in.
    pub(super) fn segment(&self, token: usize) -> Span {
        let at = self.segments.partition_point(|segment| segment.end <= token);
        self.segments.get(at).copied().unwrap_or(Span { start: token, end: token + 1 })
    }

    /// The segments of a line.
    pub(super) fn segments_of(&self, line: Span) -> &[Span] {
        let from = self.segments.partition_point(|segment| segment.end <= line.start);
        let to = self.segments.partition_point(|segment| segment.start < line.end);
        &self.segments[from..to.max(from)]
    }

    pub(super) fn line(&self, token: usize) -> Span {
        self.lines[self.tokens[token].line]
    }

    /// The tokens of a span with one blank between them.
    pub(super) fn text(&self, span: Span) -> String {
        let texts = self.tokens[span.tokens()].iter().map(|token| token.text.as_str());
        texts.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn folded(&self, span: Span) -> Vec<String> {
        self.tokens[span.tokens()].iter().map(|token| token.folded.clone()).collect()
    }

    pub(super) fn bounds(&self, span: Span) -> Bounds {
        let tokens = &self.tokens[span.tokens()];
        let min = |of: fn(&Token) -> f32| tokens.iter().map(of).fold(f32::MAX, f32::min);
        let max = |of: fn(&Token) -> f32| tokens.iter().map(of).fold(0.0, f32::max);
        let (left, top) = (min(|token| token.left), min(|token| token.top));
        let tenths = |points: f32| (points * 10.0).round() / 10.0;
        Bounds {
            left: tenths(left),
            top: tenths(top),
            width: tenths(max(|token| token.right) - left),
            height: tenths(max(Token::bottom) - top),
        }
    }

    /// Height of the page that a token is on.
    pub(super) fn page_height(&self, token: usize) -> f32 {
        let page = self.tokens[token].page;
        self.pages.iter().find(|(number, ..)| *number == page).map_or(842.0, |(.., height)| *height)
    }
}

fn mean(line: &[Token]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a line has few words")]
    let count = line.len().max(1) as f32;
    line.iter().map(Token::middle).sum::<f32>() / count
}

fn tokens_of(page: &Page, max: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    for word in page.words.iter().take(max) {
        let letters = word.text.chars().count().max(1);
        let mut done = 0;
        for part in parts(&word.text) {
            let length = part.chars().count();
            #[expect(clippy::cast_precision_loss, reason = "a word has few letters")]
            let along =
                |at: usize| word.bounds.left + word.bounds.width * at as f32 / letters as f32;
            tokens.push(Token {
                folded: folded(part),
                text: part.to_owned(),
                page: page.number,
                line: 0,
                left: along(done),
                right: along(done + length),
                top: word.bounds.top,
                height: word.bounds.height.max(1.0),
            });
            done += length;
        }
    }
    tokens
}

/// A word in parts: behind a colon, as in `Kundennummer:2`, and behind `Nr.` and `#`.
fn parts(word: &str) -> Vec<&str> {
    let split = |at: usize| vec![&word[..at], &word[at..]];
    let lower = word.to_lowercase();
    for sign in ["nr.", "no.", "n°", "nº", "#"] {
        let rest = lower.strip_prefix(sign).unwrap_or_default();
        if rest.starts_with(|c: char| c.is_ascii_digit()) && word.is_char_boundary(sign.len()) {
            return split(sign.len());
        }
    }
    let Some(colon) = word.find(':') else { return vec![word] };
    let (before, after) = (&word[..colon], &word[colon + 1..]);
    let named = before.chars().any(char::is_alphabetic) && !after.is_empty();
    let scheme =
        after.starts_with("//") || matches!(before.to_lowercase().as_str(), "urn" | "http");
    if named && !scheme { split(colon + 1) } else { vec![word] }
}

/// `1 234,56` and `- 5,00` become one token each.
fn numbers_joined(line: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::new();
    let mut rest = line.into_iter().peekable();
    while let Some(mut token) = rest.next() {
        while let Some(next) = rest.peek() {
            let near = next.left - token.right < DIGIT_GAP * token.height;
            let sign = matches!(token.text.as_str(), "-" | "–" | "−")
                && next.text.starts_with(|c: char| c.is_ascii_digit());
            let Some(next) = rest.next_if(|next| near && (sign || groups(&token.text, &next.text)))
            else {
                break;
            };
            let blank = if sign { "" } else { "\u{a0}" };
            token.text = format!("{}{blank}{}", token.text, next.text);
            token.folded = folded(&token.text);
            token.right = next.right;
        }
        joined.push(token);
    }
    joined
}

/// Whether the second is the next group of three of the number that the first begins. It must end
/// with decimals, or else two plain numbers beside each other would become one.
fn groups(first: &str, second: &str) -> bool {
    let digits = first.trim_start_matches(['-', '−', '(']);
    let groups: Vec<&str> = digits.split('\u{a0}').collect();
    let plain = |group: &&str| group.bytes().all(|byte| byte.is_ascii_digit()) && !group.is_empty();
    let begins = groups.iter().all(plain)
        && (1..=3).contains(&groups[0].len())
        && groups[1..].iter().all(|group| group.len() == 3);
    let end = second.trim_end_matches(['€', ')', '-']);
    let decimals = end.len() == 6 && matches!(end.as_bytes()[3], b',' | b'.');
    let mut bytes = end.bytes().enumerate();
    let fits = decimals && bytes.all(|(at, byte)| at == 3 || byte.is_ascii_digit());
    begins && !groups[0].starts_with('0') && fits
}

#[cfg(test)]
mod tests {
    use super::{groups, parts};

    #[test]
    fn a_word_is_parted_where_a_value_starts() {
        for (word, wanted) in [
            ("Kundennummer:2", vec!["Kundennummer:", "2"]),
            ("Nr.4711", vec!["Nr.", "4711"]),
            ("#4711", vec!["#", "4711"]),
            ("https://example.org", vec!["https://example.org"]),
            ("10:30", vec!["10:30"]),
            ("Datum:", vec!["Datum:"]),
        ] {
            assert_eq!(parts(word), wanted, "{word}");
        }
    }

    #[test]
    fn groups_of_a_number_are_told_from_two_numbers() {
        for (first, second, wanted) in [
            ("1", "234,56", true),
            ("12", "345.00", true),
            ("0", "234,56", false),
            ("1", "234", false),
            ("1234", "567,00", false),
            ("2", "60,00", false),
        ] {
            assert_eq!(groups(first, second), wanted, "{first} {second}");
        }
    }
}
