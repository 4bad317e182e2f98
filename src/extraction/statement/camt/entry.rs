//! An entry (`Ntry`) of a camt message.

use crate::extraction::statement::camt::detail;
use crate::extraction::statement::camt::money::{day_of, is_credit, signed_amount};
use crate::extraction::statement::remarks::Remarks;
use crate::extraction::statement::values::{prose, reference, word};
use crate::extraction::tree::Element;
use crate::extraction::xsd;
use crate::models::statement::{BankCodes, BankEntry, EntryStatus};

/// Reads an entry; without a usable amount it is noted and left out. `own` is the account of the
/// statement.
pub(crate) fn read(
    (at, place): (Element<'_, '_>, String),
    own: Option<&str>,
    remarks: &mut Remarks,
) -> Option<BankEntry> {
    let (amount, currency) = signed_amount((at, &place), None, remarks)?;
    let credit = is_credit(at).unwrap_or(true);
    let text = |path: &str| at.find_named(path).map(|found| found.text());
    let mut entry = BankEntry {
        currency,
        booking_date: entry_day(at, &place, "BookgDt", remarks),
        value_date: entry_day(at, &place, "ValDt", remarks),
        status: status(at, &place, remarks),
        reversal: text("RvslInd").and_then(|text| xsd::boolean(&text)).unwrap_or(false),
        bank_reference: text("AcctSvcrRef").and_then(|text| reference(&text)),
        reference: text("NtryRef").and_then(|text| reference(&text)),
        codes: at.find_named("BkTxCd").map(codes).unwrap_or_default(),
        text: text("AddtlNtryInf").and_then(|text| prose(&text)),
        charges: detail::charges(at),
        ..BankEntry::of(amount)
    };
    // Version 01 had no group around the details.
    let groups = at.all_named("NtryDtls").flat_map(|group| group.all_named("TxDtls"));
    for (index, found) in groups.chain(at.all_named("TxDtls")).enumerate() {
        let place = format!("{place}//TxDtls[{}]", index + 1);
        let side = detail::Side { credit, own };
        entry.details.push(detail::read((found, &place), side, remarks));
    }
    detail::of_entry(at, &mut entry);
    entry.place = Some(place);
    Some(entry)
}

fn entry_day(
    at: Element<'_, '_>,
    place: &str,
    name: &str,
    remarks: &mut Remarks,
) -> Option<chrono::NaiveDate> {
    let found = at.find_named(name)?;
    let text = found.elements().next().map(|date| date.text()).unwrap_or_else(|| found.text());
    let day = day_of(&text);
    if day.is_none() && !text.is_empty() {
        remarks.unread(&format!("{place}/{name}"), &text, "is not a day such as 2026-11-30");
    }
    day
}

/// Text up to version 07, a code in an element of its own since 08.
fn status(at: Element<'_, '_>, place: &str, remarks: &mut Remarks) -> EntryStatus {
    let Some(found) = at.find_named("Sts") else {
        return EntryStatus::Booked;
    };
    let inner = found.elements().next().map(|code| code.text());
    let text = inner.unwrap_or_else(|| found.text());
    match text.as_str() {
        "BOOK" => EntryStatus::Booked,
        "PDNG" | "FUTR" => EntryStatus::Pending,
        "INFO" => EntryStatus::Information,
        _ => {
            let why = "is none of BOOK, PDNG, FUTR, INFO: the entry counts as pending";
            remarks.unread(&format!("{place}/Sts"), &text, why);
            EntryStatus::Pending
        }
    }
}

/// `BkTxCd`: the code of ISO 20022, and that of the bank.
pub(crate) fn codes(at: Element<'_, '_>) -> BankCodes {
    let text = |path: &str| at.find_named(path).and_then(|found| word(&found.text()));
    let parts = ["Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd"].map(text);
    let iso: Vec<String> = parts.into_iter().flatten().collect();
    BankCodes {
        iso: Some(iso.join("/")).filter(|iso| !iso.is_empty()),
        own: text("Prtry/Cd"),
        issuer: text("Prtry/Issr"),
        ..BankCodes::default()
    }
}
