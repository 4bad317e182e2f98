//! The rules of the layout, as data. docs/architecture.md says them in words: change both together.

/// A module of `src/`, the modules that it may name besides itself, and why no others.
#[rustfmt::skip]
pub(super) const IMPORTS: &[(&str, &[&str], &str)] = &[
    ("models", &[], "words of the trade outlive every framework"),
    ("validation", &["models"], "same input, same findings, for ever"),
    ("reconciliation", &["models"], "a verdict must be explainable from its arguments"),
    ("extraction", &["models"], "untrusted bytes meet no secrets"),
    ("workflows", &["models"], "a replay must not change when a rule or a store does"),
    ("storage", &["config", "metrics", "models", "trace"], "stores keep, they do not decide"),
    ("activities", ACTIVITIES, "effects in one place, each with a key"),
    ("matching", MATCHING, "what is compared is the same for the work and for who asks what if"),
    ("temporal", TEMPORAL, "connecting and polling in one folder"),
    ("http", HTTP, "the edge parses and answers; it decides nothing"),
    ("webhooks", &["models", "trace"], "what is sent outside is decided elsewhere"),
    ("config", &["models"], "a leaf: the others are given values"),
    ("metrics", &[], "a leaf: the others count, it shows"),
    ("readiness", &[], "a leaf: the others tell it, it answers"),
    ("telemetry", &["config", "trace"], "log lines know nothing of the business"),
    ("trace", &[], "a leaf: the others say what they do, it says to which request that belongs"),
    ("app", ALL_BUT_CLI, "it joins the parts; the command line starts it, not the reverse"),
    ("cli", ALL, ""),
    ("main", &["cli"], "main is a table from command to function"),
    ("lib", ALL, ""),
    ("parsers", PARSERS, "it is built without the SDK, servers and stores: no part of the gateway"),
];
#[rustfmt::skip]
const ACTIVITIES: &[&str] = &[
    "extraction", "matching", "metrics", "models", "reconciliation", "storage", "trace",
    "validation", "webhooks", "workflows",
];
const MATCHING: &[&str] = &["models", "reconciliation", "storage"];
const TEMPORAL: &[&str] = &["config", "metrics", "models", "readiness", "trace", "workflows"];
#[rustfmt::skip]
const HTTP: &[&str] = &[
    "config", "metrics", "models", "readiness", "storage", "telemetry", "temporal", "trace",
    "webhooks",
];
#[rustfmt::skip]
const ALL_BUT_CLI: &[&str] = &[
    "activities", "config", "extraction", "http", "matching", "metrics", "models", "readiness",
    "reconciliation", "storage", "telemetry", "temporal", "trace", "validation", "webhooks",
    "workflows",
];
#[rustfmt::skip]
const PARSERS: &[&str] = &[
    "config", "extraction", "http", "models", "reconciliation", "validation",
];
const ALL: &[&str] = &["*"];

/// Files, or folders with the file of the same name, that may name one module more than others.
#[rustfmt::skip]
pub(super) const EXCEPTIONS: &[(&str, &str)] = &[
    ("src/temporal/worker", "activities"), // somebody has to register them
    ("src/temporal/watch", "activities"), // it tells in the worker's heartbeat how many ran
    ("src/http/orders", "extraction"), // an order is read while its sender waits
    ("src/http/receipts", "extraction"), // so is a receipt
    ("src/http/invoices/response", "extraction"), // a short answer, written as UBL
    ("src/http/payment_files", "extraction"), // what cannot be written is the caller's to mend
    ("src/http/dashboard/drawings", "extraction"), // people look at pages that its processes draw
    ("src/http/invoices/parts", "reconciliation"), // a kept result, said in words
    ("src/http/suppliers", "reconciliation"), // what a supplier is known by, in one spelling
    ("src/http/dashboard/records", "reconciliation"), // what is open of an order, by its own sums
    ("src/http/dashboard/what_if", "matching"), // what another policy would do: nothing is kept
    ("src/http/reconciliations", "reconciliation"), // the preview: nothing is kept or started
];

/// Where words may stand.
pub(super) enum Place {
    /// In these modules and nowhere else.
    Only(&'static [&'static str]),
    /// Everywhere but in these modules.
    Not(&'static [&'static str]),
}

const CORE: &[&str] = &["models", "validation", "reconciliation"];

/// Words, where they may stand, and why.
#[rustfmt::skip]
pub(super) const WORDS: &[(&[&str], Place, &str)] = &[
    (&["std::env"], Place::Only(&["config"]),
     "only config reads the environment; the others are given values"),
    (&["temporalio_sdk", "temporalio_client", "temporalio_common"],
     Place::Only(&["activities", "app", "cli", "config", "metrics", "temporal"]),
     "the SDK stays behind temporal and activities, so that it can change"),
    (&["temporalio_workflow", "temporalio_macros"],
     Place::Only(&["activities", "temporal", "workflows"]),
     "only orchestration knows what a workflow is made of"),
    (&["tokio", "tracing", "std::fs", "std::net", "std::thread", "std::process"],
     Place::Not(&["workflows"]),
     "a replay must see the same world: ask an activity, wait with the context"),
    (&["tokio", "tracing", "std::fs", "std::net", "std::thread", "std::process", "async"],
     Place::Not(CORE), "the core is pure: arguments in, a value out"),
    (&["f32", "f64"],
     Place::Not(&["models", "validation", "reconciliation", "storage", "workflows"]),
     "money and quantities are decimal, never a float"),
    (&["axum", "utoipa_axum"], Place::Only(&["app", "cli", "http"]), "only the edge knows HTTP"),
    (&["opentelemetry", "opentelemetry_sdk", "opentelemetry_otlp"], Place::Only(&["trace"]),
     "whoever records says what was done, not to whom it is told"),
    (&["sqlx"], Place::Only(&["storage"]), "SQL has one home"),
    (&["anyhow"],
     Place::Not(&["models", "validation", "reconciliation", "extraction", "storage", "http"]),
     "errors that are handled have a type"),
];

/// Files that may say a word in spite of [`WORDS`], each for its reason.
#[rustfmt::skip]
pub(super) const WORDS_ALLOWED: &[(&str, &[&str])] = &[
    // Places on a page and shares of certainty: measured, never added up to money.
    ("src/models/evidence.rs", &["f32", "f64"]),
];

/// Names that refuse nothing, so everything ends up there.
#[rustfmt::skip]
pub(super) const NAMES: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "manager", "misc", "types", "mod",
];

/// Beyond it a file says why, in a line that starts with [`LONG`].
pub(super) const LINES_ASKED: usize = 400;
/// Beyond it a file is split.
pub(super) const LINES_MAX: usize = 500;
/// How a file says why it is long.
pub(super) const LONG: &str = "// long because ";
