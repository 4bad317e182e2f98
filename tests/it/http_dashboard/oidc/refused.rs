//! Who is not signed in: a table of answers, and a table of ID tokens.

use serde_json::{Value, json};

use crate::http_auth::provider::Signer;
use crate::http_dashboard::oidc::{
    BACK, BEGIN, Browser, check_refused, client, consent, failures, gateway, provider,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

#[tokio::test]
async fn an_answer_that_this_browser_does_not_wait_for_signs_nobody_in() {
    let provider = provider();
    let edge = gateway(&provider).await;
    let mut alice = Browser::at(&edge);
    let place = alice.begin("/dashboard").await;
    let right = consent(&place).await;
    let state = right.split("state=").nth(1).and_then(|rest| rest.split('&').next());
    let state = state.expect("sent back").to_owned();
    let mut other = Browser::at(&edge);
    check_refused(&other.get(&right).await, 400, "began no sign-in", "another browser");
    other.begin("/dashboard").await;
    check_refused(&other.get(&right).await, 400, "another sign-in", "another sign-in");
    for (query, words) in [
        (String::new(), "not opened by itself"),
        ("code=x".to_owned(), "not opened by itself"),
        (format!("code=x&state={state}&state={state}"), "has state twice"),
        (format!("code=x&code=y&state={state}"), "has code twice"),
        (format!("code=x&state={state}x"), "another sign-in"),
        (format!("code=x&state={state}&iss=https://evil.example"), "Another identity provider"),
    ] {
        check_refused(&alice.get(&format!("{BACK}?{query}")).await, 400, words, &query);
    }
    assert_eq!(provider.desk().trades, 0, "no code was tried");
    assert!(failures(&edge, "state") >= 3);
    assert!(!alice.is_signed_in().await);
    // None of them took her sign-in away, and it is good once.
    assert_eq!(alice.get(&right).await.status, 200);
    assert!(alice.is_signed_in().await);
    check_refused(&alice.get(&right).await, 400, "began no sign-in", "sent twice");
    assert_eq!(provider.desk().trades, 1);
    assert!(alice.is_signed_in().await, "the session of the first time goes on");
}

#[tokio::test]
async fn a_kept_cookie_does_not_make_a_code_good_twice() {
    let provider = provider();
    let edge = gateway(&provider).await;
    let mut alice = Browser::at(&edge);
    let place = alice.begin("/dashboard").await;
    let back = consent(&place).await;
    let kept = alice.visitor.cookie.clone();
    assert_eq!(alice.get(&back).await.status, 200);
    let mut thief = Browser::at(&edge);
    thief.visitor.cookie = kept;
    let shown = thief.visitor.get(&back).await;
    check_refused(&shown, 502, "cannot be reached, or refused", "a used code");
    assert_eq!(failures(&edge, "code"), 1);
}

/// The proof key: a code that was stolen from another browser is worth nothing in this one.
#[tokio::test]
async fn a_code_of_another_sign_in_is_not_taken() {
    let provider = provider();
    let edge = gateway(&provider).await;
    let (mut alice, mut mallory) = (Browser::at(&edge), Browser::at(&edge));
    let (hers, his) = (alice.begin("/dashboard").await, mallory.begin("/dashboard").await);
    let (hers, his) = (consent(&hers).await, consent(&his).await);
    let part = |query: &str, name: &str| {
        let rest = query.split(&format!("{name}=")).nth(1).expect("sent").to_owned();
        rest.split('&').next().expect("a value").to_owned()
    };
    let mixed = his.replace(&part(&his, "code"), &part(&hers, "code"));
    check_refused(
        &mallory.get(&mixed).await,
        502,
        "cannot be reached, or refused",
        "a stolen code",
    );
    assert!(!mallory.is_signed_in().await);
}

#[tokio::test]
async fn an_issuer_that_says_it_always_names_itself_must() {
    let provider = provider();
    provider.desk().described = json!({"authorization_response_iss_parameter_supported": true});
    let edge = gateway(&provider).await;
    let mut alice = Browser::at(&edge);
    let place = alice.begin("/dashboard").await;
    let back = consent(&place).await;
    let without = back.split("&iss=").next().expect("a part");
    check_refused(&alice.get(without).await, 400, "Another identity provider", "no iss");
    assert_eq!(alice.get(&back).await.status, 200);
}

#[tokio::test]
async fn a_refusal_at_the_provider_is_told_in_its_words_and_not_as_a_page() {
    let provider = provider();
    let edge = gateway(&provider).await;
    for (error, status) in [
        ("error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E%0D%0Ano", 403),
        ("error=invalid_scope", 502),
        ("error=server_error&code=x", 502),
        ("nothing=x", 502),
    ] {
        let mut alice = Browser::at(&edge);
        let place = alice.begin("/dashboard/invoices").await;
        let back = consent(&place).await;
        let state = back.split("state=").nth(1).and_then(|rest| rest.split('&').next());
        let back = format!("{BACK}?{error}&state={}", state.expect("sent back"));
        let shown = alice.get(&back).await;
        let words = if error.starts_with("error") { "It says: " } else { "neither a code" };
        check_refused(&shown, status, words, error);
        assert!(shown.html.contains("value=\"/dashboard/invoices\""), "{}", shown.html);
        assert!(alice.jar.is_empty(), "it was answered");
    }
    assert_eq!(provider.desk().trades, 0);
}

#[tokio::test]
async fn an_id_token_that_is_not_right_in_all_signs_nobody_in() {
    let provider = provider();
    let edge = gateway(&provider).await;
    let now = chrono::Utc::now().timestamp();
    let (client, issuer) = (provider.desk().client.clone(), provider.issuer.clone());
    let table = [
        ("another nonce", json!({"nonce": "n"}), "nonce"),
        ("no nonce", json!({"nonce": null}), "nonce"),
        ("a nonce that is no text", json!({"nonce": [1]}), "nonce"),
        ("another audience", json!({"aud": "ap-gateway"}), "elsewhere"),
        ("no audience", json!({"aud": null}), "claims"),
        ("two audiences and no party", json!({"aud": [client, "x"]}), "elsewhere"),
        ("another party", json!({"azp": "x"}), "elsewhere"),
        ("another issuer", json!({"iss": "https://other.example"}), "elsewhere"),
        ("no issuer", json!({"iss": null}), "claims"),
        ("expired", json!({"exp": now - 60}), "expired"),
        ("no end", json!({"exp": null}), "claims"),
        ("not yet", json!({"nbf": now + 600}), "not_yet"),
        ("no subject", json!({"sub": null}), "claims"),
        ("an empty subject", json!({"sub": ""}), "claims"),
        ("too long", json!({"x": "x".repeat(8 * 1024)}), "malformed"),
    ];
    for (what, claims, reason) in table {
        // Of each its own address, or the eleventh would be told to wait.
        let edge = gateway(&provider).await;
        provider.desk().claims = claims;
        let mut alice = Browser::at(&edge);
        check_refused(&alice.sign_in().await, 401, "cannot be taken", what);
        assert_eq!(failures(&edge, reason), 1, "{what}");
        assert!(alice.jar.is_empty(), "{what}");
    }
    provider.desk().claims = json!({"aud": [client, "x"], "azp": client});
    assert_eq!(Browser::at(&edge).sign_in().await.status, 200, "a party among two audiences");
    let signed = |key: &EncodingKey, header: &Header| {
        let claims = json!({"iss": issuer, "aud": client, "sub": "alice", "exp": now + 600});
        encode(header, &claims, key).expect("a token")
    };
    let secret = provider.desk().secret.clone();
    let hmac = Header { kid: Some("desk".to_owned()), ..Header::new(Algorithm::HS256) };
    let hmac = signed(&EncodingKey::from_secret(secret.as_bytes()), &hmac);
    let foreign = Signer::new("desk", Algorithm::EdDSA);
    let claims = json!({"iss": issuer, "aud": client, "sub": "alice", "exp": now + 600});
    let foreign = foreign.sign(&claims).trim_start_matches("Bearer ").to_owned();
    let table = [
        ("the client's secret as key", hmac, "algorithm"),
        ("another key", foreign, "signature"),
        ("none", "eyJhbGciOiJub25lIn0.e30.".to_owned(), "malformed"),
        ("no token", "abc".to_owned(), "malformed"),
        ("nothing", String::new(), "malformed"),
    ];
    for (what, token, reason) in table {
        let edge = gateway(&provider).await;
        provider.desk().token = Some(token);
        check_refused(&Browser::at(&edge).sign_in().await, 401, "cannot be taken", what);
        assert_eq!(failures(&edge, reason), 1, "{what}");
    }
}

#[tokio::test]
async fn whoever_has_no_role_is_told_so_and_has_no_session() {
    let provider = provider();
    let edge = gateway(&provider).await;
    for roles in [json!([]), json!(["visitor"]), Value::Null] {
        provider.desk().claims = json!({ "roles": roles });
        let mut alice = Browser::at(&edge);
        let words = format!("you are {}|alice, and names no role", provider.issuer);
        check_refused(&alice.sign_in().await, 403, &words, &roles.to_string());
        assert!(alice.jar.is_empty());
    }
    assert_eq!(failures(&edge, "role"), 3);
    assert!(edge.state.ledger.audit(0, 10).await.expect("a trail").is_empty());
    // One role opens its pages, and no others.
    provider.desk().claims = json!({"roles": "viewer openid"});
    let mut alice = Browser::at(&edge);
    alice.sign_in().await;
    assert_eq!(alice.get("/dashboard/invoices").await.status, 200);
    assert_eq!(alice.get("/dashboard/submit").await.status, 403);
}

#[tokio::test]
async fn failures_are_counted_and_recorded_like_those_of_keys() {
    let provider = provider();
    let edge = gateway(&provider).await;
    provider.desk().claims = json!({"nonce": "n"});
    for _ in 0..10 {
        assert_eq!(Browser::at(&edge).sign_in().await.status, 401);
    }
    check_refused(&Browser::at(&edge).sign_in().await, 429, "Wait a minute", "the eleventh");
    // Who is who it says comes in all the same.
    provider.desk().claims = json!({});
    assert_eq!(Browser::at(&edge).sign_in().await.status, 200);
    let rows = crate::harness::within(std::time::Duration::from_secs(5), "the rows", async || {
        let rows = edge.state.ledger.audit(0, 100).await.expect("a trail");
        (rows.len() >= 11).then_some(rows)
    })
    .await;
    let refused = rows.iter().filter(|row| row.action == "login" && row.outcome == "refused");
    let reasons: Vec<_> = refused.filter_map(|row| row.reason.as_deref()).collect();
    assert_eq!(reasons, ["nonce"; 10]);
}

#[tokio::test]
async fn where_no_client_is_configured_there_is_no_way() {
    let provider = provider();
    let (_, jwt) = client(&provider);
    let edge = crate::edge::Edge::guarded().await;
    let auth = crate::http_dashboard::oidc::login(&edge, &Default::default(), &jwt);
    let edge = edge.behind(auth);
    let mut alice = Browser::at(&edge);
    for path in [BEGIN.to_owned(), format!("{BACK}?code=x&state=y")] {
        let shown = alice.get(&path).await;
        assert_eq!(shown.status, 404, "{path}");
        assert!(shown.html.contains("names no client"), "{}", shown.html);
    }
    assert!(!alice.get("/dashboard/sign-in").await.html.contains("oidc"));
    // Where nobody is asked, nobody is sent anywhere.
    let open = edge.with_nobody_asked();
    for path in [BEGIN, BACK] {
        assert_eq!(Browser::at(&open).get(path).await.header("location"), "/dashboard", "{path}");
    }
}
