//! The record while a case is settled: what is open, what is left, which rows were added.
//!
//! [`Ledger::post`] is the only way in, and it takes all rows of a step or none: an item is never
//! taken beyond what is open, a payment never spent beyond its amount.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rust_decimal::Decimal;

use crate::models::payment::{OpenItem, Row, Transaction};
use crate::reconciliation::payments::amount::{less, written};
use crate::reconciliation::payments::refusal::Refusal;

/// Open items, what is left of payments, and rows.
#[derive(Debug)]
pub(crate) struct Ledger<'a> {
    items: Vec<&'a OpenItem>,
    places: HashMap<&'a str, u32>,
    transactions: HashMap<&'a str, &'a Transaction>,
    open: Vec<Decimal>,
    discounted: HashSet<u32>,
    left: HashMap<&'a str, Decimal>,
    rows: Vec<Row>,
    rows_before: usize,
    next_sequence: u64,
    by_transaction: HashMap<String, Vec<usize>>,
    by_step: HashMap<String, Vec<usize>>,
    by_sequence: HashSet<u64>,
    reversed: HashSet<u64>,
    touched: BTreeSet<u32>,
}

impl<'a> Ledger<'a> {
    /// Nothing is allocated yet. Items are given in the order of their places.
    pub(crate) fn new(
        items: Vec<&'a OpenItem>,
        transactions: impl Iterator<Item = &'a Transaction>,
    ) -> Self {
        let places = (0..).zip(&items).map(|(place, item)| (item.id.as_str(), place)).collect();
        let transactions: HashMap<&str, &Transaction> =
            transactions.map(|one| (one.id.as_str(), one)).collect();
        Self {
            places,
            open: items.iter().map(|item| item.amount).collect(),
            left: transactions.iter().map(|(id, one)| (*id, one.amount)).collect(),
            items,
            transactions,
            discounted: HashSet::new(),
            rows: Vec::new(),
            rows_before: 0,
            next_sequence: 1,
            by_transaction: HashMap::new(),
            by_step: HashMap::new(),
            by_sequence: HashSet::new(),
            reversed: HashSet::new(),
            touched: BTreeSet::new(),
        }
    }

    /// Takes in the rows of earlier runs. Their items and payments need not be in the case.
    ///
    /// # Errors
    /// Those of [`Self::post`]; nothing is taken in then.
    pub(crate) fn recall(&mut self, rows: &[Row]) -> Result<(), Refusal> {
        let (mut here, mut gone) = (Vec::new(), Vec::new());
        let mut left = BTreeMap::new();
        for row in rows {
            if self.place(&row.item).is_some() {
                let mut row = row.clone();
                row.transaction = row.transaction.filter(|id| self.transaction(id).is_some());
                here.push(row);
            } else {
                let known = row.transaction.as_deref().filter(|id| self.transaction(id).is_some());
                if let Some(id) = known {
                    self.spend(row, id, &mut left)?;
                }
                gone.push(row.clone());
            }
        }
        self.check(&BTreeMap::new(), &left)?;
        // Kept first: a row of the case may take back none of these.
        for row in gone {
            self.keep(row);
        }
        self.left.extend(left);
        self.post(here)?;
        self.rows_before = self.rows.len();
        self.touched.clear();
        Ok(())
    }

    /// Of an item, by its place.
    pub(crate) fn item(&self, place: u32) -> &'a OpenItem {
        self.items[place as usize]
    }

    /// All items, in the order of their places.
    pub(crate) fn items(&self) -> &[&'a OpenItem] {
        &self.items
    }

    /// The place of an item.
    pub(crate) fn place(&self, id: &str) -> Option<u32> {
        self.places.get(id).copied()
    }

    /// What is open of an item.
    pub(crate) fn open(&self, place: u32) -> Decimal {
        self.open[place as usize]
    }

    /// Its discount was taken.
    pub(crate) fn discounted(&self, place: u32) -> bool {
        self.discounted.contains(&place)
    }

    /// A payment of the case, or of earlier runs.
    pub(crate) fn transaction(&self, id: &str) -> Option<&'a Transaction> {
        self.transactions.get(id).copied()
    }

    /// What is left of a payment.
    pub(crate) fn left(&self, transaction: &str) -> Option<Decimal> {
        self.left.get(transaction).copied()
    }

    /// The rows of a payment, or of a step, that were not taken back.
    pub(crate) fn standing(&self, rows: Option<&Vec<usize>>) -> Vec<Row> {
        let rows = rows.into_iter().flatten().map(|place| &self.rows[*place]);
        let stands = |row: &&Row| row.reverses.is_none() && !self.reversed.contains(&row.sequence);
        rows.filter(stands).cloned().collect()
    }

    /// The rows of a payment that were not taken back.
    pub(crate) fn of_transaction(&self, id: &str) -> Vec<Row> {
        self.standing(self.by_transaction.get(id))
    }

    /// Something was allocated of it, and all of it was taken back.
    pub(crate) fn taken_back(&self, id: &str) -> bool {
        self.by_transaction.contains_key(id) && self.of_transaction(id).is_empty()
    }

    /// The rows of a step that were not taken back; none when there is no such step.
    pub(crate) fn of_step(&self, step: &str) -> Option<Vec<Row>> {
        let rows = self.by_step.get(step)?;
        Some(self.standing(Some(rows)))
    }

    /// The rows added since the history was closed.
    pub(crate) fn added(&self) -> &[Row] {
        &self.rows[self.rows_before..]
    }

    /// The items of those rows.
    pub(crate) fn touched(&self) -> impl Iterator<Item = u32> {
        self.touched.iter().copied()
    }

    /// The rows that take others back, for the record: same amounts, the other sign.
    pub(crate) fn reversal(
        rows: &[Row],
        transaction: Option<&str>,
        step: Option<&str>,
    ) -> Vec<Row> {
        let reverse = |row: &Row| {
            let mut back = row.clone();
            for amount in [
                &mut back.paid,
                &mut back.discount,
                &mut back.fee,
                &mut back.write_off,
                &mut back.offset,
                &mut back.taken,
            ] {
                *amount = -*amount;
            }
            if let Some(exchange) = &mut back.exchange {
                exchange.settles = -exchange.settles;
                exchange.booked = -exchange.booked;
                exchange.difference = -exchange.difference;
            }
            (back.sequence, back.reverses) = (0, Some(row.sequence));
            if let Some(transaction) = transaction {
                back.transaction = Some(transaction.to_owned());
            }
            back.step = step.map(str::to_owned);
            back
        };
        rows.iter().map(reverse).collect()
    }

    /// Adds rows, all or none, and numbers those that have no number; the places of their items
    /// with what was open before.
    ///
    /// # Errors
    /// Each way in which a row cannot stand; nothing is changed then.
    pub(crate) fn post(&mut self, rows: Vec<Row>) -> Result<BTreeMap<u32, Decimal>, Refusal> {
        let mut open: BTreeMap<u32, Decimal> = BTreeMap::new();
        let mut left: BTreeMap<&'a str, Decimal> = BTreeMap::new();
        let mut reversed = HashSet::new();
        let mut new = HashSet::new();
        for row in &rows {
            if row.sequence > 0 && (!new.insert(row.sequence) || self.numbered(row.sequence)) {
                return Err(Refusal::TwiceNumbered(row.sequence));
            }
            let place = self.place(&row.item).ok_or_else(|| Refusal::NoItem(row.item.clone()))?;
            if !row.adds_up() {
                return Err(Refusal::DoesNotAddUp(row.item.clone()));
            }
            let item = self.item(place);
            let falls = if row.direction == item.kind.direction() { row.taken } else { -row.taken };
            let now = open.entry(place).or_insert(self.open(place));
            *now = less(*now, falls)?;
            if let Some(id) = &row.transaction {
                self.spend(row, id, &mut left)?;
            }
            if let Some(sequence) = row.reverses
                && (self.reversed.contains(&sequence)
                    || !(self.numbered(sequence) || new.contains(&sequence))
                    || !reversed.insert(sequence))
            {
                return Err(Refusal::NotReversible(sequence));
            }
        }
        self.check(&open, &left)?;
        self.reversed.extend(reversed);
        let before = open.keys().map(|place| (*place, self.open(*place))).collect();
        for (place, open) in open {
            self.open[place as usize] = open;
            self.touched.insert(place);
        }
        self.left.extend(left);
        for row in rows {
            self.keep(row);
        }
        Ok(before)
    }

    fn numbered(&self, sequence: u64) -> bool {
        self.by_sequence.contains(&sequence)
    }

    fn spend(
        &self,
        row: &Row,
        id: &str,
        left: &mut BTreeMap<&'a str, Decimal>,
    ) -> Result<(), Refusal> {
        let transaction = self.transaction(id);
        let transaction = transaction.ok_or_else(|| Refusal::NoTransaction(id.to_owned()))?;
        let spent = if row.direction == transaction.direction { row.paid } else { -row.paid };
        let now = left.entry(&transaction.id).or_insert(self.left[id]);
        *now = less(*now, spent)?;
        Ok(())
    }

    /// Only the state after all rows counts: a credit note may come after the invoice that it pays.
    fn check(
        &self,
        open: &BTreeMap<u32, Decimal>,
        left: &BTreeMap<&'a str, Decimal>,
    ) -> Result<(), Refusal> {
        for (place, now) in open {
            let item = self.item(*place);
            if *now < Decimal::ZERO || *now > item.amount {
                let was = self.open(*place);
                return Err(Refusal::ItemOverdrawn {
                    item: item.id.clone(),
                    taken: written(less(was, *now)?, item.currency),
                    open: was,
                    whole: item.amount,
                });
            }
        }
        for (id, now) in left {
            let whole = self.transactions[id].amount;
            if *now < Decimal::ZERO || *now > whole {
                let was = self.left[id];
                return Err(Refusal::TransactionOverdrawn {
                    transaction: (*id).to_owned(),
                    paid: less(was, *now)?,
                    left: was,
                    whole,
                });
            }
        }
        Ok(())
    }

    fn keep(&mut self, mut row: Row) {
        if row.sequence == 0 {
            row.sequence = self.next_sequence;
        }
        self.next_sequence = self.next_sequence.max(row.sequence.saturating_add(1));
        let at = self.rows.len();
        if let Some(id) = &row.transaction {
            self.by_transaction.entry(id.clone()).or_default().push(at);
        }
        if let Some(step) = &row.step {
            self.by_step.entry(step.clone()).or_default().push(at);
        }
        if let Some(place) = self.place(&row.item) {
            // A discount that was taken back may be taken again.
            if row.discount > Decimal::ZERO && row.reverses.is_none() {
                self.discounted.insert(place);
            } else if !row.discount.is_zero() {
                self.discounted.remove(&place);
            }
        }
        self.by_sequence.insert(row.sequence);
        self.rows.push(row);
    }
}
