//! Schedules of Temporal: one for each chore of a task queue. What they are is said by the
//! configuration, and made so by [`Gateway::apply_schedule`].

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use temporalio_client::Client;
use temporalio_client::schedules::{
    CreateScheduleOptions, ScheduleAction, ScheduleError, ScheduleHandle, ScheduleOverlapPolicy,
    ScheduleSpec,
};
use temporalio_client::tonic::Code;

use crate::models::upkeep::Chore;
use crate::temporal::gateway::{Gateway, GatewayError};
use crate::temporal::grpc::{bounded, within};
use crate::workflows::UpkeepWorkflow;
use crate::workflows::upkeep::contract::UpkeepInput;

/// Budget of a call: a person waits for it at a terminal, and each changes workflows of the
/// server's own.
const SCHEDULE: Duration = Duration::from_secs(15);

/// Rounds that were missed while Temporal was away: the last one is made up for, the others would
/// find nothing to do.
const CATCH_UP: Duration = Duration::from_secs(60);

/// Rounds are moved by up to this share of their pause, so that many gateways do not begin at once.
const JITTER: u32 = 10;

/// A schedule as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRow {
    /// Its name in Temporal.
    pub id: String,
    /// What it has done.
    pub chore: Chore,
    /// The pause between two rounds.
    pub every: Option<Duration>,
    /// Nothing is done until it is resumed.
    pub paused: bool,
    /// Why, in the words of who paused or resumed it.
    pub note: Option<String>,
    /// How many rounds there were.
    pub rounds: i64,
    /// When the last one began.
    pub last: Option<DateTime<Utc>>,
    /// When the next one begins.
    pub next: Option<DateTime<Utc>>,
}

/// What applying came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// There was none.
    Made,
    /// It is as it is said to be, whatever it was before; whether it is paused stays.
    Kept,
}

impl Gateway {
    /// The name of a schedule: gateways of other queues have their own.
    pub fn schedule_id(&self, chore: Chore) -> String {
        format!("{}/{}", self.0.task_queue, chore.as_str())
    }

    /// Makes the schedule of a chore, or makes it so. Applied twice, it is one.
    ///
    /// # Errors
    /// Whatever keeps Temporal from it.
    pub async fn apply_schedule(
        &self,
        chore: Chore,
        every: Duration,
    ) -> Result<Applied, GatewayError> {
        let (id, queue) = (self.schedule_id(chore), self.0.task_queue.clone());
        bounded(SCHEDULE, async {
            let client = self.0.pool.client().await?;
            let options = CreateScheduleOptions::builder()
                .action(action(chore, &queue, &id))
                .spec(spec(every))
                .overlap_policy(ScheduleOverlapPolicy::Skip)
                .rpc_options(within(SCHEDULE))
                .build();
            let applied = match client.create_schedule(&id, options).await {
                Ok(_) => Applied::Made,
                Err(ScheduleError::Rpc(status)) if status.code() == Code::AlreadyExists => {
                    Applied::Kept
                }
                Err(error) => return Err(self.schedule_failed(&error)),
            };
            // What creating cannot say is said here, so both ways lead to the same schedule.
            let handle = client.get_schedule_handle(&id);
            let update = move |schedule: &mut temporalio_client::schedules::ScheduleUpdate| {
                schedule
                    .set_spec(spec(every))
                    .set_action(action(chore, &queue, &id))
                    .set_overlap_policy(ScheduleOverlapPolicy::Skip)
                    .set_catchup_window(CATCH_UP);
            };
            let updated = handle.update(update, within(SCHEDULE)).await;
            updated.map_err(|error| self.schedule_failed(&error))?;
            Ok(applied)
        })
        .await
    }

    /// The schedule of a chore; none when it was not applied.
    ///
    /// # Errors
    /// Whatever keeps Temporal from answering.
    pub async fn schedule(&self, chore: Chore) -> Result<Option<ScheduleRow>, GatewayError> {
        let described = bounded(SCHEDULE, async {
            let described = self.schedule_handle(chore).await?.describe(within(SCHEDULE)).await;
            described.map_err(|error| self.schedule_failed(&error))
        });
        let found = match described.await {
            Err(GatewayError::NotFound) => return Ok(None),
            found => found?,
        };
        let spec = found.raw().schedule.as_ref().and_then(|schedule| schedule.spec.as_ref());
        let every = spec.and_then(|spec| spec.interval.first()?.interval);
        Ok(Some(ScheduleRow {
            id: self.schedule_id(chore),
            chore,
            every: every.and_then(|every| every.try_into().ok()),
            paused: found.paused(),
            note: found.note().filter(|note| !note.is_empty()).map(str::to_owned),
            rounds: found.action_count(),
            last: found.recent_actions().last().and_then(|round| round.actual_time).map(time),
            next: found.future_action_times().first().copied().map(time),
        }))
    }

    /// Pauses a schedule, or resumes it; `note` says why.
    ///
    /// # Errors
    /// `NotFound` when it was not applied.
    pub async fn pause_schedule(
        &self,
        chore: Chore,
        pause: bool,
        note: &str,
    ) -> Result<(), GatewayError> {
        bounded(SCHEDULE, async {
            let handle = self.schedule_handle(chore).await?;
            let note = note.to_owned();
            let update = move |schedule: &mut temporalio_client::schedules::ScheduleUpdate| {
                schedule.set_paused(pause).set_note(note);
            };
            let updated = handle.update(update, within(SCHEDULE)).await;
            updated.map_err(|error| self.schedule_failed(&error))
        })
        .await
    }

    /// Begins a round now, unless one is under way.
    ///
    /// # Errors
    /// `NotFound` when it was not applied.
    pub async fn trigger_schedule(&self, chore: Chore) -> Result<(), GatewayError> {
        bounded(SCHEDULE, async {
            let handle = self.schedule_handle(chore).await?;
            let skip = ScheduleOverlapPolicy::Skip;
            let triggered = handle.trigger(skip, Default::default()).await;
            triggered.map_err(|error| self.schedule_failed(&error))
        })
        .await
    }

    /// Removes a schedule; a round that is under way goes on. Answers whether there was one.
    ///
    /// # Errors
    /// Whatever keeps Temporal from it.
    pub async fn delete_schedule(&self, chore: Chore) -> Result<bool, GatewayError> {
        let deleting = bounded(SCHEDULE, async {
            let handle = self.schedule_handle(chore).await?;
            let deleted = handle.delete(Default::default()).await;
            deleted.map_err(|error| self.schedule_failed(&error))
        });
        match deleting.await {
            Ok(()) => Ok(true),
            Err(GatewayError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn schedule_handle(&self, chore: Chore) -> Result<ScheduleHandle<Client>, GatewayError> {
        Ok(self.0.pool.client().await?.get_schedule_handle(self.schedule_id(chore)))
    }

    fn schedule_failed(&self, error: &ScheduleError) -> GatewayError {
        match error {
            ScheduleError::Rpc(status) => self.meaning(status),
            other => GatewayError::Other(other.to_string()),
        }
    }
}

fn action(chore: Chore, queue: &str, id: &str) -> ScheduleAction {
    ScheduleAction::start_workflow(UpkeepWorkflow::run, UpkeepInput::new(chore), queue, id)
}

fn spec(every: Duration) -> ScheduleSpec {
    let mut spec = ScheduleSpec::from_interval(every);
    spec.jitter = Some(every / JITTER);
    spec
}

fn time(at: SystemTime) -> DateTime<Utc> {
    at.into()
}
