//! No secret is in anything that leaves the process (acceptance 35). What a worker, TLS and the
//! documents bring along is looked for in `observed::canaries`.

use ap_gateway::config;
use ap_gateway::http::openapi;
use ap_gateway::http::openapi::document_text;
use ap_gateway::models::access::Role;
use ap_gateway::storage::Ledger;
use jsonwebtoken::Algorithm;
use reqwest::Client;
use tempfile::TempDir;

use crate::http_auth::key;
use crate::http_auth::provider::{Provider, Signer, consent};
use crate::observed::talkative::{Talkative, ledger_url};

/// The part of a credential that nobody may see.
fn secret(authorization: &str) -> String {
    authorization[authorization.len() - 40..].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_35_no_credential_is_in_logs_metrics_errors_or_documents() {
    let folder = TempDir::new().expect("a folder");
    let url = ledger_url(folder.path()).into();
    let settings = config::Ledger { url, ..config::Ledger::default() };
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
    let gateway = Talkative::start("http", folder.path(), settings_for(&provider)).await;
    let (base, mut seen) = (gateway.base.clone(), String::new());
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
    let figures = client.get(format!("{base}/metrics")).header("authorization", &good);
    let figures = figures.send().await.expect("an answer");
    assert_eq!(figures.status(), 200, "looked at again now that there are secrets");
    seen.push_str(&figures.text().await.expect("figures"));
    seen.push_str(&gateway.end().await);
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

/// What makes a gateway take the provider's tokens, and let people sign in there. Temporal is away.
fn settings_for(provider: &Provider) -> [(&'static str, String); 6] {
    let desk = provider.desk();
    [
        ("AP_GATEWAY_JWT_ISSUER", provider.issuer.clone()),
        ("AP_GATEWAY_JWT_AUDIENCE", "ap-gateway".to_owned()),
        ("AP_GATEWAY_OIDC_CLIENT_ID", desk.client.clone()),
        ("AP_GATEWAY_OIDC_PUBLIC_URL", "http://localhost:8080".to_owned()),
        ("AP_GATEWAY_OIDC_CLIENT_SECRET", desk.secret.clone()),
        ("TEMPORAL_ADDRESS", "127.0.0.1:1".to_owned()),
    ]
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
