//! The ports while they are served: that of everybody, and that for probes, which closes last.

use std::io;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::app::{Ports, Role};
use crate::config;
use crate::http;
use crate::http::{AppState, Certificate, Port};

/// The servers.
pub(super) struct Doors {
    main: Serving,
    ops: Option<Serving>,
    _renewing: Option<AbortOnDropHandle<()>>,
}

/// One of them.
struct Serving {
    task: JoinHandle<io::Result<bool>>,
    /// What came of it, if it has ended by itself.
    ended: Option<Result<io::Result<bool>, tokio::task::JoinError>>,
    stop: CancellationToken,
}

/// Starts to serve.
///
/// # Errors
/// A listener that cannot be used.
pub(super) fn open(
    limits: &config::Http,
    certificate: Option<Certificate>,
    state: &AppState,
    role: Role,
    ports: Ports,
) -> anyhow::Result<Doors> {
    let metrics = &state.metrics;
    let tls = certificate.as_ref().map(Certificate::config);
    let stop = CancellationToken::new();
    let renewing = certificate.map(|certificate| certificate.renew(stop));
    let router = match role {
        Role::Worker => http::probes_router(state.clone()),
        Role::All | Role::Http => http::router(state.clone()),
    };
    let main = Serving::start(ports.main, router, Port::main(limits, metrics, tls))?;
    let ops = ports.ops.map(|listener| {
        let router = http::probes_router(state.clone());
        Serving::start(listener, router, Port::ops(limits, metrics))
    });
    let renewing = renewing.map(|renewing| AbortOnDropHandle::new(tokio::spawn(renewing)));
    Ok(Doors { main, ops: ops.transpose()?, _renewing: renewing })
}

impl Doors {
    /// Returns when the port of everybody is served no more.
    pub(super) async fn ended(&mut self) {
        self.main.ended().await;
    }

    /// Lets everybody out, then the probes; answers whether all of them left in time.
    pub(super) async fn close(self) -> anyhow::Result<bool> {
        let drained = self.main.close().await?;
        if let Some(ops) = self.ops {
            // It cuts who is still there: probes come again, and nobody waits for them.
            ops.close().await?;
        }
        Ok(drained)
    }
}

impl Serving {
    fn start(listener: TcpListener, router: axum::Router, port: Port) -> anyhow::Result<Self> {
        let listener = listener.into_std().context("the listener")?;
        let stop = CancellationToken::new();
        let task = tokio::spawn(http::serve(listener, router, port, stop.clone()));
        Ok(Self { task, ended: None, stop })
    }

    async fn ended(&mut self) {
        self.ended = Some((&mut self.task).await);
    }

    async fn close(self) -> anyhow::Result<bool> {
        self.stop.cancel();
        let served = match self.ended {
            Some(served) => served,
            None => self.task.await,
        };
        served.context("the HTTP server panicked")?.context("the HTTP server")
    }
}
