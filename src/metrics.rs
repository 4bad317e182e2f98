//! Every number that can be scraped: one struct, whose doc comments are the help texts.
//!
//! A leaf: it knows no other module. Labels come from closed sets, never from ids or raw paths;
//! durations are seconds. What the SDK measures joins through [`Metrics::registry`].

use std::time::Duration;

use prometheus::{
    Encoder, Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

/// Upper bounds of request durations, those of OpenTelemetry's HTTP conventions up to 10 s, and
/// the longest wait.
const REQUEST_SECONDS: [f64; 15] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0];

/// Upper bounds of calls to ledger and artifact store: from a cached row to the busy limit.
const STORAGE_SECONDS: [f64; 11] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0, 10.0];

/// Upper bounds of the time to a decision: from a machine's second to a person's month.
const DECISION_SECONDS: [f64; 12] = [
    1.0,
    5.0,
    30.0,
    300.0,
    3_600.0,
    14_400.0,
    43_200.0,
    86_400.0,
    259_200.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
];

/// The steps of evidence (extraction handbook §9), each with what lies just below it.
const CONFIDENCE: [f64; 8] = [0.3, 0.5, 0.6, 0.79, 0.8, 0.94, 0.95, 1.0];

/// Makes the struct, and registers each field under its name with its doc comment as the help.
macro_rules! metrics {
    ($(
        #[doc = $help:literal]
        $field:ident: $kind:ident = $name:literal $([$($label:literal),+])? $(in $buckets:expr)?;
    )*) => {
        /// The metrics of the process.
        pub struct Metrics {
            registry: Registry,
            $(#[doc = $help] pub $field: $kind,)*
        }

        impl Metrics {
            /// The names of all of them; alert rules are tested against it.
            pub const NAMES: &[&str] = &[$($name),*];

            fn registered(registry: Registry) -> prometheus::Result<Self> {
                $(
                    let options = metrics!(@options $name, $help.trim() $(, $buckets)?);
                    let $field = $kind::new_metric(options, &[$($($label),+)?])?;
                    registry.register(Box::new($field.clone()))?;
                )*
                Ok(Self { registry, $($field,)* })
            }
        }
    };
    (@options $name:literal, $help:expr) => { Opts::new($name, $help) };
    (@options $name:literal, $help:expr, $buckets:expr) => {
        HistogramOpts::new($name, $help).buckets($buckets.to_vec())
    };
}

metrics! {
    /// Seconds from the request head to the answer's head.
    request_seconds: HistogramVec = "http_server_request_duration_seconds"
        ["http_request_method", "http_route", "http_response_status_code", "wait"] in REQUEST_SECONDS;
    /// Requests that are being answered now.
    active_requests: IntGaugeVec = "http_server_active_requests" ["http_request_method"];
    /// Problem documents sent, by type; unmapped counts refusals that no rule of ours made.
    problems: IntCounterVec = "ap_gateway_problems_total" ["type"];
    /// Connections that are open.
    connections_open: IntGauge = "ap_gateway_connections_open";
    /// How many connections may be open at once.
    connections_limit: IntGauge = "ap_gateway_connections_limit";
    /// Connections that were refused or cut, by reason.
    connection_errors: IntCounterVec = "ap_gateway_connection_errors_total" ["kind"];
    /// Requests refused because their caller used up its quota.
    rate_limited: IntCounterVec = "ap_gateway_rate_limited_total" ["policy"];
    /// Files that were read again while running: taken, or refused in favour of the old ones.
    config_reloads: IntCounterVec = "ap_gateway_config_reloads_total" ["result"];
    /// Waits that follow a run in Temporal.
    followers: IntGauge = "ap_gateway_followers";
    /// Requests that wait for something to be done.
    waiters: IntGauge = "ap_gateway_waiters";
    /// How many requests may wait at once.
    waiters_limit: IntGauge = "ap_gateway_waiters_limit";
    /// Event streams that are open.
    event_streams: IntGauge = "ap_gateway_streams";
    /// Requests refused because the process had enough to do.
    shed: IntCounterVec = "ap_gateway_shed_total" ["place"];
    /// Panics that were caught.
    panics: IntCounterVec = "ap_gateway_panics_total" ["place"];
    /// Requests that carried or implied a key, by what they came to.
    idempotency: IntCounterVec = "ap_gateway_idempotency_total" ["carrier", "result"];
    /// Writes whose outcome the caller was told to be unknown.
    outcome_unknown: IntCounterVec = "ap_gateway_outcome_unknown_total" ["operation"];
    /// Calls to Temporal that failed.
    upstream_errors: IntCounterVec = "ap_gateway_upstream_errors_total" ["kind"];
    /// Callers refused, by reason; limited counts those answered 429 besides.
    auth_failures: IntCounterVec = "ap_gateway_auth_failures_total" ["reason"];
    /// Invoices by state.
    invoices: IntGaugeVec = "ap_gateway_invoices" ["status"];
    /// What held invoices are worth with tax, by currency, in its own units.
    held_value: GaugeVec = "ap_gateway_held_value" ["currency"];
    /// Open invoices with a hold that nobody released, by its code.
    holds: IntGaugeVec = "ap_gateway_holds" ["code"];
    /// Invoices that need attention, by cause.
    attention: IntGaugeVec = "ap_gateway_attention" ["code"];
    /// Whether the figures above that are read from the ledger are fresh.
    figures_up: IntGauge = "ap_gateway_figures_up";
    /// Invoices that were decided about, by what was decided, and whether a person had a hand in it.
    decisions: IntCounterVec = "ap_gateway_decisions_total" ["decision", "way"];
    /// Seconds from the arrival of an invoice to the first decision about it.
    decision_seconds: HistogramVec = "ap_gateway_time_to_decision_seconds"
        ["way"] in DECISION_SECONDS;
    /// How sure the least sure field of each document was read, from 0 to 1.
    confidence: HistogramVec = "ap_gateway_extraction_confidence_ratio"
        ["syntax"] in CONFIDENCE;
    /// Age of the oldest invoice that waits for its workflow to be started, in seconds.
    dispatch_oldest: Gauge = "ap_gateway_dispatch_oldest_seconds";
    /// Attempts to deliver a message to a webhook, by what they came to.
    webhook_attempts: IntCounterVec = "ap_gateway_webhook_attempts_total" ["result"];
    /// Webhooks that were disabled because of their receivers.
    webhooks_disabled: IntCounterVec = "ap_gateway_webhooks_disabled_total" ["reason"];
    /// Age of the oldest message that was not delivered or given up yet, in seconds.
    webhook_oldest_pending: Gauge = "ap_gateway_webhook_oldest_pending_seconds";
    /// Seconds of calls to ledger and artifact store.
    storage_seconds: HistogramVec = "ap_gateway_storage_duration_seconds"
        ["store", "operation", "result"] in STORAGE_SECONDS;
    /// Whether each check of readiness holds.
    ready: IntGaugeVec = "ap_gateway_ready" ["check"];
    /// Whether the process is stopping.
    draining: IntGauge = "ap_gateway_draining";
    /// Whether the worker polls; absent in a process that has none.
    worker_up: IntGaugeVec = "ap_gateway_worker_up";
    /// Workers that poll the task queue, as Temporal says; absent while it does not answer.
    task_queue_pollers: IntGaugeVec = "ap_gateway_task_queue_pollers" ["task_type"];
    /// Times that an ended worker was started again.
    worker_restarts: IntCounter = "ap_gateway_worker_restarts_total";
    /// When each credential ends, in seconds since 1970; of API keys, when a caller has none left.
    credential_expiry: GaugeVec = "ap_gateway_credential_expiry_timestamp_seconds" ["credential"];
    /// Always 1; the labels say what runs.
    build_info: GaugeVec = "ap_gateway_build_info" ["version", "revision", "sdk"];
}

/// What runs, as [`BUILD`] and `ap_gateway_build_info` tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Build {
    /// Of the gateway.
    pub version: &'static str,
    /// The commit that it was built from, as build.rs found it; `unknown` where it did not look.
    pub revision: &'static str,
    /// Of Temporal's SDK.
    pub sdk: &'static str,
}

/// What this program is.
pub const BUILD: Build = Build {
    version: env!("CARGO_PKG_VERSION"),
    revision: match option_env!("AP_GATEWAY_REVISION") {
        Some(revision) => revision,
        None => "unknown",
    },
    sdk: "1.1.1",
};

impl Metrics {
    /// A registry of its own with every series of a closed set at zero.
    pub fn new() -> Self {
        let metrics =
            Self::registered(Registry::new()).expect("names, labels and help are constants");
        for result in ["new", "replay", "mismatch"] {
            for carrier in ["ledger", "workflow"] {
                metrics.idempotency.with_label_values(&[carrier, result]);
            }
        }
        for kind in ["credentials", "unavailable", "timeout", "throttled", "other"] {
            metrics.upstream_errors.with_label_values(&[kind]);
        }
        let failures = ["refused", "redirected", "gone", "timed_out", "unreachable", "blocked"];
        for result in failures.into_iter().chain(["delivered", "internal"]) {
            metrics.webhook_attempts.with_label_values(&[result]);
        }
        for reason in ["gone", "failing"] {
            metrics.webhooks_disabled.with_label_values(&[reason]);
        }
        for place in ["in_flight", "ending"] {
            metrics.shed.with_label_values(&[place]);
        }
        for kind in ["cap", "peer_cap", "write_stall", "tls", "accept"] {
            metrics.connection_errors.with_label_values(&[kind]);
        }
        for policy in ["read", "write", "list", "failed-logins"] {
            metrics.rate_limited.with_label_values(&[policy]);
        }
        for result in ["ok", "refused"] {
            metrics.config_reloads.with_label_values(&[result]);
        }
        for way in ["straight_through", "people"] {
            metrics.decision_seconds.with_label_values(&[way]);
            for decision in ["approved", "rejected", "duplicate", "superseded", "cancelled"] {
                metrics.decisions.with_label_values(&[decision, way]);
            }
        }
        metrics.panics.with_label_values(&["http"]);
        let Build { version, revision, sdk } = BUILD;
        metrics.build_info.with_label_values(&[version, revision, sdk]).set(1.0);
        metrics
    }

    /// A worker of this process polls, or does not. A process without one says nothing, so that no
    /// alert takes it for one whose worker is down.
    pub fn worker_is(&self, up: bool) {
        self.worker_up.with_label_values(&[""; 0]).set(i64::from(up));
    }

    /// An invoice was decided about, for the first time.
    pub fn decided(&self, decision: &str, way: &str, after: Duration) {
        self.decisions.with_label_values(&[decision, way]).inc();
        self.decision_seconds.with_label_values(&[way]).observe(after.as_secs_f64());
    }

    /// A document was read; its least sure field is `hundredths` sure.
    pub fn read(&self, syntax: &str, hundredths: u8) {
        let ratio = f64::from(hundredths) / 100.0;
        self.confidence.with_label_values(&[syntax]).observe(ratio);
    }

    /// Where others register what they measure, such as the metrics of the SDK.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Everything in the text format of Prometheus.
    ///
    /// # Errors
    /// A collector that breaks the rules of the format.
    pub fn render(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// One way to make each kind, so that the macro needs one line for a field.
trait NewMetric: Sized {
    type Options;
    fn new_metric(options: Self::Options, labels: &[&str]) -> prometheus::Result<Self>;
}

macro_rules! new_metric {
    ($($kind:ty, $options:ty, $options_name:ident, $labels:ident => $make:expr;)*) => {$(
        impl NewMetric for $kind {
            type Options = $options;
            fn new_metric($options_name: $options, $labels: &[&str]) -> prometheus::Result<Self> {
                $make
            }
        }
    )*};
}

new_metric! {
    HistogramVec, HistogramOpts, options, labels => Self::new(options, labels);
    IntCounterVec, Opts, options, labels => Self::new(options, labels);
    IntGaugeVec, Opts, options, labels => Self::new(options, labels);
    GaugeVec, Opts, options, labels => Self::new(options, labels);
    IntCounter, Opts, options, _labels => Self::with_opts(options);
    IntGauge, Opts, options, _labels => Self::with_opts(options);
    Gauge, Opts, options, _labels => Self::with_opts(options);
}

#[cfg(test)]
mod tests {
    use super::{BUILD, Metrics};

    fn text(metrics: &Metrics) -> String {
        String::from_utf8(metrics.render().expect("renders")).expect("UTF-8")
    }

    #[test]
    fn a_worker_that_is_not_there_is_not_down() {
        let metrics = Metrics::new();
        assert!(!text(&metrics).contains("ap_gateway_worker_up"));
        for up in [false, true] {
            metrics.worker_is(up);
            let line = format!("\nap_gateway_worker_up {}\n", u8::from(up));
            assert!(text(&metrics).contains(&line), "{line:?}");
        }
    }

    #[test]
    fn what_runs_is_told_with_the_sdk_that_is_linked() {
        let lock = include_str!("../Cargo.lock");
        let sdk = format!("name = \"temporalio-sdk\"\nversion = \"{}\"\n", BUILD.sdk);
        assert!(lock.contains(&sdk), "the SDK is another one: correct `BUILD`");
        let line = format!(
            "ap_gateway_build_info{{revision=\"{}\",sdk=\"{}\",version=\"{}\"}} 1",
            BUILD.revision, BUILD.sdk, BUILD.version
        );
        assert!(text(&Metrics::new()).contains(&line), "{line}");
    }

    #[test]
    fn closed_sets_are_there_from_the_start_with_their_help() {
        let text = text(&Metrics::new());
        for line in [
            "# HELP ap_gateway_draining Whether the process is stopping.",
            "# TYPE ap_gateway_idempotency_total counter",
            "ap_gateway_idempotency_total{carrier=\"ledger\",result=\"replay\"} 0",
            "ap_gateway_upstream_errors_total{kind=\"timeout\"} 0",
            "ap_gateway_dispatch_oldest_seconds 0",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
