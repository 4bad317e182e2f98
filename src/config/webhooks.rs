//! Webhooks: where messages may go, and how often they are tried.

use std::time::Duration;

use anyhow::Context;
use ipnet::IpNet;
use serde::Deserialize;

/// Webhooks. Defaults are those of the HTTP handbook §6.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// `AP_GATEWAY_WEBHOOK_NETWORKS`: private or otherwise reserved networks that may be reached
    /// all the same, such as `10.1.0.0/16`. With `127.0.0.0/8`, receivers on this machine need no
    /// TLS.
    pub allowed_networks: Vec<String>,
    /// Ports that may be reached besides 443 and 8443.
    pub ports: Vec<u16>,
    /// Seconds that one attempt may take, 1 to 60.
    pub timeout_seconds: u64,
    /// Seconds from each attempt to the next; one attempt more than there are gaps is made.
    pub retry_seconds: Vec<u64>,
}

/// More attempts tell a receiver nothing new.
const GAPS_MAX: usize = 20;

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            allowed_networks: Vec::new(),
            ports: Vec::new(),
            timeout_seconds: 15,
            // 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: 75 h 35 min in all.
            retry_seconds: vec![5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
        }
    }
}

impl Webhooks {
    /// What one attempt may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    /// The networks of [`allowed_networks`](Self::allowed_networks).
    ///
    /// # Errors
    /// A text that is no network.
    pub fn networks(&self) -> anyhow::Result<Vec<IpNet>> {
        let read = |text: &String| {
            text.parse().with_context(|| {
                format!("webhooks.allowed_networks: {text:?} is no network such as 10.1.0.0/16")
            })
        };
        self.allowed_networks.iter().map(read).collect()
    }

    /// Refuses what cannot work.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        self.networks()?;
        anyhow::ensure!(
            (1..=60).contains(&self.timeout_seconds),
            "webhooks.timeout_seconds must be 1 to 60: {} keeps a slow receiver's place from the \
             others, or leaves no time at all",
            self.timeout_seconds
        );
        anyhow::ensure!(
            self.retry_seconds.len() <= GAPS_MAX,
            "webhooks.retry_seconds: at most {GAPS_MAX} gaps are taken"
        );
        Ok(())
    }
}
