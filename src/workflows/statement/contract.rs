//! What the statement workflows ask of the world. Histories hold ids and addresses alone: no
//! account, no name, no amount.
#![expect(missing_docs, reason = "the macro of the definitions writes items of its own")]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;
use temporalio_workflow::common::error::ApplicationFailure;

use crate::models::refs::{EntryId, Sha256, StatementId};

// The macro makes a module named after the type, private to this file. The side that fulfils the
// definitions needs the markers in it.
pub use statement_port::{AnswerEntry, FailStatement, MatchEntries, ReadStatement, RecordMatches};

/// Input of the statement workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementInput {
    /// The row in the ledger, which knows the rest.
    pub statement: StatementId,
}

/// What reading came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Read {
    /// Its entries are in the ledger.
    Entries,
    /// It is no statement; the ledger says why.
    Failed,
}

/// What matching came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// The proposals, in the artifact store; `None` when nothing is left to decide.
    pub proposals: Option<Sha256>,
}

/// Input of [`StatementPort::record_matches`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordInput {
    /// Of which file.
    pub statement: StatementId,
    /// The proposals, in the artifact store.
    pub proposals: Sha256,
    /// There is no round after this one: what moved meanwhile is left to a person.
    pub last: bool,
}

/// What recording came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Entries whose items moved meanwhile: they are matched again.
    pub moved: u32,
}

/// The end of the statement workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementEnd {
    /// Whether it could be read.
    pub read: Read,
    /// How often its entries were matched.
    pub rounds: u32,
}

/// Input of the workflow of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerInput {
    /// Which entry.
    pub entry: EntryId,
    /// Who said what, in the artifact store: a reason may hold anything.
    pub answer: Sha256,
}

/// What an answer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerOutcome {
    /// It is done.
    Done,
    /// It was done before, by this very answer.
    DoneBefore,
    /// The entry has another revision, or is in another state, than the person saw.
    MovedOn,
    /// It cannot be done; `detail` says why.
    Refused,
}

/// The end of the workflow of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What it came to.
    pub outcome: AnswerOutcome,
    /// Why it was refused, as text in the artifact store.
    #[serde(default)]
    pub detail: Option<Sha256>,
}

// The macro takes the signatures alone, and asks for exactly these bodies; none is ever run.
/// Everything that the statement workflows ask for. Each call is one Temporal action.
pub struct StatementPort;

#[activity_definitions]
impl StatementPort {
    /// Reads the kept file and keeps its entries; what is known stays as it is.
    #[activity(name = "ap.read_statement")]
    pub async fn read_statement(_input: StatementInput) -> Result<Read, ApplicationFailure> {
        unimplemented!()
    }

    /// Works out what the undecided entries pay, and keeps the proposals.
    #[activity(name = "ap.match_entries")]
    pub async fn match_entries(_input: StatementInput) -> Result<Matched, ApplicationFailure> {
        unimplemented!()
    }

    /// Writes proposals to the record, those whose items are as they were seen.
    #[activity(name = "ap.record_matches")]
    pub async fn record_matches(_input: RecordInput) -> Result<Recorded, ApplicationFailure> {
        unimplemented!()
    }

    /// Writes down that a file could not be taken in.
    #[activity(name = "ap.fail_statement")]
    pub async fn fail_statement(_input: StatementInput) -> Result<(), ApplicationFailure> {
        unimplemented!()
    }

    /// Does with an entry what a person says.
    #[activity(name = "ap.answer_entry")]
    pub async fn answer_entry(_input: AnswerInput) -> Result<Answered, ApplicationFailure> {
        unimplemented!()
    }
}

/// Two statements that fight for the same items settle in two rounds, and a return whose payment
/// is in the same file takes a second one; more only means that others are faster.
pub const ROUNDS_MAX: u32 = 5;

/// A file that nobody read in a day is handed in again.
pub const STATEMENT_LIFE: Duration = Duration::from_secs(24 * 3600);

/// An answer that nobody carried out in an hour is given again.
pub const ANSWER_LIFE: Duration = Duration::from_secs(3600);
