//! What the engine is asked: entries, and everything open that they may pay.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use crate::activities::statements::Statements;
use crate::activities::statements::read::keys;
use crate::activities::trouble::Trouble;
use crate::models::payment::of_invoice::open_item;
use crate::models::payment::{
    EntryState, OpenItem, PaymentCase, PaymentDecision, PaymentVerdict, Row, Settlement,
    Transaction,
};
use crate::models::refs::{EntryId, InvoiceId, Sha256, StatementId};
use crate::reconciliation::payments::settle;
use crate::storage::ledger::entries::EntryRow;
use crate::storage::ledger::open_items::ListedItem;
use crate::workflows::statement::contract::Matched;

/// Items that are worked out in one go.
const LISTED: u32 = 200;

/// Entries that are read in one go.
const PAGE: u32 = 2_000;

/// A payment that comes twice comes within some months.
const CLOSED_DAYS: i64 = 120;

/// Originals that one key of a return leads to and that are looked at.
const ORIGINALS_MAX: u32 = 16;

/// States of entries that a run decides.
const UNDECIDED: [EntryState; 3] = [EntryState::New, EntryState::Unmatched, EntryState::Proposed];

/// States of entries that wait from earlier files.
const WAITING: [EntryState; 2] = [EntryState::Unmatched, EntryState::Proposed];

/// Entries of earlier files that are looked at again, the latest days first.
const WAITING_MAX: u32 = 2_000;

/// What is to be done with an entry, if its items are as they were seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Proposal {
    /// What the engine made of it.
    pub(super) decision: PaymentDecision,
    /// The rows to add; none for what a person must look at.
    pub(super) rows: Vec<Row>,
    /// What was open of each item before them.
    pub(super) seen: BTreeMap<String, Decimal>,
}

impl Statements {
    pub(super) async fn find_matches(&self, id: &StatementId) -> Result<Matched, Trouble> {
        self.list_items().await?;
        let entries = self.undecided(id).await?;
        if entries.is_empty() {
            self.finish(id).await?;
            return Ok(Matched { proposals: None });
        }
        let transactions = entries.into_iter().map(|entry| entry.transaction).collect();
        let case = self.case(transactions).await?;
        let settled = spawn_blocking(move || (settle(&case), case)).await?;
        let proposals = proposals(&settled.1, settled.0);
        Ok(Matched { proposals: Some(self.keep(&proposals).await?) })
    }

    pub(super) async fn proposals(&self, kept: &Sha256) -> Result<Vec<Proposal>, Trouble> {
        self.kept(kept).await
    }

    /// The entries of a file that nobody decided yet, and those that wait from earlier files: what
    /// they pay may have been approved since. What a person answered is left to people.
    async fn undecided(&self, id: &StatementId) -> Result<Vec<EntryRow>, Trouble> {
        let mut all: BTreeMap<EntryId, EntryRow> = BTreeMap::new();
        let mut after = 0;
        loop {
            let page = self.ledger.entries_of(id, &UNDECIDED, after, PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            all.extend(page.into_iter().map(|(_, entry)| (entry.id.clone(), entry)));
        }
        let waiting = self.ledger.entries(&WAITING, None, WAITING_MAX).await?;
        all.extend(waiting.into_iter().map(|entry| (entry.id.clone(), entry)));
        Ok(all.into_values().filter(|entry| entry.answers.said.is_empty()).collect())
    }

    /// Works out the items of invoices that may be paid and changed since.
    pub(super) async fn list_items(&self) -> Result<(), Trouble> {
        loop {
            let unlisted = self.ledger.unlisted(LISTED).await?;
            let mut listed = Vec::with_capacity(unlisted.len());
            for (id, revision) in unlisted {
                let extraction = self.ledger.extraction(&id).await?;
                let item = extraction.and_then(|read| open_item(&id, &read.invoice));
                listed.push(ListedItem { id, revision, item });
            }
            if listed.is_empty() {
                return Ok(());
            }
            self.ledger.list_items(&listed).await?;
        }
    }

    /// The case of these transactions, with everything open. Returns bring the payments that they
    /// may take back, and what these had paid.
    pub(super) async fn case(
        &self,
        transactions: Vec<Transaction>,
    ) -> Result<PaymentCase, Trouble> {
        let frame = self.frame(transactions).await?;
        let known = frame.known_transactions.iter().map(|one| one.id.clone());
        let theirs = self.ledger.rows_of_entries(&known.collect::<Vec<_>>()).await?;
        let others: BTreeSet<InvoiceId> =
            theirs.iter().filter_map(|row| InvoiceId::parse(&row.item).ok()).collect();
        let others: Vec<InvoiceId> = others.into_iter().collect();
        let closed_after = Utc::now() - TimeDelta::days(CLOSED_DAYS);
        let book = self.ledger.open_book(closed_after, &others).await?;
        let (open_items, rows) = sound(book.items, book.rows);
        Ok(PaymentCase { open_items, rows, ..frame })
    }

    /// The same without items and rows.
    pub(super) async fn frame(
        &self,
        transactions: Vec<Transaction>,
    ) -> Result<PaymentCase, Trouble> {
        let here: BTreeSet<&str> = transactions.iter().map(|one| one.id.as_str()).collect();
        let returns = transactions.iter().filter(|one| one.reversal);
        let named: Vec<String> = returns.flat_map(keys).collect();
        let originals = self.ledger.entries_by_keys(&named, ORIGINALS_MAX).await?;
        let mut known: BTreeMap<String, Transaction> = BTreeMap::new();
        for entry in originals {
            if !here.contains(entry.transaction.id.as_str()) {
                known.insert(entry.transaction.id.clone(), entry.transaction);
            }
        }
        Ok(PaymentCase {
            ledger_currency: self.settings.ledger_currency,
            transactions,
            known_transactions: known.into_values().collect(),
            policy: self.settings.policy.clone(),
            memory: self.ledger.memory().await?,
            ..PaymentCase::default()
        })
    }
}

/// Without items whose rows do not fit them: an invoice whose amount was corrected after a part
/// was paid. One of them would keep the engine from every answer.
fn sound(items: Vec<OpenItem>, rows: Vec<Row>) -> (Vec<OpenItem>, Vec<Row>) {
    let open = open_amounts(&items, &rows);
    let fits = |item: &OpenItem| {
        open.get(&item.id).is_some_and(|open| (Decimal::ZERO..=item.amount).contains(open))
    };
    let items: Vec<OpenItem> = items.into_iter().filter(fits).collect();
    let left: BTreeSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    let rows = rows.into_iter().filter(|row| left.contains(row.item.as_str())).collect();
    (items, rows)
}

/// What is open of each item after the rows; items whose sum is no number are left out.
fn open_amounts(items: &[OpenItem], rows: &[Row]) -> BTreeMap<String, Decimal> {
    let mut open: BTreeMap<String, Decimal> =
        items.iter().map(|item| (item.id.clone(), item.amount)).collect();
    let kinds: BTreeMap<&str, _> = items.iter().map(|item| (item.id.as_str(), item.kind)).collect();
    for row in rows {
        let Some(kind) = kinds.get(row.item.as_str()) else { continue };
        let left = open.get(&row.item).and_then(|open| open.checked_sub(row.falls(*kind)));
        match left {
            Some(left) => open.insert(row.item.clone(), left),
            None => open.remove(&row.item),
        };
    }
    open
}

/// In the order in which rows were made, with what was open before each. A return of a payment of
/// this very run waits for the next round: its original has no number in the ledger yet.
fn proposals(case: &PaymentCase, settlement: Settlement) -> Vec<Proposal> {
    let mut open = open_amounts(&case.open_items, &case.rows);
    let kinds: BTreeMap<&str, _> =
        case.open_items.iter().map(|item| (item.id.as_str(), item.kind)).collect();
    let new: BTreeSet<u64> = settlement.rows.iter().map(|row| row.sequence).collect();
    let mut decisions = settlement.decisions;
    decisions.sort_by_key(|decision| made_at(decision).unwrap_or(u64::MAX));
    let mut all = Vec::with_capacity(decisions.len());
    for decision in decisions {
        let mut seen = BTreeMap::new();
        let rows = match decision.verdict {
            PaymentVerdict::Automatic => decision.rows.clone(),
            _ => Vec::new(),
        };
        for row in &rows {
            let now = open.get(&row.item).copied().unwrap_or_default();
            seen.entry(row.item.clone()).or_insert(now);
            if let Some(kind) = kinds.get(row.item.as_str()) {
                open.insert(row.item.clone(), now - row.falls(*kind));
            }
        }
        if rows.iter().any(|row| row.reverses.is_some_and(|one| new.contains(&one))) {
            // Nothing is ever open by less than nothing: this is never as it was seen.
            seen.insert(rows[0].item.clone(), Decimal::NEGATIVE_ONE);
        }
        all.push(Proposal { decision, rows, seen });
    }
    all
}

fn made_at(decision: &PaymentDecision) -> Option<u64> {
    let made = decision.verdict == PaymentVerdict::Automatic;
    decision.rows.iter().map(|row| row.sequence).min().filter(|_| made)
}
