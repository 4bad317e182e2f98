//! The way of spans to a collector: OTLP over HTTP, off unless it is configured.

use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

/// One for the process, as the subscriber of the log is.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// How long the last spans may take to leave when the process ends.
const FLUSH: Duration = Duration::from_secs(2);

/// The exporter; what it still holds leaves when this is dropped.
pub struct Export(SdkTracerProvider);

/// Starts to export. Address, headers, time-outs, batches, sampling and resource are those of the
/// `OTEL_*` variables, which the exporter reads itself.
///
/// # Errors
/// An address or header that cannot be used; a second call.
pub fn start(service: &str) -> Result<Export, String> {
    let exporter = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).build();
    let exporter = exporter.map_err(|error| error.to_string())?;
    let resource = Resource::builder()
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_service_name(service.to_owned())
        .build();
    let provider =
        SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    let tracer = provider.tracer("ap-gateway");
    TRACER.set(tracer).map_err(|_| "traces are exported already".to_owned())?;
    Ok(Export(provider))
}

/// Records spans, when somebody collects them.
pub(super) fn tracer() -> Option<&'static SdkTracer> {
    TRACER.get()
}

impl Drop for Export {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(FLUSH) {
            tracing::warn!(%error, "the last spans were not taken");
        }
    }
}
