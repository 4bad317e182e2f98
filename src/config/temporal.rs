//! Where Temporal is: the variables and `temporal.toml` that every Temporal tool reads.
//!
//! The SDK's own loader does the reading, so its rules hold here: environment over file, `https`
//! when TLS is on. What it lets through in silence is refused here.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use temporalio_client::envconfig::LoadClientConfigProfileOptions;
use temporalio_client::{ConnectionOptions, GrpcCompression};
use temporalio_common::envconfig::load_client_config_profile;
use url::Url;

use crate::config::Environment;

/// `[temporal]` of our own file; `TEMPORAL_*` variables win over it.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Section {
    /// `TEMPORAL_ADDRESS`, or its alias `TEMPORAL_ENDPOINT`: `host:port` or a URL.
    pub address: String,
    /// `TEMPORAL_NAMESPACE`.
    pub namespace: String,
    /// `AP_GATEWAY_TEMPORAL_CONNECTIONS`: connections that requests share; the worker has its own.
    pub connections: usize,
    /// `AP_GATEWAY_TEMPORAL_UI`: where people look at Temporal in a browser, such as
    /// `https://temporal.example`. Pages lead there; none by default.
    pub ui: Option<String>,
}

impl Default for Section {
    fn default() -> Self {
        let address = "localhost:7233".to_owned();
        Self { address, namespace: "default".to_owned(), connections: 2, ui: None }
    }
}

/// How to reach Temporal. It has no `Debug`: the options inside would print the API key.
#[derive(Clone)]
pub struct Temporal {
    /// `TEMPORAL_NAMESPACE`.
    pub namespace: String,
    /// Connections that requests share.
    pub connections: usize,
    /// Temporal's own pages, without a slash at the end.
    pub ui: Option<String>,
    options: ConnectionOptions,
    source: Arc<Source>,
}

/// Where they came from: files are read again, the environment stays what it was at the start.
struct Source {
    section: Section,
    environment: Environment,
}

/// A connection attempt takes at most this long; without it a dropped packet hangs for ever.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

impl Temporal {
    /// A server on this machine without credentials: what `dev` starts.
    ///
    /// # Errors
    /// An address that is no URL.
    pub fn local(port: u16) -> anyhow::Result<Self> {
        let address = format!("http://127.0.0.1:{port}");
        let environment = [("TEMPORAL_ADDRESS".to_owned(), address)].into();
        Self::load(&Section::default(), &environment)
    }

    /// # Errors
    /// Whatever the SDK's loader refuses, and what it should have refused.
    pub fn load(section: &Section, environment: &Environment) -> anyhow::Result<Self> {
        let mut environment = environment.clone();
        let source = Source { section: section.clone(), environment: environment.clone() };
        if let Some(file) = environment.get("TEMPORAL_CONFIG_FILE") {
            ensure!(
                std::path::Path::new(file).is_file(),
                "TEMPORAL_CONFIG_FILE names {file}, which is not there"
            );
        }
        if let Some(endpoint) = environment.get("TEMPORAL_ENDPOINT").cloned() {
            environment.entry("TEMPORAL_ADDRESS".to_owned()).or_insert(endpoint);
        }
        let mut profile = load_client_config_profile(
            LoadClientConfigProfileOptions::default(),
            Some(&environment),
        )
        .map_err(|error| unreadable(&error.to_string()))?;
        let address = profile.address.get_or_insert_with(|| section.address.clone()).clone();
        let namespace = profile.namespace.clone().unwrap_or_else(|| section.namespace.clone());
        let mut options = ConnectionOptions::try_from(profile).map_err(|error| {
            anyhow::anyhow!("TEMPORAL_ADDRESS is {address:?}, and that does not work: {error}")
        })?;
        options.connect_timeout = Some(CONNECT_TIMEOUT);
        options.identity = format!("ap-gateway@{}", std::process::id());
        // Our messages are small: to compress them costs more time than to send them (docs/cost.md).
        options.grpc_compression = GrpcCompression::None;
        refuse_leaks(&options)?;
        ensure!(section.connections > 0, "AP_GATEWAY_TEMPORAL_CONNECTIONS must be at least 1");
        let ui = section.ui.as_deref().map(ui_address).transpose()?;
        let source = Arc::new(source);
        Ok(Self { namespace, connections: section.connections, ui, options, source })
    }

    /// The same settings, with what lies in their files now.
    ///
    /// # Errors
    /// Those of [`load`](Self::load).
    pub fn read_again(&self) -> anyhow::Result<Self> {
        Self::load(&self.source.section, &self.source.environment)
    }

    /// A digest of what we show to Temporal: key, certificate and its key.
    pub fn credentials(&self) -> [u8; 32] {
        let (certificate, key) = self.client_pem().unwrap_or_default();
        let mut digest = Sha256::new();
        for part in [self.options.api_key.as_deref().unwrap_or_default().as_bytes(), certificate] {
            digest.update(Sha256::digest(part));
        }
        digest.chain_update(Sha256::digest(key)).finalize().into()
    }

    /// What the SDK connects with. Never format it: its `Debug` prints the API key.
    pub fn options(&self) -> ConnectionOptions {
        self.options.clone()
    }

    /// The address, for log lines and reports.
    pub fn address(&self) -> &str {
        self.options.target.as_str()
    }

    /// Our certificate for Temporal, in PEM.
    pub fn client_certificate(&self) -> Option<&[u8]> {
        self.client_pem().map(|(certificate, _)| certificate)
    }

    /// The same with its key.
    pub fn client_pem(&self) -> Option<(&[u8], &[u8])> {
        let tls = self.options.tls_options.as_ref()?.client_tls_options.as_ref()?;
        Some((&tls.client_cert, &tls.client_private_key))
    }

    /// The end of the API key, in seconds since 1970, where the key says it: those of Temporal
    /// Cloud are tokens (RFC 7519) with an `exp`.
    pub fn api_key_end(&self) -> Option<i64> {
        let claims = self.options.api_key.as_ref()?.split('.').nth(1)?;
        let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
        let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
        claims["exp"].as_i64()
    }

    /// Whether an API key is sent.
    pub fn has_api_key(&self) -> bool {
        self.options.api_key.is_some()
    }
}

/// The place of a fault, and not the line of the file that the reader of TOML shows: it may be the
/// one with the key.
fn unreadable(error: &str) -> anyhow::Error {
    anyhow::anyhow!("TEMPORAL_* settings: {}", error.lines().next().unwrap_or_default())
}

/// The address of pages that links are made of: what a browser goes to, and nothing hidden in it.
/// It is not repeated: a password may stand in it.
fn ui_address(text: &str) -> anyhow::Result<String> {
    let remedy = "write an address such as https://temporal.example";
    let address = Url::parse(text);
    let address =
        address.with_context(|| format!("AP_GATEWAY_TEMPORAL_UI is no address: {remedy}"))?;
    let no_user = address.username().is_empty() && address.password().is_none();
    let alone = address.query().is_none() && address.fragment().is_none();
    for (fine, wrong) in [
        (matches!(address.scheme(), "http" | "https"), "is not of http or https"),
        (no_user, "has a user or password"),
        (alone, "has a query or a fragment"),
    ] {
        ensure!(fine, "AP_GATEWAY_TEMPORAL_UI {wrong}: {remedy}");
    }
    Ok(address.as_str().trim_end_matches('/').to_owned())
}

/// What the SDK lets through in silence: a key in clear text, and a key that no header can carry.
fn refuse_leaks(options: &ConnectionOptions) -> anyhow::Result<()> {
    let clear = options.target.scheme() == "http";
    ensure!(
        !(clear && options.api_key.is_some()),
        "refusing to send TEMPORAL_API_KEY in clear text: use an https address, or host:port"
    );
    ensure!(
        !(clear && options.tls_options.is_some()),
        "TEMPORAL_TLS is on, but TEMPORAL_ADDRESS says http: use https, or host:port"
    );
    let printable = |key: &String| key.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    ensure!(
        options.api_key.as_ref().is_none_or(printable),
        "TEMPORAL_API_KEY has a character that no header can carry (a line break at its end?)"
    );
    Ok(())
}
