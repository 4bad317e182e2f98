use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::reconciliation::duplicates::search::{Reason, find, keys, rank};
use crate::reconciliation::duplicates::tests::{CONTENT, FILE, invoice, known};

/// What is stored differs from the candidate in all that is looked up, but for the members said.
fn finds(changes: Value) -> bool {
    let mut stored = json!({"number": "X-77", "date": "2020-01-01", "currency": "USD",
                            "gross": "5.00", "vendor": "V9", "order_lines": ["P9/1"]});
    let members = changes.as_object().expect("members").clone();
    stored.as_object_mut().expect("members").extend(members);
    let candidate = invoice(json!({"order_lines": ["P1/1", "P1/2"], "file": FILE,
                                   "content": CONTENT}));
    !find(&candidate, &[known(stored, "approved")]).is_empty()
}

#[test]
fn each_lookup_finds_by_all_that_it_asks_for() {
    for (stored, found) in [
        (json!({}), false),
        (json!({"file": FILE}), true),
        (json!({"content": CONTENT}), true),
        // The number: of one supplier at any time, of another on one day.
        (json!({"number": "re 1001"}), false),
        (json!({"number": "re 1001", "vendor": "V1"}), true),
        (json!({"number": "re 1001", "date": "2024-06-01"}), true),
        (json!({"date": "2024-06-01"}), false),
        (json!({"number": null, "date": "2024-06-01"}), false),
        // The amount of one supplier, in one currency, a minor unit up or down.
        (json!({"gross": "99.00", "currency": "EUR", "vendor": "V1"}), true),
        (json!({"gross": "98.99", "currency": "EUR", "vendor": "V1"}), true),
        (json!({"gross": "99.01", "currency": "EUR", "vendor": "V1"}), true),
        (json!({"gross": "98.98", "currency": "EUR", "vendor": "V1"}), false),
        (json!({"gross": "99.02", "currency": "EUR", "vendor": "V1"}), false),
        (json!({"gross": "99.00", "currency": "USD", "vendor": "V1"}), false),
        (json!({"gross": "99.00", "currency": "EUR", "vendor": "V2"}), false),
        (json!({"gross": "99.00", "currency": "EUR", "vendor": null}), false),
        (json!({"gross": null, "currency": "EUR", "vendor": "V1"}), false),
        // A purchase of one supplier, within ten days before and after.
        (json!({"order_lines": ["P1/2"], "date": "2024-06-11", "vendor": "V1"}), true),
        (json!({"order_lines": ["P1/2"], "date": "2024-05-22", "vendor": "V1"}), true),
        (json!({"order_lines": ["P1/2"], "date": "2024-06-12", "vendor": "V1"}), false),
        (json!({"order_lines": ["P1/2"], "date": "2024-05-21", "vendor": "V1"}), false),
        (json!({"order_lines": ["P1/2"], "date": "2024-06-01", "vendor": "V2"}), false),
        (json!({"order_lines": ["P2/1"], "date": "2024-06-01", "vendor": "V1"}), false),
        (json!({"order_lines": ["P1/2"], "date": null, "vendor": "V1"}), false),
    ] {
        assert_eq!(finds(stored.clone()), found, "{stored}");
    }
}

#[test]
fn what_is_empty_is_found_by_nothing() {
    let blank = json!({"number": " - ", "vendor": " ", "currency": "", "gross": "0.00",
                       "date": null});
    let stored = keys(&invoice(blank.clone()));
    assert_eq!((stored.number, stored.vendor, stored.currency, stored.gross), Default::default());
    assert!(find(&invoice(blank.clone()), &[known(blank, "approved")]).is_empty());
}

#[test]
fn near_numbers_are_worth_more_than_near_dates_and_the_rest_nothing() {
    let candidate = invoice(json!({}));
    let day = |day: &str| Some(day.parse::<NaiveDate>().expect("a date"));
    for (number, date, expected) in [
        (Some("RE-1002"), day("2024-06-03"), Some((Reason::Number, 2))),
        (Some("RE-1002"), day("2023-06-02"), Some((Reason::Number, 365))),
        (Some("RE-1002"), None, Some((Reason::Number, u64::MAX))),
        (Some("Z9"), day("2024-05-25"), Some((Reason::Date, 7))),
        (Some("Z9"), day("2024-06-08"), Some((Reason::Date, 7))),
        (Some("Z9"), day("2024-06-09"), None),
        (None, day("2024-06-01"), Some((Reason::Date, 0))),
        (Some("Z9"), None, None),
    ] {
        assert_eq!(rank(&candidate, number, date), expected, "{number:?} {date:?}");
    }
    assert!(Reason::Number < Reason::Date);
}
