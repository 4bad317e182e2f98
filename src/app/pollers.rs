//! Counts who polls the task queue. A process with HTTP alone learns from nowhere else that its
//! workflows wait for a worker that is not there.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::app::watch::Watch;
use crate::temporal::gateway::TaskType;

/// How often Temporal is asked: one call for each type of tasks. Namespaces of Temporal Cloud take
/// 30 such calls a second from all together.
const EVERY: Duration = Duration::from_secs(20);

impl Watch {
    /// Asks until `stop` is cancelled.
    pub(super) async fn look_for_pollers(&self, stop: &CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            let [workflow, activity] = TaskType::ALL;
            tokio::join!(self.count_pollers(workflow), self.count_pollers(activity));
        }
    }

    async fn count_pollers(&self, task_type: TaskType) {
        let (gauge, labels) = (&self.metrics.task_queue_pollers, [task_type.as_str()]);
        match self.gateway.pollers(task_type).await {
            Ok(seen) => {
                gauge.with_label_values(&labels).set(i64::try_from(seen).unwrap_or(i64::MAX));
            }
            Err(error) => {
                // Not known is no zero. That Temporal is away, others say.
                tracing::debug!(task_type = labels[0], %error, "nobody says who polls");
                let _ = gauge.remove_label_values(&labels); // it was not there yet
            }
        }
    }
}
