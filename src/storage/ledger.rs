//! The ledger: one pool, one SQL code base for SQLite and PostgreSQL.
//!
//! Everything that changes rows goes through one kind of transaction (`write`); everything
//! else is a single statement. A change is on the disk before the call returns.

mod acceptance;
mod allocations;
pub mod audit;
pub mod batches;
mod caller_keys;
pub mod changes;
mod claims;
mod conclusion;
mod database;
pub mod decide;
pub mod decisions;
pub mod dispatch;
pub mod editors;
pub mod entries;
mod error;
pub mod feed;
mod fields;
pub mod figures;
mod gathered;
mod header;
pub mod invoices;
pub mod keys;
pub mod likeness;
pub mod matching;
pub mod notices;
pub mod open_items;
pub mod orders;
pub mod overview;
pub mod payment_files;
pub mod payments;
mod preceding;
mod present;
pub mod receipts;
mod registry;
pub mod retention;
mod schema;
mod select;
mod setting;
pub mod situation;
pub mod statements;
mod steps;
pub mod suppliers;
mod texts;
pub mod timeline;
mod vault;
mod view;
pub mod vouched;
pub mod webhooks;
mod write;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::aead::RandomizedNonceKey;
use sqlx::AnyPool;
use tokio::sync::{OnceCell, Semaphore};

use crate::config;
use crate::metrics::Metrics;
use crate::models::access::Author;
use crate::storage::ledger::changes::Notices;
use crate::storage::ledger::database::{Database, Engine};
use crate::storage::ledger::gathered::Gathered;

pub use crate::storage::ledger::error::LedgerError;

/// The ledger. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    pool: AnyPool,
    gathered: Arc<Gathered>,
    engine: Engine,
    /// SQLite has one writer at a time. Waiting here is fair; its own waiting is polling.
    turn: Option<Arc<Semaphore>>,
    busy: Duration,
    signing_key: Arc<[u8; 32]>,
    notices: Notices,
    /// What seals secrets; read or made when the first one is sealed.
    secret_key: Arc<OnceCell<RandomizedNonceKey>>,
    secret_key_file: Option<PathBuf>,
    /// For whom it changes things; `None` for the gateway's own work.
    author: Option<Arc<Author>>,
    /// Where what happened is counted.
    metrics: Option<Arc<Metrics>>,
    /// The key of the request, for what claims it.
    key: Option<Arc<str>>,
}

impl Ledger {
    /// Connects, makes the database when it is a SQLite file that is not there, migrates.
    ///
    /// # Errors
    /// A database that cannot be opened or is no database of ours: named, without credentials.
    pub async fn open(settings: &config::Ledger) -> Result<Self, LedgerError> {
        let database = Database::from_settings(settings)?;
        database.prepare().await?;
        let engine = database.engine();
        let mut ledger = Self {
            pool: database.pool(),
            gathered: Arc::default(),
            engine,
            turn: (engine == Engine::Sqlite).then(|| Arc::new(Semaphore::new(1))),
            busy: database.busy(),
            signing_key: Arc::new([0; 32]),
            notices: Notices::default(),
            secret_key: Arc::default(),
            secret_key_file: settings.key_file.clone().or_else(|| database.key_file()),
            author: None,
            metrics: None,
            key: None,
        };
        let key = ledger.shared_key().await.map_err(|error| database.named(error))?;
        ledger.signing_key = Arc::new(key);
        Ok(ledger)
    }

    /// The same ledger; what is committed through it is counted.
    #[must_use]
    pub fn counting(self, metrics: &Arc<Metrics>) -> Self {
        Self { metrics: Some(Arc::clone(metrics)), ..self }
    }

    /// A small write and read: for readiness.
    pub async fn probe(&self) -> Result<(), LedgerError> {
        self.write_and_read_back().await
    }

    /// A secret that all replicas share (32 bytes, made at the first start): signs page tokens.
    pub fn signing_key(&self) -> &[u8; 32] {
        &self.signing_key
    }

    /// Ends all connections; a SQLite file is then complete without its log.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
