//! `/metrics`: every number of the process, and those of the business, which are read from the
//! ledger when somebody scrapes, and not oftener than they can have changed much.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Response};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::http::Edge;
use crate::http::error::{ApiError, Slug};
use crate::http::extract::accept;
use crate::metrics::Metrics;
use crate::storage::Ledger;
use crate::storage::ledger::figures::Figures;

/// The text format of Prometheus.
const METRICS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Figures of this age are shown once more: several scrapers cost no more than one.
const FRESH: Duration = Duration::from_secs(10);

/// A scrape waits this long for fresh figures, then shows those that are there: it must answer
/// while the ledger is busy, and the next one has them.
const WAIT: Duration = Duration::from_millis(50);

/// A ledger that takes longer has failed.
const READ: Duration = Duration::from_secs(5);

/// When the figures were read. Held while they are.
#[derive(Clone, Default)]
pub struct LastRead(Arc<Mutex<Option<Instant>>>);

impl LastRead {
    /// Reads the figures unless they are fresh or being read, and waits a little for that.
    async fn refresh(&self, ledger: &Ledger, metrics: &Arc<Metrics>) {
        let Ok(mut last) = Arc::clone(&self.0).try_lock_owned() else {
            return;
        };
        if last.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        let (ledger, metrics) = (ledger.clone(), Arc::clone(metrics));
        let reading = tokio::spawn(async move {
            let read = timeout(READ, ledger.figures()).await;
            *last = Some(Instant::now());
            metrics.figures_up.set(i64::from(matches!(read, Ok(Ok(_)))));
            match read {
                Ok(Ok(figures)) => show(&figures, &metrics),
                Ok(Err(error)) => tracing::warn!(%error, "the figures could not be read"),
                Err(_) => tracing::warn!("the figures took too long to read"),
            }
        });
        let _ = timeout(WAIT, reading).await;
    }
}

fn show(figures: &Figures, metrics: &Metrics) {
    // What is held in no currency any more must not stand there for ever.
    metrics.held_value.reset();
    for worth in &figures.held {
        let value = f64::try_from(worth.total).unwrap_or(f64::MAX);
        metrics.held_value.with_label_values(&[worth.currency.as_str()]).set(value);
    }
    for (code, count) in &figures.holds {
        metrics.holds.with_label_values(&[code.as_str()]).set(*count);
    }
    for (code, count) in &figures.attention {
        metrics.attention.with_label_values(&[code.word().as_str()]).set(*count);
    }
}

/// Every number of the process, for Prometheus.
///
/// # Errors
/// 406, or 500 when a collector breaks the format.
pub async fn get_metrics(
    State(edge): State<Edge>,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    accept::require(&headers, "text/plain")?;
    let (metrics, readiness) = (&edge.parts.metrics, &edge.parts.readiness);
    for line in readiness.report() {
        let gauge = metrics.ready.with_label_values(&[line.part.as_str()]);
        gauge.set(i64::from(line.ready));
    }
    metrics.draining.set(i64::from(readiness.is_leaving()));
    edge.figures.refresh(&edge.parts.ledger, metrics).await;
    let text = metrics.render().map_err(|error| Slug::Internal.error().caused_by(error))?;
    let mut response = Response::new(Body::from(text));
    let kind = HeaderValue::from_static(METRICS_TEXT);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}
