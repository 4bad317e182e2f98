//! Findings as a clerk reads them: what is the same, and what to do.

use rust_decimal::Decimal;

use crate::models::duplicate::{Candidate, DuplicateCode};
use crate::models::money::Currency;
use crate::reconciliation::show;

/// What is found between two invoices.
pub(super) fn of_pair(code: DuplicateCode, one: &Candidate, other: &Candidate) -> String {
    let (earlier, own) = (called(other), number(one));
    let name = name(other);
    let release = format!("releases when a lead says \"not a duplicate\" or {name} is rejected");
    match code {
        DuplicateCode::DupFile => format!(
            "these very bytes are {earlier}: no second document is made, and the arrival is recorded"
        ),
        DuplicateCode::DupContent => format!(
            "all that this document says is said by {earlier}: it is kept as a rendering of that one"
        ),
        DuplicateCode::DupExact => {
            format!("{earlier} has the same supplier and number and came first; {release}")
        }
        DuplicateCode::DupNormalised => format!(
            "{earlier} has the same supplier, and its number is this one's, {own}, in another \
             spelling; {release}"
        ),
        DuplicateCode::DupFuzzy => format!(
            "{earlier} has the same supplier and amount, and nearly the date or the number of this \
             one ({own}{}); {release}",
            one.date.map(|date| format!(" of {date}")).unwrap_or_default()
        ),
        DuplicateCode::DupOtherVendor => format!(
            "{earlier} has this one's number, date and amount, and its supplier {} seems to be the \
             same company under another master record; {release}",
            supplier(other)
        ),
        DuplicateCode::ResentAfterRejection => {
            format!("{earlier} was turned down, and this seems to be it again; nothing is held")
        }
        DuplicateCode::SplitSuspected => of_split(one, &[other], 1, Default::default()),
    }
}

/// What is found among many: their sum and the limit.
pub(super) fn of_split(
    own: &Candidate,
    named: &[&Candidate],
    count: usize,
    (sum, limit): (Decimal, Decimal),
) -> String {
    let mut names: Vec<String> = named.iter().map(|other| name(other)).collect();
    if count > named.len() {
        names.push(format!("{} more", count - named.len()));
    }
    format!(
        "this invoice and {} are for the same, from one supplier within ten days, and come to {} \
         together: each is within the approval limit of {}, and together they are not; releases \
         when a controller has looked",
        names.join(", "),
        amount(own, sum),
        amount(own, limit)
    )
}

/// `invoice inv_1 ("RE-1001" of 2024-06-01 over 99.00 EUR)`.
fn called(other: &Candidate) -> String {
    let date = other.date.map(|date| format!(" of {date}")).unwrap_or_default();
    let gross = other.gross.map(|gross| {
        let currency = other.currency.as_deref().unwrap_or_default();
        format!(" over {} {}", amount(other, gross), show::name(currency))
    });
    let gross = gross.unwrap_or_default();
    format!("invoice {} ({}{date}{gross})", name(other), number(other))
}

fn name(other: &Candidate) -> String {
    match other.id.trim() {
        "" => number(other),
        id => show::name(id),
    }
}

fn number(of: &Candidate) -> String {
    match of.number.as_deref().map(str::trim) {
        Some(number) if !number.is_empty() => format!("\"{}\"", show::name(number)),
        _ => show::name(""),
    }
}

fn supplier(of: &Candidate) -> String {
    let id = of.vendor.as_deref().unwrap_or("without an id");
    match &of.vendor_name {
        Some(name) => format!("{} ({})", show::name(id), show::name(name)),
        None => show::name(id),
    }
}

fn amount(of: &Candidate, value: Decimal) -> String {
    let currency = of.currency.as_deref().and_then(|code| Currency::parse(code).ok());
    show::amount(value, currency.map_or(2, Currency::minor_digits))
}
