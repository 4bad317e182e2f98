//! ap-gateway: a REST face on Temporal for accounts payable.
//!
//! The modules in reading order; `docs/architecture.md` has the whole picture.
//!
//! | module | is |
//! | --- | --- |
//! | [`models`] | what the business talks about: plain data, pure functions |
//! | [`extraction`] | bytes to models, with the place of every fault |
//! | [`validation`] | is the document lawful and plausible? all findings |
//! | [`reconciliation`] | does the invoice agree with order and receipts? |
//! | [`workflows`] | the order of things, and waiting; deterministic |
//! | [`activities`] | the workflows' contract, done |
//! | [`storage`] | documents by content hash; rows in SQLite or PostgreSQL |
//! | [`matching`] | an invoice beside what the ledger knows: the case that is compared |
//! | [`webhooks`] | messages to receivers outside: signed, guarded, sent |
//! | [`temporal`] | the only door to Temporal: client pool, worker, dev server |
//! | [`http`] | transport: parse, call one thing, answer |
//! | [`config`], [`metrics`], [`readiness`], [`telemetry`], [`trace`] | settings, numbers, health, log lines, what belongs together |
//! | [`app`] | the one place that sees both HTTP and worker |
//! | [`cli`] | the commands: a second face on the same parts |
//!
//! What is not there, on purpose, and held by tests and lints:
//!
//! - the core ([`models`], [`validation`], [`reconciliation`]) reads no clock and does no I/O;
//! - [`http`] never names the SDK, and [`workflows`] name neither rules nor stores;
//! - only [`config`] reads the environment, and no secret type prints itself;
//! - money is never a float;
//! - nothing answered with a 2xx depends on a process that stays alive.

pub mod models;

pub mod extraction;
pub mod reconciliation;
pub mod validation;

pub mod activities;
pub mod workflows;

pub mod matching;
pub mod storage;
pub mod temporal;
pub mod webhooks;

pub mod http;

pub mod config;
pub mod metrics;
pub mod readiness;
pub mod telemetry;
pub mod trace;

pub mod app;
pub mod cli;
