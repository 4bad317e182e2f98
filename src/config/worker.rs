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
}

impl Default for Worker {
    fn default() -> Self {
        Self {
            task_queue: "ap-default".to_owned(),
            heartbeat_seconds: 60,
            restart_milliseconds_min: 500,
            restart_seconds_max: 30,
            graceful_seconds: 10,
        }
    }
}
