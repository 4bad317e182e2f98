//! What waits, how long, and what it is worth: for people who look at the whole.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::models::status::InvoiceStatus;
use crate::storage::ledger::audit::{AuditRow, audit_row};
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::invoices::total;
use crate::storage::ledger::matching::{LedgerView, Place};
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// The invoices of one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateCount {
    /// The state.
    pub status: InvoiceStatus,
    /// How many are in it.
    pub count: i64,
    /// Since when the one that changed longest ago rests there.
    pub oldest: DateTime<Utc>,
}

/// What is worth how much in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worth {
    /// ISO 4217.
    pub currency: String,
    /// The sum of the totals with tax.
    pub total: Decimal,
    /// Of how many invoices.
    pub count: i64,
}

impl Ledger {
    /// States that have invoices, in the order of their lives.
    pub async fn states(&self) -> Result<Vec<StateCount>, LedgerError> {
        let sql = "SELECT status AS id, COUNT(*) AS count, MIN(updated_at) AS oldest \
                   FROM invoice GROUP BY status";
        let mut states = Vec::new();
        for row in sqlx::query(sql).fetch_all(&self.pool).await? {
            let fields = Fields::of("invoices in state", &row)?;
            states.push(StateCount {
                status: fields.parsed("id", InvoiceStatus::parse)?,
                count: fields.number("count")?,
                oldest: fields.time("oldest")?,
            });
        }
        let place = |status| InvoiceStatus::ALL.iter().position(|one| *one == status);
        states.sort_by_key(|state| place(state.status));
        Ok(states)
    }

    /// What the invoices of a state are worth, by currency; those without a total are left out.
    pub async fn worth(&self, status: InvoiceStatus) -> Result<Vec<Worth>, LedgerError> {
        // Sums of numbers as the database keeps them: as many rows as currencies and scales.
        let sql = "SELECT currency AS id, CAST(SUM(total_minor) AS BIGINT) AS total_minor, \
                   total_scale, total_digits, COUNT(*) AS count FROM invoice \
                   WHERE status = $1 AND currency IS NOT NULL \
                   AND (total_minor IS NOT NULL OR total_digits IS NOT NULL) \
                   GROUP BY currency, total_scale, total_digits ORDER BY currency";
        let query = sqlx::query(sql).bind(status.as_str());
        let mut worth: Vec<Worth> = Vec::new();
        for row in query.fetch_all(&self.pool).await? {
            let fields = Fields::of("worth in", &row)?;
            let (currency, count) = (fields.text("id")?, fields.number("count")?);
            let one = total(&fields)?.unwrap_or_default();
            // What has digits was not summed by the database: the rows of one text are equal.
            let times = fields.text_if("total_digits")?.map_or(1, |_| count);
            let sum = one.checked_mul(times.into()).unwrap_or(Decimal::MAX);
            match worth.last_mut().filter(|last| last.currency == currency) {
                Some(last) => {
                    last.total = last.total.checked_add(sum).unwrap_or(Decimal::MAX);
                    last.count += count;
                }
                None => worth.push(Worth { currency, total: sum, count }),
            }
        }
        Ok(worth)
    }

    /// How many invoices came on each day since then; days without any are left out.
    pub async fn received_by_day(
        &self,
        since: DateTime<Utc>,
    ) -> Result<Vec<(DateTime<Utc>, i64)>, LedgerError> {
        let sql = "SELECT received_at / 86400000000 AS day, COUNT(*) FROM invoice \
                   WHERE received_at >= $1 GROUP BY received_at / 86400000000 ORDER BY 1";
        let query = sqlx::query_as(sql).bind(since.timestamp_micros());
        let days: Vec<(i64, i64)> = query.fetch_all(&self.pool).await?;
        let day = |(day, count)| Some((DateTime::from_timestamp_micros(day * DAY)?, count));
        Ok(days.into_iter().filter_map(day).collect())
    }

    /// The trail of one resource, newest first.
    pub async fn audit_of(&self, id: &str, limit: u32) -> Result<Vec<AuditRow>, LedgerError> {
        let sql = "SELECT CAST(sequence AS TEXT) AS id, sequence, at, subject, credential, \
                   request_id, address, action, resource, outcome, reason, revision, digest \
                   FROM audit WHERE resource = $1 ORDER BY sequence DESC LIMIT $2";
        let query = sqlx::query(sql).bind(id).bind(i64::from(limit));
        query.fetch_all(&self.pool).await?.iter().map(audit_row).collect()
    }

    /// What receipts and all invoices say of an order, as an invoice that comes now would find it.
    pub async fn view_of_order(&self, number: &str) -> Result<LedgerView, LedgerError> {
        let orders = [texts::order_lookup(number)].into();
        let mut write = self.write().await?;
        write.view(&Place { sequence: i64::MAX, kind: None, orders, claim: None }).await
    }
}
