//! Amounts, signs and days of a camt message.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::extraction::statement::remarks::Remarks;
use crate::extraction::statement::values::word;
use crate::extraction::tree::Element;
use crate::extraction::xsd;

/// An amount with the digits of the file, and its currency.
pub(crate) fn amount(at: Element<'_, '_>, path: &str) -> Option<(Decimal, Option<String>)> {
    let found = at.find_named(path)?;
    Some((xsd::decimal(&found.text())?, found.attribute("Ccy").and_then(word)))
}

/// `Amt` by `CdtDbtInd`: money in is positive. `otherwise` is the indicator of the element around,
/// for those that need none of their own. What cannot be read is noted.
pub(crate) fn signed_amount(
    (at, place): (Element<'_, '_>, &str),
    otherwise: Option<bool>,
    remarks: &mut Remarks,
) -> Option<(Decimal, Option<String>)> {
    let Some(found) = at.find_named("Amt") else {
        remarks.unread(place, "", "has no amount (Amt)");
        return None;
    };
    let Some((amount, currency)) = amount(at, "Amt") else {
        let why = "is not a decimal number of at most 28 digits, such as 1190.00";
        remarks.unread(&format!("{place}/Amt"), &found.text(), why);
        return None;
    };
    let Some(credit) = is_credit(at).or(otherwise) else {
        let text = at.find_named("CdtDbtInd").map(|found| found.text()).unwrap_or_default();
        remarks.unread(&format!("{place}/CdtDbtInd"), &text, "is neither CRDT nor DBIT");
        return None;
    };
    Some((if credit { amount } else { -amount }, currency))
}

/// Whether `CdtDbtInd` says that money came in.
pub(crate) fn is_credit(at: Element<'_, '_>) -> Option<bool> {
    match at.find_named("CdtDbtInd")?.text().as_str() {
        "CRDT" => Some(true),
        "DBIT" => Some(false),
        _ => None,
    }
}

/// The day of a date or of a time: the day is the day as the bank wrote it, whatever the zone.
pub(crate) fn day(at: Element<'_, '_>, path: &str) -> Option<NaiveDate> {
    day_of(&at.find_named(path)?.text())
}

/// As [`day`], of a text.
pub(crate) fn day_of(text: &str) -> Option<NaiveDate> {
    let date = text.split('T').next()?;
    xsd::date(date)
}
