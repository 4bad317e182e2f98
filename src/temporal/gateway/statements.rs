//! Bank statements, and answers about their entries.

use std::time::Duration;

use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{
    WorkflowDescribeOptions, WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions,
};
use temporalio_common::MemoValues;

use crate::models::refs::{EntryId, Sha256, StatementId};
use crate::temporal::gateway::{Gateway, GatewayError, READ, START, Start};
use crate::temporal::grpc::{bounded, waited, within};
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
    /// Whatever keeps Temporal from starting it.
    pub async fn answer_entry(
        &self,
        workflow_id: &str,
        (entry, answer): (&EntryId, &Sha256),
        wait: Duration,
    ) -> Result<Answering, GatewayError> {
        let (client, start) = bounded(START, async {
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
                Ok(_) => Ok((client, Start::Started)),
                Err(WorkflowStartError::AlreadyStarted { .. }) => Ok((client, Start::Known)),
                Err(error) => Err(self.start_failed(&error)),
            }
        })
        .await?;
        let handle = client.get_workflow_handle::<EntryAnswerWorkflow>(workflow_id);
        if start == Start::Known {
            let options = WorkflowDescribeOptions::builder().rpc_options(within(READ)).build();
            let found = bounded(READ, async {
                handle.describe(options).await.map_err(|error| self.call_failed(&error))
            });
            let kept: Option<String> = found.await?.memo().get(FINGERPRINT).unwrap_or_default();
            if kept.as_deref() != Some(answer.as_str()) {
                return Ok(Answering::Another);
            }
        }
        let ended = waited(wait, handle.get_result(Default::default())).await;
        let ended: Option<Answered> = match ended {
            Some(Ok(answered)) => Some(answered),
            Some(Err(error)) if error.is_workflow_outcome() => {
                return Err(GatewayError::Other("the answer could not be carried out".to_owned()));
            }
            // A connection that broke while we waited, or time over: it will be done.
            _ => None,
        };
        let end = ended.map(|answered| match answered.outcome {
            AnswerOutcome::Done => AnswerEnd::Done,
            AnswerOutcome::DoneBefore => AnswerEnd::DoneBefore,
            AnswerOutcome::MovedOn => AnswerEnd::MovedOn,
            AnswerOutcome::Refused => AnswerEnd::Refused(answered.detail),
        });
        Ok(Answering::This(start, end))
    }
}
