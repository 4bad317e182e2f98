//! Payment orders as ISO 20022 pain.001.001.09, in the subset of the SEPA credit transfer.

use chrono::{Datelike, NaiveDate, Timelike};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sepa::charset::{Transliteration, transliterate};
use sepa::{
    CreditTransferEntry, CreditTransferGroup, IsoDate, IsoDateTime, Pain001Builder, RfReference,
    validate_bic, validate_iban,
};

use crate::models::fault::Fault;
use crate::models::payment::{PaymentOrder, Transfer};

/// Characters of a name that the scheme carries (EPC132-08); the schema would take 140.
const NAME_MAX: usize = 70;

/// Characters of the text of a transfer.
const TEXT_MAX: usize = 140;

/// Writes the file. Letters that the scheme does not carry are written as others (ä as ae), and
/// what is too long is cut.
///
/// # Errors
/// Every fault with its place: `/debtor/iban`, `/transfers/3/bic`, `/execution_date`.
pub fn pain001(order: &PaymentOrder) -> Result<String, Vec<Fault>> {
    let mut faults = Vec::new();
    let date = iso_date(order.execution, &mut faults);
    let iban = validate_iban(&order.debtor.iban)
        .map_err(|error| faults.push(refusal("/debtor/iban", &error)))
        .ok();
    let bic = order.debtor.bic.as_deref().and_then(|bic| {
        validate_bic(bic).map_err(|error| faults.push(refusal("/debtor/bic", &error))).ok()
    });
    let entries: Vec<_> = order
        .transfers
        .iter()
        .enumerate()
        .filter_map(|(place, transfer)| entry(place, transfer, &mut faults))
        .collect();
    let (Some(date), Some(iban), true) = (date, iban, faults.is_empty()) else {
        return Err(faults);
    };
    let name = cut(&order.debtor.name, NAME_MAX);
    let mut group = CreditTransferGroup::new(name.clone(), &iban, date).add_entries(entries);
    if let Some(bic) = bic {
        group = group.debtor_bic(bic);
    }
    let mut builder = Pain001Builder::new(name, order.message_id.clone()).add_group(group);
    if let Some(created) = created(order) {
        builder = builder.created_at(created);
    }
    builder.build().map_err(|error| vec![refusal("", &error)])
}

fn entry(
    place: usize,
    transfer: &Transfer,
    faults: &mut Vec<Fault>,
) -> Option<CreditTransferEntry> {
    let at = |member: &str| format!("/transfers/{place}/{member}");
    let before = faults.len();
    let iban = validate_iban(&transfer.iban)
        .map_err(|error| faults.push(refusal(&at("iban"), &error)))
        .ok();
    let bic = transfer.bic.as_deref().and_then(|bic| {
        validate_bic(bic).map_err(|error| faults.push(refusal(&at("bic"), &error))).ok()
    });
    let cents = cents(transfer.amount);
    if cents.is_none() {
        let text = "must be positive, with two decimals at most, and below 1,000,000,000";
        faults.push(Fault::at(&at("amount"), "not_payable", text));
    }
    let (iban, cents) = iban.zip(cents).filter(|_| faults.len() == before)?;
    let creditor = cut(&transfer.creditor, NAME_MAX);
    let mut entry = CreditTransferEntry::new(creditor, iban, cents, &transfer.end_to_end_id);
    if let Some(bic) = bic {
        entry = entry.with_bic(bic);
    }
    let reference = transfer.reference.as_deref();
    Some(match reference.and_then(|text| text.parse::<RfReference>().ok()) {
        Some(reference) => entry.with_reference(reference),
        None => entry.with_description(cut(&transfer.text, TEXT_MAX)),
    })
}

/// Whole cents; the scheme carries up to 999,999,999.99.
fn cents(amount: Decimal) -> Option<i64> {
    let cents = amount.checked_mul(Decimal::ONE_HUNDRED)?;
    let cents = Some(cents).filter(Decimal::is_integer)?.to_i64()?;
    (1..100_000_000_000).contains(&cents).then_some(cents)
}

fn iso_date(day: NaiveDate, faults: &mut Vec<Fault>) -> Option<IsoDate> {
    let year = u16::try_from(day.year()).ok();
    let parts = year.zip(u8::try_from(day.month()).ok().zip(u8::try_from(day.day()).ok()));
    let date = parts.and_then(|(year, (month, day))| IsoDate::new(year, month, day).ok());
    if date.is_none() {
        faults.push(Fault::at("/execution_date", "not_a_day", "is no day of the years 1 to 9999"));
    }
    date
}

fn created(order: &PaymentOrder) -> Option<IsoDateTime> {
    let date = iso_date(order.created.date_naive(), &mut Vec::new())?;
    let part = |number: u32| u8::try_from(number).ok();
    let time = order.created.time();
    let (hour, minute, second) = (part(time.hour())?, part(time.minute())?, part(time.second())?);
    IsoDateTime::new(date, hour, minute, second).ok()
}

/// In the letters of the scheme first, because these may be more.
fn cut(text: &str, most: usize) -> String {
    let carried = transliterate(text.trim(), Transliteration::German);
    carried.chars().take(most).collect::<String>().trim().to_owned()
}

fn refusal(place: &str, error: &dyn std::fmt::Display) -> Fault {
    Fault::at(place, "not_payable", &error.to_string())
}

#[cfg(test)]
mod tests {
    use super::pain001;
    use crate::models::payment::{Debtor, PaymentOrder, Transfer};

    fn transfer() -> Transfer {
        Transfer {
            creditor: "Schräubchen & Söhne".repeat(6),
            iban: "DE02120300000000202051".to_owned(),
            bic: Some("BYLADEM1001".to_owned()),
            amount: "1190.00".parse().expect("a decimal"),
            end_to_end_id: "INV01".to_owned(),
            reference: None,
            text: "RE-1 <2026>".to_owned(),
        }
    }

    fn order(transfers: Vec<Transfer>) -> PaymentOrder {
        PaymentOrder {
            message_id: "PFL1".to_owned(),
            created: "2026-11-26T09:00:00Z".parse().expect("a time"),
            execution: "2026-11-27".parse().expect("a day"),
            debtor: Debtor {
                name: "Muster AG".to_owned(),
                iban: "DE89 3704 0044 0532 0130 00".to_owned(),
                bic: None,
            },
            transfers,
        }
    }

    #[test]
    fn names_are_cut_letters_are_carried_and_sums_agree() {
        let rf = Transfer { reference: Some("RF18539007547034".to_owned()), ..transfer() };
        let xml = pain001(&order(vec![transfer(), rf])).expect("a file");
        for part in [
            "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09",
            "<NbOfTxs>2</NbOfTxs>",
            "<CtrlSum>2380.00</CtrlSum>",
            "<InstdAmt Ccy=\"EUR\">1190.00</InstdAmt>",
            "<EndToEndId>INV01</EndToEndId>",
            "<CreDtTm>2026-11-26T09:00:00</CreDtTm>",
            "<Dt>2026-11-27</Dt>",
            "Schraeubchen",
            "<Ref>RF18539007547034</Ref>",
        ] {
            assert!(xml.contains(part), "{part} in {xml}");
        }
    }

    #[test]
    fn every_fault_is_named_with_its_place() {
        let bad = Transfer { iban: "DE00".to_owned(), bic: Some("X".to_owned()), ..transfer() };
        let dear = Transfer { amount: "1.001".parse().expect("a decimal"), ..transfer() };
        let mut order = order(vec![transfer(), bad, dear]);
        order.debtor.iban = "XX".to_owned();
        let faults = pain001(&order).expect_err("faults");
        let places: Vec<_> = faults.iter().filter_map(|fault| fault.pointer.as_deref()).collect();
        let expected =
            ["/debtor/iban", "/transfers/1/iban", "/transfers/1/bic", "/transfers/2/amount"];
        assert_eq!(places, expected);
    }
}
