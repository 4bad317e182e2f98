//! What payments take from invoices: rows are added, never changed, under the locks of all that
//! they touch.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::json;

use crate::models::payment::progress::{PAYABLE, steps};
use crate::models::payment::{EntryState, LearnedPair, Memory, OpenItem, Row};
use crate::models::refs::{EntryId, InvoiceId};
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::changes::Notices;
use crate::storage::ledger::entries::EntryRow;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::open_items::{open_item, pair};
use crate::storage::ledger::steps::Standing;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// The lock that numbers rows. Whoever adds rows waits here for who does, between the locks of
/// invoices and those of entries, so that no two wait for each other.
const COUNTER: &str = "payment rows";

/// An open transaction over invoices and entries: nobody else moves them until it ends.
pub struct Posting {
    write: Write,
    accounts: BTreeMap<String, Account>,
    entries: BTreeMap<EntryId, EntryRow>,
    notices: Notices,
    touched: BTreeSet<InvoiceId>,
}

/// An invoice while payments are posted.
struct Account {
    standing: Standing,
    item: Option<OpenItem>,
    rows: Vec<Row>,
}

/// Why rows were not added: nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPosted {
    /// An invoice that nothing can be taken from now.
    #[error("invoice {id} is {status}")]
    NotPayable {
        /// Which.
        id: String,
        /// Where it stands.
        status: &'static str,
    },
    /// More than is open, or than was taken.
    #[error("{taken} of invoice {id} cannot be taken: {open} of {whole} is open")]
    Overdrawn {
        /// Which.
        id: String,
        /// By how much what is open would fall.
        taken: Decimal,
        /// What is open.
        open: Decimal,
        /// What was, before all payments.
        whole: Decimal,
    },
    /// More than the entry has.
    #[error("the entry has not so much left")]
    Spent,
    /// A row that was taken back before.
    #[error("row {0} was taken back before, or is not there")]
    NotReversible(u64),
}

impl Ledger {
    /// Opens the transaction: locks the invoices, then the numbering of rows, then the entries,
    /// each in the order of ids, and reads what is open.
    pub async fn posting(
        &self,
        invoices: &BTreeSet<InvoiceId>,
        entries: &BTreeSet<EntryId>,
    ) -> Result<Posting, LedgerError> {
        let mut write = self.write().await?;
        let mut accounts = BTreeMap::new();
        for id in invoices {
            let account = write.account(id).await?;
            accounts.insert(id.to_string(), account);
        }
        write.lock(COUNTER).await?;
        let mut kept = BTreeMap::new();
        for id in entries {
            kept.insert(id.clone(), write.entry(id).await?);
        }
        let notices = self.notices.clone();
        Ok(Posting { write, accounts, entries: kept, notices, touched: BTreeSet::new() })
    }
}

impl Posting {
    /// An entry that was locked.
    pub fn entry(&self, id: &EntryId) -> Option<&EntryRow> {
        self.entries.get(id)
    }

    /// The items of the locked invoices, before all payments.
    pub fn items(&self) -> Vec<OpenItem> {
        self.accounts.values().filter_map(|account| account.item.clone()).collect()
    }

    /// Their rows.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> =
            self.accounts.values().flat_map(|account| account.rows.clone()).collect();
        rows.sort_by_key(|row| row.sequence);
        rows
    }

    /// What is open of an invoice; none when nothing can be paid of it.
    pub fn open(&self, invoice: &str) -> Option<Decimal> {
        self.accounts.get(invoice)?.open()
    }

    /// Adds the rows of an entry, all or none, numbered anew; steps their invoices and marks them
    /// to be woken. What they take back is named by the numbers of the ledger.
    ///
    /// # Errors
    /// The ledger's; inside, why the rows cannot stand.
    pub async fn post(
        &mut self,
        entry: &EntryId,
        rows: &[Row],
        (by, at): (&str, DateTime<Utc>),
    ) -> Result<Result<(), NotPosted>, LedgerError> {
        if let Err(refused) = self.check(entry, rows).await? {
            return Ok(Err(refused));
        }
        let mut taken: BTreeMap<String, Decimal> = BTreeMap::new();
        for row in rows {
            let row = self.add(entry, row, (by, at)).await?;
            if let Some(reversed) = row.reverses {
                self.give_back(entry, reversed).await?;
            }
            let account = self.accounts.get_mut(&row.item);
            let account = account.ok_or_else(|| LedgerError::Missing(row.item.clone()))?;
            let sum = taken.entry(row.item.clone()).or_default();
            *sum += account.falls(&row);
            account.rows.push(row);
        }
        for (id, taken) in taken {
            self.walk(&id, (entry, taken), at).await?;
        }
        Ok(Ok(()))
    }

    async fn check(
        &mut self,
        entry: &EntryId,
        rows: &[Row],
    ) -> Result<Result<(), NotPosted>, LedgerError> {
        let mut falls: BTreeMap<&str, Decimal> = BTreeMap::new();
        let mut reversed = BTreeSet::new();
        for row in rows {
            let Some(account) = self.accounts.get(&row.item) else {
                return Ok(Err(NotPosted::NotPayable { id: row.item.clone(), status: "unknown" }));
            };
            let status = account.standing.status;
            if account.item.is_none() || !PAYABLE.contains(&status) {
                let id = row.item.clone();
                return Ok(Err(NotPosted::NotPayable { id, status: status.as_str() }));
            }
            let sum = falls.entry(&row.item).or_default();
            *sum = sum.checked_add(account.falls(row)).unwrap_or(Decimal::MAX);
            if let Some(sequence) = row.reverses
                && (!reversed.insert(sequence) || !account.may_reverse(sequence))
            {
                return Ok(Err(NotPosted::NotReversible(sequence)));
            }
        }
        for (id, taken) in falls {
            let account = &self.accounts[id];
            let whole = account.item.as_ref().map_or(Decimal::ZERO, |item| item.amount);
            let open = account.open().unwrap_or_default();
            let left = open.checked_sub(taken);
            if left.is_none_or(|left| left < Decimal::ZERO || left > whole) {
                let id = id.to_owned();
                return Ok(Err(NotPosted::Overdrawn { id, taken, open, whole }));
            }
        }
        let spent = self.write.rows_of_entry(entry).await?;
        let Some(kept) = self.entries.get(entry) else { return Ok(Err(NotPosted::Spent)) };
        let transaction = &kept.transaction;
        let paid =
            |row: &Row| if row.direction == transaction.direction { row.paid } else { -row.paid };
        let sum =
            spent.iter().chain(rows).try_fold(Decimal::ZERO, |sum, row| sum.checked_add(paid(row)));
        let fits = sum.is_some_and(|sum| (Decimal::ZERO..=transaction.amount).contains(&sum));
        Ok(if fits { Ok(()) } else { Err(NotPosted::Spent) })
    }

    async fn add(
        &mut self,
        entry: &EntryId,
        row: &Row,
        (by, at): (&str, DateTime<Utc>),
    ) -> Result<Row, LedgerError> {
        let sequence = self.write.next_row().await?;
        let row = Row {
            sequence: u64::try_from(sequence).unwrap_or_default(),
            transaction: row.transaction.as_ref().map(|_| entry.to_string()),
            ..row.clone()
        };
        let sql = "INSERT INTO payment_row (sequence, invoice_id, entry_id, reverses, content, \
                   subject, at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let reverses = row.reverses.map(i64::try_from).transpose();
        let query = sqlx::query(sql)
            .bind(sequence)
            .bind(&row.item)
            .bind(entry.as_str())
            .bind(reverses.unwrap_or_default())
            .bind(to_json(&row)?)
            .bind(texts::key(by))
            .bind(at.timestamp_micros());
        query.execute(self.write.on()).await?;
        Ok(row)
    }

    /// The entry whose row is taken back by another one has come back.
    async fn give_back(&mut self, by: &EntryId, reversed: u64) -> Result<(), LedgerError> {
        let sql = "SELECT entry_id FROM payment_row WHERE sequence = $1";
        let query = sqlx::query_scalar::<_, Option<String>>(sql);
        let query = query.bind(i64::try_from(reversed).unwrap_or_default());
        let original = query.fetch_optional(self.write.on()).await?.flatten();
        let original = original.and_then(|id| EntryId::parse(&id).ok()).filter(|id| id != by);
        let Some(original) = original else { return Ok(()) };
        let mut row = match self.entries.remove(&original) {
            Some(row) => row,
            None => self.write.entry(&original).await?,
        };
        if row.state != EntryState::Returned {
            row.state = EntryState::Returned;
            row.answers.recorded.clear();
            self.write.keep_entry(&mut row).await?;
        }
        self.entries.insert(original, row);
        Ok(())
    }

    /// Moves an invoice to where its money is now.
    async fn walk(
        &mut self,
        id: &str,
        (entry, taken): (&EntryId, Decimal),
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let account = self.accounts.get_mut(id);
        let account = account.ok_or_else(|| LedgerError::Missing(id.to_owned()))?;
        let open = account.open().unwrap_or_default();
        let whole = account.item.as_ref().map_or(Decimal::ZERO, |item| item.amount);
        let now = &mut account.standing;
        let data = json!({ "entry": entry, "taken": taken, "open": open });
        for next in steps(now.status, open, whole) {
            self.write.step_from_outside(now, *next, data.clone(), at).await?;
        }
        let closed_at = (now.status == InvoiceStatus::Paid).then(|| at.timestamp_micros());
        // The item itself is as it was: it need not be worked out again.
        let sql = "UPDATE open_item SET closed_at = $2, revision = $3 WHERE invoice_id = $1";
        let query = sqlx::query(sql).bind(id).bind(closed_at).bind(now.revision);
        query.execute(self.write.on()).await?;
        self.touched.insert(now.id.clone());
        Ok(())
    }

    /// Keeps what became of an entry, under the next revision.
    pub async fn keep_entry(&mut self, mut row: EntryRow) -> Result<i64, LedgerError> {
        self.write.keep_entry(&mut row).await?;
        let revision = row.revision;
        self.entries.insert(row.id.clone(), row);
        Ok(revision)
    }

    /// What is remembered of a counterparty.
    pub async fn memory(&mut self, counterparty: &str) -> Result<Memory, LedgerError> {
        let sql = "SELECT counterparty AS id, supplier, item, confirmed, declined \
                   FROM payment_pair WHERE counterparty = $1 ORDER BY supplier, item";
        let query = sqlx::query(sql).bind(texts::key(counterparty));
        let rows = query.fetch_all(self.write.on()).await?;
        let pairs = rows.iter().map(pair).collect::<Result<Vec<_>, _>>()?;
        Ok(Memory { version: 0, pairs })
    }

    /// Keeps what is remembered.
    pub async fn remember(&mut self, pairs: &[LearnedPair]) -> Result<(), LedgerError> {
        for pair in pairs {
            let sql = "INSERT INTO payment_pair (counterparty, supplier, item, confirmed, declined) \
                       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (counterparty, supplier, item) \
                       DO UPDATE SET confirmed = excluded.confirmed, declined = excluded.declined";
            let query = sqlx::query(sql)
                .bind(texts::key(&pair.counterparty))
                .bind(texts::key(&pair.supplier))
                .bind(texts::key(pair.item.as_deref().unwrap_or_default()))
                .bind(i64::from(pair.confirmed))
                .bind(pair.declined.map(|day| day.to_string()));
            query.execute(self.write.on()).await?;
        }
        Ok(())
    }

    /// Makes all of it durable, and tells who follows the invoices.
    pub async fn commit(self) -> Result<(), LedgerError> {
        self.write.commit().await?;
        self.touched.iter().for_each(|id| self.notices.tell(id));
        Ok(())
    }
}

impl Account {
    fn falls(&self, row: &Row) -> Decimal {
        self.item.as_ref().map_or(Decimal::ZERO, |item| row.falls(item.kind))
    }

    fn open(&self) -> Option<Decimal> {
        let item = self.item.as_ref()?;
        self.rows.iter().try_fold(item.amount, |open, row| open.checked_sub(row.falls(item.kind)))
    }

    fn may_reverse(&self, sequence: u64) -> bool {
        let there = self.rows.iter().any(|row| row.sequence == sequence);
        there && self.rows.iter().all(|row| row.reverses != Some(sequence))
    }
}

impl Write {
    async fn account(&mut self, id: &InvoiceId) -> Result<Account, LedgerError> {
        let standing = self.standing(id).await?;
        let sql = "SELECT o.invoice_id AS id, o.content, i.holds FROM open_item o \
                   JOIN invoice i ON i.id = o.invoice_id \
                   WHERE o.invoice_id = $1 AND o.content IS NOT NULL";
        let item = sqlx::query(sql).bind(id.as_str()).fetch_optional(self.on()).await?;
        let item = item.as_ref().map(open_item).transpose()?;
        let sql = "SELECT invoice_id AS id, content FROM payment_row WHERE invoice_id = $1 \
                   ORDER BY sequence";
        let rows = sqlx::query(sql).bind(id.as_str()).fetch_all(self.on()).await?;
        let read = |row| Fields::of("payment row of", row)?.json("content");
        let rows = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(Account { standing, item, rows })
    }

    async fn rows_of_entry(&mut self, id: &EntryId) -> Result<Vec<Row>, LedgerError> {
        let sql = "SELECT entry_id AS id, content FROM payment_row WHERE entry_id = $1 \
                   ORDER BY sequence";
        let rows = sqlx::query(sql).bind(id.as_str()).fetch_all(self.on()).await?;
        rows.iter().map(|row| Fields::of("payment row of", row)?.json("content")).collect()
    }

    /// The next number of a row; who took the lock is alone.
    async fn next_row(&mut self) -> Result<i64, LedgerError> {
        let sql = "UPDATE matching_lock SET sequence = sequence + 1 WHERE name = $1 \
                   RETURNING sequence";
        Ok(sqlx::query_scalar(sql).bind(COUNTER).fetch_one(self.on()).await?)
    }
}
