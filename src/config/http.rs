//! The HTTP server: address, limits, deadlines.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

/// The HTTP server. Limits are those of the HTTP handbook §4.3.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// `AP_GATEWAY_LISTEN`: address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Names that a `Host` header may carry, without the port; others are answered 421, which
    /// keeps DNS rebinding out. `localhost`, `127.0.0.1` and `[::1]` by default.
    pub allowed_hosts: Vec<String>,
    /// `AP_GATEWAY_BODY_BYTES_MAX`: largest document of `/invoices`.
    pub document_bytes_max: u64,
    /// Largest order or receipt.
    pub command_bytes_max: u64,
    /// Seconds for a request head; also the keep-alive limit.
    pub header_read_seconds: u64,
    /// Seconds for everything but waits and uploads.
    pub deadline_seconds: u64,
    /// Seconds for an upload.
    pub upload_deadline_seconds: u64,
    /// Longest `Prefer: wait`, in seconds.
    pub wait_seconds_max: u64,
    /// How many requests may wait at once; beyond it they answer 202 at once.
    pub waiters_max: usize,
    /// How many requests may be in flight; beyond it they are shed with 503.
    pub in_flight_max: usize,
    /// How many event streams may be open; beyond it they are refused with 503. 2,000 idle ones
    /// cost 40 MB (measured 2026-11-26).
    pub event_streams_max: usize,
    /// How many of them one subject may have open; beyond it 429.
    pub event_streams_by_subject_max: usize,
    /// `AP_GATEWAY_DRAIN_SECONDS`: one deadline for the whole shutdown.
    pub drain_seconds: u64,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            allowed_hosts: ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).into(),
            document_bytes_max: 25 * 1024 * 1024,
            command_bytes_max: 5 * 1024 * 1024,
            header_read_seconds: 10,
            deadline_seconds: 10,
            upload_deadline_seconds: 60,
            wait_seconds_max: 30,
            waiters_max: 2_000,
            in_flight_max: 512,
            event_streams_max: 2_000,
            event_streams_by_subject_max: 20,
            drain_seconds: 15,
        }
    }
}

impl Http {
    /// The deadline of the whole shutdown.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }
}
