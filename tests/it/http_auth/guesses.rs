//! Whoever guesses learns nothing by how long an answer takes, and is counted at every door.

use std::path::Path;

use ap_gateway::config;
use ap_gateway::http::auth::Auth;
use ap_gateway::models::access::Role;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use jsonwebtoken::Algorithm;
use serde_json::json;

use crate::edge::{Edge, ask};
use crate::http_auth::provider::{Provider, Signer};
use crate::http_auth::{expired_key, from, keep, new_key};
use crate::tidy;

/// Where a secret, or what was made of one, is compared with what a caller sent; and by what.
const COMPARED: [(&str, &str); 6] = [
    ("src/http/auth/tokens.rs", "constant_time::verify_slices_are_equal(said"),
    ("src/http/dashboard/oidc/begun.rs", "constant_time::verify_slices_are_equal(expected"),
    ("src/http/auth/keys.rs", "constant_time::verify_slices_are_equal(kept"),
    ("src/http/page_token.rs", "constant_time::verify_slices_are_equal(&expected"),
    ("src/http/dashboard/session.rs", "constant_time::verify_slices_are_equal(expected"),
    ("src/storage/ledger/vouched.rs", "hmac::verify("),
];

/// Comparisons of such words that are no secret's: what stands in them, and why.
#[rustfmt::skip]
const HARMLESS: [(&str, &str); 5] = [
    ("src/http/auth/description.rs", "== \"client_secret_basic\""), // the name of a way to log in
    ("src/storage/ledger/audit.rs", "self.digest == self.digest_after"), // our own chain
    ("src/storage/ledger/vault.rs", "known != digest"), // our own key file, at the start
    ("src/http/page_token.rs", "== self.filters"), // behind the seal, and no secret
    ("src/storage/ledger/keys/text.rs", ".len() =="), // lengths that everybody knows
];

/// The lines of a file without its comments and tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].lines().map(|line| line.split("//").next().unwrap_or(line))
}

/// Whether a line compares something that is called like a secret by an operator that stops at the
/// first difference.
fn stops_early(line: &str) -> bool {
    let secret = ["digest", "secret", "seal", "bearer", "expose"];
    let compares = [" == ", " != ", ".eq(", ".ne(", "where digest =", "where secret ="];
    let line = line.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
    says(&secret) && says(&compares)
}

#[test]
fn acceptance_32_secrets_are_compared_in_constant_time_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| std::fs::read_to_string(root.join(file)).expect("readable");
    for (file, by) in COMPARED {
        assert!(code(&read(file)).any(|line| line.contains(by)), "{file} compares otherwise");
    }
    let mut files = Vec::new();
    for place in ["src/http/auth", "src/http/dashboard", "src/storage/ledger", "src/webhooks"] {
        tidy::collect(&root.join(place), &mut files);
    }
    files.extend(["src/http/auth.rs", "src/http/page_token.rs"].map(|file| root.join(file)));
    assert!(files.len() > 50, "the source was not found");
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(root).expect("below it").to_string_lossy().into_owned();
        let harmless = |line: &str| {
            HARMLESS.iter().any(|(place, words)| *place == name && line.contains(words))
        };
        let text = read(&name);
        let early = code(&text).filter(|line| stops_early(line) && !harmless(line));
        found.extend(early.map(|line| format!("{name}: {}", line.trim())));
    }
    assert_eq!(found, [""; 0], "compare with `aws_lc_rs::constant_time`");
    assert!(stops_early("if key.digest == shown.digest() {"), "the rule sees nothing");
}

/// A key of an unknown id is hashed and compared as one of a known id is: with the digest of
/// nobody, which is as long, and before anything is refused.
#[test]
fn acceptance_32_an_unknown_key_takes_the_same_way_as_a_known_one() {
    let text = include_str!("../../../src/http/auth/keys.rs");
    let open = text.split_once("async fn open(").expect("the login").1;
    let open = open.split_once("\n    }\n").expect("its end").0;
    let at = |words: &str| open.find(words).unwrap_or_else(|| panic!("{words:?} is gone: {open}"));
    assert!(at("map_or(NOBODY") < at("same(digest, &text.digest())"));
    assert!(at("same(digest, &text.digest())") < at("Refusal::"), "refused before it is compared");
    assert!(!open.contains("return"), "a way around the comparison");
    let nobody = text.split_once("const NOBODY: &str = \"").expect("it").1;
    let nobody = nobody.split_once('"').expect("its end").0;
    let digest = new_key("key:any", &[]).text.digest();
    assert_eq!(nobody.len(), digest.len(), "another length is told apart at once");
}

/// Each kind of failed login in turn, from one address.
#[tokio::test]
async fn acceptance_32_every_kind_of_failed_login_counts_towards_the_ten() {
    let provider = Provider::start();
    let (known, stranger) =
        (Signer::new("k1", Algorithm::EdDSA), Signer::new("k1", Algorithm::EdDSA));
    provider.publish(&[&known]);
    let jwt = provider.settings();
    let edge = Edge::guarded().await;
    let (ledger, metrics) = (&edge.state.ledger, &edge.state.metrics);
    let good = keep(ledger, &new_key("key:good", &[Role::Viewer])).await;
    let id = good.split('_').nth(1).expect("an id");
    let expired = expired_key(ledger).await;
    let ended = json!({"iss": provider.issuer, "aud": "ap-gateway", "sub": "a", "exp": 1});
    let bearers = [
        format!("Bearer apg_000000000000_{}", "A".repeat(43)),
        format!("Bearer apg_{id}_{}", "A".repeat(43)),
        expired,
        "Bearer apg_short".to_owned(),
        "Bearer a.b.c".to_owned(),
        stranger.sign(&provider.claims()),
        known.sign(&ended),
    ];
    for first in 0..bearers.len() {
        let auth = Auth::required(ledger, &config::Auth::default(), &jwt, metrics);
        let edge = Edge::behind(edge.with_nobody_asked(), auth);
        let address = [192, 0, 2, 7];
        let read = async |bearer: &str| {
            edge.send(from(address, Some(bearer), "GET", "/invoices")).await.status
        };
        let sign_in = async |key: &str| {
            let request = ask("POST", "/dashboard/sign-in")
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/x-www-form-urlencoded")
                .extension(ConnectInfo(std::net::SocketAddr::from((address, 40_000))));
            let form = Body::from(format!("key={key}"));
            let request = request.body(form).expect("a request");
            tower::ServiceExt::oneshot(edge.router.clone(), request).await.expect("it").status()
        };
        // Seven ways to fail, beginning with another one each time, and three at the other door.
        for turn in 0..bearers.len() {
            let bearer = &bearers[(first + turn) % bearers.len()];
            assert_eq!(read(bearer).await, StatusCode::UNAUTHORIZED, "{bearer:.20}");
        }
        for key in ["", "apg_x", "nonsense"] {
            assert_eq!(sign_in(key).await, StatusCode::UNAUTHORIZED, "{key:?}");
        }
        // Any of them is the eleventh.
        assert_eq!(read(&bearers[first]).await, StatusCode::TOO_MANY_REQUESTS, "{first}");
        assert_eq!(sign_in("apg_x").await, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(read(&good).await, StatusCode::OK, "a good key is nobody's mistake");
    }
}
