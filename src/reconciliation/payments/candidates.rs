//! All explanations of a payment that its keys lead to.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::models::payment::{Candidate, Reason, Remark, Shape};
use crate::reconciliation::payments::amount::TooLarge;
use crate::reconciliation::payments::evidence::{self, Learned, Named};
use crate::reconciliation::payments::facts::Facts;
use crate::reconciliation::payments::fit::{self, Fit};
use crate::reconciliation::payments::index::Index;
use crate::reconciliation::payments::ledger::Ledger;
use crate::reconciliation::payments::sets;
use crate::reconciliation::payments::sums::Budget;

/// Items that one key leads to and that are looked at. A number that more invoices have tells
/// nothing; an amount that more items of one supplier have tells less.
pub(crate) const ALIKE_MAX: usize = 64;

/// Items of anybody with the very amount; more of them are a round sum and no evidence.
const ANYBODYS_MAX: usize = 20;

/// Suppliers that one account or name leads to.
const SUPPLIERS_MAX: usize = 16;

/// Explanations, and what was noticed on the way.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// Each set of items once.
    pub(crate) all: Vec<Candidate>,
    /// About the payment as a whole.
    pub(crate) remarks: BTreeSet<Remark>,
    /// The suppliers whose items were looked at: when these change, the answer may.
    pub(crate) suppliers: BTreeSet<u32>,
}

/// A search for the explanations of one payment.
pub(crate) struct Search<'s, 'a> {
    pub(crate) facts: &'s Facts<'a>,
    pub(crate) ledger: &'s Ledger<'a>,
    pub(crate) index: &'s Index<'a>,
    pub(crate) budget: &'s Budget,
    /// What the payment names, open or not.
    pub(crate) named: BTreeMap<u32, Named>,
    seen: BTreeSet<Vec<u32>>,
    pub(crate) found: Candidates,
}

/// Looks for the explanations of one payment.
///
/// # Errors
/// Numbers out of range.
pub(crate) fn find<'a>(
    facts: &Facts<'a>,
    ledger: &Ledger<'a>,
    (index, budget): (&Index<'a>, &Budget),
) -> Result<Candidates, TooLarge> {
    let mut search = Search {
        facts,
        ledger,
        index,
        budget,
        named: BTreeMap::new(),
        seen: BTreeSet::new(),
        found: Candidates::default(),
    };
    search.name();
    sets::named(&mut search)?;
    let suppliers = search.suppliers();
    let of_named = search.named.keys().map(|place| index.supplier_of(*place));
    search.found.suppliers = suppliers.iter().copied().chain(of_named).collect();
    for supplier in &suppliers {
        search.near(*supplier)?;
    }
    search.of_anybody()?;
    let nothing_named = !search.named.keys().any(|place| ledger.open(*place) > Decimal::ZERO);
    if nothing_named {
        for supplier in &suppliers {
            sets::sums(&mut search, *supplier)?;
        }
        let explained =
            search.found.all.iter().any(|one| one.score >= facts.policy.suggestion_score);
        for supplier in suppliers.iter().filter(|_| !explained) {
            sets::on_account(&mut search, *supplier)?;
        }
    }
    Ok(search.found)
}

/// Whether a payment names an open item; those are settled first.
pub(crate) fn names_something(facts: &Facts<'_>, ledger: &Ledger<'_>, index: &Index<'_>) -> bool {
    let transaction = facts.transaction;
    let ids = transaction.end_to_end_id.iter().flat_map(|id| index.of_end_to_end(id));
    let references = transaction.references.iter().flat_map(|text| index.of_reference(text));
    let open = |place: &u32| ledger.open(*place) > Decimal::ZERO;
    ids.chain(references).any(open)
        || index.of_text(&transaction.text).into_iter().flatten().any(open)
}

impl Search<'_, '_> {
    fn name(&mut self) {
        let (transaction, index) = (self.facts.transaction, self.index);
        if let Some(id) = &transaction.end_to_end_id {
            self.keep(index.of_end_to_end(id), "payment order", |named| named.end_to_end = true);
        }
        for reference in &transaction.references {
            let places = index.of_reference(reference);
            self.keep(places, "reference", |named| named.reference = true);
        }
        for places in index.of_text(&transaction.text) {
            self.keep(places, "number", |named| named.number = true);
        }
    }

    fn keep(&mut self, places: &[u32], key: &str, mark: impl Fn(&mut Named)) {
        let (ledger, index, iban) = (self.ledger, self.index, self.facts.iban.as_ref());
        let mut fitting: Vec<u32> = places.to_vec();
        if fitting.len() > ALIKE_MAX {
            let theirs = |place: &u32| {
                iban.is_some_and(|iban| index.supplier_at(*place).ibans.contains(iban))
            };
            fitting.retain(|place| theirs(place) && ledger.open(*place) > Decimal::ZERO);
            if fitting.is_empty() || fitting.len() > ALIKE_MAX {
                fitting.clear();
                let text = format!("{} items have the {key} that it names", places.len());
                self.remark(Reason::TooManyAlike, text);
            }
        }
        for place in fitting {
            mark(self.named.entry(place).or_default());
        }
    }

    /// A remark about the payment as a whole.
    pub(crate) fn remark(&mut self, code: Reason, text: String) {
        self.found.remarks.insert(Remark { code, text });
    }

    /// Those whose verified account it is, and those that people said it is.
    fn suppliers(&self) -> BTreeSet<u32> {
        let facts = self.facts;
        let of_iban = facts.iban.iter().flat_map(|iban| self.index.of_iban(iban)).copied();
        let learned = facts.counterparty.iter().flat_map(|key| self.index.learned(key));
        let learned = learned.filter(|pair| pair.confirmed > 0);
        let learned = learned.filter_map(|pair| self.index.of_supplier(&pair.supplier));
        of_iban.take(SUPPLIERS_MAX).chain(learned.take(SUPPLIERS_MAX)).collect()
    }

    /// Items of a supplier whose open amount is the payment's, or nearly.
    fn near(&mut self, supplier: u32) -> Result<(), TooLarge> {
        let (facts, index, widest) = (self.facts, self.index, self.facts.widest());
        let instructed = facts.transaction.instructed.as_ref();
        let mut amounts = vec![(facts.currency, facts.amount)];
        let foreign = instructed.filter(|instructed| instructed.currency != facts.currency);
        amounts.extend(foreign.map(|instructed| (instructed.currency, instructed.amount)));
        for (currency, amount) in amounts {
            let least = amount.checked_sub(widest).ok_or(TooLarge)?;
            let most = amount.checked_add(widest).ok_or(TooLarge)?;
            let key = (supplier, currency.code());
            let places: Vec<u32> = index.near(key, (least, most)).take(ALIKE_MAX + 1).collect();
            if places.len() > ALIKE_MAX {
                let text = "more items of the supplier have such an amount than are looked at";
                self.remark(Reason::TooManyAlike, text.to_owned());
            }
            for place in places.into_iter().take(ALIKE_MAX) {
                self.closing(&[place])?;
            }
        }
        Ok(())
    }

    fn of_anybody(&mut self) -> Result<(), TooLarge> {
        let (code, amount) = (self.facts.currency.code(), self.facts.amount);
        let places: Vec<u32> = self.index.exactly(code, amount).take(ANYBODYS_MAX + 1).collect();
        if places.len() <= ANYBODYS_MAX {
            for place in places {
                self.closing(&[place])?;
            }
        }
        Ok(())
    }

    /// Adds the explanation that the payment closes these items, if it does.
    pub(crate) fn closing(&mut self, places: &[u32]) -> Result<bool, TooLarge> {
        let fit = fit::fit(self.facts, self.ledger, places)?;
        let speaks = |fit: &Fit| fit.shape != Shape::Partial && fit.evidence.len() > 1;
        let Some(fit) = fit.filter(speaks) else { return Ok(false) };
        self.add(places, fit);
        Ok(true)
    }

    /// Adds an explanation; each set of items once.
    pub(crate) fn add(&mut self, places: &[u32], fit: Fit) {
        let mut set = places.to_vec();
        set.sort_unstable();
        if !self.seen.insert(set) {
            return;
        }
        let mut remarks = fit.remarks;
        for place in places {
            self.found.suppliers.insert(self.index.supplier_of(*place));
            self.doubts(*place, &mut remarks);
        }
        remarks.sort();
        remarks.dedup();
        let weigh = |place: &u32| {
            let item = (self.ledger.item(*place), self.index.supplier_at(*place));
            let named = self.named.get(place).copied().unwrap_or_default();
            evidence::weigh(self.facts, item, (named, self.learned(*place)), &fit.evidence)
        };
        let items: Vec<_> = places.iter().map(weigh).collect();
        let score = items.iter().map(|item| item.score).min().unwrap_or_default();
        let candidate = Candidate { items, shape: fit.shape, score, remarks, rows: fit.rows };
        self.found.all.push(candidate);
    }

    fn doubts(&self, place: u32, remarks: &mut Vec<Remark>) {
        let item = self.ledger.item(place);
        if item.pay_hold {
            let text = format!("a pay hold stands on item {}", item.called());
            remarks.push(Remark { code: Reason::PayHold, text });
        }
        let Some(iban) = &self.facts.iban else { return };
        let theirs = &self.index.supplier_at(place).ibans;
        let anothers = !self.index.of_iban(iban).is_empty();
        if !theirs.contains(iban) && (anothers || !theirs.is_empty()) {
            let text = if anothers {
                format!(
                    "the account is verified for another supplier than that of {}",
                    item.called()
                )
            } else {
                format!("the account is not a verified one of the supplier of {}", item.called())
            };
            remarks.push(Remark { code: Reason::IbanConflict, text });
        }
    }

    fn learned(&self, place: u32) -> Learned {
        let supplier = &self.index.supplier_at(place).id;
        if supplier.is_empty() {
            return Learned::default();
        }
        let item = &self.ledger.item(place).id;
        let mut learned = Learned::default();
        for key in &self.facts.counterparty {
            for pair in self.index.learned(key) {
                if pair.supplier != *supplier || pair.item.as_ref().is_some_and(|one| one != item) {
                    continue;
                }
                learned.confirmed = learned.confirmed.max(pair.confirmed);
                learned.declined = learned.declined.max(pair.declined);
            }
        }
        learned
    }
}
