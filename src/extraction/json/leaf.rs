//! A single value: what its kind asks for, and what stands there instead.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::extraction::notes::PROSE_CHARACTERS_MAX;
use crate::extraction::terms::Kind;
use crate::extraction::xsd;
use crate::models::decimal;
use crate::models::order::TEXT_CHARACTERS_MAX;

/// What came of a value.
#[derive(Debug, PartialEq)]
pub(crate) enum Leaf {
    /// It is what it should be; a text that was cut says so.
    Good {
        /// In our form.
        value: Value,
        /// Whether the end of a text was left out.
        cut: bool,
    },
    /// Null, or a text of blanks.
    Absent,
    /// It is not, and this was expected.
    Wrong(&'static str),
}

const DECIMAL: &str = "a decimal of at most 28 digits and without an exponent, as text or as a \
                       number: \"1190.00\"";
const DAY: &str = "a day as text: \"2026-11-30\"";
const TEXT: &str = "a text without control characters";
const WORD: &str = "a text of at most 255 characters, without control characters";

/// Reads a value of a kind that has no members of its own.
pub(crate) fn read(kind: Kind, raw: &RawValue) -> Leaf {
    let raw = raw.get();
    if raw == "null" {
        return Leaf::Absent;
    }
    match kind {
        Kind::Flag => match raw {
            "true" | "false" => good(Value::Bool(raw == "true")),
            _ => Leaf::Wrong("true or false"),
        },
        Kind::Count(max) => match raw.parse::<u64>() {
            Ok(count) if count <= max => good(Value::from(count)),
            _ => Leaf::Wrong("a whole number, not negative"),
        },
        Kind::Decimal if !raw.starts_with('"') => exact(raw),
        _ => match serde_json::from_str::<String>(raw) {
            Ok(text) => of_text(kind, &text),
            Err(_) => Leaf::Wrong(expected(kind)),
        },
    }
}

/// Reads the text of a value; also one that is no JSON.
pub(crate) fn of_text(kind: Kind, text: &str) -> Leaf {
    if text.trim().is_empty() {
        return Leaf::Absent;
    }
    match kind {
        Kind::Decimal => exact(text),
        Kind::Date => match xsd::date(text) {
            Some(day) if text.len() == 10 => good(Value::from(day.to_string())),
            _ => Leaf::Wrong(DAY),
        },
        Kind::Direction if !matches!(text, "invoice" | "credit_note") => {
            Leaf::Wrong(expected(kind))
        }
        Kind::Prose => prose(text),
        _ => word(text),
    }
}

fn good(value: Value) -> Leaf {
    Leaf::Good { value, cut: false }
}

fn exact(text: &str) -> Leaf {
    match decimal::parse(text) {
        Ok(number) => good(Value::from(number.to_string())),
        Err(_) => Leaf::Wrong(DECIMAL),
    }
}

fn word(text: &str) -> Leaf {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fine = folded.chars().count() <= TEXT_CHARACTERS_MAX && !has_control(&folded);
    if fine { good(Value::from(folded)) } else { Leaf::Wrong(WORD) }
}

fn prose(text: &str) -> Leaf {
    if has_control(text) {
        return Leaf::Wrong(TEXT);
    }
    let kept: String = text.chars().take(PROSE_CHARACTERS_MAX).collect();
    let cut = kept.len() < text.len();
    Leaf::Good { value: Value::from(kept), cut }
}

/// Characters that neither XML nor a database takes.
fn has_control(text: &str) -> bool {
    let fine = |letter: char| matches!(letter, '\t' | '\n' | '\r');
    text.chars().any(|letter| {
        letter.is_control() && !fine(letter) || matches!(letter, '\u{fffe}'..='\u{ffff}')
    })
}

/// What a kind asks for, in words.
pub(crate) fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Decimal => DECIMAL,
        Kind::Date => DAY,
        Kind::Direction => "\"invoice\" or \"credit_note\"",
        Kind::Prose => TEXT,
        Kind::Identifier => "a text, or an object with value and scheme",
        Kind::Identifiers => "a list of texts, or of objects with value and scheme",
        Kind::Group(_) | Kind::Inline => "an object",
        Kind::List(_) | Kind::Mixed(_) | Kind::Side(..) => "a list of objects",
        _ => WORD,
    }
}

#[cfg(test)]
mod tests {
    use super::{Leaf, good, read};
    use crate::extraction::terms::Kind;
    use serde_json::Value;
    use serde_json::value::RawValue;

    fn leaf(kind: Kind, raw: &str) -> Leaf {
        let raw: Box<RawValue> = serde_json::from_str(raw).expect("JSON");
        read(kind, &raw)
    }

    #[test]
    fn a_decimal_keeps_the_digits_that_were_written() {
        for (raw, value) in [
            ("1190.00", "1190.00"),
            ("\"1190.00\"", "1190.00"),
            ("0.1", "0.1"),
            ("-3", "-3"),
            ("1234567890.123456789012345678", "1234567890.123456789012345678"),
        ] {
            assert_eq!(leaf(Kind::Decimal, raw), good(Value::from(value)), "{raw}");
        }
        for raw in [
            "1E100",
            "1e2",
            "12345678901234567890123456789",
            "\"1,00\"",
            "\"NaN\"",
            "true",
            "[1]",
            "{\"amount\":1}",
        ] {
            assert!(matches!(leaf(Kind::Decimal, raw), Leaf::Wrong(_)), "{raw}");
        }
    }

    #[test]
    fn each_kind_refuses_what_it_is_not() {
        for (kind, raw) in [
            (Kind::Word, "4711"),
            (Kind::Word, "\"a\\u0000b\""),
            (Kind::Word, "\"\\ud800\""),
            (Kind::Prose, "\"a\\u0001b\""),
            (Kind::Date, "\"24.11.2026\""),
            (Kind::Date, "\"2026-11-24Z\""),
            (Kind::Date, "\"2026-02-30\""),
            (Kind::Date, "20261124"),
            (Kind::Flag, "1"),
            (Kind::Count(9), "10"),
            (Kind::Count(9), "-1"),
            (Kind::Direction, "\"bill\""),
        ] {
            assert!(matches!(leaf(kind, raw), Leaf::Wrong(_)), "{kind:?} {raw}");
        }
        let long = format!("\"{}\"", "x".repeat(256));
        assert!(matches!(leaf(Kind::Word, &long), Leaf::Wrong(_)));
    }

    #[test]
    fn nothing_and_blanks_are_absent() {
        for raw in ["null", "\"\"", "\" \\t \""] {
            for kind in [Kind::Word, Kind::Prose, Kind::Decimal, Kind::Date] {
                assert_eq!(leaf(kind, raw), Leaf::Absent);
            }
        }
    }

    #[test]
    fn blanks_are_folded_in_words_and_long_texts_are_cut() {
        assert_eq!(leaf(Kind::Word, "\" R  1\\n\""), good(Value::from("R 1")));
        let long = format!("\"{}\"", "x".repeat(4_001));
        assert!(matches!(leaf(Kind::Prose, &long), Leaf::Good { cut: true, .. }));
    }
}
