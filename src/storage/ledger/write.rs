//! The one way to change the ledger: a transaction that holds what it will write from its start.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlx::{Any, AnyConnection, Transaction};
use tokio::sync::OwnedSemaphorePermit;

use crate::metrics::Metrics;
use crate::models::access::Author;
use crate::storage::ledger::database::Engine;
use crate::storage::ledger::figures::Fact;
use crate::storage::ledger::{Ledger, LedgerError};

/// A write transaction. Dropped, it is rolled back.
pub(super) struct Write {
    // Dropped in this order: the turn passes on when the transaction is over.
    transaction: Transaction<'static, Any>,
    engine: Engine,
    author: Option<Arc<Author>>,
    metrics: Option<Arc<Metrics>>,
    /// What is counted when it is over.
    pub(super) facts: Vec<Fact>,
    key: Option<Arc<str>>,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Ledger {
    /// Begins a write transaction; waits for the other writer of a SQLite file.
    pub(super) async fn write(&self) -> Result<Write, LedgerError> {
        let turn = match &self.turn {
            Some(turn) => Some(self.take(Arc::clone(turn)).await?),
            None => None,
        };
        // IMMEDIATE: a transaction that reads first and writes later is refused when another
        // wrote between. PostgreSQL's default may be set to another level; what is written here
        // needs each statement to see what was committed before it.
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        let transaction = self.pool.begin_with(begin).await?;
        let (author, key) = (self.author.clone(), self.key.clone());
        let (engine, metrics, facts) = (self.engine, self.metrics.clone(), Vec::new());
        Ok(Write { transaction, engine, author, metrics, facts, key, _turn: turn })
    }

    /// A transaction that only reads, all of it as of one moment. It has no turn to wait for;
    /// PostgreSQL refuses whatever would write in it.
    pub(super) async fn look(&self) -> Result<Write, LedgerError> {
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN DEFERRED",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let transaction = self.pool.begin_with(begin).await?;
        let (engine, facts) = (self.engine, Vec::new());
        let (author, metrics, key, _turn) = (None, None, None, None);
        Ok(Write { transaction, engine, author, metrics, facts, key, _turn })
    }

    async fn take(
        &self,
        turn: Arc<tokio::sync::Semaphore>,
    ) -> Result<OwnedSemaphorePermit, LedgerError> {
        let busy = || LedgerError::Unavailable("too many writers wait; try again".to_owned());
        let taken = tokio::time::timeout(self.busy, turn.acquire_owned()).await;
        taken.map_err(|_| busy())?.map_err(|_| busy())
    }
}

impl Write {
    /// Where statements run.
    pub(super) fn on(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    /// Which database it is; for the few statements that differ.
    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    /// For whom it is done.
    pub(super) fn author(&self) -> Option<Arc<Author>> {
        self.author.clone()
    }

    /// The key of the request that it belongs to.
    pub(super) fn key(&self) -> Option<Arc<str>> {
        self.key.clone()
    }

    /// Makes everything that was written durable, at once.
    pub(super) async fn commit(self) -> Result<(), LedgerError> {
        self.transaction.commit().await?;
        if let Some(metrics) = &self.metrics {
            self.facts.iter().for_each(|fact| fact.count(metrics));
        }
        Ok(())
    }

    /// Waits for everyone who matches with this order.
    pub(super) async fn lock_order(&mut self, order_key: &str) -> Result<i64, LedgerError> {
        self.lock(&order_lock(order_key)).await
    }

    /// Locks all of them; answers the highest sequence number that passed through one.
    pub(super) async fn lock_all(&mut self, names: &BTreeSet<String>) -> Result<i64, LedgerError> {
        let mut newest = 0;
        for name in names {
            newest = self.lock(name).await?.max(newest);
        }
        Ok(newest)
    }

    /// Waits for everyone who locked this name before, until this transaction ends; answers the
    /// highest sequence number that passed through the lock. Names must be taken in the order of
    /// their letters (amounts, claims, orders), or two transactions wait for each other.
    pub(super) async fn lock(&mut self, name: &str) -> Result<i64, LedgerError> {
        // The insert makes the row for an order that nobody has sent yet.
        let sql = "INSERT INTO matching_lock (name, sequence) VALUES ($1, 0) \
                   ON CONFLICT (name) DO UPDATE SET sequence = matching_lock.sequence \
                   RETURNING sequence";
        Ok(sqlx::query_scalar(sql).bind(name).fetch_one(self.on()).await?)
    }
}

/// What documents wait on that have, or name, this number of a supplier.
pub(super) fn claim_lock(seller_key: &str, number_key: &str) -> String {
    format!("claim {seller_key} {number_key}")
}

/// What invoices of one order wait on.
pub(super) fn order_lock(order_key: &str) -> String {
    format!("order {order_key}")
}
