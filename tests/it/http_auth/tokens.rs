//! Tokens of an identity provider: whom they name, which are refused, and how keys rotate.

use std::sync::atomic::{AtomicU8, Ordering};

use ap_gateway::config;
use ap_gateway::http::auth::Auth;
use axum::http::StatusCode;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::edge::{Answer, Edge};
use crate::http_auth::from;
use crate::http_auth::provider::{Provider, Signer};

/// A gateway that takes the provider's tokens.
async fn edge(provider: &Provider, change: impl FnOnce(&mut config::Jwt)) -> Edge {
    let mut jwt = provider.settings();
    change(&mut jwt);
    let edge = Edge::start().await;
    let auth =
        Auth::required(&edge.state.ledger, &config::Auth::default(), &jwt, &edge.state.metrics);
    edge.behind(auth)
}

/// From an address of its own: no failure is counted for another.
async fn read(edge: &Edge, authorization: &str) -> Answer {
    static ADDRESS: AtomicU8 = AtomicU8::new(0);
    let address = [198, 51, 100, ADDRESS.fetch_add(1, Ordering::Relaxed)];
    edge.send(from(address, Some(authorization), "GET", "/invoices")).await
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    match value {
        Value::Null => claims.as_object_mut().expect("an object").remove(name),
        value => claims.as_object_mut().expect("an object").insert(name.to_owned(), value),
    };
    claims
}

#[tokio::test]
async fn a_token_names_its_subject_and_its_roles() {
    let provider = Provider::start();
    let signers = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA]
        .map(|algorithm| Signer::new(&format!("{algorithm:?}"), algorithm));
    provider.publish(&signers.each_ref());
    let edge = edge(&provider, |_| {}).await;
    for signer in &signers {
        let answer = read(&edge, &signer.sign(&provider.claims())).await;
        assert_eq!(answer.status, 200, "{:?}", signer.algorithm);
    }
    let signer = &signers[2];
    let submit = from([192, 0, 2, 1], Some(&signer.sign(&provider.claims())), "POST", "/invoices");
    assert_eq!(edge.send(submit).await.status, 415, "a submitter comes as far as the document");
    let order = from([192, 0, 2, 1], Some(&signer.sign(&provider.claims())), "POST", "/receipts");
    assert!(edge.send(order).await.status != 403);
    let claims = provider.claims();
    for (roles, status) in [
        (json!("viewer offline_access"), 200),
        (json!(["unknown"]), 403),
        (json!([]), 403),
        (Value::Null, 403),
    ] {
        let token = signer.sign(&with(&claims, "roles", roles.clone()));
        assert_eq!(read(&edge, &token).await.status, status, "{roles}");
    }
    assert_eq!(provider.asked(), 1, "keys are kept");
}

#[tokio::test]
async fn a_claim_of_the_providers_own_words_is_translated() {
    let provider = Provider::start();
    let signer = Signer::new("k1", Algorithm::EdDSA);
    provider.publish(&[&signer]);
    let edge = edge(&provider, |jwt| {
        jwt.jwks_url = None; // found through the provider's own description
        jwt.roles_claim = "realm_access.roles".to_owned();
        jwt.roles = [("AP-Team".to_owned(), ap_gateway::models::access::Role::Viewer)].into();
    })
    .await;
    for (word, status) in [("AP-Team", 200), ("viewer", 403)] {
        let claims = with(&provider.claims(), "realm_access", json!({ "roles": [word] }));
        assert_eq!(read(&edge, &signer.sign(&claims)).await.status, status, "{word}");
    }
}

/// Acceptance 31.
#[tokio::test]
async fn acceptance_31_a_token_that_is_not_right_in_all_is_refused() {
    let provider = Provider::start();
    let signer = Signer::new("k1", Algorithm::EdDSA);
    let foreign = Signer::new("k1", Algorithm::EdDSA);
    let unlisted = Signer::new("k2", Algorithm::RS512);
    provider.publish(&[&signer, &unlisted]);
    let edge = edge(&provider, |_| {}).await;
    let (claims, now) = (provider.claims(), chrono::Utc::now().timestamp());
    let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::EdDSA) };
    let base64 = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let good = signer.sign(&claims);
    let (body, signature) = (base64(&claims.to_string()), good.rsplit('.').next().expect("three"));
    let other = base64(&with(&claims, "sub", json!("mallory")).to_string());
    let head = good.split('.').next().expect("three parts");
    let hmac = |secret: &str| {
        let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::HS256) };
        let key = EncodingKey::from_secret(secret.as_bytes());
        format!("Bearer {}", encode(&header, &claims, &key).expect("a token"))
    };
    let crit = Header { crit: Some(vec!["exp".to_owned()]), ..header.clone() };
    let table = [
        ("none", format!("Bearer {}.{body}.", base64(r#"{"alg":"none","kid":"k1"}"#))),
        ("unsigned", format!("{head}.{body}.")),
        ("altered", format!("{head}.{other}.{signature}")),
        ("public half as secret", hmac(&signer.public())),
        ("the issuer as secret", hmac(&provider.issuer)),
        ("of another key with the same id", foreign.sign(&claims)),
        ("an algorithm that is not listed", unlisted.sign(&claims)),
        (
            "an unknown key",
            signer.sign_as(&Header { kid: Some("k9".into()), ..header.clone() }, &claims),
        ),
        ("what must be understood", signer.sign_as(&crit, &claims)),
        ("another audience", signer.sign(&with(&claims, "aud", json!("other")))),
        ("no audience", signer.sign(&with(&claims, "aud", Value::Null))),
        ("another issuer", signer.sign(&with(&claims, "iss", json!("https://other.example")))),
        ("two issuers", signer.sign(&with(&claims, "iss", json!([provider.issuer, "x"])))),
        ("no issuer", signer.sign(&with(&claims, "iss", Value::Null))),
        ("no subject", signer.sign(&with(&claims, "sub", Value::Null))),
        ("an empty subject", signer.sign(&with(&claims, "sub", json!("")))),
        ("a long subject", signer.sign(&with(&claims, "sub", json!("s".repeat(256))))),
        ("no end", signer.sign(&with(&claims, "exp", Value::Null))),
        ("an odd end", signer.sign(&with(&claims, "exp", json!("soon")))),
        ("expired", signer.sign(&with(&claims, "exp", json!(now - 60)))),
        ("not yet", signer.sign(&with(&claims, "nbf", json!(now + 60)))),
        ("too long", signer.sign(&with(&claims, "x", json!("x".repeat(8 * 1024))))),
        ("no token", "Bearer abc".to_owned()),
        ("three of nothing", "Bearer ..".to_owned()),
        ("nothing", "Bearer ".to_owned()),
    ];
    for (what, token) in &table {
        let answer = read(&edge, token).await;
        assert_eq!(answer.problem(), (401, "unauthenticated".to_owned()), "{what}");
        assert!(answer.json().get("detail").is_none(), "{what}: one text for all reasons");
    }
    for (what, claims) in [
        ("a clock that is behind", with(&claims, "nbf", json!(now + 20))),
        ("a clock that is ahead", with(&claims, "exp", json!(now - 20))),
        ("one of two audiences", with(&claims, "aud", json!(["other", "ap-gateway"]))),
    ] {
        assert_eq!(read(&edge, &signer.sign(&claims)).await.status, 200, "{what}");
    }
}

/// A public key as files hold it.
fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

/// Acceptance 31: whoever writes a token writes its head too. What everybody may know of a key is
/// no secret to sign with, and no key checks signatures of another kind.
#[tokio::test]
async fn acceptance_31_a_key_is_for_its_own_kind_of_signature_alone() {
    let provider = Provider::start();
    let keys = [("ed", Algorithm::EdDSA), ("ec", Algorithm::ES256), ("rsa", Algorithm::RS256)];
    let [ed, ec, rsa] = keys.map(|(id, algorithm)| Signer::new(id, algorithm));
    provider.publish(&[&ed, &ec, &rsa]);
    let edge = edge(&provider, |_| {}).await;
    let claims = provider.claims();
    for signer in [&ed, &ec, &rsa] {
        assert_eq!(read(&edge, &signer.sign(&claims)).await.status, 200, "{}", signer.id);
    }
    let head = |id: &str, algorithm| Header { kid: Some(id.into()), ..Header::new(algorithm) };
    let mut table = vec![
        ("RS256, named Ed25519", rsa.sign_as(&head("ed", Algorithm::RS256), &claims)),
        ("RS256, named P-256", rsa.sign_as(&head("ec", Algorithm::RS256), &claims)),
        ("EdDSA, named RSA", ed.sign_as(&head("rsa", Algorithm::EdDSA), &claims)),
        ("ES256, named RSA", ec.sign_as(&head("rsa", Algorithm::ES256), &claims)),
        ("PS256 of a key for RS256", rsa.sign_as(&head("rsa", Algorithm::PS256), &claims)),
    ];
    let (modulus, der) = (rsa.public(), rsa.public_der());
    for (what, secret) in [
        ("the modulus as it is published", modulus.clone().into_bytes()),
        ("the modulus", BASE64_URL_SAFE_NO_PAD.decode(&modulus).expect("base64")),
        ("the public key in DER", der.clone()),
        ("the public key in PEM", pem(&der).into_bytes()),
        ("the same without its last line break", pem(&der).trim_end().as_bytes().to_vec()),
    ] {
        let key = EncodingKey::from_secret(&secret);
        for head in [head("rsa", Algorithm::HS256), Header::new(Algorithm::HS256)] {
            let token = encode(&head, &claims, &key).expect("a token");
            table.push((what, format!("Bearer {token}")));
        }
    }
    for (what, token) in &table {
        let answer = read(&edge, token).await;
        assert_eq!(answer.problem(), (401, "unauthenticated".to_owned()), "{what}");
    }
}

/// Acceptance 52 and 53.
#[tokio::test]
async fn acceptance_52_keys_rotate_without_a_restart_and_unknown_ones_do_not_make_us_ask_on_and_on()
{
    let provider = Provider::start();
    let (old, new) = (Signer::new("old", Algorithm::EdDSA), Signer::new("new", Algorithm::ES256));
    provider.publish(&[&old]);
    let edge = edge(&provider, |_| {}).await;
    let claims = provider.claims();
    assert_eq!(read(&edge, &old.sign(&claims)).await.status, 200);
    provider.publish(&[&old, &new]);
    assert_eq!(read(&edge, &new.sign(&claims)).await.status, 200, "a new key works at once");
    assert_eq!(read(&edge, &old.sign(&claims)).await.status, 200, "beside the old one");
    assert_eq!(provider.asked(), 2);
    for id in 0..20 {
        let unknown = Signer::new(&format!("unknown{id}"), Algorithm::EdDSA);
        assert_eq!(read(&edge, &unknown.sign(&claims)).await.status, 401);
    }
    assert_eq!(provider.asked(), 2, "once a minute is enough");
}

#[tokio::test]
async fn acceptance_53_a_bad_answer_of_the_provider_keeps_the_old_keys() {
    let signer = Signer::new("k1", Algorithm::EdDSA);
    let unknown = Signer::new("k2", Algorithm::EdDSA);
    for (status, text) in [
        (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
        (StatusCode::FOUND, String::new()),
        (StatusCode::OK, "{".to_owned()),
        (StatusCode::OK, json!({"keys": []}).to_string()),
        (
            StatusCode::OK,
            json!({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "k2"}]}).to_string(),
        ),
        (StatusCode::OK, format!("{{\"keys\": [], \"x\": \"{}\"}}", "x".repeat(64 * 1024))),
    ] {
        let provider = Provider::start();
        provider.publish(&[&signer]);
        let edge = edge(&provider, |_| {}).await;
        let claims = provider.claims();
        assert_eq!(read(&edge, &signer.sign(&claims)).await.status, 200);
        provider.answer_with(status, &text);
        assert_eq!(read(&edge, &unknown.sign(&claims)).await.status, 401);
        assert_eq!(provider.asked(), 2);
        assert_eq!(read(&edge, &signer.sign(&claims)).await.status, 200, "{status} {text:.40}");
    }
}

#[tokio::test]
async fn a_provider_that_never_answered_is_not_the_callers_fault() {
    let provider = Provider::start();
    provider.answer_with(StatusCode::BAD_GATEWAY, "");
    let edge = edge(&provider, |_| {}).await;
    let signer = Signer::new("k1", Algorithm::EdDSA);
    for _ in 0..3 {
        let answer = read(&edge, &signer.sign(&provider.claims())).await;
        assert_eq!(answer.problem(), (503, "storage-unavailable".to_owned()));
        assert_eq!(answer.json()["store"], "identity_provider");
        assert_eq!(answer.header("retry-after"), "10");
    }
    assert_eq!(provider.asked(), 1, "and is not asked again at once");
}
