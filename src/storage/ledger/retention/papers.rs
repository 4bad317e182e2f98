//! Bank statements, payment files and batches that are past their period: whole, with all that
//! hangs on them, and never while something open refers to one.

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

use crate::models::refs::Sha256;
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::retention::finished;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError};

/// What is removed whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// A file of bank statements, with the entries that no other file has.
    Statement,
    /// A file of payment orders.
    PaymentFile,
    /// A batch and its results; its invoices stay.
    Batch,
}

/// What is past its period: its id, and the address of its bytes.
pub type Expired = (String, Option<Sha256>);

impl Paper {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Statement, Self::PaymentFile, Self::Batch];

    fn deed(self) -> &'static str {
        match self {
            Self::Statement => "remove_bank_statement",
            Self::PaymentFile => "remove_payment_file",
            Self::Batch => "remove_batch",
        }
    }

    /// Id and address of those that came before `$1` and that nothing open refers to.
    fn over(self) -> String {
        let open = open_invoice();
        match self {
            // What people still have to say something about is not over. What nothing explains
            // is: a bank's fees are nobody's invoice.
            Self::Statement => format!(
                "SELECT b.id, b.sha256 FROM bank_statement b \
                 WHERE b.received_at < $1 AND b.status IN ('done', 'failed') AND NOT EXISTS \
                 (SELECT 1 FROM bank_statement_entry s JOIN bank_entry e ON e.id = s.entry_id \
                 WHERE s.statement_id = b.id AND (e.state IN ('new', 'pending', 'proposed') \
                 OR EXISTS (SELECT 1 FROM payment_row p JOIN invoice i ON i.id = p.invoice_id \
                 WHERE p.entry_id = e.id AND {open})))"
            ),
            Self::PaymentFile => format!(
                "SELECT b.id, b.sha256 FROM payment_file b WHERE b.created_at < $1 AND NOT EXISTS \
                 (SELECT 1 FROM payment_file_item p JOIN invoice i ON i.id = p.invoice_id \
                 WHERE p.file_id = b.id AND {open})"
            ),
            Self::Batch => format!(
                "SELECT b.id, b.source AS sha256 FROM batch b WHERE b.finished_at < $1 AND NOT \
                 EXISTS (SELECT 1 FROM batch_item p JOIN invoice i ON i.id = p.invoice_id \
                 WHERE p.batch_id = b.id AND {open})"
            ),
        }
    }
}

/// Of an invoice that something is still to come for.
fn open_invoice() -> String {
    let words: Vec<_> = finished().map(|status| format!("'{}'", status.as_str())).collect();
    format!("i.status NOT IN ({})", words.join(","))
}

impl Ledger {
    /// What came before this time and is over; by their ids, behind `after`.
    pub async fn expired_papers(
        &self,
        paper: Paper,
        before: DateTime<Utc>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Expired>, LedgerError> {
        // Words of this program alone.
        let sql = format!("{} AND b.id > $2 ORDER BY b.id LIMIT $3", paper.over());
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(before.timestamp_micros())
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        let read = |row| {
            let fields = Fields::of("paper", row)?;
            let digest = fields.text_if("sha256")?;
            let sha256 = match digest {
                Some(_) => Some(fields.parsed("sha256", |digest| Sha256::parse(digest).ok())?),
                None => None,
            };
            Ok((fields.text("id")?, sha256))
        };
        rows.iter().map(read).collect()
    }

    /// Removes it with all that hangs on it, unless something open refers to it since it was
    /// found, with a row in the trail; answers whether it did.
    pub async fn remove_paper(
        &self,
        paper: Paper,
        id: &str,
        before: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let mut write = self.write().await?;
        // Words of this program alone.
        let sql = AssertSqlSafe(format!("{} AND b.id = $2", paper.over()));
        let query = sqlx::query(sql).bind(before.timestamp_micros()).bind(id);
        if query.fetch_optional(write.on()).await?.is_none() {
            return Ok(false);
        }
        match paper {
            Paper::Statement => write.remove_statement(id, at).await?,
            Paper::PaymentFile => {
                write.run("DELETE FROM payment_file_item WHERE file_id = $1", id).await?;
                write.run("DELETE FROM payment_file WHERE id = $1", id).await?;
            }
            Paper::Batch => {
                write.run("DELETE FROM batch_item WHERE batch_id = $1", id).await?;
                write.run("DELETE FROM batch WHERE id = $1", id).await?;
            }
        }
        write.keep_removal(id, at).await?;
        write.audit(&Deed::done(paper.deed(), id)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// When a statement or one of its entries, a payment file or a batch was removed.
    pub async fn paper_removed(&self, id: &str) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let sql = "SELECT id, removed_at FROM removed WHERE id = $1";
        let row = sqlx::query(sql).bind(id).fetch_optional(&self.pool).await?;
        row.map(|row| Fields::of("removed", &row)?.time("removed_at")).transpose()
    }
}

impl Write {
    /// Entries that another file has too stay with that one. Of the others the ids are kept: what
    /// was taken in once and paid for is not taken in again.
    async fn remove_statement(&mut self, id: &str, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = "SELECT s.entry_id FROM bank_statement_entry s WHERE s.statement_id = $1 \
                   AND NOT EXISTS (SELECT 1 FROM bank_statement_entry o \
                   WHERE o.entry_id = s.entry_id AND o.statement_id <> $1)";
        let own: Vec<String> = sqlx::query_scalar(sql).bind(id).fetch_all(self.on()).await?;
        self.run("DELETE FROM bank_account_statement WHERE statement_id = $1", id).await?;
        self.run("DELETE FROM bank_statement_entry WHERE statement_id = $1", id).await?;
        for entry in &own {
            self.run("DELETE FROM bank_entry_key WHERE entry_id = $1", entry).await?;
            self.run("DELETE FROM bank_entry WHERE id = $1", entry).await?;
            self.keep_removal(entry, at).await?;
        }
        let sql = "INSERT INTO removed_statement (sha256, profile, id) \
                   SELECT sha256, profile, id FROM bank_statement WHERE id = $1 \
                   AND status <> 'failed' ON CONFLICT DO NOTHING";
        self.run(sql, id).await?;
        self.run("DELETE FROM bank_statement WHERE id = $1", id).await
    }

    async fn keep_removal(&mut self, id: &str, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = "INSERT INTO removed (id, removed_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let query = sqlx::query(sql).bind(id).bind(at.timestamp_micros());
        query.execute(self.on()).await?;
        Ok(())
    }

    async fn run(&mut self, sql: &'static str, id: &str) -> Result<(), LedgerError> {
        sqlx::query(sql).bind(id).execute(self.on()).await?;
        Ok(())
    }
}
