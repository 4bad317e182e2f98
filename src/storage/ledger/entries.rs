//! Entries of bank statements: each once, in whatever files it came.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

use crate::models::payment::{EntryState, PaymentDecision, Transaction};
use crate::models::refs::{EntryId, StatementId};
use crate::storage::ledger::database::Engine;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::select::Select;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// An entry with what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryRow {
    /// Its id.
    pub id: EntryId,
    /// Where it stands.
    pub state: EntryState,
    /// Grows by one with each change.
    pub revision: i64,
    /// What the bank says.
    pub transaction: Transaction,
    /// What the engine made of it; `None` until it was looked at.
    pub decision: Option<PaymentDecision>,
    /// What people said of it.
    pub answers: Answers,
}

/// What people said of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// The items whose rows are in the record; empty when there are none.
    pub recorded: Vec<String>,
    /// Sets of items that were declined.
    pub declined: Vec<Vec<String>>,
    /// Who said what, in order.
    pub said: Vec<Said>,
}

/// One thing that a person said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Who.
    pub by: String,
    /// `accept`, `decline` or `undo`.
    pub action: String,
    /// About which items.
    pub items: Vec<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When, in microseconds since 1970 UTC.
    pub at: i64,
}

/// An entry about to be kept.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Its id.
    pub id: EntryId,
    /// Its place in the file.
    pub position: i64,
    /// What the bank says.
    pub transaction: Transaction,
    /// By what a return may name it.
    pub keys: Vec<String>,
}

const SELECT: &str = "SELECT id, state, revision, content, decision, answers FROM bank_entry";
const OF_STATEMENT: &str = "SELECT e.id, e.state, e.revision, e.content, e.decision, e.answers, \
     s.position FROM bank_statement_entry s CROSS JOIN bank_entry e";

impl Ledger {
    /// Keeps entries of a file. What is known stays as it is; what was pending and is booked now
    /// is looked at again. Answers which ones were passed over: they were removed at the end of
    /// their period, and nothing is open that they could pay.
    pub async fn keep_entries(
        &self,
        statement: &StatementId,
        entries: &[NewEntry],
    ) -> Result<BTreeSet<EntryId>, LedgerError> {
        let mut write = self.write().await?;
        let mut removed = BTreeSet::new();
        for entry in entries {
            if write.was_removed(&entry.id).await? {
                removed.insert(entry.id.clone());
                continue;
            }
            let state = match entry.transaction.pending {
                true => EntryState::Pending,
                false => EntryState::New,
            };
            // A booked entry replaces the pending one of the same key, and nothing else does.
            let sql = "INSERT INTO bank_entry (id, state, revision, content, answers) \
                       VALUES ($1, $2, 1, $3, $4) ON CONFLICT (id) DO UPDATE SET \
                       state = excluded.state, content = excluded.content, \
                       revision = bank_entry.revision + 1 \
                       WHERE bank_entry.state = 'pending' AND excluded.state = 'new'";
            let query = sqlx::query(sql)
                .bind(entry.id.as_str())
                .bind(state.as_str())
                .bind(to_json(&entry.transaction)?)
                .bind(to_json(&Answers::default())?);
            query.execute(write.on()).await?;
            let sql = "INSERT INTO bank_statement_entry (statement_id, position, entry_id) \
                       VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
            let query = sqlx::query(sql).bind(statement.as_str()).bind(entry.position);
            query.bind(entry.id.as_str()).execute(write.on()).await?;
            for key in &entry.keys {
                let sql = "INSERT INTO bank_entry_key (key, entry_id) VALUES ($1, $2) \
                           ON CONFLICT DO NOTHING";
                let query = sqlx::query(sql).bind(texts::key(key)).bind(entry.id.as_str());
                query.execute(write.on()).await?;
            }
        }
        write.commit().await?;
        Ok(removed)
    }

    /// One entry.
    pub async fn entry(&self, id: &EntryId) -> Result<Option<EntryRow>, LedgerError> {
        let id = Some(id.to_string());
        let rows = Select::new(SELECT).text("id =", id).fetch("id", 1, &self.pool).await?;
        rows.first().map(entry_row).transpose()
    }

    /// Entries of any file in one of these states (none is all), the latest day first.
    pub async fn entries(
        &self,
        states: &[EntryState],
        after: Option<&EntryId>,
        limit: u32,
    ) -> Result<Vec<EntryRow>, LedgerError> {
        let words = states.iter().map(|state| state.as_str().to_owned()).collect();
        let rows = Select::new(SELECT)
            .any("state", words)
            .text("id <", after.map(ToString::to_string))
            .fetch("id DESC", limit, &self.pool)
            .await?;
        rows.iter().map(entry_row).collect()
    }

    /// Entries of a file behind a place, in its order.
    pub async fn entries_of(
        &self,
        statement: &StatementId,
        states: &[EntryState],
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, EntryRow)>, LedgerError> {
        let words = states.iter().map(|state| state.as_str().to_owned()).collect();
        let mut select = Select::new(OF_STATEMENT);
        let rows = select
            .same("e.id = s.entry_id")
            .text("s.statement_id =", Some(statement.to_string()))
            .number("s.position >", Some(after))
            .any("e.state", words)
            .fetch("s.position", limit, &self.pool)
            .await?;
        let read = |row: &AnyRow| {
            Ok((Fields::of("bank entry", row)?.number("position")?, entry_row(row)?))
        };
        rows.iter().map(read).collect()
    }

    /// Entries that one of these keys leads to.
    pub async fn entries_by_keys(
        &self,
        keys: &[String],
        limit: u32,
    ) -> Result<Vec<EntryRow>, LedgerError> {
        let mut all = Vec::new();
        for key in keys {
            let sql = "SELECT e.id, e.state, e.revision, e.content, e.decision, e.answers \
                       FROM bank_entry_key k CROSS JOIN bank_entry e \
                       WHERE e.id = k.entry_id AND k.key = $1 ORDER BY e.id DESC LIMIT $2";
            let query = sqlx::query(sql).bind(texts::key(key)).bind(i64::from(limit));
            let rows = query.fetch_all(&self.pool).await?;
            all.extend(rows.iter().map(entry_row).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(all)
    }
}

impl Write {
    async fn was_removed(&mut self, id: &EntryId) -> Result<bool, LedgerError> {
        let sql = "SELECT id FROM removed WHERE id = $1";
        let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(self.on()).await?;
        Ok(row.is_some())
    }

    /// One entry; nobody else moves it until the transaction ends.
    pub(super) async fn entry(&mut self, id: &EntryId) -> Result<EntryRow, LedgerError> {
        let lock = match self.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE",
        };
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE id = $1{lock}"));
        let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(self.on()).await?;
        let row = row.ok_or_else(|| LedgerError::Missing(format!("bank entry {id}")))?;
        entry_row(&row)
    }

    /// Keeps what became of an entry, under the next revision.
    pub(super) async fn keep_entry(&mut self, row: &mut EntryRow) -> Result<(), LedgerError> {
        row.revision += 1;
        let sql = "UPDATE bank_entry SET state = $2, revision = $3, decision = $4, answers = $5 \
                   WHERE id = $1";
        let query = sqlx::query(sql)
            .bind(row.id.as_str())
            .bind(row.state.as_str())
            .bind(row.revision)
            .bind(row.decision.as_ref().map(to_json).transpose()?)
            .bind(to_json(&row.answers)?);
        query.execute(self.on()).await?;
        Ok(())
    }
}

fn entry_row(row: &AnyRow) -> Result<EntryRow, LedgerError> {
    let fields = Fields::of("bank entry", row)?;
    Ok(EntryRow {
        id: fields.parsed("id", |id| EntryId::parse(id).ok())?,
        state: fields.parsed("state", EntryState::parse)?,
        revision: fields.number("revision")?,
        transaction: fields.json("content")?,
        decision: fields.json_if("decision")?,
        answers: fields.json("answers")?,
    })
}
