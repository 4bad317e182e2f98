//! A door before the dev server, as Temporal Cloud has one: TLS, client certificates of those it
//! trusts, API keys of those it knows.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};

use ap_gateway::temporal::connect::install_crypto;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum_server::tls_rustls::RustlsConfig;
use rcgen::{CertificateParams, CertifiedKey, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use temporalio_client::tonic;
use tonic::transport::{Channel, Endpoint};
use tower::{Service, ServiceExt};

pub(super) type Made = CertifiedKey<KeyPair>;

/// A certificate that is its own authority.
pub(super) fn made(name: &str) -> Made {
    made_with(name, |_| {})
}

/// The same, with what is unusual about it.
pub(super) fn made_with(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Made {
    let mut parameters = CertificateParams::new([name.to_owned()]).expect("a name");
    change(&mut parameters);
    let signing_key = KeyPair::generate().expect("a key");
    let cert = parameters.self_signed(&signing_key).expect("a certificate");
    CertifiedKey { cert, signing_key }
}

pub(super) struct Front {
    pub(super) port: u16,
    tls: RustlsConfig,
    own: Made,
    door: Door,
}

#[derive(Clone)]
struct Door {
    server: Channel,
    /// The keys that it knows; none is asked for where there are none.
    known: Arc<Mutex<Vec<String>>>,
    /// The keys of the latest calls.
    shown: Arc<Mutex<Vec<String>>>,
}

impl Front {
    pub(super) async fn before(server: &str) -> Self {
        Self::showing(made("localhost"), server).await
    }

    /// One with this certificate, whatever is wrong with it.
    pub(super) async fn showing(own: Made, server: &str) -> Self {
        install_crypto();
        let channel = Endpoint::from_shared(server.to_owned()).expect("an address").connect_lazy();
        let door = Door { server: channel, known: Arc::default(), shown: Arc::default() };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let tls = RustlsConfig::from_config(Arc::new(config(&own, &[])));
        let router = Router::new().fallback(pass).with_state(door.clone());
        let serving = axum_server::from_tcp_rustls(listener, tls.clone()).expect("a server");
        tokio::spawn(serving.serve(router.into_make_service()));
        Self { port, tls, own, door }
    }

    /// What clients trust it by, in PEM.
    pub(super) fn authority(&self) -> String {
        self.own.cert.pem()
    }

    /// From now on whoever shakes hands shows one of these.
    pub(super) fn trust(&self, clients: &[&Made]) {
        self.tls.reload_from_config(Arc::new(config(&self.own, clients)));
    }

    /// From now on each call shows one of these.
    pub(super) fn know(&self, keys: &[&str]) {
        let known = keys.iter().map(|key| format!("Bearer {key}")).collect();
        *self.door.known.lock().expect("not poisoned") = known;
    }

    /// Whether the latest calls all showed this key; there were some since this was asked last.
    pub(super) fn latest_show(&self, key: &str) -> bool {
        let shown = std::mem::take(&mut *self.door.shown.lock().expect("not poisoned"));
        shown.len() > 20 && shown.iter().all(|shown| *shown == format!("Bearer {key}"))
    }
}

fn config(own: &Made, clients: &[&Made]) -> ServerConfig {
    let builder = ServerConfig::builder();
    let builder = match clients {
        [] => builder.with_no_client_auth(),
        clients => {
            let mut roots = RootCertStore::empty();
            for client in clients {
                roots.add(client.cert.der().clone()).expect("an authority");
            }
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        }
    };
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
    let mut config = builder.with_single_cert(vec![own.cert.der().clone()], key).expect("a pair");
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

async fn pass(State(mut door): State<Door>, request: Request) -> Response<Body> {
    let key = request.headers().get("authorization");
    let key = key.and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
    let known = door.known.lock().expect("not poisoned").clone();
    door.shown.lock().expect("not poisoned").push(key.clone());
    if !known.is_empty() && !known.contains(&key) {
        return refused();
    }
    let called = async {
        let server = door.server.ready().await?;
        server.call(request.map(tonic::body::Body::new)).await
    };
    match called.await {
        Ok(answer) => answer.map(Body::new),
        Err(error) => panic!("the dev server is away: {error}"),
    }
}

/// `Unauthenticated` (16).
fn refused() -> Response<Body> {
    let answer = Response::builder()
        .header("content-type", "application/grpc")
        .header("grpc-status", "16")
        .header("grpc-message", "Request unauthorized.");
    answer.body(Body::empty()).expect("an answer")
}
