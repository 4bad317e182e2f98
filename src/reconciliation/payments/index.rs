//! Where items are found: by reference, number, account and amount, never by looking at all.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;

use crate::models::payment::{LearnedPair, Memory, OpenItem};
use crate::reconciliation::pairing::similarity::Name;
use crate::reconciliation::payments::amount;
use crate::reconciliation::payments::ledger::Ledger;
use crate::reconciliation::payments::numbers;

/// Spellings of one supplier's name that are compared.
const NAMES_MAX: usize = 16;

/// A supplier as its items show it.
#[derive(Debug, Default)]
pub(crate) struct Supplier {
    /// Its number, where it has one.
    pub(crate) id: String,
    /// As they are written, to read each once.
    written: Vec<String>,
    /// As they are compared.
    pub(crate) names: Vec<Name>,
    /// Verified accounts, plain.
    pub(crate) ibans: BTreeSet<String>,
    /// Its items, the oldest due first.
    pub(crate) items: Vec<u32>,
}

/// Everything by its key. Places are those of the [`Ledger`], which are in order of due dates.
#[derive(Debug, Default)]
pub(crate) struct Index<'a> {
    pub(crate) suppliers: Vec<Supplier>,
    supplier_of: Vec<u32>,
    end_to_end: HashMap<String, Vec<u32>>,
    references: HashMap<String, Vec<u32>>,
    numbers: HashMap<String, Vec<u32>>,
    ibans: HashMap<String, Vec<u32>>,
    learned: HashMap<String, Vec<&'a LearnedPair>>,
    by_supplier_id: HashMap<&'a str, u32>,
    amounts: BTreeSet<(u32, &'static str, Decimal, u32)>,
    discounted: BTreeSet<(u32, &'static str, Decimal, u32)>,
    anybodys: BTreeSet<(&'static str, Decimal, u32)>,
}

impl<'a> Index<'a> {
    /// Reads all items once.
    pub(crate) fn new(ledger: &Ledger<'a>, memory: &'a Memory) -> Self {
        let mut index = Self::default();
        for (place, item) in (0..).zip(ledger.items().iter().copied()) {
            index.read(place, item);
            index.remember(ledger, place, ledger.open(place));
        }
        for pair in &memory.pairs {
            let key = numbers::plain(&pair.counterparty);
            index.learned.entry(key).or_default().push(pair);
        }
        index
    }

    fn read(&mut self, place: u32, item: &'a OpenItem) {
        let supplier = self.supplier(item);
        self.supplier_of.push(supplier);
        let known = &mut self.suppliers[supplier as usize];
        known.items.push(place);
        if let Some(name) = &item.supplier_name
            && known.written.len() < NAMES_MAX
            && !known.written.contains(name)
        {
            known.written.push(name.clone());
            known.names.push(Name::new(Some(name)));
        }
        for iban in item.verified_ibans.iter().map(|iban| numbers::plain(iban)) {
            if !iban.is_empty() && known.ibans.insert(iban.clone()) {
                self.ibans.entry(iban).or_default().push(supplier);
            }
        }
        let mut references: Vec<String> =
            item.references.iter().map(|one| reference(one)).collect();
        if let Some(key) = numbers::key(item.called()) {
            self.numbers.entry(key).or_default().push(place);
            references.push(reference(item.called()));
        }
        references.sort_unstable();
        references.dedup();
        for reference in references.into_iter().filter(|one| !one.is_empty()) {
            self.references.entry(reference).or_default().push(place);
        }
        for id in item.end_to_end_ids.iter().map(|id| numbers::plain(id)) {
            let places = self.end_to_end.entry(id).or_default();
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }

    /// Items that name no supplier are each a supplier of their own: nothing says they belong
    /// together.
    fn supplier(&mut self, item: &'a OpenItem) -> u32 {
        let next = u32::try_from(self.suppliers.len()).unwrap_or(u32::MAX);
        let named = item.supplier.as_deref().filter(|id| !id.is_empty());
        let place = named.map_or(next, |id| *self.by_supplier_id.entry(id).or_insert(next));
        if place == next {
            let id = named.unwrap_or_default().to_owned();
            self.suppliers.push(Supplier { id, ..Supplier::default() });
        }
        place
    }

    /// An item's open amount has changed from what it was before.
    pub(crate) fn moved(&mut self, ledger: &Ledger<'_>, place: u32, before: Decimal) {
        let (supplier, code) = (self.supplier_of(place), ledger.item(place).currency.code());
        self.amounts.remove(&(supplier, code, before, place));
        self.anybodys.remove(&(code, before, place));
        if let Some(rest) = discounted(ledger.item(place), before) {
            self.discounted.remove(&(supplier, code, rest, place));
        }
        self.remember(ledger, place, ledger.open(place));
    }

    fn remember(&mut self, ledger: &Ledger<'_>, place: u32, open: Decimal) {
        if open <= Decimal::ZERO {
            return;
        }
        let (supplier, code) = (self.supplier_of(place), ledger.item(place).currency.code());
        self.amounts.insert((supplier, code, open, place));
        self.anybodys.insert((code, open, place));
        if let Some(rest) = discounted(ledger.item(place), open) {
            self.discounted.insert((supplier, code, rest, place));
        }
    }

    /// Whose item it is.
    pub(crate) fn supplier_of(&self, place: u32) -> u32 {
        self.supplier_of[place as usize]
    }

    /// The supplier of an item.
    pub(crate) fn supplier_at(&self, place: u32) -> &Supplier {
        &self.suppliers[self.supplier_of(place) as usize]
    }

    /// By the id of our own payment order.
    pub(crate) fn of_end_to_end(&self, id: &str) -> &[u32] {
        self.end_to_end.get(&numbers::plain(id)).map_or(&[], Vec::as_slice)
    }

    /// By structured reference.
    pub(crate) fn of_reference(&self, text: &str) -> &[u32] {
        self.references.get(&reference(text)).map_or(&[], Vec::as_slice)
    }

    /// By the numbers in a text.
    pub(crate) fn of_text(&self, text: &str) -> Vec<&Vec<u32>> {
        numbers::found(&numbers::runs(text), |key| self.numbers.get(key))
    }

    /// Suppliers with this verified account, given plain.
    pub(crate) fn of_iban(&self, iban: &str) -> &[u32] {
        self.ibans.get(iban).map_or(&[], Vec::as_slice)
    }

    /// What was learned of a counterparty, given plain.
    pub(crate) fn learned(&self, counterparty: &str) -> &[&'a LearnedPair] {
        self.learned.get(counterparty).map_or(&[], Vec::as_slice)
    }

    /// A supplier by its number.
    pub(crate) fn of_supplier(&self, id: &str) -> Option<u32> {
        self.by_supplier_id.get(id).copied()
    }

    /// Items of a supplier that are open with an amount of a range, or are with their discount.
    pub(crate) fn near(
        &self,
        (supplier, code): (u32, &'static str),
        (least, most): (Decimal, Decimal),
    ) -> impl Iterator<Item = u32> {
        // A range that ends before it begins is none, and no panic.
        let least = least.min(most);
        let range = (supplier, code, least, 0)..=(supplier, code, most, u32::MAX);
        let whole = self.amounts.range(range.clone());
        whole.chain(self.discounted.range(range)).map(|(.., place)| *place)
    }

    /// Items of anybody that are open with exactly this amount.
    pub(crate) fn exactly(&self, code: &'static str, amount: Decimal) -> impl Iterator<Item = u32> {
        let range = (code, amount, 0)..=(code, amount, u32::MAX);
        self.anybodys.range(range).map(|(.., place)| *place)
    }
}

/// What is to pay with the discount.
fn discounted(item: &OpenItem, open: Decimal) -> Option<Decimal> {
    let discount = item.discount.as_ref()?;
    let off = amount::percent(open, discount.percent).ok()?;
    let off = crate::models::decimal::round(off, item.currency.minor_digits());
    amount::less(open, off).ok()
}

/// A structured reference as it is compared; zeros before a number are padding of the form.
fn reference(text: &str) -> String {
    let plain = numbers::plain(text);
    if plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return plain.trim_start_matches('0').to_owned();
    }
    plain
}
