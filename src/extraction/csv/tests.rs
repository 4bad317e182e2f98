use super::{escaped, is_formula, looks_like, table};
use crate::extraction::table::{CELL_BYTES_MAX, ROWS_MAX, Table};
use crate::extraction::unreadable::Unreadable;
use encoding_rs::WINDOWS_1252;
use proptest::prelude::proptest;

fn rows(table: &Table) -> Vec<(u32, Vec<String>)> {
    let texts = |cells: &[crate::extraction::table::Cell]| cells.iter().map(|c| c.text()).collect();
    table.rows.iter().map(|row| (row.number, texts(&row.cells))).collect()
}

fn read(text: &str) -> Vec<(u32, Vec<String>)> {
    rows(&table(text.as_bytes()).expect("a table").0)
}

fn owned(rows: &[(u32, &[&str])]) -> Vec<(u32, Vec<String>)> {
    let texts = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    rows.iter().map(|(number, cells)| (*number, texts(cells))).collect()
}

#[test]
fn the_separator_is_the_one_by_which_rows_agree() {
    let expected = owned(&[(1, &["a", "b", "c"]), (2, &["1", "2", "3"])]);
    for separator in [";", ",", "\t", "|"] {
        for newline in ["\n", "\r\n", "\r"] {
            let text = ["a", "b", "c"].join(separator) + newline + &["1", "2", "3"].join(separator);
            assert_eq!(read(&text), expected, "{text:?}");
            assert!(looks_like(&text));
        }
    }
    let german = "Nr;Betrag;Datum\n1;1,50;24.11.2026\n2;1.000,00;25.11.2026\n";
    assert_eq!(read(german)[1].1, ["1", "1,50", "24.11.2026"]);
    let english = "no,amount,note\n1,1.50,a;b\n2,\"1,000.00\",c;d\n";
    assert_eq!(read(english)[2].1, ["2", "1,000.00", "c;d"]);
    assert_eq!(read("sep=,\na,b\n1;2,3\n"), owned(&[(2, &["a", "b"]), (3, &["1;2", "3"])]));
}

#[test]
fn quotes_hold_separators_newlines_and_quotes() {
    let text = "a;b\n\"1;\"\"2\"\"\n3\";4\n\n5\"x;\"6\" ;\n";
    let expected = owned(&[(1, &["a", "b"]), (2, &["1;\"2\"\n3", "4"]), (4, &["5\"x", "6", ""])]);
    assert_eq!(read(text), expected);
}

#[test]
fn every_encoding_gives_the_same_table() {
    let text = "Name;Größe\nMüller & Søn;1\nÉtude;2\n";
    let utf16 = |mark: bool, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let mark = if mark { "\u{feff}" } else { "" };
        mark.encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect()
    };
    let cases = [
        (text.as_bytes().to_vec(), false),
        (format!("\u{feff}{text}").into_bytes(), false),
        (utf16(true, u16::to_le_bytes), false),
        (utf16(true, u16::to_be_bytes), false),
        (utf16(false, u16::to_le_bytes), false),
        (utf16(false, u16::to_be_bytes), false),
        (WINDOWS_1252.encode(text).0.into_owned(), true),
    ];
    for (bytes, guessed) in cases {
        let (table, findings) = table(&bytes).expect("a table");
        assert_eq!(rows(&table), read(text));
        let codes: Vec<_> = findings.iter().map(|found| &*found.code).collect();
        assert_eq!(codes, if guessed { vec!["ENCODING_GUESSED"] } else { vec![] });
    }
}

#[test]
fn what_is_no_table_does_not_look_like_one() {
    for text in [
        "",
        "hello",
        "a;b",
        "Dear Sir,\nplease find attached the invoice\n",
        "<a>;</a>\n<b>;</b>",
        "{\"a\": 1,\n\"b\": 2}",
        "a;b\nc\0;d",
    ] {
        assert!(!looks_like(text), "{text:?}");
    }
    assert!(looks_like("a;b\n1;2\n"));
}

#[test]
fn limits_hold_and_say_which() {
    for (text, expected) in [
        (String::new(), "the document is empty"),
        (" \n\n".to_owned(), "the document is empty"),
        ("a;b\n".repeat(ROWS_MAX + 1), "too large: 200001 rows, and at most 200000"),
        (format!("a;b\n{}", ";".repeat(1_000)), "too large: 1001 columns"),
        (
            format!("a;b\n1;{}\n", "x".repeat(CELL_BYTES_MAX + 1)),
            "too large: 1048577 bytes of one cell",
        ),
        (format!("{}\n", ";".repeat(999)).repeat(2_001), "too large: 2001000 cells"),
        ("a;b\n1;\"2\n3;4\n".to_owned(), "CSV with a quote at line 2, column 3 that is never"),
        ("a;b\n1;\0\n".to_owned(), "text with a zero byte at line 2, column 3"),
    ] {
        let error = table(text.as_bytes()).expect_err(expected);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    assert!(matches!(table(&vec![b'a'; 60 << 20]), Err(Unreadable::TooLarge { .. })));
}

#[test]
fn formulas_are_known_and_made_harmless() {
    for (text, formula, expected) in [
        ("=1+1", true, "'=1+1"),
        ("@SUM(A1)", true, "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", true, "\"'+cmd|' /C calc'!A0\""),
        ("-2+3", true, "'-2+3"),
        (" =HYPERLINK(\"x\")", true, "\"' =HYPERLINK(\"\"x\"\")\""),
        ("-1.190,00", false, "\"-1.190,00\""),
        ("+3", false, "+3"),
        ("-", false, "-"),
        ("a=b", false, "a=b"),
        ("", false, ""),
    ] {
        assert_eq!(is_formula(text), formula, "{text}");
        assert_eq!(escaped(text), expected);
    }
}

proptest! {
    #[test]
    fn what_was_escaped_is_read_again(cells in proptest::collection::vec("[a-z\";,\n ]{1,8}x", 2..5)) {
        let line = cells.iter().map(|cell| escaped(cell)).collect::<Vec<_>>().join(";");
        let text = format!("{}\n{line}\n", vec!["h"; cells.len()].join(";"));
        let expected: Vec<_> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
        assert_eq!(&read(&text)[1].1, &expected);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let _ = table(&bytes);
    }
}
