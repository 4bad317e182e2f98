//! What is known of each part, kept fresh in the background, so that a probe costs no call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// A part that must work for the whole to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A small write and read of the database.
    Ledger,
    /// A small write and read of the document store.
    Artifacts,
    /// Temporal answers.
    Temporal,
    /// The worker polls.
    Worker,
}

impl Part {
    /// The parts, in the order of a report.
    pub const ALL: [Self; 4] = [Self::Ledger, Self::Artifacts, Self::Temporal, Self::Worker];

    /// The word in reports, queries and labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Artifacts => "artifacts",
            Self::Temporal => "temporal",
            Self::Worker => "worker",
        }
    }
}

/// A part may fail this long before the whole is called not ready: one lost packet is no outage.
const GRACE: Duration = Duration::from_secs(10);

/// One state for the process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Readiness {
    state: Arc<Mutex<State>>,
    leaving: CancellationToken,
    draining: CancellationToken,
}

#[derive(Default)]
struct State {
    parts: BTreeMap<Part, PartState>,
    about: About,
}

/// What is told beside the parts, and makes nothing ready or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct About {
    /// The halves that run in this process: `http`, `worker`.
    pub roles: &'static [&'static str],
    /// How long Temporal keeps a run that has ended; `None` until it has said so.
    pub retention: Option<Duration>,
}

#[derive(Clone, Copy, Default)]
struct PartState {
    holds: bool,
    last_held: Option<Instant>,
    checked: Option<Instant>,
}

impl PartState {
    fn is_ready(self) -> bool {
        self.holds || self.last_held.is_some_and(|at| at.elapsed() < GRACE)
    }
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartReport {
    /// Which part.
    pub part: Part,
    /// Whether it counts as ready.
    pub ready: bool,
    /// How long ago it was looked at; `None` before the first look.
    pub age: Option<Duration>,
}

impl Readiness {
    /// Makes a part count: a role without a worker does not wait for one.
    pub fn expect(&self, part: Part) {
        self.state().parts.entry(part).or_default();
    }

    /// Records a look at a part.
    pub fn record(&self, part: Part, holds: bool) {
        let now = Instant::now();
        let mut state = self.state();
        let entry = state.parts.entry(part).or_default();
        entry.holds = holds;
        entry.checked = Some(now);
        if holds {
            entry.last_held = Some(now);
        }
    }

    /// What the last look at a part said; `None` before the first.
    pub fn holds(&self, part: Part) -> Option<bool> {
        let entry = self.state().parts.get(&part).copied()?;
        entry.checked.map(|_| entry.holds)
    }

    /// Whether a part is known to be down: it was looked at, and the whole is not ready by it.
    pub fn is_down(&self, part: Part) -> bool {
        let entry = self.state().parts.get(&part).copied();
        entry.is_some_and(|entry| entry.checked.is_some() && !entry.is_ready())
    }

    /// A part is known to be down: no grace.
    pub fn fail(&self, part: Part) {
        let mut state = self.state();
        let entry = state.parts.entry(part).or_default();
        *entry = PartState { holds: false, last_held: None, checked: Some(Instant::now()) };
    }

    /// The process will stop: not ready from now on, but what comes is still done, because a
    /// balancer needs a moment to look elsewhere.
    pub fn leave(&self) {
        self.leaving.cancel();
    }

    /// The process stops: nothing new is taken.
    pub fn drain(&self) {
        self.leaving.cancel();
        self.draining.cancel();
    }

    /// Whether the process will stop, or stops already.
    pub fn is_leaving(&self) -> bool {
        self.leaving.is_cancelled()
    }

    /// Whether the process stops: nothing new is taken.
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Returns when the process is asked to stop: who waits for something gives up then.
    pub async fn drained(&self) {
        self.draining.cancelled().await;
    }

    /// Tells which halves run.
    pub fn plays(&self, roles: &'static [&'static str]) {
        self.state().about.roles = roles;
    }

    /// Tells how long Temporal keeps a run that has ended.
    pub fn keeps_runs_for(&self, retention: Duration) {
        self.state().about.retention = Some(retention);
    }

    /// What is told beside the parts.
    pub fn about(&self) -> About {
        self.state().about
    }

    /// Each part that counts.
    pub fn report(&self) -> Vec<PartReport> {
        let state = self.state();
        let line = |(part, entry): (&Part, &PartState)| PartReport {
            part: *part,
            ready: entry.is_ready(),
            age: entry.checked.map(|at| at.elapsed()),
        };
        state.parts.iter().map(line).collect()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic while the lock was held leaves plain flags behind: they are still true.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
