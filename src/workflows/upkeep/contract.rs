//! What upkeep asks of the world: names, types, time-outs and retries; no code.
#![expect(missing_docs, reason = "the macro of the definitions writes items of its own")]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;
use temporalio_workflow::common::error::ApplicationFailure;

use crate::models::upkeep::Chore;
use crate::workflows::contract::{READ, Timing};

// The side that fulfils the definitions needs the markers.
pub use upkeep_port::{ImportStatements, RemoveExpired, RetryAttention};

/// One part of a chore: some dozens of files or rows, with a store that is slow. The next round
/// of the schedule does what this one could not, so it is given up after some minutes.
pub const PART: Timing = Timing { attempt: Duration::from_secs(300), attempts: 10, ..READ };

/// Parts of one run; whoever has more to do goes on in another run, with a history of its own.
pub const PARTS_MAX: u32 = 100;

/// Input of the workflow. What a chore needs besides is set where the worker runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpkeepInput {
    /// What is done.
    pub chore: Chore,
    /// Where to go on: runs that follow another carry it over.
    #[serde(default)]
    pub after: Option<String>,
    /// What the runs before did.
    #[serde(default)]
    pub tally: UpkeepTally,
}

impl UpkeepInput {
    /// A round from its beginning.
    pub fn new(chore: Chore) -> Self {
        Self { chore, after: None, tally: UpkeepTally::default() }
    }
}

/// A part of a chore: what comes behind this place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpkeepPart {
    /// The place; from the beginning when absent. It names nobody: an id, or a digest.
    pub after: Option<String>,
}

/// What a part came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PartDone {
    /// What it did.
    pub tally: UpkeepTally,
    /// Where the next part begins; absent when all is done.
    pub next: Option<String>,
}

/// How much was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UpkeepTally {
    /// Files taken in, invoices retried, documents and rows removed.
    pub done: u64,
    /// Those that could not be.
    pub refused: u64,
}

impl std::ops::AddAssign for UpkeepTally {
    fn add_assign(&mut self, more: Self) {
        self.done += more.done;
        self.refused += more.refused;
    }
}

// The macro takes the signatures alone, and asks for exactly these bodies; none is ever run.
/// Everything that upkeep asks for. Each call is one Temporal action.
pub struct UpkeepPort;

#[activity_definitions]
impl UpkeepPort {
    /// Takes in some files of the folder of bank statements.
    #[activity(name = "ap.import_statements")]
    pub async fn import_statements(_part: UpkeepPart) -> Result<PartDone, ApplicationFailure> {
        unimplemented!()
    }

    /// Promises to retry some invoices that need attention for a cause that passes.
    #[activity(name = "ap.retry_attention")]
    pub async fn retry_attention(_part: UpkeepPart) -> Result<PartDone, ApplicationFailure> {
        unimplemented!()
    }

    /// Removes some documents and rows that are past their period.
    #[activity(name = "ap.remove_expired")]
    pub async fn remove_expired(_part: UpkeepPart) -> Result<PartDone, ApplicationFailure> {
        unimplemented!()
    }
}

#[cfg(test)]
mod tests {
    use super::{Chore, UpkeepInput};

    /// Schedules and histories hold these texts: a reader of tomorrow must understand them.
    #[test]
    fn what_schedules_hold_is_stable() {
        for (word, chore) in [
            ("import-statements", Chore::ImportStatements),
            ("retry-attention", Chore::RetryAttention),
            ("remove-expired", Chore::RemoveExpired),
        ] {
            let old: UpkeepInput = serde_json::from_value(serde_json::json!({ "chore": word }))
                .expect("an input without the later members");
            assert_eq!(old, UpkeepInput::new(chore));
        }
    }
}
