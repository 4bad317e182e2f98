//! Invoices that may be the same one: found by equal keys and short ranges, among any number of
//! past ones (docs/duplicates.md).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sqlx::AssertSqlSafe;

use crate::models::duplicate::{Candidate, KnownInvoice, StoredKeys};
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::database::Engine;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{LedgerError, texts};

/// Rows of one number, claim or content that are judged: more of one number are more of the same.
const SAME_KEY_MAX: i64 = 40;

/// Purchases of one invoice that are kept: a split is found by any line that two parts share.
const PURCHASES_MAX: usize = 40;

/// Invoices that are read with one statement.
const KNOWN_AT_ONCE: usize = 64;

/// An entry of the index of amounts: invoice, date, number.
type Entry = (String, Option<NaiveDate>, Option<String>);

/// The entries of one amount nearest to a date, those of each side as one text: a thousand rows
/// cost more on their way out of the database than the search for them. The order is the one of
/// the index.
macro_rules! nearest {
    ($together:literal) => {
        concat!(
            "SELECT CAST($3 AS TEXT) AS id, (SELECT ",
            $together,
            " FROM (SELECT invoice_id, date, number FROM likeness WHERE vendor = $1 \
             AND currency = $2 AND gross = $3 AND date >= $4 \
             ORDER BY date, number, invoice_id LIMIT $5) AS later) AS later, (SELECT ",
            $together,
            " FROM (SELECT invoice_id, date, number FROM likeness WHERE vendor = $1 \
             AND currency = $2 AND gross = $3 AND date < $4 \
             ORDER BY date DESC, number DESC, invoice_id DESC LIMIT $5) AS earlier) AS earlier"
        )
    };
}

/// What of an invoice is compared, how it is found, and how much is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Likeness<'a> {
    /// All that is judged.
    pub candidate: &'a Candidate,
    /// How it is found.
    pub keys: &'a StoredKeys,
    /// How good a find a row of the same amount is, by its number and date; lower is better, none
    /// is no find.
    pub rank: fn(&Candidate, Option<&str>, Option<NaiveDate>) -> Option<u64>,
    /// Entries of the same amount that are looked at before and after the date.
    pub same_amount_max: u32,
    /// How many of them are judged.
    pub fetched_max: usize,
    /// The day of the first match, when nothing is kept yet.
    pub now: DateTime<Utc>,
}

/// An indexed column, as far as it can be kept.
struct Columns {
    vendor: Option<String>,
    number_key: Option<String>,
    number: Option<String>,
    currency: Option<String>,
    gross: Option<i64>,
    date: Option<String>,
    content: Option<String>,
}

impl Likeness<'_> {
    /// Two invoices of one supplier and amount wait for each other: else each could miss the other.
    pub(super) fn lock(&self) -> Option<String> {
        let Columns { vendor, currency, gross, .. } = self.columns();
        let (vendor, gross) = vendor.zip(gross)?;
        Some(format!("amount {vendor} {} {gross}", currency.unwrap_or_default()))
    }

    fn columns(&self) -> Columns {
        let key = |text: &Option<String>| text.as_deref().map(texts::key);
        Columns {
            vendor: key(&self.keys.vendor),
            number_key: key(&self.keys.number),
            number: key(&self.candidate.number),
            currency: key(&self.keys.currency),
            gross: self.keys.gross.and_then(ten_thousandths),
            date: self.keys.date.map(|date| date.to_string()),
            content: self.keys.content.as_ref().map(ToString::to_string),
        }
    }
}

/// None when it does not fit: such an amount is found by its number alone.
fn ten_thousandths(amount: Decimal) -> Option<i64> {
    amount.checked_mul(Decimal::from(10_000))?.round().to_i64()
}

impl Write {
    /// Keeps what is compared; the time of the first match stays. Answers that time.
    pub(super) async fn keep_likeness(
        &mut self,
        id: &InvoiceId,
        likeness: &Likeness<'_>,
    ) -> Result<i64, LedgerError> {
        let columns = likeness.columns();
        let sql = "INSERT INTO likeness (invoice_id, kept_at, vendor, number_key, number, \
                   currency, gross, date, content_key, candidate) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                   ON CONFLICT (invoice_id) DO UPDATE SET vendor = excluded.vendor, \
                   number_key = excluded.number_key, number = excluded.number, \
                   currency = excluded.currency, gross = excluded.gross, date = excluded.date, \
                   content_key = excluded.content_key, candidate = excluded.candidate";
        let query = sqlx::query(sql)
            .bind(id.as_str())
            .bind(likeness.now.timestamp_micros())
            .bind(&columns.vendor)
            .bind(&columns.number_key)
            .bind(&columns.number)
            .bind(&columns.currency)
            .bind(columns.gross)
            .bind(&columns.date)
            .bind(&columns.content)
            .bind(to_json(likeness.candidate)?);
        query.execute(self.on()).await?;
        self.keep_purchases(id, likeness, &columns).await?;
        let sql = "SELECT kept_at FROM likeness WHERE invoice_id = $1";
        Ok(sqlx::query_scalar(sql).bind(id.as_str()).fetch_one(self.on()).await?)
    }

    async fn keep_purchases(
        &mut self,
        id: &InvoiceId,
        likeness: &Likeness<'_>,
        columns: &Columns,
    ) -> Result<(), LedgerError> {
        let sql = "DELETE FROM likeness_purchase WHERE invoice_id = $1";
        sqlx::query(sql).bind(id.as_str()).execute(self.on()).await?;
        let Some((vendor, date)) = columns.vendor.as_ref().zip(columns.date.as_ref()) else {
            return Ok(());
        };
        let purchases = likeness.keys.purchases.iter().take(PURCHASES_MAX);
        let purchases: BTreeSet<String> = purchases.map(|text| texts::key(text)).collect();
        let sql = "INSERT INTO likeness_purchase (invoice_id, purchase, vendor, date) \
                   VALUES ($1, $2, $3, $4)";
        for purchase in purchases {
            let query = sqlx::query(sql).bind(id.as_str()).bind(purchase);
            query.bind(vendor).bind(date).execute(self.on()).await?;
        }
        Ok(())
    }

    /// The invoices that one of the lookups finds and that were matched before.
    pub(super) async fn known_invoices(
        &mut self,
        id: &InvoiceId,
        kept_at: i64,
        likeness: &Likeness<'_>,
    ) -> Result<Vec<KnownInvoice>, LedgerError> {
        let mut ids = self.same_keys(likeness).await?;
        ids.extend(self.same_amount(likeness).await?);
        ids.extend(self.same_purchase(likeness).await?);
        ids.remove(id.as_str());
        let ids: Vec<String> = ids.into_iter().collect();
        let mut known = Vec::new();
        for some in ids.chunks(KNOWN_AT_ONCE) {
            self.read_known(some, kept_at, &mut known).await?;
        }
        known.sort_by(|one, other| one.invoice.id.cmp(&other.invoice.id));
        Ok(known)
    }

    async fn same_keys(
        &mut self,
        likeness: &Likeness<'_>,
    ) -> Result<BTreeSet<String>, LedgerError> {
        let columns = likeness.columns();
        let lookups = [
            (
                "SELECT invoice_id FROM likeness WHERE vendor = $1 AND number_key = $2 LIMIT $3",
                columns.vendor.zip(columns.number_key.clone()),
            ),
            (
                "SELECT invoice_id FROM likeness WHERE number_key = $1 AND date = $2 LIMIT $3",
                columns.number_key.zip(columns.date),
            ),
            (
                "SELECT invoice_id FROM likeness WHERE content_key = $1 AND content_key = $2 \
                 LIMIT $3",
                columns.content.clone().zip(columns.content),
            ),
        ];
        let mut ids = BTreeSet::new();
        for (sql, keys) in lookups {
            if let Some((one, other)) = keys {
                let query = sqlx::query_scalar::<_, String>(sql).bind(one).bind(other);
                ids.extend(query.bind(SAME_KEY_MAX).fetch_all(self.on()).await?);
            }
        }
        Ok(ids)
    }

    /// Of one supplier and amount the entries nearest to the date are sorted out in the index
    /// alone; the best of them are judged.
    async fn same_amount(&mut self, likeness: &Likeness<'_>) -> Result<Vec<String>, LedgerError> {
        let Columns { vendor, currency, date, .. } = likeness.columns();
        let range = likeness.keys.gross_range().and_then(|(low, high)| {
            // Three minor units at most, each a range of its own for the index.
            Some((ten_thousandths(low)?, ten_thousandths(high)?))
        });
        let Some(((vendor, currency), (low, high))) = vendor.zip(currency).zip(range) else {
            return Ok(Vec::new());
        };
        let sql = match self.engine() {
            Engine::Sqlite => nearest!("json_group_array(json_array(invoice_id, date, number))"),
            Engine::Postgres => {
                nearest!("CAST(json_agg(json_build_array(invoice_id, date, number)) AS TEXT)")
            }
        };
        let from = date.unwrap_or_default();
        let mut found: Vec<(u64, String)> = Vec::new();
        for gross in (low..=high).step_by(MINOR_UNIT) {
            let query = sqlx::query(sql).bind(&vendor).bind(&currency).bind(gross);
            let query = query.bind(&from).bind(i64::from(likeness.same_amount_max));
            let row = query.fetch_one(self.on()).await?;
            let sides = Fields::of("likeness at gross", &row)?;
            for side in ["later", "earlier"] {
                let entries: Vec<Entry> = sides.json_if(side)?.unwrap_or_default();
                found.extend(entries.into_iter().filter_map(|(id, date, number)| {
                    let rank = (likeness.rank)(likeness.candidate, number.as_deref(), date)?;
                    Some((rank, id))
                }));
            }
        }
        found.sort();
        found.truncate(likeness.fetched_max);
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    async fn same_purchase(&mut self, likeness: &Likeness<'_>) -> Result<Vec<String>, LedgerError> {
        let days = likeness.keys.split_days();
        let Some((vendor, (first, last))) = likeness.columns().vendor.zip(days) else {
            return Ok(Vec::new());
        };
        let sql = "SELECT invoice_id FROM likeness_purchase WHERE vendor = $1 AND purchase = $2 \
                   AND date >= $3 AND date <= $4 LIMIT $5";
        let mut ids = Vec::new();
        for purchase in likeness.keys.purchases.iter().take(PURCHASES_MAX) {
            if ids.len() >= likeness.fetched_max {
                break;
            }
            let query = sqlx::query_scalar::<_, String>(sql).bind(&vendor);
            let query = query.bind(texts::key(purchase)).bind(first.to_string());
            let query = query.bind(last.to_string()).bind(SAME_KEY_MAX);
            ids.extend(query.fetch_all(self.on()).await?);
        }
        Ok(ids)
    }

    async fn read_known(
        &mut self,
        ids: &[String],
        kept_at: i64,
        known: &mut Vec<KnownInvoice>,
    ) -> Result<(), LedgerError> {
        let Some(last) = ids.last() else {
            return Ok(());
        };
        let mut sql = "SELECT i.id AS id, i.status, l.candidate FROM likeness l \
                       JOIN invoice i ON i.id = l.invoice_id WHERE l.kept_at < $1 \
                       AND l.invoice_id IN ("
            .to_owned();
        for place in 2..KNOWN_AT_ONCE + 2 {
            let comma = if place == 2 { "" } else { ", " };
            write!(sql, "{comma}${place}").expect("a String takes everything");
        }
        sql.push(')');
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(kept_at);
        // Filled up with the last one: one text is one prepared statement.
        for place in 0..KNOWN_AT_ONCE {
            query = query.bind(ids.get(place).unwrap_or(last));
        }
        for row in query.fetch_all(self.on()).await? {
            let fields = Fields::of("likeness of invoice", &row)?;
            let status = fields.parsed("status", InvoiceStatus::parse)?;
            let invoice: Candidate = fields.json("candidate")?;
            let id = fields.text("id")?;
            known.push(KnownInvoice { status, invoice: Candidate { id, ..invoice } });
        }
        Ok(())
    }
}

/// One hundredth in ten-thousandths.
const MINOR_UNIT: usize = 100;
