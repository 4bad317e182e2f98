//! Two invoices: is one the other again?

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::models::duplicate::{Candidate, DuplicateCode};
use crate::models::invoice::{InvoiceKind, Period};
use crate::reconciliation::duplicates::number::{exact_key, near, normalised_key};
use crate::reconciliation::pairing::similarity::{Likeness, Name};

/// Gross amounts this far apart are equal: two systems may round tax in two ways.
pub(super) const GROSS_APART_MAX: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// Dates this far apart are one date typed twice.
pub(super) const DAYS_APART_MAX: u64 = 7;

/// Thousandths of likeness from which two names are one company's.
const NAMES_ALIKE: usize = 900;

/// BT-3 of a correction.
const CORRECTION: &str = "384";

/// The strongest way in which the two repeat each other. It is the same both ways.
pub(super) fn code(one: &Candidate, other: &Candidate) -> Option<DuplicateCode> {
    if said_equal(one.file.as_ref(), other.file.as_ref()) {
        return Some(DuplicateCode::DupFile);
    }
    if lowers(one, other) || lowers(other, one) {
        return None;
    }
    if said_equal(one.content.as_ref(), other.content.as_ref()) {
        return Some(DuplicateCode::DupContent);
    }
    if !same_vendor(one, other) {
        return is_other_vendors(one, other).then_some(DuplicateCode::DupOtherVendor);
    }
    if equal_keys(one, other, exact_key) {
        return Some(DuplicateCode::DupExact);
    }
    if equal_keys(one, other, normalised_key) {
        return Some(DuplicateCode::DupNormalised);
    }
    is_fuzzy(one, other).then_some(DuplicateCode::DupFuzzy)
}

/// The one is a credit note for the other, or its correction.
pub(super) fn lowers(one: &Candidate, other: &Candidate) -> bool {
    let credits = one.kind == InvoiceKind::CreditNote && other.kind == InvoiceKind::Invoice;
    let corrects = one.type_code.as_deref().map(str::trim) == Some(CORRECTION);
    let number = other.number.as_deref().map(normalised_key).filter(|number| !number.is_empty());
    (credits || corrects)
        && number.is_some_and(|number| one.preceding.iter().any(|of| normalised_key(of) == number))
}

/// Both are known, and the same.
pub(super) fn same_vendor(one: &Candidate, other: &Candidate) -> bool {
    said_equal(one.vendor.as_deref(), other.vendor.as_deref())
}

/// What the invoice does to what we owe: a credit note lowers it.
pub(super) fn effect(one: &Candidate) -> Option<Decimal> {
    let gross = one.gross.filter(|gross| !gross.is_zero())?;
    Some(match one.kind {
        InvoiceKind::Invoice => gross,
        InvoiceKind::CreditNote => -gross,
    })
}

fn said_equal<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.is_some() && one == other
}

fn equal_keys(one: &Candidate, other: &Candidate, key: fn(&str) -> String) -> bool {
    let key = |of: &Candidate| of.number.as_deref().map(key).filter(|key| !key.is_empty());
    said_equal(key(one), key(other))
}

/// Nothing is claimed twice by amounts of zero.
fn same_money(one: &Candidate, other: &Candidate, apart_max: Decimal) -> bool {
    let apart = effect(one).zip(effect(other)).and_then(|(one, other)| one.checked_sub(other));
    let currency = |of: &Candidate| of.currency.as_deref().map(|code| code.trim().to_uppercase());
    said_equal(currency(one), currency(other))
        && apart.is_some_and(|apart| apart.abs() <= apart_max)
}

fn is_fuzzy(one: &Candidate, other: &Candidate) -> bool {
    let near = numbers_near(one.number.as_deref(), other.number.as_deref());
    let dates = days_apart(one.date, other.date).is_some_and(|days| days <= DAYS_APART_MAX);
    same_money(one, other, GROSS_APART_MAX) && (near || (dates && !repeats_by_design(one, other)))
}

/// Both are said, and near.
pub(super) fn numbers_near(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_some_and(|(one, other)| near(one, other))
}

/// Rent and subscriptions: the same amount again and again, each for its own period or delivery.
fn repeats_by_design(one: &Candidate, other: &Candidate) -> bool {
    let periods = one.period.as_ref().zip(other.period.as_ref());
    let deliveries = |of: &Candidate| -> Vec<String> {
        let keys = of.despatch_advices.iter().map(|advice| exact_key(advice));
        keys.filter(|key| !key.is_empty()).collect()
    };
    let (ours, theirs) = (deliveries(one), deliveries(other));
    let apart =
        !ours.is_empty() && !theirs.is_empty() && !ours.iter().any(|one| theirs.contains(one));
    apart || periods.is_some_and(|(one, other)| periods_differ(one, other))
}

fn periods_differ(one: &Period, other: &Period) -> bool {
    let differ = |one: Option<NaiveDate>, other: Option<NaiveDate>| {
        one.zip(other).is_some_and(|(one, other)| one != other)
    };
    differ(one.start, other.start) || differ(one.end, other.end)
}

pub(super) fn days_apart(one: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<u64> {
    Some((one? - other?).num_days().unsigned_abs())
}

/// Two records, one company: the very claim under another supplier.
fn is_other_vendors(one: &Candidate, other: &Candidate) -> bool {
    equal_keys(one, other, normalised_key)
        && said_equal(one.date, other.date)
        && same_money(one, other, Decimal::ZERO)
        && (one.identities.iter().any(|id| other.identities.contains(id))
            || names_alike(one, other))
}

fn names_alike(one: &Candidate, other: &Candidate) -> bool {
    let (one, other) =
        (Name::new(one.vendor_name.as_deref()), Name::new(other.vendor_name.as_deref()));
    Likeness::new(&one).to(&other, NAMES_ALIKE).is_some()
}
