//! A way to a server that can be cut, one that takes small messages alone, and a server that fails
//! as it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use temporalio_client::tonic;
use temporalio_client::tonic::transport::Channel;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt;

/// What becomes of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// They reach the server.
    Open,
    /// Those that are there break, and new ones are closed at once.
    Cut,
    /// New ones are taken, and nothing is ever answered.
    Silent,
}

pub(super) struct Relay {
    pub(super) address: String,
    way: watch::Sender<Way>,
}

impl Relay {
    pub(super) async fn to(server: &str) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let (way, watched) = watch::channel(Way::Open);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server.clone(), watched.clone()));
            }
        });
        Self { address, way }
    }

    pub(super) fn set(&self, way: Way) {
        self.way.send_replace(way);
    }
}

async fn pass(mut client: TcpStream, server: String, mut way: watch::Receiver<Way>) {
    let began = *way.borrow_and_update();
    match began {
        Way::Cut => {}
        Way::Silent => {
            let _ = way.changed().await;
        }
        Way::Open => {
            let Ok(mut server) = TcpStream::connect(server).await else { return };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                _ = way.changed() => {
                    // Silence is no end: the connection stays, and nothing comes.
                    if *way.borrow_and_update() == Way::Silent {
                        let _ = way.changed().await;
                    }
                }
            }
        }
    }
}

/// A Temporal that answers every call with this gRPC status, after a while.
pub(super) struct Failing {
    pub(super) address: String,
    code: Arc<AtomicU16>,
}

impl Failing {
    pub(super) async fn start(code: u16, after: Duration) -> Self {
        let code = Arc::new(AtomicU16::new(code));
        let told = Arc::clone(&code);
        let router = Router::new().fallback(move |request: Request| {
            let code = told.load(Ordering::Relaxed);
            answer(request, code, after)
        });
        Self { address: serve(router).await, code }
    }

    pub(super) fn set(&self, code: u16) {
        self.code.store(code, Ordering::Relaxed);
    }
}

/// Serves gRPC, and says where.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let service = TowerToHyperService::new(router.clone());
            let serving = async move {
                let builder = Builder::new(TokioExecutor::new()).http2_only();
                let _ = builder.serve_connection(TokioIo::new(client), service).await;
            };
            tokio::spawn(serving);
        }
    });
    address
}

/// A proxy before Temporal that takes no message larger than this; Temporal itself takes 4 MB.
pub(super) async fn narrow(server: &str, bytes_max: usize) -> String {
    let channel = Channel::from_shared(server.to_owned()).expect("an address").connect_lazy();
    let pass = move |request| pass_small(channel.clone(), request, bytes_max);
    serve(Router::new().fallback(pass)).await
}

async fn pass_small(channel: Channel, request: Request, bytes_max: usize) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a whole request");
    // Before each message stand a flag and its length.
    let bytes = body.len().saturating_sub(5);
    if bytes > bytes_max {
        // The words of grpc-go, by which the SDK knows it.
        let text = format!("grpc: received message larger than max ({bytes} vs. {bytes_max})");
        return status(8, &text);
    }
    let request = Request::from_parts(head, tonic::body::Body::new(Body::from(body)));
    match channel.oneshot(request).await {
        Ok(answer) => answer.map(Body::new),
        Err(error) => status(14, &error.to_string()),
    }
}

async fn answer(request: Request, code: u16, after: Duration) -> Response<Body> {
    // A server that does not know this call is an old one, and is talked to all the same.
    let old = request.uri().path().ends_with("GetSystemInfo");
    if !old {
        tokio::time::sleep(after).await;
    }
    let code = if old { 12 } else { code };
    status(code, if old { "unknown method GetSystemInfo" } else { "told so" })
}

/// A refusal.
pub(crate) fn status(code: u16, text: &str) -> Response<Body> {
    let response = Response::builder()
        .header("content-type", "application/grpc")
        .header("grpc-status", code.to_string())
        .header("grpc-message", text);
    response.body(Body::empty()).expect("a response")
}
