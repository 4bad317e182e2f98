//! The worker: queue, restarts, shutdown.

use serde::Deserialize;

/// The worker.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Worker {
    /// `AP_GATEWAY_TASK_QUEUE`: what the worker polls and workflows are started on.
    pub task_queue: String,
    /// Seconds between two heartbeat log lines.
    pub heartbeat_seconds: u64,
    /// First pause before an ended worker is started again, in milliseconds; doubles each time.
    pub restart_milliseconds_min: u64,
    /// Longest pause before a restart, in seconds.
    pub restart_seconds_max: u64,
    /// Seconds that running activities get when the process stops.
    pub graceful_seconds: u64,
    /// `AP_GATEWAY_WORKER_TASKS_MAX`: activities after which a new worker takes over from this one;
    /// the SDK keeps some 400 bytes of each until its worker is gone.
    pub tasks_max: u64,
    /// `AP_GATEWAY_WORKER_DEPLOYMENT`: the worker deployment that this worker is a version of.
    /// Empty: workers are not told apart, and whoever polls gets every task.
    pub deployment: String,
    /// `AP_GATEWAY_WORKER_BUILD_ID`: which version of it, such as `1.4.0`: the same for all
    /// replicas of one build, and another one for the next.
    pub build_id: String,
    /// `AP_GATEWAY_WORKER_VERSIONING`: what becomes of runs that wait when another version is
    /// made the current one.
    pub versioning: Versioning,
}

/// What becomes of a run that waits when another version is made the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Versioning {
    /// It goes on with that one. An invoice may wait for longer than a year: nobody wants to run
    /// a program of last year for it.
    #[default]
    AutoUpgrade,
    /// It stays with the version that it began with, which must run until the last of them ends.
    Pinned,
}

/// Longer names Temporal does not take.
const NAME_BYTES_MAX: usize = 255;

impl Worker {
    /// Refuses what cannot be meant.
    ///
    /// # Errors
    /// Each with the setting and the remedy.
    pub fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(!self.task_queue.is_empty(), "AP_GATEWAY_TASK_QUEUE must not be empty");
        anyhow::ensure!(
            self.tasks_max > 0,
            "AP_GATEWAY_WORKER_TASKS_MAX must not be 0: a worker that may do nothing is relieved \
             without end"
        );
        let (deployment, build_id) = (&self.deployment, &self.build_id);
        anyhow::ensure!(
            deployment.is_empty() == build_id.is_empty(),
            "AP_GATEWAY_WORKER_DEPLOYMENT ({deployment:?}) and AP_GATEWAY_WORKER_BUILD_ID \
             ({build_id:?}) name a version together: set both or neither"
        );
        anyhow::ensure!(
            self.versioning == Versioning::default() || !deployment.is_empty(),
            "AP_GATEWAY_WORKER_VERSIONING says what becomes of the runs of a version, and there \
             is none: set AP_GATEWAY_WORKER_DEPLOYMENT and AP_GATEWAY_WORKER_BUILD_ID"
        );
        anyhow::ensure!(
            !deployment.contains(['.', ':']) && !deployment.starts_with("__"),
            "AP_GATEWAY_WORKER_DEPLOYMENT ({deployment:?}) must hold no dot and no colon, and not \
             begin with two underscores: Temporal keeps these for itself"
        );
        for (name, text) in [("DEPLOYMENT", deployment), ("BUILD_ID", build_id)] {
            anyhow::ensure!(
                text.len() <= NAME_BYTES_MAX,
                "AP_GATEWAY_WORKER_{name} must not be longer than {NAME_BYTES_MAX} bytes"
            );
        }
        Ok(())
    }
}

impl Default for Worker {
    fn default() -> Self {
        Self {
            task_queue: "ap-default".to_owned(),
            heartbeat_seconds: 60,
            restart_milliseconds_min: 500,
            restart_seconds_max: 30,
            graceful_seconds: 10,
            tasks_max: 20_000,
            deployment: String::new(),
            build_id: String::new(),
            versioning: Versioning::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Versioning, Worker};

    fn read(text: &str) -> Result<Worker, String> {
        let read: Worker = toml::from_str(text).map_err(|error| error.to_string())?;
        read.check().map_err(|error| error.to_string())?;
        Ok(read)
    }

    #[test]
    fn a_version_is_off_unless_it_is_named_whole() {
        let off = read("").expect("all of it has defaults");
        assert!(off.deployment.is_empty() && off.build_id.is_empty());
        let on = read("deployment = \"ap-gateway\"\nbuild_id = \"1.4.0\"").expect("a version");
        assert_eq!(on.versioning, Versioning::AutoUpgrade);
        for (text, wanted) in [
            ("deployment = \"ap-gateway\"", "set both or neither"),
            ("build_id = \"1.4.0\"", "set both or neither"),
            ("versioning = \"pinned\"", "AP_GATEWAY_WORKER_VERSIONING"),
            ("versioning = \"ramped\"", "auto_upgrade"),
            ("deployment = \"ap.gateway\"\nbuild_id = \"1\"", "no dot"),
            ("deployment = \"__ap\"\nbuild_id = \"1\"", "underscores"),
            ("task_queue = \"\"", "AP_GATEWAY_TASK_QUEUE"),
            ("tasks_max = 0", "AP_GATEWAY_WORKER_TASKS_MAX"),
        ] {
            let error = read(text).expect_err("it is refused");
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
