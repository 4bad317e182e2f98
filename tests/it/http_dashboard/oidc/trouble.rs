//! A provider that is away, slow, or says what cannot be understood.

use axum::http::StatusCode;
use serde_json::json;

use crate::http_auth::provider::Instead;
use crate::http_dashboard::oidc::{BEGIN, Browser, check_refused, failures, gateway, provider};

const ERROR: &str = "cannot be reached, or refused";

#[tokio::test]
async fn a_token_endpoint_that_refuses_or_talks_nonsense_is_a_502() {
    let provider = provider();
    let answer = |status, text: &str| Instead::Answer(status, text.to_owned());
    let refusal = |error: &str| json!({"error": error, "error_description": "x\ny"}).to_string();
    for (what, instead) in [
        ("a used code", answer(400, &refusal("invalid_grant"))),
        ("a secret that is wrong", answer(401, &refusal("invalid_client"))),
        ("a client that may not", answer(400, &refusal("unauthorized_client"))),
        ("a crash", answer(500, "<html>")),
        ("a way elsewhere", answer(302, "")),
        ("no JSON", answer(200, "{")),
        ("no ID token", answer(200, &json!({"access_token": "canary"}).to_string())),
        ("too much", answer(200, &format!("\"{}\"", "x".repeat(64 * 1024)))),
    ] {
        provider.desk().instead = Some(instead);
        let edge = gateway(&provider).await;
        let mut alice = Browser::at(&edge);
        check_refused(&alice.sign_in().await, 502, ERROR, what);
        assert!(alice.jar.is_empty(), "{what}");
        let counted = u64::from(what == "a used code");
        assert_eq!(failures(&edge, "code"), counted, "{what}: only codes can be guessed");
    }
}

#[tokio::test]
async fn a_token_endpoint_that_says_nothing_is_a_504_after_seconds() {
    let provider = provider();
    provider.desk().instead = Some(Instead::Nothing);
    let edge = gateway(&provider).await;
    let mut alice = Browser::at(&edge);
    let began = std::time::Instant::now();
    let shown = alice.sign_in().await;
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    check_refused(&shown, 504, "did not answer in time", "nothing");
    assert_eq!(shown.header("retry-after"), "10");
}

#[tokio::test]
async fn a_description_that_leads_nowhere_sends_nobody_away() {
    for (what, described) in [
        ("no place to sign in", json!({"authorization_endpoint": null})),
        ("a place in clear", json!({"authorization_endpoint": "http://login.example/"})),
        ("no address", json!({"authorization_endpoint": "javascript:alert(1)"})),
        ("another issuer", json!({"issuer": "https://other.example"})),
        ("no keys", json!({"jwks_uri": null})),
    ] {
        let provider = provider();
        provider.desk().described = described;
        let edge = gateway(&provider).await;
        check_refused(&Browser::at(&edge).get(BEGIN).await, 502, ERROR, what);
    }
    let provider = provider();
    for (what, described) in [
        ("no token endpoint", json!({"token_endpoint": null})),
        ("tokens in clear", json!({"token_endpoint": "http://login.example/token"})),
        (
            "no way to prove it",
            json!({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}),
        ),
    ] {
        provider.desk().described = described;
        let edge = gateway(&provider).await;
        check_refused(&Browser::at(&edge).sign_in().await, 502, ERROR, what);
    }
    assert_eq!(provider.desk().trades, 0);
}

/// Its keys are read like those of the API's tokens, and kept like them.
#[tokio::test]
async fn a_provider_without_keys_is_a_store_that_is_away() {
    let provider = provider();
    provider.answer_with(StatusCode::BAD_GATEWAY, "");
    let edge = gateway(&provider).await;
    check_refused(
        &Browser::at(&edge).sign_in().await,
        503,
        "keys of the identity provider",
        "keys",
    );
    provider.open_desk();
    let edge = gateway(&provider).await;
    assert_eq!(Browser::at(&edge).sign_in().await.status, 200);
    // What is known goes on while it is away.
    provider.answer_with(StatusCode::BAD_GATEWAY, "");
    provider.desk().described = json!({"issuer": null});
    assert_eq!(Browser::at(&edge).sign_in().await.status, 200);
}
