//! When are two invoice numbers one number, and when nearly one?

use unicode_normalization::UnicodeNormalization;

/// Characters that people put between the parts of a number.
const BETWEEN: [char; 5] = ['-', '/', '.', '_', '#'];

/// BT-1 as `DUP_EXACT` compares it: NFKC, trimmed, upper case. Two different numbers stay
/// different, however long they are.
pub fn exact_key(number: &str) -> String {
    let folded: String = number.nfkc().flat_map(char::to_uppercase).collect();
    folded.trim().to_owned()
}

/// BT-1 as `DUP_NORMALISED` compares it: as above, then without leading zeros of each run of
/// digits, with O as 0 and I and L as 1, and without blanks and `- / . _ #`. Numbers that consist
/// of nothing else have an empty key, which is no key.
pub fn normalised_key(number: &str) -> String {
    let exact = exact_key(number);
    let mut key = String::with_capacity(exact.len());
    let mut characters = exact.chars().peekable();
    let mut in_run = false;
    while let Some(character) = characters.next() {
        let next_is_digit = characters.peek().is_some_and(char::is_ascii_digit);
        // A run of zeros alone is one zero.
        let leading = character == '0' && !in_run && next_is_digit;
        in_run = character.is_ascii_digit() && !leading;
        match character {
            _ if leading || character.is_whitespace() || BETWEEN.contains(&character) => {}
            'O' => key.push('0'),
            'I' | 'L' => key.push('1'),
            _ => key.push(character),
        }
    }
    key
}

/// Both are said, and one edit or one swap of neighbours leads from one to the other: as they
/// stand, or normalised. Equal ones are near.
pub fn near(one: &str, other: &str) -> bool {
    let near = |key: fn(&str) -> String| {
        let (one, other) = (key(one), key(other));
        !one.is_empty() && !other.is_empty() && one_step(&one, &other)
    };
    near(exact_key) || near(normalised_key)
}

/// At most one character added, left out, replaced or swapped with its neighbour (Damerau). In one
/// pass: what both begin and end with is taken off, and what is left says it.
fn one_step(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let shorter = one.len().min(other.len());
    let begin = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let same = one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other);
    let end = same.count().min(shorter - begin);
    match (&one[begin..one.len() - end], &other[begin..other.len() - end]) {
        ([] | [_], [] | [_]) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{exact_key, near, normalised_key, one_step};

    #[test]
    fn keys_are_what_the_handbook_says() {
        for (number, exact, normalised) in [
            ("INV-2024/0017", "INV-2024/0017", "1NV202417"),
            (" inv-2024/0017", "INV-2024/0017", "1NV202417"),
            ("inv 2024 17", "INV 2024 17", "1NV202417"),
            ("ＩＮＶ－２０２４／１７", "INV-2024/17", "1NV202417"),
            ("RE_1001#", "RE_1001#", "RE1001"),
            ("ROL-1", "ROL-1", "R011"),
            ("100", "100", "100"),
            ("0100", "0100", "100"),
            ("000", "000", "0"),
            ("A0", "A0", "A0"),
            ("A-00-0-7", "A-00-0-7", "A007"),
            ("10.000.007", "10.000.007", "1007"),
            ("straße 1", "STRASSE 1", "STRASSE1"),
            ("-/.", "-/.", ""),
            ("", "", ""),
        ] {
            assert_eq!(exact_key(number), exact, "{number}");
            assert_eq!(normalised_key(number), normalised, "{number}");
        }
    }

    #[test]
    fn one_edit_or_one_swap_is_near() {
        for (one, other, is_near) in [
            ("RE-1001", "RE-1010", true),
            ("RE-1001", "RE-1002", true),
            ("RE-1001", "RE-10011", true),
            ("RE-1001", "RE-101", true),
            ("RE-1001", "re 1001", true),
            ("RE-1001", "RE-1001", true),
            // Near as they stand, far when normalised, and the reverse.
            ("0009", "1009", true),
            ("RE-1001", "RE 1002", true),
            ("RE-1001", "RE-1012", false),
            ("RE-1001", "RE-0110", false),
            ("2024-101", "2024-233", false),
            ("1234", "4321", false),
            ("", "", false),
            ("", "1", false),
            ("-", "-", true),
            ("Z9", "RE-1001", false),
        ] {
            assert_eq!(near(one, other), is_near, "{one} {other}");
            assert_eq!(near(other, one), is_near, "{other} {one}");
        }
    }

    /// Optimal string alignment, by the book.
    fn distance(one: &[char], other: &[char]) -> usize {
        let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
        for i in 0..=one.len() {
            for j in 0..=other.len() {
                table[i][j] = match (i, j) {
                    (0, far) | (far, 0) => far,
                    _ => {
                        let replaced =
                            table[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
                        let mut best = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                        if i > 1
                            && j > 1
                            && one[i - 1] == other[j - 2]
                            && one[i - 2] == other[j - 1]
                        {
                            best = best.min(table[i - 2][j - 2] + 1);
                        }
                        best
                    }
                };
            }
        }
        table[one.len()][other.len()]
    }

    proptest! {
        #[test]
        fn one_pass_says_what_the_table_says(one in "[ab0]{0,6}", other in "[ab0]{0,6}") {
            let table = distance(
                &one.chars().collect::<Vec<_>>(),
                &other.chars().collect::<Vec<_>>(),
            );
            prop_assert_eq!(one_step(&one, &other), table <= 1);
        }

        #[test]
        fn numbers_that_are_equal_are_equal_when_normalised(number in "[ oO0iIlL1a/#.-]{0,12}") {
            let again = exact_key(&number);
            prop_assert_eq!(normalised_key(&again), normalised_key(&number));
        }
    }
}
