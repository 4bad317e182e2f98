//! Configuration: a TOML file, the environment over it, flags over both.
//!
//! This is the only module that reads the environment. Everyone else gets values. Every setting
//! has a default or an error that names the variable; secrets are types that do not print.

mod auth;
mod buckets;
mod extraction;
mod http;
mod jwt;
mod log;
mod oidc;
mod payments;
mod proxies;
mod schedules;
mod storage;
pub mod temporal;
mod traces;
mod unread;
mod webhooks;
mod worker;

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

pub use crate::config::auth::{Auth, AuthMode};
pub use crate::config::buckets::{BucketPlace, Buckets};
pub use crate::config::extraction::Extraction;
pub use crate::config::http::Http;
pub use crate::config::jwt::{Jwt, is_safe};
pub use crate::config::log::{Log, LogFormat};
pub use crate::config::oidc::Oidc;
pub use crate::config::payments::Payments;
pub use crate::config::proxies::{ForwardedHeader, Network};
pub use crate::config::schedules::{Retention, RetryAgain, Schedules, StatementInbox};
pub use crate::config::storage::{Artifacts, Ledger, LedgerPlace};
pub use crate::config::temporal::Temporal;
pub use crate::config::traces::Traces;
pub use crate::config::unread::unread;
pub use crate::config::webhooks::Webhooks;
pub use crate::config::worker::{Versioning, Worker};
use crate::models::policy::Policy;

/// Everything that can be set, by area.
#[derive(Clone)]
pub struct Settings {
    /// The HTTP server.
    pub http: Http,
    /// Who may come in.
    pub auth: Auth,
    /// Tokens of an identity provider.
    pub jwt: Jwt,
    /// Sign-in of people at that provider.
    pub oidc: Oidc,
    /// Where Temporal is, and as whom we speak to it.
    pub temporal: Temporal,
    /// The worker.
    pub worker: Worker,
    /// The ledger database.
    pub ledger: Ledger,
    /// Where documents are kept.
    pub artifacts: Artifacts,
    /// Log lines.
    pub log: Log,
    /// Traces, from the `OTEL_*` variables alone.
    pub traces: Traces,
    /// Reading documents.
    pub extraction: Extraction,
    /// What the company tolerates: `[policy]` of the file.
    pub policy: Policy,
    /// Bank statements.
    pub payments: Payments,
    /// Messages to receivers outside.
    pub webhooks: Webhooks,
    /// What is done again and again.
    pub schedules: Schedules,
    /// What opens a bucket; of the environment alone.
    pub buckets: Buckets,
}

/// The file as it is written; the environment is laid over it before it is read.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    http: Http,
    auth: Auth,
    jwt: Jwt,
    oidc: Oidc,
    temporal: temporal::Section,
    worker: Worker,
    ledger: Ledger,
    artifacts: Artifacts,
    log: Log,
    extraction: Extraction,
    policy: Policy,
    payments: Payments,
    webhooks: Webhooks,
    schedules: Schedules,
}

/// How the text of a variable is read.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    /// Separated by commas.
    List,
    /// A text, and what it must be, where its own reader does not say that.
    As(&'static str),
}

const ADDRESS: Kind = Kind::As("write ADDRESS:PORT, such as 127.0.0.1:8080");
const LEVEL: Kind = Kind::As("choose of none, two_way, three_way and four_way");

/// Our variables, and the place of each in the file. `TEMPORAL_*` are read by the SDK's loader.
const VARIABLES: &[(&str, [&str; 2], Kind)] = &[
    ("AP_GATEWAY_LISTEN", ["http", "listen"], ADDRESS),
    ("AP_GATEWAY_ALLOWED_HOSTS", ["http", "allowed_hosts"], Kind::List),
    ("AP_GATEWAY_AUTH", ["auth", "mode"], Kind::Text),
    ("AP_GATEWAY_FAILED_LOGINS_MAX", ["auth", "failed_logins_max"], Kind::Number),
    ("AP_GATEWAY_BODY_BYTES_MAX", ["http", "document_bytes_max"], Kind::Number),
    ("AP_GATEWAY_DRAIN_SECONDS", ["http", "drain_seconds"], Kind::Number),
    ("AP_GATEWAY_TASK_QUEUE", ["worker", "task_queue"], Kind::Text),
    ("AP_GATEWAY_WORKER_GRACEFUL_SECONDS", ["worker", "graceful_seconds"], Kind::Number),
    ("AP_GATEWAY_WORKER_HEARTBEAT_SECONDS", ["worker", "heartbeat_seconds"], Kind::Number),
    ("AP_GATEWAY_WORKER_TASKS_MAX", ["worker", "tasks_max"], Kind::Number),
    ("AP_GATEWAY_WORKER_DEPLOYMENT", ["worker", "deployment"], Kind::Text),
    ("AP_GATEWAY_WORKER_BUILD_ID", ["worker", "build_id"], Kind::Text),
    ("AP_GATEWAY_WORKER_VERSIONING", ["worker", "versioning"], Kind::Text),
    ("AP_GATEWAY_TEMPORAL_CONNECTIONS", ["temporal", "connections"], Kind::Number),
    ("AP_GATEWAY_TEMPORAL_UI", ["temporal", "ui"], Kind::Text),
    ("AP_GATEWAY_JWT_ISSUER", ["jwt", "issuer"], Kind::Text),
    ("AP_GATEWAY_JWT_AUDIENCE", ["jwt", "audience"], Kind::Text),
    ("AP_GATEWAY_JWT_JWKS_URL", ["jwt", "jwks_url"], Kind::Text),
    ("AP_GATEWAY_JWT_ROLES_CLAIM", ["jwt", "roles_claim"], Kind::Text),
    ("AP_GATEWAY_OIDC_CLIENT_ID", ["oidc", "client_id"], Kind::Text),
    ("AP_GATEWAY_OIDC_PUBLIC_URL", ["oidc", "public_url"], Kind::Text),
    ("AP_GATEWAY_OIDC_NAME", ["oidc", "name"], Kind::Text),
    ("AP_GATEWAY_OIDC_SCOPES", ["oidc", "scopes"], Kind::List),
    ("AP_GATEWAY_LEDGER_URL", ["ledger", "url"], Kind::Text),
    ("AP_GATEWAY_LEDGER_CONNECTIONS", ["ledger", "connections"], Kind::Number),
    ("AP_GATEWAY_ARTIFACTS", ["artifacts", "folder"], Kind::Text),
    ("AP_GATEWAY_LOG_FORMAT", ["log", "format"], Kind::Text),
    ("AP_GATEWAY_LOG", ["log", "filter"], Kind::Text),
    ("AP_GATEWAY_TESSERACT", ["extraction", "tesseract"], Kind::Text),
    ("AP_GATEWAY_OCR_LANGUAGES", ["extraction", "ocr_languages"], Kind::Text),
    ("AP_GATEWAY_TABLE_PROFILES", ["extraction", "table_profiles"], Kind::Text),
    ("AP_GATEWAY_STATEMENT_PROFILES", ["payments", "statement_profiles"], Kind::Text),
    ("AP_GATEWAY_MATCH_LEVEL", ["policy", "match_level"], LEVEL),
    ("AP_GATEWAY_LEDGER_KEY_FILE", ["ledger", "key_file"], Kind::Text),
    ("AP_GATEWAY_WEBHOOK_NETWORKS", ["webhooks", "allowed_networks"], Kind::List),
    ("AP_GATEWAY_OPS_LISTEN", ["http", "ops_listen"], ADDRESS),
    ("AP_GATEWAY_TLS_CERTIFICATE", ["http", "tls_certificate"], Kind::Text),
    ("AP_GATEWAY_TLS_KEY", ["http", "tls_key"], Kind::Text),
    ("AP_GATEWAY_HSTS_SECONDS", ["http", "hsts_seconds"], Kind::Number),
    ("AP_GATEWAY_TRUSTED_PROXIES", ["http", "trusted_proxies"], Kind::List),
    ("AP_GATEWAY_FORWARDED_HEADER", ["http", "forwarded_header"], Kind::Text),
    ("AP_GATEWAY_CONNECTIONS_MAX", ["http", "connections_max"], Kind::Number),
    ("AP_GATEWAY_QUOTA_READ", ["http", "quota_read"], Kind::Number),
    ("AP_GATEWAY_QUOTA_WRITE", ["http", "quota_write"], Kind::Number),
    ("AP_GATEWAY_QUOTA_LIST", ["http", "quota_list"], Kind::Number),
    ("AP_GATEWAY_DRAIN_NOTICE_SECONDS", ["http", "drain_notice_seconds"], Kind::Number),
];

/// The names of our variables, for the documents that list them.
pub fn variable_names() -> impl Iterator<Item = &'static str> {
    let others = ["AP_GATEWAY_CONFIG", oidc::CLIENT_SECRET];
    VARIABLES.iter().map(|(name, _, _)| *name).chain(others)
}

/// Where settings may come from besides the file.
pub type Environment = std::collections::HashMap<String, String>;

/// The process environment, without empty variables: an empty `TEMPORAL_API_KEY=` is no key.
pub fn environment() -> Environment {
    std::env::vars().filter(|(_, value)| !value.is_empty()).collect()
}

/// The program that runs.
///
/// # Errors
/// The system does not say.
pub fn program() -> std::io::Result<PathBuf> {
    std::env::current_exe()
}

impl Settings {
    /// Reads the file (`AP_GATEWAY_CONFIG` when `path` is `None`), lays the environment over it.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown or ill-formed setting: each named.
    pub fn load(path: Option<&Path>, environment: &Environment) -> anyhow::Result<Self> {
        let path = path.map(Path::to_owned);
        let path = path.or_else(|| environment.get("AP_GATEWAY_CONFIG").map(PathBuf::from));
        let mut table = match &path {
            Some(path) => read_table(path)?,
            None => toml::Table::new(),
        };
        overlay(&mut table, environment)?;
        // Each variable by itself was fine, so what is wrong stands in the file.
        let file: File = table.try_into().with_context(|| match &path {
            Some(path) => format!("configuration {}", path.display()),
            None => "configuration".to_owned(),
        })?;
        let temporal = Temporal::load(&file.temporal, environment)?;
        let File {
            http, auth, jwt, oidc, worker, ledger, artifacts, log, extraction, policy, ..
        } = file;
        let (payments, webhooks, schedules) = (file.payments, file.webhooks, file.schedules);
        let settings = Self {
            http,
            auth,
            jwt,
            oidc: oidc.with_secret(environment),
            temporal,
            worker,
            ledger,
            artifacts,
            log,
            traces: Traces::of(environment)?,
            extraction,
            policy,
            payments,
            webhooks,
            schedules,
            buckets: Buckets::load(environment),
        };
        settings.check()?;
        Ok(settings)
    }

    /// Looks whether a file is a configuration, for commands that have no use for it.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown or ill-formed setting in it.
    pub fn look_at(path: &Path) -> anyhow::Result<()> {
        let file: Result<File, _> = read_table(path)?.try_into();
        file.map(drop).with_context(|| format!("configuration {}", path.display()))
    }

    /// Refuses what contradicts itself or is not safe; call it again after a flag changed a value.
    ///
    /// # Errors
    /// Each with the setting and the remedy.
    pub fn check(&self) -> anyhow::Result<()> {
        for address in self.http.addresses() {
            anyhow::ensure!(
                self.auth.mode == AuthMode::Required || address.ip().is_loopback(),
                "refusing to listen on {address}: without login only 127.0.0.0/8 and ::1 are \
                 served; set AP_GATEWAY_AUTH=required and make keys with `ap-gateway keys new`, or \
                 set AP_GATEWAY_LISTEN and AP_GATEWAY_OPS_LISTEN to loopback addresses"
            );
        }
        self.http.check()?;
        self.ledger.place().map_err(anyhow::Error::msg)?;
        self.jwt.check()?;
        self.oidc.check(&self.jwt, &self.http)?;
        self.webhooks.check()?;
        self.schedules.check()?;
        self.worker.check()?;
        anyhow::ensure!(
            self.auth.mode == AuthMode::Required || self.jwt.issuer.is_none(),
            "[jwt] names an issuer, but nobody is asked for a token: set AP_GATEWAY_AUTH=required"
        );
        let (graceful, http) = (self.worker.graceful_seconds, &self.http);
        anyhow::ensure!(
            graceful.saturating_add(http.drain_notice_seconds) < http.drain_seconds,
            "worker.graceful_seconds ({graceful}) and http.drain_notice_seconds ({}) must be less \
             than http.drain_seconds ({}) together: the worker would be cut before it has drained",
            http.drain_notice_seconds,
            http.drain_seconds
        );
        let faults = self.policy.faults();
        let faults = faults.iter().map(|fault| {
            let place = fault.pointer.as_deref().unwrap_or_default();
            format!("\n  [policy] {place}: {}", fault.detail)
        });
        let faults: String = faults.collect();
        anyhow::ensure!(faults.is_empty(), "the policy cannot take effect as it stands:{faults}");
        Ok(())
    }
}

fn read_table(path: &Path) -> anyhow::Result<toml::Table> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration file {}", path.display()))?;
    text.parse().with_context(|| format!("{} is not valid TOML", path.display()))
}

/// Writes each variable that is set to its place.
///
/// # Errors
/// The first variable that does not fit there.
fn overlay(table: &mut toml::Table, environment: &Environment) -> anyhow::Result<()> {
    for (name, [section, key], kind) in VARIABLES {
        let Some(text) = environment.get(*name) else {
            continue;
        };
        let value = value_of(name, text, *kind)?;
        fits(name, text, *kind, [section, key], &value)?;
        let area = table.entry(*section).or_insert_with(|| toml::Table::new().into());
        let area = area.as_table_mut().with_context(|| format!("{section} is no table"))?;
        area.insert((*key).to_owned(), value);
    }
    Ok(())
}

fn value_of(name: &str, text: &str, kind: Kind) -> anyhow::Result<toml::Value> {
    Ok(match kind {
        Kind::Text | Kind::As(_) => toml::Value::String(text.to_owned()),
        Kind::List => text.split(',').map(|item| item.trim().to_owned()).collect::<Vec<_>>().into(),
        Kind::Number => text
            .parse()
            .map(toml::Value::Integer)
            .with_context(|| format!("{name} must be a whole number, not {text:?}"))?,
    })
}

/// Reads one variable as if nothing else were set, so that the error is about it alone. The value
/// is repeated: a secret is any text, so none is refused here.
fn fits(
    name: &str,
    text: &str,
    kind: Kind,
    [section, key]: [&str; 2],
    value: &toml::Value,
) -> anyhow::Result<()> {
    let area = toml::Table::from_iter([(key.to_owned(), value.clone())]);
    let alone = toml::Table::from_iter([(section.to_owned(), area.into())]);
    let read: Result<File, toml::de::Error> = alone.try_into();
    read.map(drop).map_err(|error| match (kind, value.as_integer()) {
        (Kind::As(expected), _) => anyhow::anyhow!("{name} is {text:?}: {expected}"),
        (_, Some(..0)) => anyhow::anyhow!("{name} must be 0 or more, not {text}"),
        (_, Some(_)) => anyhow::anyhow!("{name} is {text}, and that is too large"),
        _ => anyhow::anyhow!("{name} is {text:?}: {}", error.message()),
    })
}
