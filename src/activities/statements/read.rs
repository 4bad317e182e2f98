//! From the bytes of a file to entries of the ledger.

use sha2::{Digest, Sha256 as Hasher};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::activities::statements::Statements;
use crate::activities::trouble::Trouble;
use crate::extraction::Unreadable;
use crate::extraction::statement::{
    StatementProfile, StatementReading, read_statement, read_statement_by,
};
use crate::models::finding::{Finding, Severity};
use crate::models::payment::{
    StatementContent, StatementFailure, StatementHead, StatementStatus, Transaction,
};
use crate::models::refs::{EntryId, StatementId};
use crate::models::statement::{BankStatement, StatementSyntax};
use crate::reconciliation::payments::{continues, plain, transactions};
use crate::storage::ledger::entries::NewEntry;
use crate::workflows::statement::contract::Read;

/// Entries that go into the ledger in one transaction: a writer of a SQLite file keeps the others
/// waiting for some ten milliseconds.
const CHUNK: usize = 500;

impl Statements {
    pub(super) async fn read(&self, id: &StatementId) -> Result<Read, Trouble> {
        let row = self.row(id).await?;
        let profile = match self.profile(&row.profile) {
            Ok(profile) => profile,
            Err(failure) => {
                self.fail(id, &failure).await?;
                return Ok(Read::Failed);
            }
        };
        let bytes = self.artifacts.get(&row.sha256).await?;
        let read = spawn_blocking(move || {
            let reading = match &profile {
                Some(profile) => read_statement_by(&bytes, profile),
                None => read_statement(&bytes),
            };
            reading.map(|reading| (entries(&reading.statements), reading))
        });
        match read.await? {
            Ok((entries, mut reading)) => {
                let mut removed = 0;
                for chunk in entries.chunks(CHUNK) {
                    removed += self.ledger.keep_entries(id, chunk).await?.len();
                }
                reading.findings.extend(passed_over(removed, entries.len()));
                self.place(id, &reading).await?;
                let content = content(reading);
                let matching = StatementStatus::Matching;
                self.ledger.move_statement(id, matching, Some(&content), None).await?;
                Ok(Read::Entries)
            }
            Err(unreadable) => {
                self.fail(id, &failure(&unreadable)).await?;
                Ok(Read::Failed)
            }
        }
    }

    fn profile(&self, name: &str) -> Result<Option<StatementProfile>, StatementFailure> {
        if name.is_empty() {
            return Ok(None);
        }
        let profiles = &self.settings.profiles;
        let known = || profiles.keys().cloned().collect::<Vec<_>>().join(", ");
        let unknown = || StatementFailure {
            code: "UNKNOWN_PROFILE".to_owned(),
            text: format!(
                "there is no mapping profile {name:?}; there are: {}. Put NAME.toml into the \
                 folder of AP_GATEWAY_STATEMENT_PROFILES",
                Some(known()).filter(|known| !known.is_empty()).unwrap_or("none".to_owned())
            ),
        };
        profiles.get(name).cloned().map(Some).ok_or_else(unknown)
    }

    /// Sees whether each statement follows the one before it, and the one behind it follows it.
    async fn place(&self, id: &StatementId, reading: &StatementReading) -> Result<(), Trouble> {
        for (position, statement) in (1_i64..).zip(&reading.statements) {
            let head = StatementHead::of(statement);
            let running = [StatementSyntax::Camt052, StatementSyntax::Camt054]
                .contains(&statement.syntax.unwrap_or(reading.syntax));
            let Some((account, day)) = statement.account.as_deref().zip(last_day(statement)) else {
                continue;
            };
            // Reports of the running day repeat one another: none follows the other.
            if running || statement.syntax == Some(StatementSyntax::Mt942) {
                continue;
            }
            self.ledger.keep_head((id, position), (account, day), &head).await?;
            let (before, behind) = self.ledger.neighbours(account, day).await?;
            let closed = before.as_ref().and_then(|before| before.head.closing.as_ref());
            // Inside one file the reader has checked it.
            let other_file = before.as_ref().is_some_and(|before| before.statement_id != *id);
            let gap = closed.filter(|_| other_file).and_then(|one| continues(one, statement));
            self.ledger.keep_gap(id, position, gap.as_ref()).await?;
            if let Some((closing, next)) = head.closing.as_ref().zip(behind)
                && next.statement_id != *id
            {
                let opened = BankStatement {
                    balances: next.head.opening.clone().into_iter().collect(),
                    ..BankStatement::default()
                };
                let gap = continues(closing, &opened);
                self.ledger.keep_gap(&next.statement_id, next.position, gap.as_ref()).await?;
            }
        }
        Ok(())
    }
}

/// The last day that a statement speaks of.
fn last_day(statement: &BankStatement) -> Option<chrono::NaiveDate> {
    let entries = || statement.entries.iter().filter_map(|entry| entry.day()).max();
    StatementHead::of(statement).last_day().or_else(entries)
}

fn entries(statements: &[BankStatement]) -> Vec<NewEntry> {
    let made = (1_i64..).zip(transactions(statements)).map(|(position, mut transaction)| {
        let id = entry_id(&transaction);
        transaction.id = id.to_string();
        let keys = if transaction.reversal || transaction.pending {
            Vec::new()
        } else {
            keys(&transaction)
        };
        NewEntry { id, position, transaction, keys }
    });
    made.collect()
}

/// By the day and by the key that the entry always has: the same file gives the same ids, and
/// they sort by day.
fn entry_id(transaction: &Transaction) -> EntryId {
    let digest = Hasher::digest(transaction.id.as_bytes());
    let midnight = transaction.date.and_then(|day| day.and_hms_opt(0, 0, 0));
    let milliseconds = midnight.map_or(0, |time| time.and_utc().timestamp_millis().max(0));
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&digest[..10]);
    EntryId::new(Uuid::from_bytes(bytes))
}

/// By what a return names its original.
pub(super) fn keys(transaction: &Transaction) -> Vec<String> {
    let end_to_end = transaction.end_to_end_id.iter().map(|id| format!("e {}", plain(id)));
    let references = transaction.references.iter().map(|text| format!("r {}", plain(text)));
    let mut keys: Vec<String> = end_to_end.chain(references).filter(|key| key.len() > 2).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Entries came that were taken in before and have been removed since.
fn passed_over(removed: usize, all: usize) -> Option<Finding> {
    (removed > 0).then(|| Finding {
        code: "ENTRIES_REMOVED".to_owned(),
        severity: Severity::Warning,
        source: "ap-gateway".to_owned(),
        place: None,
        terms: Vec::new(),
        message: format!(
            "{removed} of {all} entries were taken in before and removed at the end of their \
             period; they are passed over"
        ),
        actual: None,
        expected: None,
        remedy: None,
    })
}

fn content(reading: StatementReading) -> StatementContent {
    StatementContent {
        syntax: reading.syntax,
        message: reading.message,
        statements: reading.statements.iter().map(StatementHead::of).collect(),
        findings: reading.findings,
    }
}

fn failure(unreadable: &Unreadable) -> StatementFailure {
    StatementFailure { code: "UNREADABLE_STATEMENT".to_owned(), text: unreadable.to_string() }
}
