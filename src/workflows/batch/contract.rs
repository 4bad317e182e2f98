//! What a batch asks of the world: names, types, time-outs and retries; no code.
#![expect(missing_docs, reason = "the macro of the definitions writes items of its own")]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;
use temporalio_workflow::common::error::ApplicationFailure;

use crate::models::batch::BatchStatus;
use crate::models::refs::BatchId;
use crate::workflows::contract::{READ, Timing};

// The side that fulfils the definitions needs the markers.
pub use batch_port::{EndBatch, GiveUpItems, OpenBatch, TakeItems};

/// Items of one activity: what a crash makes anew at most. Fewer would cost more Temporal actions.
pub const CHUNK_ITEMS: u32 = 100;

/// Chunks at once: unpacking and storing mostly wait for the disk, and the worker has sixteen
/// places for all its work.
pub const PARALLEL: usize = 4;

/// A batch that was not taken up in a week is started anew by the dispatcher, from where it was.
pub const BATCH_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

/// Taking up a chunk: a hundred documents of 25 MiB at 10 MiB a second, with room. A store that is
/// away is waited for without end, because items are accepted by nobody else.
pub const TAKE_UP: Timing = Timing { attempt: Duration::from_secs(600), attempts: 0, ..READ };

/// Input of the batch workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchInput {
    /// The row in the ledger, which knows the rest.
    pub batch_id: BatchId,
    /// Position of the next item, from 1: runs that follow another carry it over.
    #[serde(default = "first")]
    pub next: u32,
    /// How many items there are; `None` until the source was read.
    #[serde(default)]
    pub items: Option<u32>,
}

fn first() -> u32 {
    1
}

impl BatchInput {
    /// A batch from its beginning.
    pub fn new(batch_id: BatchId) -> Self {
        Self { batch_id, next: first(), items: None }
    }
}

/// A source that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchOpened {
    /// How it stands with the batch now.
    pub status: BatchStatus,
    /// How many items it has.
    pub items: u32,
}

/// Some items of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchChunk {
    /// Which batch.
    pub batch_id: BatchId,
    /// Position of the first, from 1.
    pub from: u32,
    /// Position behind the last.
    pub to: u32,
}

/// How a batch ends, unless it has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchEnd {
    /// Which batch.
    pub batch_id: BatchId,
    /// Its end.
    pub status: BatchStatus,
}

// The macro takes the signatures alone, and asks for exactly these bodies; none is ever run.
/// Everything the batch workflow asks for. Each call is one Temporal action.
pub struct BatchPort;

#[activity_definitions]
impl BatchPort {
    /// Reads the source, and writes down which items it has.
    #[activity(name = "ap.open_batch")]
    pub async fn open_batch(_batch: BatchId) -> Result<BatchOpened, ApplicationFailure> {
        unimplemented!()
    }

    /// Keeps the documents of some items, and accepts them.
    #[activity(name = "ap.take_batch_items")]
    pub async fn take_items(_chunk: BatchChunk) -> Result<BatchStatus, ApplicationFailure> {
        unimplemented!()
    }

    /// Refuses what is left of some items.
    #[activity(name = "ap.give_up_batch_items")]
    pub async fn give_up_items(_chunk: BatchChunk) -> Result<(), ApplicationFailure> {
        unimplemented!()
    }

    /// Ends the taking up of items.
    #[activity(name = "ap.end_batch")]
    pub async fn end_batch(_end: BatchEnd) -> Result<BatchStatus, ApplicationFailure> {
        unimplemented!()
    }
}

#[cfg(test)]
mod tests {
    use super::{BatchInput, CHUNK_ITEMS, PARALLEL};
    use crate::models::batch::ITEMS_MAX;
    use crate::models::refs::BatchId;

    /// Histories hold these texts: a reader of tomorrow must understand them.
    #[test]
    fn what_histories_hold_is_stable() {
        let id = BatchId::new(uuid::Uuid::nil());
        let old: BatchInput = serde_json::from_value(serde_json::json!({ "batch_id": id }))
            .expect("an input without the later members");
        assert_eq!(old, BatchInput::new(id));
    }

    #[test]
    fn the_largest_batch_takes_few_rounds() {
        assert!(ITEMS_MAX.div_ceil(CHUNK_ITEMS as usize * PARALLEL) <= 25);
    }
}
