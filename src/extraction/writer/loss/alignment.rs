//! Which item of one list is which of another, so that one that is missing does not make all
//! behind it look wrong.

use std::ops::Range;

/// Comparisons that are made for the best alignment. Where more are needed, items are taken in
/// their order: lists of that size are lines, and a writer drops no line.
const COMPARISONS_MAX: usize = 250_000;

/// Pairs of indices, in order. Equal items are together; what is between them is taken in order.
pub(crate) fn aligned<T: PartialEq>(
    left: &[T],
    right: &[T],
) -> Vec<(Option<usize>, Option<usize>)> {
    let before = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let (inner_left, inner_right) = (&left[before..], &right[before..]);
    let behind = inner_left.iter().rev().zip(inner_right.iter().rev());
    let behind = behind.take_while(|(a, b)| a == b).count();
    let inner_left = &inner_left[..inner_left.len() - behind];
    let inner_right = &inner_right[..inner_right.len() - behind];

    let mut pairs: Vec<_> = (0..before).map(|at| (Some(at), Some(at))).collect();
    let (mut a, mut b) = (before, before);
    for (x, y) in common(inner_left, inner_right) {
        pairs.extend(in_order(a..before + x, b..before + y));
        pairs.push((Some(before + x), Some(before + y)));
        (a, b) = (before + x + 1, before + y + 1);
    }
    let (a_end, b_end) = (left.len() - behind, right.len() - behind);
    pairs.extend(in_order(a..a_end, b..b_end));
    pairs.extend((0..behind).map(|at| (Some(a_end + at), Some(b_end + at))));
    pairs
}

fn in_order(
    left: Range<usize>,
    right: Range<usize>,
) -> impl Iterator<Item = (Option<usize>, Option<usize>)> {
    let length = left.len().max(right.len());
    (0..length).map(move |at| (left.clone().nth(at), right.clone().nth(at)))
}

/// The longest common subsequence, as pairs of indices.
fn common<T: PartialEq>(left: &[T], right: &[T]) -> Vec<(usize, usize)> {
    if left.len().saturating_mul(right.len()) > COMPARISONS_MAX {
        return Vec::new();
    }
    // The length of the best one from each pair of indices on.
    let mut best = vec![vec![0_usize; right.len() + 1]; left.len() + 1];
    for x in (0..left.len()).rev() {
        for y in (0..right.len()).rev() {
            let either = best[x + 1][y].max(best[x][y + 1]);
            best[x][y] = if left[x] == right[y] { best[x + 1][y + 1] + 1 } else { either };
        }
    }
    let (mut x, mut y, mut pairs) = (0, 0, Vec::new());
    while x < left.len() && y < right.len() {
        if left[x] == right[y] {
            pairs.push((x, y));
            (x, y) = (x + 1, y + 1);
        } else if best[x + 1][y] >= best[x][y + 1] {
            x += 1;
        } else {
            y += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::aligned;

    #[test]
    fn equal_items_are_together_and_the_rest_is_taken_in_order() {
        for (left, right, expected) in [
            ("", "", ""),
            ("abc", "abc", "aa bb cc"),
            ("abcd", "bd", "a- bb c- dd"),
            ("bd", "abcd", "-a bb -c dd"),
            ("axc", "ayc", "aa xy cc"),
            ("axyc", "azc", "aa xz y- cc"),
            ("abab", "ab", "aa bb a- b-"),
            ("ab", "", "a- b-"),
        ] {
            let (a, b): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
            let pairs = aligned(&a, &b).into_iter().map(|(x, y)| {
                let letter = |at: Option<usize>, of: &[char]| at.map_or('-', |at| of[at]);
                format!("{}{}", letter(x, &a), letter(y, &b))
            });
            assert_eq!(pairs.collect::<Vec<_>>().join(" "), expected, "{left} {right}");
        }
        let (long, other) = (vec![1; 1_000], vec![2; 999]);
        assert_eq!(aligned(&long, &other).len(), 1_000);
    }
}
