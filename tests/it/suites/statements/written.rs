//! MT940 that is written here is read back: amounts, days, signs, references and texts.

use ap_gateway::extraction::statement::read_statement;
use chrono::{Duration, NaiveDate};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// An entry to write: cents, mark, days after the first of 2026, days of booking after it, text.
type Wanted = (i64, usize, i64, i64, String);

const MARKS: [(&str, i64); 4] = [("C", 1), ("D", -1), ("RC", -1), ("RD", 1)];

fn written(opening: i64, wanted: &[Wanted], dialect: usize) -> (String, i64) {
    let end = ["\r\n", "\n"][dialect % 2];
    let mut lines = vec![":20:REF".to_owned(), ":25:DE02120300000000202051".to_owned()];
    lines.push(":28C:7/1".to_owned());
    lines.push(format!(":60F:{}260101EUR{}", mark(opening), comma(opening.abs())));
    let mut balance = opening;
    for (index, (cents, mark, value, booked, text)) in wanted.iter().enumerate() {
        let (mark, sign) = MARKS[*mark];
        balance += cents * sign;
        let value = day(*value);
        let booked = value + Duration::days(*booked);
        let (value, booked) = (value.format("%y%m%d"), booked.format("%m%d"));
        let funds = ["", "R"][dialect / 2 % 2];
        let amount = comma(*cents);
        lines.push(format!(":61:{value}{booked}{mark}{funds}{amount}NTRFNONREF//B{index}"));
        match dialect / 4 % 2 {
            0 => lines.push(format!(":86:166?00TEXT?20EREF+E{index}?21SVWZ+{text}?32NAME")),
            _ => lines.push(format!(":86:/EREF/E{index}/NAME/NAME/REMI/{text}")),
        }
    }
    lines.push(format!(":62F:{}260201EUR{}", mark(balance), comma(balance.abs())));
    lines.push("-".to_owned());
    (lines.join(end), balance)
}

fn mark(cents: i64) -> &'static str {
    if cents < 0 { "D" } else { "C" }
}

fn comma(cents: i64) -> String {
    match cents % 100 {
        0 => format!("{},", cents / 100),
        rest => format!("{},{rest:02}", cents / 100),
    }
}

fn day(after: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day") + Duration::days(after)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_is_read_back(
        opening in -1_000_000_i64..1_000_000,
        wanted in prop::collection::vec(
            (1_i64..100_000_000, 0_usize..4, 0_i64..720, -40_i64..40, "[A-Z][a-z0-9.,-]{0,20}"),
            0..20,
        ),
        dialect in 0_usize..8,
    ) {
        let (text, balance) = written(opening, &wanted, dialect);
        let reading = read_statement(text.as_bytes()).expect("a statement");
        prop_assert_eq!(&reading.findings, &[]);
        let [statement] = reading.statements.as_slice() else { panic!("one statement") };
        prop_assert_eq!(statement.closing().expect("closing").amount, Decimal::new(balance, 2));
        prop_assert_eq!(statement.entries.len(), wanted.len());
        for (index, (entry, wanted)) in statement.entries.iter().zip(&wanted).enumerate() {
            let (cents, mark, value, booked, text) = wanted;
            prop_assert_eq!(entry.amount, Decimal::new(cents * MARKS[*mark].1, 2));
            prop_assert_eq!(entry.reversal, *mark > 1);
            prop_assert_eq!(entry.value_date, Some(day(*value)));
            prop_assert_eq!(entry.booking_date, Some(day(value + booked)));
            prop_assert_eq!(entry.bank_reference.clone(), Some(format!("B{index}")));
            let detail = &entry.details[0];
            prop_assert_eq!(detail.end_to_end_id.clone(), Some(format!("E{index}")));
            prop_assert_eq!(&detail.remittance.unstructured, std::slice::from_ref(text));
            prop_assert_eq!(detail.counterparty.name.as_deref(), Some("NAME"));
        }
    }
}
