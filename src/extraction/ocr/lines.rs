//! Words in the order in which a page is read.

use crate::extraction::page::Word;
use crate::models::evidence::Bounds;

/// By line from the top, in a line from the left. A word is on the line whose words overlap its
/// middle.
pub(super) fn in_order(mut words: Vec<Word>) -> Vec<Word> {
    words.sort_by(|a, b| middle(&a.bounds).total_cmp(&middle(&b.bounds)));
    let mut lines: Vec<Vec<Word>> = Vec::new();
    for word in words {
        let line = lines.last_mut().filter(|line| {
            let last = line.last().map(|last| last.bounds);
            last.is_some_and(|last| middle(&word.bounds) < last.top + last.height * 0.8)
        });
        match line {
            Some(line) => line.push(word),
            None => lines.push(vec![word]),
        }
    }
    for line in &mut lines {
        line.sort_by(|a, b| a.bounds.left.total_cmp(&b.bounds.left));
    }
    lines.into_iter().flatten().collect()
}

/// Whether two boxes share more than a touch.
pub(super) fn overlap(one: &Bounds, other: &Bounds) -> bool {
    let shared = |start: f32, length: f32, other_start: f32, other_length: f32| {
        let end = (start + length).min(other_start + other_length);
        end - start.max(other_start)
    };
    let across = shared(one.left, one.width, other.left, other.width);
    let down = shared(one.top, one.height, other.top, other.height);
    across > 0.2 * one.width.min(other.width) && down > 0.2 * one.height.min(other.height)
}

fn middle(bounds: &Bounds) -> f32 {
    bounds.top + bounds.height / 2.0
}
