//! A server that is not where, or not what, it was said to be.

use std::path::Path;

use ap_gateway::config;
use axum::Router;
use axum::extract::Request;
use axum::response::Html;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::json;
use tempfile::TempDir;

use crate::commands::{err, out, run};
use crate::http_serving::served;

const INVOICE: &str = "inv_01kax3v9s8f2m7c4t0q6w5z1re";

/// Serves this on a port until the test ends; answers its `HOST:PORT`.
async fn serving(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let place = listener.local_addr().expect("bound").to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn the_path_of_an_address_is_kept() {
    let echo = async |request: Request| {
        axum::Json(json!({"id": request.uri().to_string(), "items": [], "workflow_id": "w"}))
    };
    let place = serving(Router::new().fallback(echo)).await;
    for slash in ["", "/"] {
        let server = format!("http://{place}/ap{slash}");
        let got = run(&["get", INVOICE, "--server", &server, "--json"], &[]).await;
        assert_eq!(got.status.code(), Some(0), "{}", err(&got));
        assert!(out(&got).contains(&format!("\"/ap/invoices/{INVOICE}\"")), "{}", out(&got));
        let pinged = run(&["ping", "--server", &server, "--json"], &[]).await;
        assert!(out(&pinged).contains("\"/ap/workflows/ping\""), "{}", out(&pinged));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_carries_more_than_a_place_is_refused_and_not_repeated() {
    for (address, words) in [
        ("http://anna:canary@127.0.0.1:1", "AP_GATEWAY_KEY"),
        ("http://127.0.0.1:1/?canary=1", "a query"),
        ("http://127.0.0.1:1/#canary", "a fragment"),
        ("ftp://127.0.0.1", "http://HOST:PORT"),
        ("127.0.0.1:8080", "http://HOST:PORT"),
    ] {
        let by_flag = run(&["list", "--server", address], &[]).await;
        let by_variable = run(&["list"], &[("AP_GATEWAY_SERVER", address)]).await;
        for refused in [by_flag, by_variable] {
            let text = err(&refused);
            assert_eq!(refused.status.code(), Some(2), "{address}: {text}");
            assert!(text.contains(words) && !text.contains("canary"), "{address}: {text}");
        }
        let help = run(&["list", "--help"], &[("AP_GATEWAY_SERVER", address)]).await;
        assert!(!out(&help).contains("canary"), "{}", out(&help));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_gateway_is_named_with_its_address() {
    let page = async || Html("<h1>It works!</h1>");
    let place = serving(Router::new().fallback(page)).await;
    let server = format!("http://{place}");
    for arguments in [
        vec!["get", INVOICE],
        vec!["list"],
        vec!["decide", INVOICE, "approve"],
        vec!["watch", INVOICE],
        vec!["ping"],
    ] {
        let refused = run(&arguments, &[("AP_GATEWAY_SERVER", &server)]).await;
        let text = err(&refused);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}: {text}");
        assert!(text.contains(&server) && text.contains("is no gateway"), "{arguments:?}: {text}");
        assert!(text.contains("--server") && !text.contains("works"), "{arguments:?}: {text}");
    }
    let submitted = run(&["submit", "--server", &server, "Cargo.toml"], &[]).await;
    assert_eq!(submitted.status.code(), Some(1));
    assert!(out(&submitted).contains("is no gateway"), "{}", out(&submitted));

    let healthy = run(&["healthcheck"], &[("AP_GATEWAY_LISTEN", &place)]).await;
    assert_eq!(healthy.status.code(), Some(1), "{}", out(&healthy));
    assert_eq!(out(&healthy), "", "a page of somebody else is not shown");
    assert!(err(&healthy).contains(&server), "{}", err(&healthy));
    let nobody = run(&["healthcheck"], &[("AP_GATEWAY_LISTEN", "127.0.0.1:1")]).await;
    assert_eq!(nobody.status.code(), Some(69), "{}", err(&nobody));
    for words in ["http://127.0.0.1:1/", "AP_GATEWAY_LISTEN", "AP_GATEWAY_OPS_LISTEN"] {
        assert!(err(&nobody).contains(words), "{}", err(&nobody));
    }
}

/// A certificate for this machine's own address, in a folder; answers the limits that serve it.
fn certified(folder: &Path, is_ca: IsCa) -> config::Http {
    let mut parameters = CertificateParams::new(["127.0.0.1".to_owned()]).expect("a name");
    parameters.is_ca = is_ca;
    let key = KeyPair::generate().expect("a key");
    let made = parameters.self_signed(&key).expect("a certificate");
    let file = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("writable");
        Some(path)
    };
    config::Http {
        tls_certificate: file("chain.pem", made.pem()),
        tls_key: file("key.pem", key.serialize_pem()),
        ..config::Http::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_of_tls_has_its_remedy() {
    let (leaf, own) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let plain = served(config::Http::default()).await;
    let secured = served(certified(leaf.path(), IsCa::NoCa)).await;
    let authority = IsCa::Ca(BasicConstraints::Unconstrained);
    let of_ca = served(certified(own.path(), authority)).await;
    let chain = |folder: &TempDir| folder.path().join("chain.pem").display().to_string();
    let known = [("SSL_CERT_FILE", chain(&leaf))];
    let known_ca = [("SSL_CERT_FILE", chain(&own))];
    let at = |scheme: &str, served: &crate::http_serving::Served| {
        format!("{scheme}://{}", served.address)
    };
    let table = [
        (at("https", &plain), None, 69, format!("try {}", at("http", &plain))),
        (at("http", &secured), None, 69, format!("try {}", at("https", &secured))),
        (at("https", &secured), None, 69, "name the CA in SSL_CERT_FILE".to_owned()),
        (at("https", &secured), Some(&known), 1, format!("no invoice {INVOICE}")),
        (at("https", &of_ca), Some(&known_ca), 69, "certificate of a CA as its own".to_owned()),
    ];
    for (server, environment, code, words) in table {
        let environment: Vec<_> = environment
            .into_iter()
            .flatten()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let output = run(&["get", INVOICE, "--server", &server], &environment).await;
        let text = err(&output);
        assert_eq!(output.status.code(), Some(code), "{server}: {text}");
        assert!(text.contains(&words) && text.contains(&server), "{server}: {text}");
        assert!(!text.contains("ap-gateway dev"), "{server}: {text}");
    }
}
