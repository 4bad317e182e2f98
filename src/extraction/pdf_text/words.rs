//! Glyphs to words: by line, then by gap.

use unicode_normalization::UnicodeNormalization;

use crate::extraction::page::Word;
use crate::extraction::pdf_text::glyphs::Glyph;
use crate::models::evidence::Bounds;

/// Glyphs whose baselines differ by less, in font sizes, stand on one line.
const SAME_LINE: f32 = 0.3;
/// A gap this wide, in font sizes, ends a word. The blank of usual fonts has 0.22 to 0.33.
const GAP: f32 = 0.19;
/// How much wider than the usual gap of its line a gap must be to end a word in letter-spaced text.
const SPACED: f32 = 2.2;
/// Share of a font size above the baseline: the ascent of usual fonts.
const ASCENT: f32 = 0.8;
/// Two glyphs of one text this near, in font sizes, are one, printed twice to look bold.
const TWICE: f32 = 0.08;

/// The words of a page, by line from the top, in a line from the left.
pub(super) fn of(mut glyphs: Vec<Glyph>) -> Vec<Word> {
    glyphs.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut lines: Vec<Vec<Glyph>> = Vec::new();
    for glyph in glyphs {
        let joins = lines.last().and_then(|line| line.last()).is_some_and(|last| {
            glyph.baseline - last.baseline <= SAME_LINE * glyph.size.min(last.size)
        });
        match lines.last_mut() {
            Some(line) if joins => line.push(glyph),
            _ => lines.push(vec![glyph]),
        }
    }
    lines.into_iter().flat_map(words_of_line).collect()
}

fn words_of_line(mut line: Vec<Glyph>) -> Vec<Word> {
    line.sort_by(|a, b| a.left.total_cmp(&b.left));
    line.dedup_by(|next, glyph| {
        next.text == glyph.text && next.left - glyph.left < TWICE * glyph.size
    });
    let mut words = Vec::new();
    for run in runs(line) {
        let threshold = threshold(&run);
        let mut word: Vec<Glyph> = Vec::new();
        for glyph in run {
            let ends = word.last().is_some_and(|last| {
                glyph.left - last.right > threshold * glyph.size.min(last.size)
            });
            if ends {
                words.extend(joined(&word));
                word.clear();
            }
            word.push(glyph);
        }
        words.extend(joined(&word));
    }
    words
}

/// Parts of a line with wide gaps between them: each has its own spacing of letters.
fn runs(line: Vec<Glyph>) -> Vec<Vec<Glyph>> {
    let mut runs: Vec<Vec<Glyph>> = Vec::new();
    for glyph in line {
        let joins = runs.last().and_then(|run| run.last()).is_some_and(|last| {
            glyph.left - last.right < 1.5 * last.size.max(glyph.size)
                && (glyph.size / last.size - 1.0).abs() < 0.2
        });
        match runs.last_mut() {
            Some(run) if joins => run.push(glyph),
            _ => runs.push(vec![glyph]),
        }
    }
    runs
}

/// The gap, in font sizes, that ends a word in this run. Where most gaps are as wide as a blank,
/// the letters are spaced, and only a much wider gap counts.
fn threshold(run: &[Glyph]) -> f32 {
    let gap = |pair: &[Glyph]| (pair[1].left - pair[0].right) / pair[0].size.max(0.1);
    let mut gaps: Vec<f32> = run.windows(2).map(gap).collect();
    if gaps.len() < 4 {
        return GAP;
    }
    gaps.sort_by(f32::total_cmp);
    let usual = gaps[gaps.len() / 2];
    if usual > GAP * 0.8 { usual * SPACED } else { GAP.max(usual + 0.12) }
}

fn joined(glyphs: &[Glyph]) -> Option<Word> {
    let first = glyphs.first()?;
    let text: String = glyphs.iter().flat_map(|glyph| glyph.text.chars()).map(plain).collect();
    let text: String = text.chars().flat_map(unligated).nfc().collect();
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let size = glyphs.iter().map(|glyph| glyph.size).fold(0.0, f32::max);
    let right = glyphs.iter().map(|glyph| glyph.right).fold(first.left, f32::max);
    let bounds = Bounds {
        left: tenths(first.left),
        top: tenths(first.baseline - ASCENT * size),
        width: tenths(right - first.left),
        height: tenths(size),
    };
    (!text.is_empty()).then_some(Word { text, bounds, font_size: tenths(size), recognised: None })
}

/// Hyphens and quotes of typesetters, as they are typed.
fn plain(letter: char) -> char {
    match letter {
        '\u{2010}' | '\u{2011}' | '\u{2212}' | '\u{ad}' => '-',
        '\u{2019}' => '\'',
        other => other,
    }
}

/// The letters of `ﬁ` and its kin.
fn unligated(letter: char) -> impl Iterator<Item = char> {
    let ligature = ('\u{fb00}'..='\u{fb06}').contains(&letter);
    let letters: String =
        if ligature { letter.to_string().nfkc().collect() } else { letter.to_string() };
    letters.chars().collect::<Vec<_>>().into_iter()
}

fn tenths(points: f32) -> f32 {
    (points * 10.0).round() / 10.0
}
