//! The server: HTTP/1.1 on a listener that is given, with timers on everything, places for so many
//! connections and no more, and a drain with a deadline. `axum::serve` has none of them: a client
//! that sends half a header would stay for ever.

mod gate;
mod placed;
mod tls;
mod validity;

use std::future::ready;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::STRICT_TRANSPORT_SECURITY;
use axum::http::{HeaderValue, Response};
use axum::middleware::map_response;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use futures::future::BoxFuture;
use hyper_util::rt::TokioTimer;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::config;
use crate::http::serve::gate::{Full, Gate};
use crate::metrics::Metrics;

pub use crate::http::serve::tls::Certificate;
pub use crate::http::serve::validity::chain_ends;

/// Bytes of a request head; HTTP handbook §4.3.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Headers of a request; HTTP handbook §4.3.
const HEADERS_MAX: usize = 64;

/// How a port is served.
pub struct Port {
    gate: Gate,
    tls: Option<RustlsConfig>,
    /// What browsers are told where TLS is spoken.
    strict_transport: Option<HeaderValue>,
    header_read: Duration,
    drain: Duration,
}

impl Port {
    /// The one that everybody uses, with TLS if there is a certificate.
    pub fn main(limits: &config::Http, metrics: &Metrics, tls: Option<RustlsConfig>) -> Self {
        let header_read = Duration::from_secs(limits.header_read_seconds);
        // Over plain HTTP it must not be sent (RFC 6797 §7.2). Other names of the domain are not
        // ours to speak for, so they are not included.
        let strict_transport = tls
            .as_ref()
            .filter(|_| limits.hsts_seconds > 0)
            .and_then(|_| HeaderValue::from_str(&format!("max-age={}", limits.hsts_seconds)).ok());
        let (gate, drain) = (Gate::main(limits, metrics), limits.drain());
        Self { gate, tls, strict_transport, header_read, drain }
    }

    /// The one for probes and metrics. It is the last to close, so that probes see the stop.
    pub fn ops(limits: &config::Http, metrics: &Metrics) -> Self {
        let header_read = Duration::from_secs(limits.header_read_seconds);
        let (gate, drain) = (Gate::ops(limits, metrics), Duration::ZERO);
        Self { gate, tls: None, strict_transport: None, header_read, drain }
    }
}

/// Serves until `shutdown`, then drains. True when every connection ended by itself, false when
/// the deadline cut some.
///
/// # Errors
/// A listener that cannot be used.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    port: Port,
    shutdown: CancellationToken,
) -> io::Result<bool> {
    let Port { gate, tls, strict_transport, header_read, drain } = port;
    let handle = Handle::new();
    let (counting, speaks_tls) = (gate.clone(), tls.is_some());
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle.clone())
        .first_request_timeout(header_read)
        .http1_only()
        .accept_error_handler(move |peer, error| {
            if let Some(kind) = kind_of(error, peer.is_some(), speaks_tls) {
                counting.count(kind);
            }
        });
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new()) // without it the next line panics
        .header_read_timeout(header_read)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    let router = match strict_transport {
        Some(value) => router.layer(map_response(move |mut response: Response<Body>| {
            response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, value.clone());
            ready(response)
        })),
        None => router,
    };
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut serving: BoxFuture<'_, io::Result<()>> = match tls {
        None => Box::pin(server.acceptor(gate).serve(router)),
        Some(config) => {
            let acceptor = RustlsAcceptor::new(config).handshake_timeout(header_read);
            Box::pin(server.acceptor(acceptor.acceptor(gate)).serve(router))
        }
    };
    let deadline = async {
        shutdown.cancelled().await;
        handle.graceful_shutdown(None);
        sleep(drain).await;
    };
    tokio::select! {
        biased;
        served = &mut serving => served.map(|()| true),
        () = deadline => {
            // Counted before they are cut: afterwards there are none.
            let all_ended = handle.connection_count() == 0;
            handle.shutdown();
            Ok(all_ended)
        }
    }
}

/// What a connection that came to nothing is counted as. Who leaves before we look is nobody's
/// fault.
fn kind_of(error: &io::Error, came: bool, speaks_tls: bool) -> Option<&'static str> {
    if let Some(full) = error.get_ref().and_then(|error| error.downcast_ref::<Full>()) {
        return Some(full.as_str());
    }
    if !came {
        tracing::warn!(%error, "no connection can be accepted");
        return Some("accept");
    }
    speaks_tls.then_some("tls")
}
