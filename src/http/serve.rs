//! The server: HTTP/1.1 on a listener that is given, with timers on everything, and a drain with
//! a deadline. `axum::serve` has no timers: a client that sends half a header would stay for ever.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use hyper_util::rt::TokioTimer;
use tokio_util::sync::CancellationToken;

use crate::config;

/// Bytes of a request head; HTTP handbook §4.3.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Headers of a request; HTTP handbook §4.3.
const HEADERS_MAX: usize = 64;

/// Serves until `shutdown`, then drains. True when every connection ended by itself, false when
/// the deadline cut some.
///
/// # Errors
/// A listener that cannot be used.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &config::Http,
    shutdown: CancellationToken,
) -> io::Result<bool> {
    let header_read = Duration::from_secs(limits.header_read_seconds);
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle.clone())
        .acceptor(NoDelayAcceptor::new()) // small answers must not wait for a full segment
        .first_request_timeout(header_read)
        .http1_only();
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new()) // without it the next line panics
        .header_read_timeout(header_read)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    let drain = limits.drain();
    let stop = handle.clone();
    let stopper = tokio::spawn(async move {
        shutdown.cancelled().await;
        stop.graceful_shutdown(Some(drain));
    });
    let served = server.serve(router.into_make_service_with_connect_info::<SocketAddr>()).await;
    stopper.abort();
    served?;
    Ok(handle.connection_count() == 0)
}
