//! `Idempotency-Key`: one intent of a caller, however often it is sent.
//!
//! No answers are stored. What was made carries the key and a fingerprint of its content, so a
//! replay is built from the thing itself and shows its present state.

pub mod key;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::metrics::Metrics;

pub use crate::http::idempotency::key::{IDEMPOTENCY_KEY, IdempotencyKey};

/// Set to `true` on an answer that was built from what an earlier request made.
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// `Idempotency-Replayed: true`.
const REPLAYED: HeaderValue = HeaderValue::from_static("true");

/// What keeps a key, and the fingerprint of what it was sent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A row of the ledger.
    Ledger,
    /// A run in Temporal.
    Workflow,
}

impl Carrier {
    /// The word in labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Workflow => "workflow",
        }
    }
}

/// How a request with a key, or with content that is its own key, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// Something was made.
    New,
    /// It was there already.
    Replay,
    /// The key belongs to other content.
    Mismatch,
}

impl Idempotency {
    /// The word in logs and labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Replay => "replay",
            Self::Mismatch => "mismatch",
        }
    }

    /// Tells the caller of a replay.
    pub fn mark(self, headers: &mut HeaderMap) {
        if self == Self::Replay {
            headers.insert(IDEMPOTENCY_REPLAYED, REPLAYED);
        }
    }

    /// Counts it for things that the ledger carries. A mismatch is a refusal, and counted where all
    /// of them are written.
    pub fn count(self, metrics: &Metrics) {
        self.carried_by(Carrier::Ledger, metrics);
    }

    /// The same for things that somebody else carries.
    pub fn carried_by(self, carrier: Carrier, metrics: &Metrics) {
        let labels = [carrier.as_str(), self.as_str()];
        metrics.idempotency.with_label_values(&labels).inc();
    }
}
