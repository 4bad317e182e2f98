//! Credentials for Temporal that are replaced where they lie: taken without a restart, once they
//! are known to be good.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::app::expiry::tell_of_temporal;
use crate::metrics::Metrics;
use crate::temporal::credentials::{Access, NotTaken};

/// How often the files are looked at: some small reads.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What lies where the credentials came from, and what was thought of it.
pub(super) struct Renewal {
    access: Access,
    metrics: Arc<Metrics>,
    /// Of what is shown.
    taken: [u8; 32],
    /// Of what was refused: a bad file is told once, not at every look.
    refused: Option<[u8; 32]>,
}

impl Renewal {
    /// `None` where we show nothing to Temporal.
    pub(super) fn of(access: &Access, metrics: &Arc<Metrics>) -> Option<Self> {
        let settings = access.settings();
        if !settings.has_api_key() && settings.client_pem().is_none() {
            return None;
        }
        let taken = settings.credentials();
        let (access, metrics) = (access.clone(), Arc::clone(metrics));
        Some(Self { access, metrics, taken, refused: None })
    }

    /// Looks until `stop` is cancelled.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            if stop.run_until_cancelled(self.look()).await.is_none() {
                return;
            }
        }
    }

    async fn look(&mut self) {
        let read = match self.access.settings().read_again() {
            Ok(read) => read,
            // Half a replacement, or a file that is gone: what is shown is good still.
            Err(error) => return self.refuse([0; 32], &error.to_string()),
        };
        let found = read.credentials();
        if found == self.taken {
            self.refused = None;
            return;
        }
        if self.refused == Some(found) {
            return;
        }
        match self.access.take(&read).await {
            Ok(()) => {
                (self.taken, self.refused) = (found, None);
                tell_of_temporal(&read, &self.metrics);
                self.metrics.config_reloads.with_label_values(&["ok"]).inc();
                tracing::info!("new credentials are shown to temporal");
            }
            Err(NotTaken::Bad(text)) => self.refuse(found, &text),
            Err(error @ NotTaken::Untried(_)) => {
                tracing::debug!(%error, "new credentials for temporal wait");
            }
        }
    }

    fn refuse(&mut self, found: [u8; 32], error: &str) {
        if self.refused != Some(found) {
            self.refused = Some(found);
            self.metrics.config_reloads.with_label_values(&["refused"]).inc();
            tracing::error!(error, "the new credentials for temporal are not taken: the old stay");
        }
    }
}
