//! Bank statements, and answers about their entries.

use std::time::Duration;

use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{
    WorkflowDescribeOptions, WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions,
};
use temporalio_common::MemoValues;

use crate::models::refs::{EntryId, Sha256, StatementId};
use crate::temporal::gateway::{Gateway, GatewayError, READ, Run, RunEnd, START, Start};
use crate::temporal::grpc::{bounded, waited, within};
use crate::temporal::starting::once;
use crate::temporal::trace_header;
use crate::workflows::statement::contract::{
    ANSWER_LIFE, AnswerInput, AnswerOutcome, Answered, STATEMENT_LIFE, StatementInput,
};
use crate::workflows::{EntryAnswerWorkflow, StatementWorkflow};

/// The memo that tells what a run was started with.
const FINGERPRINT: &str = "fingerprint";

/// What an answer of a person came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerEnd {
    /// It is done.
    Done,
    /// It was done before.
    DoneBefore,
    /// The entry moved on.
    MovedOn,
    /// It cannot be done; the text is kept under this address.
    Refused(Option<Sha256>),
}

/// What is known of an answer under a workflow id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answering {
    /// It was started now or before, and came to this end in time.
    This(Start, Option<AnswerEnd>),
    /// Another answer has this id.
    Another,
}

impl Gateway {
    /// Starts reading and matching a kept file; one that failed for a defect or an outage is
    /// started anew.
    ///
    /// # Errors
    /// Whatever keeps Temporal from starting it.
    pub async fn start_statement(&self, id: &StatementId) -> Result<Start, GatewayError> {
        bounded(START, async {
            let options = WorkflowStartOptions::new(&self.0.task_queue, id.workflow_id())
                .maybe_header(trace_header::header())
                .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
                .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicateFailedOnly)
                .execution_timeout(STATEMENT_LIFE)
                .rpc_options(within(START))
                .build();
            let input = StatementInput { statement: id.clone() };
            let client = self.0.pool.client().await?;
            match client.start_workflow(StatementWorkflow::run, input, options).await {
                Ok(_) => Ok(Start::Started),
                Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(Start::Known),
                Err(error) => Err(self.start_failed(&error)),
            }
        })
        .await
    }

    /// Waits until a file was taken in or failed, at most `wait`; the ledger says how it stands.
    ///
    /// # Errors
    /// No connection.
    pub async fn await_statement(
        &self,
        id: &StatementId,
        wait: Duration,
    ) -> Result<(), GatewayError> {
        let client = bounded(START, async { Ok(self.0.pool.client().await?) }).await?;
        let handle = client.get_workflow_handle::<StatementWorkflow>(id.workflow_id());
        // Time over, and a run that failed, are seen in the ledger.
        let _ = waited(wait, handle.get_result(Default::default())).await;
        Ok(())
    }

    /// Has an answer carried out, once for each workflow id, and waits for its end at most `wait`.
    /// `None` when it did not come in time. What was started under this id before must have been
    /// this answer.
    ///
    /// # Errors
    /// Whatever keeps Temporal from starting it; `Taken` when a run without our memo has the id.
    pub async fn answer_entry(
        &self,
        workflow_id: &str,
        (entry, answer): (&EntryId, &Sha256),
        wait: Duration,
    ) -> Result<Answering, GatewayError> {
        let starting = || self.start_answer(workflow_id, (entry, answer));
        let (start, known) = once(starting, self.known_answer(workflow_id)).await?;
        if known.is_some_and(|known| known != *answer) {
            return Ok(Answering::Another);
        }
        let end = match self.answer_end(workflow_id, wait).await? {
            None if start == Start::Known => self.known_end(workflow_id).await,
            end => end,
        };
        Ok(Answering::This(start, end))
    }

    async fn start_answer(
        &self,
        workflow_id: &str,
        (entry, answer): (&EntryId, &Sha256),
    ) -> Result<Start, GatewayError> {
        bounded(START, async {
            let mut memo = MemoValues::new();
            memo.insert(FINGERPRINT, answer.to_string());
            let options = WorkflowStartOptions::new(&self.0.task_queue, workflow_id)
                .maybe_header(trace_header::header())
                .id_conflict_policy(WorkflowIdConflictPolicy::Fail)
                .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicateFailedOnly)
                .execution_timeout(ANSWER_LIFE)
                .memo(memo)
                .rpc_options(within(START))
                .build();
            let input = AnswerInput { entry: entry.clone(), answer: answer.clone() };
            let client = self.0.pool.client().await?;
            let started = client.start_workflow(EntryAnswerWorkflow::run, input, options).await;
            match started {
                Ok(_) => Ok(Start::Started),
                Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(Start::Known),
                Err(error) => Err(self.start_failed(&error)),
            }
        })
        .await
    }

    /// The answer that the run under this id was started with.
    async fn known_answer(&self, workflow_id: &str) -> Result<Sha256, GatewayError> {
        let options = WorkflowDescribeOptions::builder().rpc_options(within(READ)).build();
        let found = bounded(READ, async {
            let client = self.0.pool.client().await?;
            let handle = client.get_workflow_handle::<EntryAnswerWorkflow>(workflow_id);
            handle.describe(options).await.map_err(|error| self.call_failed(&error))
        });
        let kept: Option<String> = found.await?.memo().get(FINGERPRINT).unwrap_or_default();
        let kept = kept.and_then(|kept| Sha256::parse(&kept).ok());
        kept.ok_or(GatewayError::Taken)
    }

    /// What an answer came to, if that is known in time.
    async fn answer_end(
        &self,
        workflow_id: &str,
        wait: Duration,
    ) -> Result<Option<AnswerEnd>, GatewayError> {
        if wait.is_zero() {
            return Ok(None);
        }
        // It was started: that nobody can be asked how it goes is no failure of it.
        let client = bounded(START, async { Ok(self.0.pool.client().await?) }).await;
        let Ok(client) = client else { return Ok(None) };
        let handle = client.get_workflow_handle::<EntryAnswerWorkflow>(workflow_id);
        let ended = waited(wait, handle.get_result(Default::default())).await;
        let ended: Option<Answered> = match ended {
            Some(Ok(answered)) => Some(answered),
            Some(Err(error)) if error.is_workflow_outcome() => {
                return Err(GatewayError::Other("the answer could not be carried out".to_owned()));
            }
            // A connection that broke while we waited, or time over: it will be done.
            _ => None,
        };
        Ok(ended.map(AnswerEnd::from))
    }

    /// What an earlier answer came to, if it is over and that can be seen.
    async fn known_end(&self, workflow_id: &str) -> Option<AnswerEnd> {
        let found = self.run_result(Run { workflow_id, run_id: None }).await.ok()?;
        let Some(RunEnd::Completed(Some(answered))) = found.end else { return None };
        serde_json::from_value(answered).ok().map(|answered: Answered| answered.into())
    }
}

impl From<Answered> for AnswerEnd {
    fn from(answered: Answered) -> Self {
        match answered.outcome {
            AnswerOutcome::Done => Self::Done,
            AnswerOutcome::DoneBefore => Self::DoneBefore,
            AnswerOutcome::MovedOn => Self::MovedOn,
            AnswerOutcome::Refused => Self::Refused(answered.detail),
        }
    }
}
