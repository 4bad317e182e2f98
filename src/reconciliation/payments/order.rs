//! What of a case can be used, in an order that does not depend on how it was handed in.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::models::payment::{OpenItem, PaymentCase, PaymentFault, Transaction};

/// Items by due date, date and id, the oldest first; those without a date last.
pub(crate) fn items<'a>(
    case: &'a PaymentCase,
    faults: &mut Vec<PaymentFault>,
) -> Vec<&'a OpenItem> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    for item in &case.open_items {
        *times.entry(&item.id).or_default() += 1;
    }
    let mut usable = Vec::with_capacity(case.open_items.len());
    for (at, item) in case.open_items.iter().enumerate() {
        let percents = item.discount.iter().map(|discount| discount.percent);
        let fault = if times.get(item.id.as_str()) != Some(&1) {
            Some(("twice", "another open item has the same id: give each its own".to_owned()))
        } else if item.amount < Decimal::ZERO || item.booked.is_some_and(|one| one < Decimal::ZERO)
        {
            let text = "the open amount is negative: a credit note is a kind, not a sign";
            Some(("negative", text.to_owned()))
        } else {
            let out = percents
                .into_iter()
                .find(|percent| *percent < Decimal::ZERO || *percent > Decimal::ONE_HUNDRED);
            out.map(|percent| ("percent", format!("a discount of {percent} % is not one")))
        };
        match fault {
            None => usable.push(item),
            Some((code, detail)) => {
                let detail = format!("item {}: {detail}", item.id);
                let place = format!("/open_items/{at}");
                faults.push(PaymentFault { place, code: code.to_owned(), detail });
            }
        }
    }
    let last = |date: Option<NaiveDate>| date.unwrap_or(NaiveDate::MAX);
    usable.sort_by_key(|item| (last(item.due), last(item.date), item.id.as_str()));
    usable
}

/// The payments to decide: by day and id, reversals behind the payments of their day.
pub(crate) struct ToDecide<'a> {
    /// Each once.
    pub(crate) new: Vec<&'a Transaction>,
    /// Ids that earlier runs know.
    pub(crate) known: Vec<String>,
}

/// Sorts out what was known before, and what came twice.
pub(crate) fn transactions<'a>(
    case: &'a PaymentCase,
    faults: &mut Vec<PaymentFault>,
) -> ToDecide<'a> {
    let known: HashSet<&str> = case.known_transactions.iter().map(|one| one.id.as_str()).collect();
    let mut by_id: BTreeMap<&str, Vec<&Transaction>> = BTreeMap::new();
    for one in &case.transactions {
        by_id.entry(&one.id).or_default().push(one);
    }
    let mut sorted = ToDecide { new: Vec::new(), known: Vec::new() };
    for (id, all) in by_id {
        if known.contains(id) {
            sorted.known.push(id.to_owned());
        } else if all.iter().any(|one| *one != all[0]) {
            let detail =
                format!("{} different transactions have the id {id}: none is used", all.len());
            let place = "/transactions".to_owned();
            faults.push(PaymentFault { place, code: "twice".to_owned(), detail });
        } else {
            sorted.new.push(all[0]);
        }
    }
    sorted.new.sort_by_key(|one| (one.date, one.reversal, one.id.as_str()));
    sorted
}
