//! What speaks for an item, in thousandths (handbook §17).

use chrono::NaiveDate;

use crate::models::payment::{CandidateItem, Evidence, EvidenceCode, OpenItem};
use crate::reconciliation::pairing::similarity::Likeness;
use crate::reconciliation::payments::facts::Facts;
use crate::reconciliation::payments::index::Supplier;

/// The points of each kind of evidence, in the order in which it is shown.
pub const POINTS: &[(EvidenceCode, i32)] = &[
    (EvidenceCode::EndToEndId, 1_000),
    (EvidenceCode::Original, 1_000),
    (EvidenceCode::StructuredReference, 500),
    (EvidenceCode::InvoiceNumber, 350),
    (EvidenceCode::Iban, 300),
    (EvidenceCode::AmountExact, 250),
    (EvidenceCode::AmountDiscount, 220),
    (EvidenceCode::AmountFee, 180),
    (EvidenceCode::AmountWriteOff, 150),
    (EvidenceCode::AmountPartial, 60),
    (EvidenceCode::NameEqual, 120),
    (EvidenceCode::NameAlike, 60),
    (EvidenceCode::DateFits, 50),
    (EvidenceCode::DateLate, -50),
    (EvidenceCode::SameCurrency, 50),
    (EvidenceCode::OtherCurrency, 20),
    (EvidenceCode::Confirmed, 150),
    (EvidenceCode::Declined, -150),
];

/// The most that evidence sums to.
pub(crate) const SCORE_MAX: i32 = 1_000;

/// Days after the due date in which a payment is an ordinary one.
pub const DATE_FITS_DAYS: u64 = 14;

/// Days after the due date from which a payment is late.
pub const DATE_LATE_DAYS: u64 = 60;

/// Thousandths of likeness from which names are (nearly) the same.
pub const NAME_EQUAL: usize = 900;

/// Thousandths of likeness from which names are alike.
pub const NAME_ALIKE: usize = 750;

/// How often a pair must have been confirmed to speak for itself.
pub const CONFIRMED_TIMES: u32 = 2;

/// Days for which a decline speaks against a pair.
pub const DECLINED_DAYS: u64 = 90;

/// By which keys an item was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Named {
    /// Our own payment order.
    pub(crate) end_to_end: bool,
    /// A structured reference.
    pub(crate) reference: bool,
    /// Its number stands in the text.
    pub(crate) number: bool,
}

/// What was learned of this counterparty and this supplier or item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Learned {
    /// The most often that the pair was confirmed.
    pub(crate) confirmed: u32,
    /// The last time that it was declined.
    pub(crate) declined: Option<NaiveDate>,
}

/// Points of one kind.
pub fn points(code: EvidenceCode) -> i32 {
    POINTS.iter().find(|(known, _)| *known == code).map_or(0, |(_, points)| *points)
}

/// One piece with the points of its kind.
pub(crate) fn piece(code: EvidenceCode, text: String) -> Evidence {
    Evidence { code, points: points(code), text }
}

/// min(1000, sum), and never below zero.
pub(crate) fn score(evidence: &[Evidence]) -> u16 {
    let sum: i32 = evidence.iter().map(|piece| piece.points).sum();
    u16::try_from(sum.clamp(0, SCORE_MAX)).unwrap_or_default()
}

/// Weighs one item of an explanation; `fit` is what amount and currency say.
pub(crate) fn weigh(
    facts: &Facts<'_>,
    (item, supplier): (&OpenItem, &Supplier),
    (named, learned): (Named, Learned),
    fit: &[(EvidenceCode, String)],
) -> CandidateItem {
    let mut found = of_names(facts, item, named);
    if facts.iban.as_ref().is_some_and(|iban| supplier.ibans.contains(iban)) {
        let text = "the account is a verified account of the supplier".to_owned();
        found.push((EvidenceCode::Iban, text));
    }
    found.extend(fit.iter().cloned());
    found.extend(of_name(facts, supplier));
    found.extend(of_date(facts.transaction.date, item));
    found.extend(of_learned(facts, learned));
    let mut evidence: Vec<Evidence> =
        found.into_iter().map(|(code, text)| piece(code, text)).collect();
    let rank = |code| POINTS.iter().position(|(known, _)| *known == code);
    evidence.sort_by_key(|piece| rank(piece.code));
    CandidateItem { item: item.id.clone(), score: score(&evidence), evidence }
}

fn of_names(facts: &Facts<'_>, item: &OpenItem, named: Named) -> Vec<(EvidenceCode, String)> {
    let mut found = Vec::new();
    if named.end_to_end {
        let id = facts.transaction.end_to_end_id.as_deref().unwrap_or_default();
        found.push((EvidenceCode::EndToEndId, format!("our own payment order {id}")));
    }
    if named.reference {
        let text = "the structured reference is the item's".to_owned();
        found.push((EvidenceCode::StructuredReference, text));
    }
    if named.number {
        found.push((EvidenceCode::InvoiceNumber, format!("the text names {}", item.called())));
    }
    found
}

fn of_name(facts: &Facts<'_>, supplier: &Supplier) -> Option<(EvidenceCode, String)> {
    if facts.name.is_empty() {
        return None;
    }
    let like = Likeness::new(&facts.name);
    let alike = supplier.names.iter().filter_map(|name| like.to(name, NAME_ALIKE)).max()?;
    let code = if alike >= NAME_EQUAL { EvidenceCode::NameEqual } else { EvidenceCode::NameAlike };
    Some((code, format!("the names are alike by {alike} of 1000")))
}

fn of_date(paid: Option<NaiveDate>, item: &OpenItem) -> Option<(EvidenceCode, String)> {
    let (paid, due) = (paid?, item.due?);
    let after = |days| due.checked_add_days(chrono::Days::new(days)).unwrap_or(NaiveDate::MAX);
    let early = item.date.is_some_and(|date| paid < date);
    if !early && paid <= after(DATE_FITS_DAYS) {
        let text = format!("paid on {paid}, due on {due}");
        return Some((EvidenceCode::DateFits, text));
    }
    (paid > after(DATE_LATE_DAYS)).then(|| {
        let text = format!("paid on {paid}, more than {DATE_LATE_DAYS} days after {due}");
        (EvidenceCode::DateLate, text)
    })
}

fn of_learned(facts: &Facts<'_>, learned: Learned) -> Vec<(EvidenceCode, String)> {
    let mut found = Vec::new();
    if learned.confirmed >= CONFIRMED_TIMES {
        let text = format!("the pair was confirmed {} times", learned.confirmed);
        found.push((EvidenceCode::Confirmed, text));
    }
    if let Some((declined, today)) = learned.declined.zip(facts.today) {
        let until = declined.checked_add_days(chrono::Days::new(DECLINED_DAYS));
        // One that came after the payment counts too: it may be about this very payment.
        if until.is_some_and(|until| today <= until) {
            found.push((EvidenceCode::Declined, format!("the pair was declined on {declined}")));
        }
    }
    found
}
