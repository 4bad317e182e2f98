//! Log lines: one subscriber for the process, also for what the SDK says; and spans, for whoever
//! collects them.

pub mod log_filter;

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::fmt::time::ChronoUtc;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, reload};

use crate::config::{Log, LogFormat, Traces};
use crate::trace::export::{self, Export};

pub use crate::telemetry::log_filter::LogFilter;

/// Starts logging to standard error; standard output belongs to a command's own answer. What it
/// gives changes the filter while the process runs.
///
/// # Errors
/// A filter that cannot be read; a second call.
pub fn start(log: &Log) -> anyhow::Result<LogFilter> {
    let filter = log_filter::parse(&log.filter)
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("AP_GATEWAY_LOG is no log filter: {:?}", log.filter))?;
    let (filter, handle) = reload::Layer::new(filter);
    let lines = tracing_subscriber::fmt::layer()
        .with_timer(ChronoUtc::new("%Y-%m-%dT%H:%M:%S%.3fZ".to_owned()))
        .with_writer(std::io::stderr);
    let lines: Box<dyn Layer<_> + Send + Sync> = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
    };
    let started = Registry::default().with(filter).with(lines).try_init();
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))?;
    Ok(LogFilter::over(&log.filter, handle))
}

/// Starts to export spans, if that is configured; what is still held leaves when it is dropped.
///
/// # Errors
/// A collector's address that cannot be used, with the variable that names it.
pub fn export_traces(traces: &Traces) -> anyhow::Result<Option<Export>> {
    if !traces.export {
        return Ok(None);
    }
    let started = export::start(&traces.service).map_err(anyhow::Error::msg);
    let started = started.context("traces cannot be exported: look at OTEL_EXPORTER_OTLP_ENDPOINT");
    tracing::info!(service = traces.service, "spans are exported");
    started.map(Some)
}
