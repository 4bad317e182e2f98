use super::{Form, Profile, Selector};

const GOOD: &str = r#"
form = "rows"
heading_row = 1
decimal_sign = ","
date_format = "DD.MM.YYYY"

[columns]
"BT-1" = "Belegnummer"
"BT-2" = "Datum"
"BT-131" = { letter = "F" }
"seller.name" = "Lieferant"
"lines.order_reference" = "Bestellung"

[constants]
"BT-5" = "EUR"
"BT-130" = "C62"
"#;

#[test]
fn a_profile_says_column_by_column_what_there_is() {
    let profile = Profile::parse(GOOD).expect("a profile");
    assert_eq!(profile.form, Form::Rows);
    let columns: Vec<_> = profile
        .columns
        .iter()
        .map(|(route, selector)| {
            let names: Vec<_> = route.iter().map(|field| field.name).collect();
            (names.join("."), selector.clone())
        })
        .collect();
    let heading = |text: &str| Selector::Heading(text.to_owned());
    let expected = [
        ("number".to_owned(), heading("belegnummer")),
        ("lines.net".to_owned(), Selector::Letter(5)),
        ("issue_date".to_owned(), heading("datum")),
        ("lines.order_reference".to_owned(), heading("bestellung")),
        ("seller.name".to_owned(), heading("lieferant")),
    ];
    assert_eq!(columns, expected);
    assert_eq!(profile.constants.len(), 2);
}

#[test]
fn every_fault_of_a_profile_is_listed_with_its_key() {
    let error = Profile::parse(
        r#"
        form = "records"
        decimal_sign = ";"
        date_format = "%d"
        [columns]
        "BT-1" = ""
        "BT-2" = "Date"
        "BT-4" = "X"
        "BG-25" = "Lines"
        "BT-112" = { letter = "A1" }
        "nonsense" = "Y"
        [constants]
        "BT-2" = "24.11.2026"
        "BT-5" = " "
        "BT-9" = "24.11.2026"
        "#,
    )
    .expect_err("refused");
    let mut keys: Vec<_> = error.faults.iter().filter_map(|fault| fault.pointer.clone()).collect();
    keys.sort();
    let expected = [
        "columns.BG-25",
        "columns.BT-1",
        "columns.BT-112",
        "columns.BT-4",
        "columns.nonsense",
        "constants.BT-2",
        "constants.BT-2",
        "constants.BT-5",
        "constants.BT-9",
        "date_format",
        "date_format",
        "decimal_sign",
        "heading_row",
        "record",
    ];
    assert_eq!(keys, expected, "{error}");
}

#[test]
fn nothing_is_assumed_that_a_profile_does_not_say() {
    for (left_out, key) in [
        ("heading_row = 1", "heading_row"),
        ("decimal_sign = \",\"", "decimal_sign"),
        ("date_format = \"DD.MM.YYYY\"", "date_format"),
    ] {
        let error = Profile::parse(&GOOD.replace(left_out, "")).expect_err(key);
        let [fault] = &error.faults[..] else { panic!("{error}") };
        assert_eq!((fault.pointer.as_deref(), &*fault.code), (Some(key), "missing"));
    }
    for broken in ["", "form = \"rows\"", "form = 1", &format!("colour = 1\n{GOOD}"), "[["] {
        let error = Profile::parse(broken).expect_err("refused");
        assert_eq!(error.faults.len(), 1, "{error}");
    }
    let records = GOOD.replace("\"rows\"", "\"records\"")
        + "[record]\ncolumn = \"Art\"\nheader = \"K\"\nline = \"P\"\n";
    assert!(Profile::parse(&records).is_ok());
    assert!(Profile::parse(&records.replace("\"P\"", "\"K\"")).is_err());
}
