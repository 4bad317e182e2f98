//! 37: TLS 1.2 and above with a certificate that may be replaced; no port without login.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use ap_gateway::config;
use reqwest::{Certificate, Client, tls};
use tempfile::TempDir;
use tokio::process::Command;

use crate::harness::{PATIENCE, within};
use crate::http_serving::{Served, open, quick, rest, served, talk};

/// Writes a new certificate with its key; answers what trusts it.
fn renew(folder: &Path) -> Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).expect("writable");
    std::fs::write(folder.join("chain.pem"), made.cert.pem()).expect("writable");
    Certificate::from_pem(made.cert.pem().as_bytes()).expect("a certificate")
}

async fn secured(folder: &Path) -> Served {
    let file = |name: &str| Some(folder.join(name));
    let limits =
        config::Http { tls_certificate: file("chain.pem"), tls_key: file("key.pem"), ..quick() };
    served(limits).await
}

/// The version of HTTP that was spoken, over a new connection.
async fn ask(
    address: SocketAddr,
    trusted: &Certificate,
    versions: (tls::Version, tls::Version),
) -> Option<reqwest::Version> {
    let client = Client::builder()
        .no_proxy()
        .resolve("localhost", address)
        .tls_certs_only([trusted.clone()])
        .tls_version_min(versions.0)
        .tls_version_max(versions.1)
        .build()
        .expect("a client");
    let url = format!("https://localhost:{}/invoices", address.port());
    let answer = client.get(url).send().await.ok()?;
    let told = answer.headers().get("strict-transport-security").cloned();
    assert_eq!(told, Some(reqwest::header::HeaderValue::from_static("max-age=31536000")));
    (answer.status() == 200).then(|| answer.version())
}

const ANY: (tls::Version, tls::Version) = (tls::Version::TLS_1_2, tls::Version::TLS_1_3);

/// The head of a `ClientHello` of an older TLS, which offers nothing newer.
fn old_hello(minor: u8) -> Vec<u8> {
    let suites = [0xc0, 0x14, 0xc0, 0x13, 0x00, 0x35, 0x00, 0x2f];
    let mut body = vec![3, minor];
    body.extend([7; 32]); // random
    body.push(0); // no session
    body.extend([0, suites.len() as u8]);
    body.extend(suites);
    body.extend([1, 0]); // no compression
    let mut handshake = vec![1, 0, 0, body.len() as u8];
    handshake.extend(body);
    let mut record = vec![22, 3, 1, 0, handshake.len() as u8];
    record.extend(handshake);
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_37_only_tls_of_today_is_spoken() {
    let folder = TempDir::new().expect("a folder");
    let trusted = renew(folder.path());
    let server = secured(folder.path()).await;
    for version in [tls::Version::TLS_1_2, tls::Version::TLS_1_3] {
        let spoken = ask(server.address, &trusted, (version, version)).await;
        assert_eq!(spoken, Some(reqwest::Version::HTTP_11), "{version:?}");
    }
    for minor in 0..=2 {
        use tokio::io::AsyncReadExt;
        let mut stream = open(server.address, &old_hello(minor)).await;
        let mut alert = [0; 7];
        stream.read_exact(&mut alert).await.expect("an alert");
        assert_eq!((alert[0], alert[5]), (21, 2), "a fatal alert for 3.{minor}");
        assert!([40, 70].contains(&alert[6]), "handshake failure or version: {}", alert[6]);
    }
    let plain = talk(server.address, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(!plain.contains("HTTP/1.1"), "{plain}");
    // A handshake that does not come is closed by the timer.
    assert_eq!(rest(open(server.address, b"").await).await, "");
    let errors = &server.edge.state.metrics.connection_errors;
    within(PATIENCE, "all are counted", async || {
        (errors.with_label_values(&["tls"]).get() == 5).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_37_a_new_certificate_is_served_and_a_bad_one_keeps_the_old() {
    let folder = TempDir::new().expect("a folder");
    let first = renew(folder.path());
    let server = secured(folder.path()).await;
    let metrics = &server.edge.state.metrics;
    let reloads = &metrics.config_reloads;
    let ends = metrics.credential_expiry.with_label_values(&["tls_certificate"]);
    assert!(ends.get() > 4.0e9, "{}: when it ends is shown", ends.get());
    assert!(ask(server.address, &first, ANY).await.is_some());
    ends.set(0.0);
    let second = renew(folder.path());
    within(PATIENCE, "the new one is served", async || {
        ask(server.address, &second, ANY).await.map(drop)
    })
    .await;
    assert!(ask(server.address, &first, ANY).await.is_none(), "the old one is gone");
    assert!(ends.get() > 4.0e9, "{}: and that of the new one", ends.get());
    let refused = reloads.with_label_values(&["refused"]).get();
    for (file, text) in [("chain.pem", "nothing"), ("key.pem", "-----BEGIN PRIVATE KEY-----")] {
        let before = reloads.with_label_values(&["refused"]).get();
        let path = folder.path().join(file);
        let good = std::fs::read(&path).expect("readable");
        std::fs::write(&path, text).expect("writable");
        within(PATIENCE, "the bad one is seen", async || {
            (reloads.with_label_values(&["refused"]).get() == before + 1).then_some(())
        })
        .await;
        assert!(ask(server.address, &second, ANY).await.is_some(), "{file}");
        std::fs::write(&path, good).expect("writable");
    }
    assert_eq!(reloads.with_label_values(&["refused"]).get(), refused + 2);
    server.stop.cancel();
    assert!(server.task.await.expect("no panic").expect("served"), "drained");
}

/// Runs `serve` with settings that must not do; answers its exit code and words.
async fn refused(environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let folder = TempDir::new().expect("a folder");
    let serving = Command::new(env!("CARGO_BIN_EXE_ap-gateway"))
        .arg("serve")
        .current_dir(folder.path())
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, serving).await;
    let output = output.expect("it ends by itself").expect("the binary starts");
    let made = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(made, 0, "nothing was opened before");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_37_what_is_not_safe_ends_before_a_port_opens() {
    let table: [(&[(&str, &str)], &str); 5] = [
        (&[("AP_GATEWAY_LISTEN", "0.0.0.0:0")], "AP_GATEWAY_AUTH"),
        (&[("AP_GATEWAY_LISTEN", "[::]:0")], "AP_GATEWAY_LISTEN"),
        (&[("AP_GATEWAY_OPS_LISTEN", "0.0.0.0:0")], "AP_GATEWAY_OPS_LISTEN"),
        (&[("AP_GATEWAY_TLS_CERTIFICATE", "chain.pem")], "AP_GATEWAY_TLS_KEY"),
        (&[("AP_GATEWAY_TRUSTED_PROXIES", "everybody")], "is no network"),
    ];
    for (environment, words) in table {
        let (code, text) = refused(environment).await;
        assert_eq!(code, Some(64), "{environment:?}: {text}");
        assert!(text.contains(words), "{environment:?}: {text}");
    }
}
