//! How long Temporal remembers what has ended: asked once, shown by `/readyz?verbose`, and warned of
//! when it is too short.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::app::watch::Watch;

/// How often Temporal is asked until it says it.
const EVERY: Duration = Duration::from_secs(2);

impl Watch {
    /// Asks until it is said, or `stop` is cancelled.
    pub(super) async fn ask_for_retention(&self, stop: &CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            match stop.run_until_cancelled(self.gateway.describe_namespace()).await {
                Some(Ok(namespace)) => {
                    if let Some(retention) = namespace.retention {
                        self.readiness.keeps_runs_for(retention);
                    }
                    if let Some(warning) = namespace.forgets_early().filter(|_| self.lasting) {
                        tracing::warn!("{warning}");
                    }
                    return;
                }
                // That Temporal is away, others say.
                Some(Err(error)) => tracing::debug!(%error, "nobody says how long runs are kept"),
                None => return,
            }
        }
    }
}
