//! The HTTP server: address, limits, deadlines.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::config::proxies::{ForwardedHeader, Network};

/// The HTTP server. Limits are those of the HTTP handbook §4.3.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// `AP_GATEWAY_LISTEN`: address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// `AP_GATEWAY_OPS_LISTEN`: a second port for probes and metrics alone, which answer there
    /// without login, and while the first is full. None by default.
    pub ops_listen: Option<SocketAddr>,
    /// `AP_GATEWAY_TLS_CERTIFICATE`: a PEM file with the chain; without it, no TLS. Read again
    /// when it changes.
    pub tls_certificate: Option<PathBuf>,
    /// `AP_GATEWAY_TLS_KEY`: a PEM file with the key of that certificate.
    pub tls_key: Option<PathBuf>,
    /// `AP_GATEWAY_HSTS_SECONDS`: how long a browser that was here by TLS comes by TLS alone
    /// (RFC 6797); sent where TLS is spoken, 0 for never.
    pub hsts_seconds: u64,
    /// `AP_GATEWAY_TRUSTED_PROXIES`: networks whose word about a client's address is taken. It
    /// feeds limits, log and audit trail, nothing else.
    pub trusted_proxies: Vec<Network>,
    /// `AP_GATEWAY_FORWARDED_HEADER`: where they write it.
    pub forwarded_header: ForwardedHeader,
    /// `AP_GATEWAY_CONNECTIONS_MAX`: open at once; beyond it a connection is answered 503 and
    /// closed.
    pub connections_max: usize,
    /// Of them, those of one address, or of one /64 of IPv6; trusted proxies are exempt.
    pub connections_by_address_max: usize,
    /// Names that a `Host` header may carry, without the port; others are answered 421, which
    /// keeps DNS rebinding out. `localhost`, `127.0.0.1` and `[::1]` by default.
    pub allowed_hosts: Vec<String>,
    /// `AP_GATEWAY_BODY_BYTES_MAX`: largest document, alone or in the form or JSON of a batch.
    pub document_bytes_max: u64,
    /// Largest order or receipt.
    pub command_bytes_max: u64,
    /// Seconds for a request head; also the keep-alive limit.
    pub header_read_seconds: u64,
    /// Longest silence within a body, in seconds.
    pub body_stall_seconds: u64,
    /// Longest time that a client takes nothing of an answer, in seconds.
    pub write_stall_seconds: u64,
    /// Seconds for everything but waits and uploads; a body has nine tenths of them.
    pub deadline_seconds: u64,
    /// Seconds for an upload; its body has nine tenths of them.
    pub upload_deadline_seconds: u64,
    /// Longest `Prefer: wait`, in seconds.
    pub wait_seconds_max: u64,
    /// How many requests may wait at once; beyond it they answer 202 at once.
    pub waiters_max: usize,
    /// Of them, those of one subject.
    pub waiters_by_subject_max: usize,
    /// How many waits may follow a run in Temporal at once: it serves those last, and allows
    /// 1,200 an instance.
    pub followers_max: usize,
    /// How many requests may be in flight; beyond it they are shed with 503.
    pub in_flight_max: usize,
    /// The same for decisions, retries and cancellations, which have places of their own because
    /// they end work.
    pub ending_in_flight_max: usize,
    /// `AP_GATEWAY_QUOTA_READ`: reads of one subject in a second, on average; 0 is no quota.
    pub quota_read: u32,
    /// `AP_GATEWAY_QUOTA_WRITE`: the same for what changes something.
    pub quota_write: u32,
    /// `AP_GATEWAY_QUOTA_LIST`: the same for lists.
    pub quota_list: u32,
    /// How many event streams may be open; beyond it they are refused with 503. 2,000 idle ones
    /// cost 40 MB (measured 2026-11-26).
    pub event_streams_max: usize,
    /// How many of them one subject may have open; beyond it 429.
    pub event_streams_by_subject_max: usize,
    /// `AP_GATEWAY_DRAIN_SECONDS`: one deadline for the whole shutdown.
    pub drain_seconds: u64,
    /// `AP_GATEWAY_DRAIN_NOTICE_SECONDS`: of them, how long requests are still taken after
    /// `/readyz` has turned: as long as a balancer needs to notice.
    pub drain_notice_seconds: u64,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            ops_listen: None,
            tls_certificate: None,
            tls_key: None,
            hsts_seconds: 31_536_000, // a year, as lists of preloaded names ask for
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::default(),
            connections_max: 4_096,
            connections_by_address_max: 512,
            allowed_hosts: ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).into(),
            document_bytes_max: 25 * 1024 * 1024,
            command_bytes_max: 5 * 1024 * 1024,
            header_read_seconds: 10,
            body_stall_seconds: 10,
            write_stall_seconds: 30,
            deadline_seconds: 10,
            upload_deadline_seconds: 60,
            wait_seconds_max: 30,
            waiters_max: 2_000,
            waiters_by_subject_max: 100,
            followers_max: 500,
            in_flight_max: 512,
            ending_in_flight_max: 64,
            quota_read: 50,
            quota_write: 20,
            quota_list: 5,
            event_streams_max: 2_000,
            event_streams_by_subject_max: 20,
            drain_seconds: 15,
            drain_notice_seconds: 0,
        }
    }
}

impl Http {
    /// The deadline of the whole shutdown, from the end of the notice on.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds).saturating_sub(self.drain_notice())
    }

    /// How long requests are still taken after readiness has turned.
    pub fn drain_notice(&self) -> Duration {
        Duration::from_secs(self.drain_notice_seconds)
    }

    /// The scheme that the first port speaks.
    pub fn scheme(&self) -> &'static str {
        if self.tls_certificate.is_some() { "https" } else { "http" }
    }

    /// Refuses what contradicts itself.
    ///
    /// # Errors
    /// Each with the setting and the remedy.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.tls_certificate.is_some() == self.tls_key.is_some(),
            "TLS needs both: set AP_GATEWAY_TLS_CERTIFICATE and AP_GATEWAY_TLS_KEY, or neither"
        );
        for (seconds, name) in [
            (self.header_read_seconds, "header_read_seconds"),
            (self.body_stall_seconds, "body_stall_seconds"),
            (self.write_stall_seconds, "write_stall_seconds"),
        ] {
            anyhow::ensure!(seconds > 0, "http.{name} must be 1 at least: 0 would close everybody");
        }
        Ok(())
    }

    /// The addresses that are listened on.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        [self.listen].into_iter().chain(self.ops_listen)
    }
}
