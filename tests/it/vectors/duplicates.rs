//! Cases of the kinds `duplicate`, `sampling` and `conversion`.

use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use ap_gateway::models::decimal;
use ap_gateway::models::duplicate::{Candidate, DuplicateCode, KnownInvoice};
use ap_gateway::models::money::Currency;
use ap_gateway::models::sampling::Sampling;
use ap_gateway::reconciliation::duplicates::judge;
use ap_gateway::reconciliation::units::fraction::Fraction;
use ap_gateway::reconciliation::{exchange, sampling};

/// What becomes of a case of the kind `duplicate`.
pub(super) fn run_duplicate(case: &Value) -> Vec<String> {
    faults(case, &duplicate(case))
}

/// What becomes of a case of the kind `sampling`.
pub(super) fn run_sampling(case: &Value) -> Vec<String> {
    faults(case, &probability(case))
}

/// What becomes of a case of the kind `conversion`.
pub(super) fn run_conversion(case: &Value) -> Vec<String> {
    faults(case, &conversion(case))
}

/// What a case expects and does not find, in words.
fn faults(case: &Value, found: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for expected in case["expect"].as_array().expect("a case expects something") {
        let wanted = expected.as_object().expect("an expectation is an object");
        let wanted = wanted.iter().filter(|(name, _)| *name != "step" && *name != "note");
        for (name, value) in wanted {
            if found.get(name) != Some(value) {
                faults.push(format!("{name}: {value} but {}", found[name]));
            }
        }
    }
    faults
}

fn number(value: &Value) -> Decimal {
    decimal::parse(value.as_str().expect("decimals are strings")).expect("a decimal")
}

/// A period of the vectors is a month.
fn invoice(said: &Value) -> Value {
    let mut invoice = said.clone();
    let members = invoice.as_object_mut().expect("an invoice is an object");
    members.remove("state");
    if let Some(period) = members.remove("period") {
        let first = format!("{}-01", period.as_str().expect("a month is text"));
        let first: NaiveDate = first.parse().expect("a month");
        let next = first.checked_add_months(Months::new(1));
        let last = next.and_then(|next| next.pred_opt()).expect("a month ends");
        members.insert("period".to_owned(), json!({"start": first, "end": last}));
    }
    members.insert("id".to_owned(), said["number"].clone());
    invoice
}

fn duplicate(case: &Value) -> Value {
    let known = case["known"].as_array().expect("known invoices are a list").iter();
    let known = known.map(|said| {
        serde_json::from_value(json!({"status": said["state"], "invoice": invoice(said)}))
            .expect("a known invoice")
    });
    let known: Vec<KnownInvoice> = known.collect();
    let candidate = serde_json::from_value(invoice(&case["candidate"])).expect("a candidate");
    // It has come now; what it repeats may have the same number.
    let candidate = Candidate { id: String::new(), ..candidate };
    let findings = judge(&candidate, &known, &[]);
    // A resend after a rejection is worth knowing, and no finding.
    let worth_knowing = DuplicateCode::ResentAfterRejection;
    let held = findings.iter().find(|finding| finding.code != worth_knowing);
    match held {
        Some(finding) => json!({"finding": finding.code, "against": finding.against[0]}),
        None => json!({"finding": null, "against": null}),
    }
}

fn probability(case: &Value) -> Value {
    let policy: Sampling = serde_json::from_value(case["policy"].clone()).expect("a policy");
    let chance = sampling::probability(&policy, number(&case["amount"])).expect("it fits");
    let hundred = Fraction::of(Decimal::ONE_HUNDRED);
    let percent = chance.checked_mul(hundred).and_then(|percent| percent.round(2));
    json!({"probability_percent": format!("{:.2}", percent.expect("it fits"))})
}

fn conversion(case: &Value) -> Value {
    let to = Currency::parse(case["to"].as_str().expect("a code")).expect("a currency");
    let rate = Fraction::of(number(&case["rate"]));
    let amount = exchange::convert(number(&case["amount"]), rate, to).expect("it fits");
    json!({"amount": amount.to_string()})
}
