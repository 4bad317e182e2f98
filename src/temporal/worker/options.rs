//! What a worker takes up, how much of it at once, and as which version of the program.

use std::time::Duration;

use temporalio_common::worker::{
    VersioningBehavior, WorkerDeploymentOptions, WorkerDeploymentVersion, build_id_from_current_exe,
};
use temporalio_sdk::WorkerOptions;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder};

use crate::activities::Activities;
use crate::activities::tasks::{Tally, TaskLog};
use crate::config;
use crate::temporal::trace_header;
use crate::temporal::workflow_log;
use crate::workflows::{
    BatchWorkflow, EntryAnswerWorkflow, InvoiceWorkflow, PingWorkflow, ReconciliationWorkflow,
    StatementWorkflow, UpkeepWorkflow, WebhookDeliveryWorkflow,
};

/// Reading is bounded by the cores; what else an activity does is waiting for a store, and the
/// ledger has few connections. More slots would only make tasks wait here instead of in Temporal,
/// where another replica may take them.
///
/// Messages to receivers wait for strangers instead, 32 of them at once at most; they have slots
/// beside the others, so that a slow receiver keeps no invoice from being read.
const ACTIVITY_SLOTS: usize = 16 + 32;

/// Workflow tasks take less than a millisecond of one thread: these bound the memory.
const WORKFLOW_SLOTS: usize = 100;

/// A task for a worker that was killed is given to another after this long.
const STICKY: Duration = Duration::from_secs(5);

/// What a worker takes up: every workflow, every activity, and how many of them at once.
pub fn options(worker: &config::Worker, activities: Activities, tally: &Tally) -> WorkerOptions {
    let slots = FixedSizeSlotSupplier::new;
    let tuner = TunerHolder::builder()
        .workflow_task_slot_supplier(slots(WORKFLOW_SLOTS))
        .activity_task_slot_supplier(slots(ACTIVITY_SLOTS))
        .local_activity_task_slot_supplier(slots(1))
        .nexus_task_slot_supplier(slots(1))
        .build();
    let taken = "workflow types are registered once";
    WorkerOptions::new(&worker.task_queue)
        .register_workflow::<PingWorkflow>()
        .expect(taken)
        .register_workflow::<InvoiceWorkflow>()
        .expect(taken)
        .register_workflow::<ReconciliationWorkflow>()
        .expect(taken)
        .register_workflow::<BatchWorkflow>()
        .expect(taken)
        .register_workflow::<StatementWorkflow>()
        .expect(taken)
        .register_workflow::<EntryAnswerWorkflow>()
        .expect(taken)
        .register_workflow::<WebhookDeliveryWorkflow>()
        .expect(taken)
        .register_workflow::<UpkeepWorkflow>()
        .expect(taken)
        .register_activities(activities.documents)
        .register_activities(activities.matching)
        .register_activities(activities.cases)
        .register_activities(activities.decisions)
        .register_activities(activities.desk)
        .register_activities(activities.batches)
        .register_activities(activities.statements)
        .register_activities(activities.webhooks)
        .register_activities(activities.upkeep)
        .activity_inbound_interceptor(TaskLog::new(tally.clone()))
        .workflow_interceptor(workflow_log::constructor())
        .workflow_interceptor(trace_header::constructor())
        .deployment_options(version(worker))
        .graceful_shutdown_period(Duration::from_secs(worker.graceful_seconds))
        .sticky_queue_schedule_to_start_timeout(STICKY)
        .tuner(tuner)
        .build()
}

/// Which version of the program this worker is, when versions are told apart.
fn version(worker: &config::Worker) -> WorkerDeploymentOptions {
    if worker.deployment.is_empty() {
        return WorkerDeploymentOptions::from_build_id(build_id_from_current_exe().to_owned());
    }
    let behavior = match worker.versioning {
        config::Versioning::AutoUpgrade => VersioningBehavior::AutoUpgrade,
        config::Versioning::Pinned => VersioningBehavior::Pinned,
    };
    let version = WorkerDeploymentVersion::builder()
        .deployment_name(&worker.deployment)
        .build_id(&worker.build_id)
        .build();
    WorkerDeploymentOptions::new(version)
        .use_worker_versioning(true)
        .default_versioning_behavior(behavior)
        .build()
}
