//! `check`: each layer that does not hold has its exit code, and its remedy.

use axum::http::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

use crate::commands::{err, out, run};
use crate::harness::{self, Gateway};
use crate::http_auth::provider::Provider;

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_apart_what_is_wrong() {
    let gateway = Gateway::start().await;
    let folder = TempDir::new().expect("a folder");
    let ledger = format!("sqlite:{}", folder.path().join("ledger.db").display());
    let artifacts = folder.path().join("artifacts").display().to_string();
    let temporal = harness::temporal_address();
    let base = [
        ("TEMPORAL_ADDRESS", temporal),
        ("AP_GATEWAY_TASK_QUEUE", gateway.task_queue.as_str()),
        ("AP_GATEWAY_LEDGER_URL", ledger.as_str()),
        ("AP_GATEWAY_ARTIFACTS", artifacts.as_str()),
    ];
    let check = async |name: &'static str, value: &'static str| {
        let mut environment = base.to_vec();
        environment.push((name, value));
        run(&["check"], &environment).await
    };
    let good = run(&["check"], &base).await;
    assert_eq!(good.status.code(), Some(0), "{}{}", out(&good), err(&good));
    let report: Value =
        serde_json::from_str(&out(&run(&["check", "--json"], &base).await)).expect("JSON");
    let layers: Vec<_> = report["layers"]
        .as_array()
        .expect("layers")
        .iter()
        .map(|layer| layer["layer"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(
        layers,
        ["configuration", "temporal", "namespace", "worker", "ledger", "artifacts", "ping"]
    );
    // The dev server forgets after a day: that is said, and is no failure.
    let namespace = &report["layers"][2];
    let text = namespace["text"].as_str().expect("a text");
    assert!(namespace["holds"] == true && text.contains("kept for 1 day"), "{text}");
    assert!(text.contains("less than 7 days") && text.contains("raise the retention"), "{text}");

    let cases = [
        ("AP_GATEWAY_LISTEN", "0.0.0.0:80", 64, "loopback"),
        ("AP_GATEWAY_DRAIN_SECONDS", "soon", 64, "AP_GATEWAY_DRAIN_SECONDS"),
        ("TEMPORAL_ADDRESS", "http://127.0.0.1:1", 10, "nothing listens"),
        ("TEMPORAL_ADDRESS", "http://no-such-host.invalid:7233", 10, "name"),
        ("TEMPORAL_NAMESPACE", "no-such-namespace", 11, "no-such-namespace"),
        ("TEMPORAL_API_KEY", "secret-canary", 64, "clear text"),
        ("AP_GATEWAY_TASK_QUEUE", "nobody-polls-this", 12, "no worker"),
        ("AP_GATEWAY_LEDGER_URL", "sqlite:/proc/nothing/ledger.db", 13, "ledger"),
        ("AP_GATEWAY_ARTIFACTS", "/proc/nothing", 14, "/proc/nothing"),
    ];
    for (name, value, code, words) in cases {
        let output = check(name, value).await;
        let text = out(&output) + &err(&output);
        assert_eq!(output.status.code(), Some(code), "{name}={value}: {text}");
        assert!(text.contains(words), "{name}={value} should speak of {words:?}: {text}");
        assert!(!text.contains("secret-canary"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_asks_the_identity_provider_when_there_is_one() {
    let provider = Provider::start();
    provider.open_desk();
    let folder = TempDir::new().expect("a folder");
    let ledger = format!("sqlite:{}", folder.path().join("ledger.db").display());
    let artifacts = folder.path().join("artifacts").display().to_string();
    // Temporal is away, and the provider is asked all the same.
    let tokens = [
        ("TEMPORAL_ADDRESS", "http://127.0.0.1:1"),
        ("AP_GATEWAY_LEDGER_URL", ledger.as_str()),
        ("AP_GATEWAY_ARTIFACTS", artifacts.as_str()),
        ("AP_GATEWAY_AUTH", "required"),
        ("AP_GATEWAY_JWT_ISSUER", provider.issuer.as_str()),
        ("AP_GATEWAY_JWT_AUDIENCE", "ap-gateway"),
    ];
    let people = [
        ("AP_GATEWAY_OIDC_CLIENT_ID", "dashboard"),
        ("AP_GATEWAY_OIDC_PUBLIC_URL", "https://ap.example.com"),
        ("AP_GATEWAY_ALLOWED_HOSTS", "ap.example.com"),
    ];
    let look = async |environment: &[(&str, &str)]| {
        let checked = run(&["check", "--json"], environment).await;
        let report: Value = serde_json::from_str(&out(&checked)).expect("JSON");
        let layers = report["layers"].as_array().expect("layers").clone();
        let layer = layers.into_iter().find(|layer| layer["layer"] == "identity provider");
        let layer = layer.expect("the provider is looked at");
        (layer["holds"] == true, layer["text"].as_str().expect("a text").to_owned())
    };
    let keys = format!("keys of {} that check signatures: 1", provider.issuer);
    assert_eq!(look(&tokens).await, (true, keys.clone()));
    let both = [&tokens[..], &people[..]].concat();
    assert_eq!(look(&both).await, (true, format!("{keys}; people can sign in there")));

    provider.answer_with(StatusCode::SERVICE_UNAVAILABLE, "later");
    let (holds, text) = look(&tokens).await;
    assert!(!holds && text.contains("503"), "{text}");
    provider.answer_with(StatusCode::OK, r#"{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}"#);
    let (holds, text) = look(&tokens).await;
    assert!(!holds && text.contains("no key that checks signatures"), "{text}");
    let nobody = [&tokens[..4], &[("AP_GATEWAY_JWT_ISSUER", "http://127.0.0.1:1")], &tokens[5..]];
    let (holds, text) = look(&nobody.concat()).await;
    assert!(!holds && text.contains("http://127.0.0.1:1/"), "{text}");
    assert!(text.contains("Connection refused"), "{text}");
}
