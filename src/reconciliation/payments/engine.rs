//! The order of the work: instructions, then payments that name something, then the others.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::models::payment::{
    PaymentCase, PaymentDecision, PaymentFault, PaymentVerdict, Reason, Remark, Row, Settlement,
    Transaction,
};
use crate::reconciliation::payments::amount::{TooLarge, written};
use crate::reconciliation::payments::candidates;
use crate::reconciliation::payments::decide::{decide, decision};
use crate::reconciliation::payments::facts::Facts;
use crate::reconciliation::payments::index::Index;
use crate::reconciliation::payments::instructions;
use crate::reconciliation::payments::ledger::Ledger;
use crate::reconciliation::payments::order;
use crate::reconciliation::payments::refusal::Refusal;
use crate::reconciliation::payments::returns::Originals;
use crate::reconciliation::payments::sums::Budget;

/// A case while it is settled.
struct Engine<'a> {
    case: &'a PaymentCase,
    ledger: Ledger<'a>,
    index: Index<'a>,
    originals: Originals<'a>,
    budget: Budget,
    decided: BTreeMap<&'a str, Decided>,
    /// Counts the payments that were allocated.
    clock: usize,
    /// When items of a supplier last changed, by that clock.
    changed: BTreeMap<u32, usize>,
    /// When an item was last reopened.
    reopened: usize,
}

struct Decided {
    decision: PaymentDecision,
    at: usize,
    suppliers: BTreeSet<u32>,
}

/// Runs all rules over one case.
pub(crate) fn run(case: &PaymentCase) -> Settlement {
    let mut settlement = Settlement::default();
    let items = order::items(case, &mut settlement.faults);
    let payments = order::transactions(case, &mut settlement.faults);
    let all = || case.known_transactions.iter().chain(payments.new.iter().copied());
    let mut ledger = Ledger::new(items, all());
    if let Err(refusal) = ledger.recall(&case.rows) {
        let detail = format!("the rows of earlier runs do not fit the case: {refusal}");
        let place = "/rows".to_owned();
        settlement.faults.push(PaymentFault { place, code: "rows".to_owned(), detail });
        return settlement;
    }
    let mut by_day: Vec<&Transaction> = all().collect();
    by_day.sort_by_key(|one| (one.date, one.id.as_str()));
    let instructed = instructions::carry_out(case, &mut ledger, &mut settlement);
    let mut engine = Engine {
        case,
        index: Index::new(&ledger, &case.memory),
        ledger,
        originals: Originals::new(by_day.into_iter()),
        budget: Budget::new(),
        decided: BTreeMap::new(),
        clock: 0,
        changed: BTreeMap::new(),
        reopened: 0,
    };
    let open: Vec<&Transaction> =
        payments.new.into_iter().filter(|one| !instructed.contains(one.id.as_str())).collect();
    engine.decide_all(&open);
    engine.review(&open);
    settlement.already_known = payments.known;
    engine.finish(settlement, &open)
}

impl<'a> Engine<'a> {
    /// First what names something or comes back, then the others: a payment that could be for
    /// anything must not take what another one names.
    fn decide_all(&mut self, open: &[&'a Transaction]) {
        let first = |engine: &Self, one: &Transaction| {
            let facts = engine.facts(one);
            let names = |facts: &Facts<'_>| {
                candidates::names_something(facts, &engine.ledger, &engine.index)
            };
            one.reversal || facts.as_ref().is_some_and(names)
        };
        let (named, others): (Vec<&Transaction>, Vec<&Transaction>) =
            open.iter().copied().partition(|one| first(self, one));
        for one in named.into_iter().chain(others) {
            let decided = self.decide(one, true);
            self.decided.insert(&one.id, decided);
        }
    }

    /// Suggestions are about what is open in the end.
    fn review(&mut self, open: &[&'a Transaction]) {
        for one in open {
            let Some(decided) = self.decided.get(one.id.as_str()) else { continue };
            let settled = matches!(
                decided.decision.verdict,
                PaymentVerdict::Automatic | PaymentVerdict::Error
            );
            let since = |supplier: &u32| self.changed.get(supplier).copied() > Some(decided.at);
            let stale = self.reopened > decided.at || decided.suppliers.iter().any(since);
            if !settled && stale {
                let again = self.decide(one, false);
                self.decided.insert(&one.id, again);
            }
        }
    }

    fn facts(&self, one: &'a Transaction) -> Option<Facts<'a>> {
        let left = self.ledger.left(&one.id).unwrap_or(one.amount);
        Facts::new(self.case, one, left)
    }

    fn decide(&mut self, one: &'a Transaction, may_allocate: bool) -> Decided {
        let at = self.clock;
        let fixed = |verdict, code, text: &str| Decided {
            decision: decision(
                &one.id,
                verdict,
                (vec![Remark { code, text: text.to_owned() }], one.amount),
            ),
            at,
            suppliers: BTreeSet::new(),
        };
        if one.amount <= Decimal::ZERO {
            let text = "its amount is not positive: the direction says which way it went";
            return fixed(PaymentVerdict::Error, Reason::Unusable, text);
        }
        let Some(facts) = self.facts(one) else {
            let text = "its currency is not known";
            return fixed(PaymentVerdict::Error, Reason::Unusable, text);
        };
        if one.pending {
            let text = "the bank has not booked it: it is never allocated";
            return fixed(PaymentVerdict::Unmatched, Reason::Pending, text);
        }
        if self.originals.is_returned(&one.id) {
            let text = "it came back";
            return fixed(PaymentVerdict::Unmatched, Reason::Returned, text);
        }
        let policy = &self.case.policy;
        let found = if one.reversal {
            let back = self.originals.find(&facts, &self.ledger);
            if let Some(original) = back.original.filter(|_| may_allocate) {
                self.originals.mark(original);
            }
            Ok(back.found)
        } else {
            candidates::find(&facts, &self.ledger, (&self.index, &self.budget))
        };
        match found {
            Ok(found) => {
                let suppliers = found.suppliers.clone();
                let made = decide(&one.id, policy, found, facts.amount);
                let decision = self.allocate(made, one, may_allocate);
                Decided { decision, at, suppliers }
            }
            Err(TooLarge) => fixed(PaymentVerdict::Error, Reason::TooLarge, &TooLarge.to_string()),
        }
    }

    /// Adds the rows of an automatic decision.
    fn allocate(
        &mut self,
        mut made: PaymentDecision,
        one: &Transaction,
        may_allocate: bool,
    ) -> PaymentDecision {
        if made.verdict != PaymentVerdict::Automatic {
            return made;
        }
        if !may_allocate {
            made.verdict = PaymentVerdict::Suggestion;
            let text = "what competed with it went to another payment of this run: run again, \
                        or confirm it";
            made.remarks.push(Remark { code: Reason::Rival, text: text.to_owned() });
            return made;
        }
        let before = self.ledger.added().len();
        match self.post(made.rows.clone()) {
            Ok(()) => made.rows = self.ledger.added()[before..].to_vec(),
            Err(refusal) => {
                made.verdict = PaymentVerdict::Error;
                made.rows = Vec::new();
                let (code, text) = (Reason::Unusable, refusal.to_string());
                made.remarks.push(Remark { code, text });
            }
        }
        made.unallocated = self.ledger.left(&one.id);
        made
    }

    fn post(&mut self, rows: Vec<Row>) -> Result<(), Refusal> {
        let moved = self.ledger.post(rows)?;
        self.clock += 1;
        for (place, before) in moved {
            self.index.moved(&self.ledger, place, before);
            self.changed.insert(self.index.supplier_of(place), self.clock);
            if self.ledger.open(place) > before {
                self.reopened = self.clock;
            }
        }
        Ok(())
    }

    fn finish(mut self, mut settlement: Settlement, open: &[&'a Transaction]) -> Settlement {
        for one in open {
            if let Some(decided) = self.decided.remove(one.id.as_str()) {
                let mut decision = decided.decision;
                let left = decision.unallocated.zip(one.currency);
                decision.unallocated = left.map(|(left, currency)| written(left, currency));
                settlement.decisions.push(decision);
            }
        }
        settlement.rows = self.ledger.added().to_vec();
        for place in self.ledger.touched() {
            let item = self.ledger.item(place);
            let open = written(self.ledger.open(place), item.currency);
            settlement.open.insert(item.id.clone(), open);
        }
        for one in &self.case.transactions {
            let left = self.ledger.left(&one.id).zip(one.currency);
            if let Some((left, currency)) = left {
                settlement.unallocated.insert(one.id.clone(), written(left, currency));
            }
        }
        settlement
    }
}
