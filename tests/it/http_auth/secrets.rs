//! No secret is in anything that leaves the process (acceptance 35).

use std::path::Path;
use std::process::Stdio;

use ap_gateway::config;
use ap_gateway::http::openapi;
use ap_gateway::http::openapi::document_text;
use ap_gateway::models::access::Role;
use ap_gateway::storage::Ledger;
use jsonwebtoken::Algorithm;
use reqwest::Client;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::http_auth::key;
use crate::http_auth::provider::{Provider, Signer, consent};

/// The part of a credential that nobody may see.
fn secret(authorization: &str) -> String {
    authorization[authorization.len() - 40..].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_35_no_credential_is_in_logs_metrics_errors_or_documents() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("ledger.db").display());
    let settings = config::Ledger { url: url.clone().into(), ..config::Ledger::default() };
    let ledger = Ledger::open(&settings).await.expect("a ledger");
    let good = key(&ledger, "key:erp", &Role::ALL).await;
    let wrong =
        format!("{}{}", &good[..good.len() - 43], "canary0canary1canary2canary3canary4canary5c");
    let provider = Provider::start();
    let signer = Signer::new("k1", Algorithm::EdDSA);
    provider.publish(&[&signer, &provider.desk().signer]);
    let token = signer.sign(&provider.claims());
    let mut altered = token.clone();
    altered.truncate(token.len() - 2);
    let mut gateway = gateway(folder.path(), &url, &provider);
    let mut lines = BufReader::new(gateway.stderr.take().expect("piped")).lines();
    let mut seen = String::new();
    let base = loop {
        let line = lines.next_line().await.expect("readable").expect("it serves");
        seen.push_str(&line);
        let line: serde_json::Value = serde_json::from_str(&line).expect("JSON lines");
        if let Some(address) = line["gateway"].as_str() {
            break address.to_owned();
        }
    };
    let rest = tokio::spawn(async move {
        let mut rest = String::new();
        let mut reader = lines.into_inner();
        reader.read_to_string(&mut rest).await.expect("readable");
        rest
    });
    let client = Client::new();
    for (authorization, status) in
        [(&good, 200), (&token, 200), (&wrong, 401), (&altered, 401), (&good, 200)]
    {
        for path in ["/invoices", "/metrics", "/nowhere", "/invoices?x=1"] {
            let request = client.get(format!("{base}{path}"));
            let answer = request.header("authorization", authorization).send().await;
            let answer = answer.expect("the gateway answers");
            assert!(path != "/invoices" || answer.status() == status, "{path} {status}");
            seen.push_str(&format!("{:?}", answer.headers()));
            seen.push_str(&answer.text().await.expect("a body"));
        }
    }
    let signing = webhook_secrets(&client, &base, &good, &mut seen).await;
    let signed_in = sign_in_secrets(&base, &provider, &mut seen).await;
    gateway.kill().await.expect("it ends");
    seen.push_str(&rest.await.expect("no panic"));
    seen.push_str(&document_text(&openapi()));
    for row in ledger.audit(0, 100).await.expect("a trail") {
        seen.push_str(&format!("{row:?}"));
    }
    assert!(seen.contains("\"key.id\"") && seen.contains("TRACE"), "the log is a whole one");
    let hidden = [&good, &wrong, &token, &altered].map(|one| secret(one));
    for hidden in hidden.iter().chain(&signing).chain(&signed_in) {
        assert!(!seen.contains(hidden.trim_start_matches("whsec_")), "{hidden} is shown");
    }
}

/// A gateway that logs all it can, in a process of its own.
fn gateway(folder: &Path, url: &str, provider: &Provider) -> Child {
    let (client_id, client_secret) = {
        let desk = provider.desk();
        (desk.client.clone(), desk.secret.clone())
    };
    Command::new(env!("CARGO_BIN_EXE_ap-gateway"))
        .args(["serve", "--role", "http", "--listen", "127.0.0.1:0", "--log-format", "json"])
        .env("AP_GATEWAY_AUTH", "required")
        .env("AP_GATEWAY_LOG", "trace")
        .env("AP_GATEWAY_LEDGER_URL", url)
        .env("AP_GATEWAY_ARTIFACTS", folder.join("artifacts"))
        .env("AP_GATEWAY_JWT_ISSUER", &provider.issuer)
        .env("AP_GATEWAY_JWT_AUDIENCE", "ap-gateway")
        .env("AP_GATEWAY_OIDC_CLIENT_ID", &client_id)
        .env("AP_GATEWAY_OIDC_PUBLIC_URL", "http://localhost:8080")
        .env("AP_GATEWAY_OIDC_CLIENT_SECRET", &client_secret)
        .env("AP_GATEWAY_WEBHOOK_NETWORKS", "127.0.0.0/8")
        .env("TEMPORAL_ADDRESS", "127.0.0.1:1")
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the binary starts")
}

/// Makes a webhook, rotates its secret and tests it; answers both secrets. What else is answered
/// is added to what was seen.
async fn webhook_secrets(
    client: &Client,
    base: &str,
    authorization: &str,
    seen: &mut String,
) -> [String; 2] {
    let post = async |path: &str, body: &str| -> serde_json::Value {
        let request = client.post(format!("{base}{path}")).header("authorization", authorization);
        let request = request.header("content-type", "application/json");
        let request = request.header("idempotency-key", "hook").body(body.to_owned());
        let text = request.send().await.expect("an answer").text().await.expect("a body");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    };
    let asked = r#"{"url":"http://127.0.0.1:9/","events":["invoice.closed"]}"#;
    let made = post("/webhooks", asked).await;
    let hook = made["links"]["self"].as_str().expect("a link").to_owned();
    let rotated = post(&format!("{hook}/rotate-secret"), "").await;
    for again in [post("/webhooks", asked).await, post(&format!("{hook}/test"), "").await] {
        seen.push_str(&again.to_string());
    }
    [&made, &rotated].map(|answer| answer["secret"].as_str().expect("shown once").to_owned())
}

/// Signs in at the provider, once well and once with a code that it does not take; answers what of
/// that only browser, gateway and provider may know. The pages are added to what was seen.
async fn sign_in_secrets(base: &str, provider: &Provider, seen: &mut String) -> Vec<String> {
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build();
    let client = client.expect("a client");
    let mut hidden = vec![provider.desk().secret.clone(), "canary-access-token".to_owned()];
    hidden.push("canary-refresh-token".to_owned());
    for status in [200, 502] {
        let begun = client.get(format!("{base}/dashboard/sign-in/oidc")).send().await;
        let begun = begun.expect("an answer");
        let header = |name| begun.headers()[name].to_str().expect("ASCII");
        let (place, cookie) = (header("location"), header("set-cookie"));
        let back = consent(place).await.replace("http://localhost:8080", base);
        let back = if status == 200 { back } else { back.replace("code=", "code=canary") };
        let answer = client.get(back).header("cookie", cookie.split(';').next().expect("a pair"));
        let answer = answer.send().await.expect("an answer");
        assert_eq!(answer.status(), status);
        for cookie in answer.headers().get_all("set-cookie") {
            hidden.push(cookie.to_str().expect("ASCII").split(';').next().expect("one").to_owned());
        }
        seen.push_str(&answer.text().await.expect("a page"));
        hidden.append(&mut provider.desk().hidden);
    }
    // A cookie that is taken back has nothing to hide.
    hidden.retain(|secret| !secret.ends_with('='));
    assert_eq!(hidden.len(), 3 + 5 + 1, "{hidden:?}");
    hidden
}
