//! Where messages may go, from the configuration.

use crate::config;
use crate::webhooks::{Rules, Sender};

/// What sends messages, under the rules of the configuration.
pub fn sender(settings: &config::Webhooks) -> anyhow::Result<Sender> {
    let rules = Rules { networks: settings.networks()?, ports: settings.ports.clone() };
    Ok(Sender::new(rules, settings.timeout()))
}
