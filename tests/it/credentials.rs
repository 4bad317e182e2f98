//! A server that does not take our API key: it is told in words, and the key is never shown.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;

use ap_gateway::temporal::connect::install_crypto;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum_server::tls_rustls::RustlsConfig;
use tempfile::TempDir;
use tokio::process::Command;

const KEY: &str = "canary-of-an-api-key";

/// gRPC over TLS, as Temporal Cloud speaks it; every call is answered `Unauthenticated` (16).
async fn refusing_server(folder: &TempDir) -> u16 {
    install_crypto();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    std::fs::write(folder.path().join("ca.pem"), &certificate).expect("a writable folder");
    let tls = RustlsConfig::from_pem(certificate.into(), key.into()).await.expect("a TLS setting");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let refuse = || async {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/grpc"));
        headers.insert("grpc-status", HeaderValue::from_static("16"));
        headers.insert("grpc-message", HeaderValue::from_static("Request unauthorized."));
        (StatusCode::OK, headers)
    };
    let router = Router::new().fallback(refuse);
    let server = axum_server::from_tcp_rustls(listener, tls).expect("a server");
    tokio::spawn(server.serve(router.into_make_service()));
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_that_the_api_key_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let port = refusing_server(&folder).await;
    let output = Command::new(env!("CARGO_BIN_EXE_ap-gateway"))
        .arg("check")
        .env("TEMPORAL_ADDRESS", format!("localhost:{port}"))
        .env("TEMPORAL_API_KEY", KEY)
        .env("TEMPORAL_TLS_SERVER_CA_CERT_PATH", folder.path().join("ca.pem"))
        .env("AP_GATEWAY_LEDGER_URL", format!("sqlite:{}", folder.path().join("l.db").display()))
        .env("AP_GATEWAY_ARTIFACTS", folder.path().join("artifacts"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("the binary starts");
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(10), "{text}");
    assert!(text.contains("refused our credential"), "{text}");
    assert!(!text.contains(KEY), "{text}");
}
