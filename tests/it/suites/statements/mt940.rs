//! MT940 and MT942. The expectations are the results of a library with habits of its own; they are
//! turned into ours here: it folds all statements of a file into one, keeps `NONREF`, joins
//! broken texts without their blanks, gives a reference all that follows it, and cuts `:61:` by
//! the widths of the standard, so that long references run over into the next part.

use ap_gateway::extraction::statement::read_statement;
use ap_gateway::models::statement::{BankEntry, BankStatement, EntryDetail};
use serde_json::{Map, Value};

use super::{Comparison, samples};

/// File, field, and why ours is better.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "self-provided/raphaelm.sta",
        "intermediate_closing_balance",
        "the balance has no currency, and the library takes its first digits for one",
    ),
    ("self-provided/raphaelm.sta", "final_closing_balance", "as above"),
    (
        "jejik/ing.sta",
        "transaction_details",
        "the text behind the closing balance is the statement's, not the last entry's",
    ),
];

/// What the library has and we do not keep, or say in another way.
const LEFT: [&str; 6] =
    ["funds_code", "non_swift", "non_swift_text", "c_floor_limit", "d_floor_limit", "non_swift_18"];

#[test]
#[cfg_attr(no_suite_mt940, ignore = "mt940 is not in the suites")]
fn mt940_and_mt942_are_read_as_expected() {
    let mut comparison = Comparison::default();
    for (file, bytes, expected) in samples("mt940", "sta") {
        comparison.files += 1;
        comparison.names.insert(file.clone());
        let head = expected["statement"].as_object().expect("an object");
        let entries = expected["transactions"].as_array().expect("a list");
        match read_statement(&bytes) {
            Err(error) => {
                comparison.refused += 1;
                assert!(head.is_empty() && entries.is_empty(), "{file}: {error}");
            }
            Ok(reading) => {
                heads(&file, &reading.statements, head, &mut comparison);
                let ours: Vec<&BankEntry> =
                    reading.statements.iter().flat_map(|one| &one.entries).collect();
                assert_eq!(ours.len(), entries.len(), "{file}");
                for (ours, theirs) in ours.iter().zip(entries) {
                    comparison.entries += 1;
                    entry(&file, ours, theirs.as_object().expect("an entry"), &mut comparison);
                }
            }
        }
    }
    println!("{}", comparison.figures("mt940"));
    assert!(comparison.files > 0, "no statement is there");
    comparison.judge(KNOWN);
}

fn heads(file: &str, ours: &[BankStatement], theirs: &Map<String, Value>, into: &mut Comparison) {
    let last = |of: fn(&BankStatement) -> Option<String>| ours.iter().rev().find_map(of);
    for (field, value) in theirs.iter().filter(|(field, _)| is_compared(field)) {
        if let Some(balance) = value.as_object().filter(|value| value.contains_key("mark")) {
            let (own, equal) = balance_of(ours, field, balance);
            into.value((file, field), equal, (own, value));
            continue;
        }
        let own = match field.as_str() {
            "transaction_reference" => last(|one| one.id.clone()),
            "related_reference" => last(|one| one.related_reference.clone()),
            "account_identification" => last(|one| {
                let parts = [one.bank.as_deref(), one.account.as_deref()];
                Some(parts.into_iter().flatten().collect::<Vec<_>>().join("/"))
            }),
            "statement_number" => last(|one| one.number.clone()),
            "sequence_number" => last(|one| one.page.clone()),
            "date" => last(|one| one.created.clone()),
            "sum_credit_entries" => last(|one| Some(one.credits.as_ref()?.amount?.to_string())),
            "sum_debit_entries" => last(|one| Some(one.debits.as_ref()?.amount?.to_string())),
            _ => panic!("{field} is not compared"),
        };
        let own = own.unwrap_or_default();
        let equal = match field.as_str() {
            // 2017-01-19T18:15:00 and 1701191815+0100.
            "date" => digits(value)[2..12] == own[..10],
            "sum_credit_entries" | "sum_debit_entries" => value["amount"] == own.as_str(),
            _ => value.as_str() == Some(own.as_str()),
        };
        into.value((file, field), equal, (own, value));
    }
}

fn balance_of(ours: &[BankStatement], field: &str, theirs: &Map<String, Value>) -> (String, bool) {
    let code = match field {
        "final_opening_balance" => "60F",
        "intermediate_opening_balance" => "60M",
        "final_closing_balance" => "62F",
        "intermediate_closing_balance" => "62M",
        "available_balance" => "64",
        _ => panic!("{field} is not compared"),
    };
    let mut all = ours.iter().flat_map(|one| &one.balances).rev();
    let Some(own) = all.find(|balance| balance.code == code) else {
        return (String::new(), false);
    };
    let text = |value: Option<String>| Value::from(value.unwrap_or_default());
    let equal = amount(own.amount, &theirs["amount"])
        && text(own.currency.clone()) == theirs["currency"]
        && text(own.date.map(|date| date.to_string())) == theirs["date"];
    (format!("{own:?}"), equal)
}

fn entry(file: &str, ours: &BankEntry, theirs: &Map<String, Value>, into: &mut Comparison) {
    let none = EntryDetail::default();
    let detail = ours.details.first().unwrap_or(&none);
    for (field, value) in theirs.iter().filter(|(field, _)| is_compared(field)) {
        let text = value.as_str().expect("a text");
        let (own, equal) = match field.as_str() {
            "amount" => (ours.amount.to_string(), amount(ours.amount, value)),
            "status" => (ours.amount.to_string(), ours.amount.is_sign_positive() == (text == "C")),
            "customer_reference" => customer_reference(ours, detail, text),
            "extra_details" => {
                let own = ours.supplementary.clone().unwrap_or_default();
                let run_over = ours.bank_reference.as_deref().unwrap_or_default().ends_with(text);
                (own.clone(), run_over || bare(&own) == bare(text))
            }
            "end_to_end_reference" => {
                let own = bare(detail.end_to_end_id.as_deref().unwrap_or_default());
                let rest = bare(text).strip_prefix(&own).map(str::to_owned);
                let more = bare(&detail.remittance.unstructured.concat());
                let equal = !own.is_empty() && rest.is_some_and(|rest| more.contains(&rest));
                (own, equal)
            }
            "purpose" | "additional_purpose" | "non_swift_01" | "non_swift_02" => {
                let lines = detail.remittance.unstructured.concat();
                let ultimate = detail.counterparty.ultimate_name.as_deref().unwrap_or_default();
                let own = format!("{lines}ABWA+{ultimate}");
                let equal = bare(&own).contains(&bare(text));
                (own, equal)
            }
            "applicant_iban" => {
                // The library takes the national number where the IBAN stands beside it.
                let own = detail.counterparty.account.clone().unwrap_or_default();
                let equal = own.ends_with(text);
                (own, equal)
            }
            _ => {
                let own = plain(ours, detail, field).unwrap_or_default();
                let equal = bare(&own) == bare(text);
                (own, equal)
            }
        };
        into.value((file, field), equal, (own, value));
    }
}

fn plain(ours: &BankEntry, detail: &EntryDetail, field: &str) -> Option<String> {
    match field {
        "currency" => ours.currency.clone(),
        "date" => ours.value_date.map(|date| date.to_string()),
        "entry_date" => ours.booking_date.map(|date| date.to_string()),
        "id" => ours.codes.swift.clone(),
        "bank_reference" => ours.bank_reference.clone(),
        "transaction_code" => ours.codes.own.clone(),
        "posting_text" | "non_swift_17" => ours.text.clone(),
        "prima_nota" => ours.codes.batch.clone(),
        "return_debit_notes" => ours.codes.supplement.clone(),
        "applicant_bin" => detail.counterparty.bank.clone(),
        "applicant_name" | "non_swift_15" => detail.counterparty.name.clone(),
        "additional_position_reference" => detail.mandate.clone(),
        "applicant_creditor_id" => detail.creditor_id.clone(),
        "transaction_details" => ours.narrative.clone(),
        _ => panic!("{field} is not compared"),
    }
}

/// `REF`, or `REF//BANK` as far as the width goes, or with the value of `KREF+` on a second line.
fn customer_reference(ours: &BankEntry, detail: &EntryDetail, text: &str) -> (String, bool) {
    let (first, second) = text.split_once('\n').unwrap_or((text, ""));
    let (customer, bank) = first.split_once("//").unwrap_or((first, ""));
    let own = ours.reference.clone().unwrap_or_default();
    let none = matches!(customer, "NONREF" | "KREF+" | "EREF");
    let same = if none { own.is_empty() } else { own == customer };
    let bank_reference = ours.bank_reference.as_deref().unwrap_or_default();
    let instruction = bare(detail.instruction_id.as_deref().unwrap_or_default());
    let equal = same && bank_reference.starts_with(bank) && bare(second).starts_with(&instruction);
    (own, equal)
}

/// Lines `:NS:` of a statement are given to the entry before it; those of an entry are compared.
fn is_compared(field: &str) -> bool {
    let of_statement = |number: &str| number.parse::<u8>().is_ok_and(|number| number > 17);
    !LEFT.contains(&field) && !field.strip_prefix("non_swift_").is_some_and(of_statement)
}

fn amount(ours: rust_decimal::Decimal, theirs: &Value) -> bool {
    theirs.as_str().and_then(|text| text.parse().ok()) == Some(ours)
}

fn digits(value: &Value) -> String {
    value.as_str().expect("a text").chars().filter(char::is_ascii_digit).collect()
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
