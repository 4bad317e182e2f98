//! The resource: made, shown, changed, deleted.

use axum::body::Body;
use chrono::{TimeDelta, Utc};
use rstest::rstest;
use secrecy::ExposeSecret;
use serde_json::json;

use ap_gateway::models::refs::WebhookId;

use crate::edge::{Edge, ask};
use crate::http_webhooks::{Act, Receiver, hook, patch, post};

#[tokio::test]
async fn a_webhook_is_made_once_and_shows_its_secret_once() {
    let edge = Edge::start().await;
    let asked = json!({"url": "http://127.0.0.1:9/hooks", "events": ["invoice.closed", "invoice.approved"],
        "description": "ERP"});
    let missing = post(&edge, "", "/webhooks", &asked).await;
    assert_eq!(missing.problem(), (400, "idempotency-key-missing".to_owned()));
    let made = post(&edge, "k", "/webhooks", &asked).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let secret = made.json()["secret"].as_str().expect("shown once").to_owned();
    assert!(secret.starts_with("whsec_"));
    assert_eq!(made.json()["events"], json!(["invoice.approved", "invoice.closed"]), "sorted");
    let target = made.header("location").to_owned();

    let again = post(&edge, "k", "/webhooks", &asked).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    assert_eq!((&again.json()["id"], again.json().get("secret")), (&made.json()["id"], None));
    let other = json!({"url": "http://127.0.0.1:9/other", "events": ["invoice.closed"]});
    let reused = post(&edge, "k", "/webhooks", &other).await;
    assert_eq!(reused.problem(), (422, "idempotency-key-reused".to_owned()));

    let seen = edge.get(&target).await;
    assert_eq!(seen.header("etag"), made.header("etag"), "the secret is no part of it");
    assert_eq!((&seen.json()["status"], seen.json().get("secret")), (&"enabled".into(), None));
    let list = edge.get("/webhooks").await.json();
    assert_eq!(list["items"], json!([seen.json()]));
    let condition = ask("GET", &target).header("if-none-match", seen.header("etag"));
    let known = edge.send(condition.body(Body::empty()).expect("a request")).await;
    assert_eq!(known.status, 304);
}

#[tokio::test]
async fn a_change_of_something_that_moved_on_is_412() {
    let edge = Edge::start().await;
    let receiver = Receiver::start([]).await;
    let (target, _) = hook(&edge, &receiver, &["invoice.closed"]).await;
    let seen = edge.get(&target).await;
    let tag = seen.header("etag");
    let changed = patch(&edge, &target, tag, &json!({"description": "new"})).await;
    assert_eq!(changed.status, 200, "{}", changed.json());
    assert_eq!(changed.header("etag"), edge.get(&target).await.header("etag"));
    let stale = patch(&edge, &target, tag, &json!({"description": "newer"})).await;
    assert_eq!(stale.problem(), (412, "precondition-failed".to_owned()));
    assert_eq!(stale.json()["etag"].as_str(), Some(changed.header("etag")));
    let weak = format!("W/{}", changed.header("etag"));
    let weakly = patch(&edge, &target, &weak, &json!({})).await;
    assert_eq!(weakly.problem().0, 412, "If-Match compares strongly");
    let bare = patch(&edge, &target, "*", &json!({"description": null})).await.json();
    assert_eq!(bare.get("description"), None);
    let disabled = patch(&edge, &target, "", &json!({"status": "disabled"})).await.json();
    assert_eq!(
        (&disabled["status"], &disabled["disabled_reason"]),
        (&"disabled".into(), &"asked".into())
    );

    let delete = |tag: &str| {
        let request = ask("DELETE", &target).header("if-match", tag);
        request.body(Body::empty()).expect("a request")
    };
    let refused = edge.send(delete(tag)).await;
    assert_eq!(refused.problem(), (412, "precondition-failed".to_owned()));
    let deleted = edge.send(delete(edge.get(&target).await.header("etag"))).await;
    assert_eq!((deleted.status.as_u16(), deleted.body.len()), (204, 0));
    assert_eq!(edge.get(&target).await.problem(), (404, "not-found".to_owned()));
    assert_eq!(edge.send(delete("*")).await.problem().0, 404);
}

#[rstest]
#[case::private(json!({"url": "https://10.0.0.1/", "events": ["invoice.closed"]}), "/url", "address_not_allowed")]
#[case::metadata(json!({"url": "https://169.254.169.254/", "events": ["invoice.closed"]}), "/url", "address_not_allowed")]
#[case::mapped(json!({"url": "https://[::ffff:10.0.0.1]/", "events": ["invoice.closed"]}), "/url", "address_not_allowed")]
#[case::clear_text(json!({"url": "http://erp.example/", "events": ["invoice.closed"]}), "/url", "not_https")]
#[case::password(json!({"url": "https://a:b@erp.example/", "events": ["invoice.closed"]}), "/url", "user_info")]
#[case::port(json!({"url": "https://erp.example:22/", "events": ["invoice.closed"]}), "/url", "port_not_allowed")]
#[case::no_such_name(json!({"url": "https://erp.invalid/", "events": ["invoice.closed"]}), "/url", "not_resolved")]
#[case::no_url(json!({"url": "erp", "events": ["invoice.closed"]}), "/url", "not_a_url")]
#[case::nothing(json!({"url": "http://127.0.0.1:9/", "events": []}), "/events", "empty")]
#[case::twice(json!({"url": "http://127.0.0.1:9/", "events": ["invoice.held", "invoice.held"]}), "/events/1", "duplicate")]
#[case::unknown(json!({"url": "http://127.0.0.1:9/", "events": ["invoice.lost"]}), "/events/0", "unknown_value")]
#[case::only_for_tests(json!({"url": "http://127.0.0.1:9/", "events": ["webhook.test"]}), "/events/0", "unknown_value")]
#[case::own_secret(json!({"url": "http://127.0.0.1:9/", "events": ["invoice.held"], "secret": "whsec_x"}), "/secret", "unknown_member")]
#[tokio::test]
async fn what_nobody_could_be_told_is_refused_with_its_place(
    #[case] asked: serde_json::Value,
    #[case] pointer: &str,
    #[case] code: &str,
) {
    let edge = Edge::start().await;
    let refused = post(&edge, "k", "/webhooks", &asked).await;
    assert_eq!(refused.problem(), (422, "validation-failed".to_owned()));
    assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())], "{}", refused.json());
    assert_eq!(edge.get("/webhooks").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_change_is_a_merge_patch_whose_faults_are_named() {
    let edge = Edge::start().await;
    let receiver = Receiver::start([]).await;
    let (target, _) = hook(&edge, &receiver, &["invoice.closed"]).await;
    let request = ask("PATCH", &target).header("content-type", "application/json");
    let plain = edge.send(request.body(Body::from("{}")).expect("a request")).await;
    assert_eq!(plain.problem(), (415, "unsupported-media-type".to_owned()));
    assert_eq!(plain.header("accept"), "application/merge-patch+json");
    for (change, pointer) in [
        (json!({"url": null}), "/url"),
        (json!({"url": "https://192.168.0.1/"}), "/url"),
        (json!({"events": []}), "/events"),
        (json!({"status": "gone"}), "/status"),
        (json!({"secret": "x"}), "/secret"),
        (json!({"description": ""}), "/description"),
    ] {
        let refused = patch(&edge, &target, "", &change).await;
        assert_eq!(refused.problem(), (422, "validation-failed".to_owned()), "{change}");
        assert_eq!(refused.faults()[0].0, pointer, "{change}");
    }
    assert_eq!(patch(&edge, &target, "", &json!({})).await.status, 200);
}

#[tokio::test]
async fn a_test_is_signed_and_the_receivers_failure_is_data() {
    let edge = Edge::start().await;
    let receiver = Receiver::start([Act::Answer(200), Act::Answer(500)]).await;
    let (target, secret) = hook(&edge, &receiver, &["invoice.closed"]).await;
    let test = format!("{target}/test");
    let good = edge.post(&test, "application/json", Body::empty()).await;
    assert_eq!(good.status, 200, "{}", good.json());
    assert_eq!(
        (&good.json()["delivered"], &good.json()["status_code"]),
        (&true.into(), &200.into())
    );
    let bad = edge.post(&test, "application/json", Body::empty()).await.json();
    assert_eq!((&bad["delivered"], &bad["failure"]), (&false.into(), &"refused".into()));
    let got = receiver.got();
    assert!(got.iter().all(|one| one.verifies(&secret)));
    assert_eq!(got[0].json()["type"], "webhook.test");
    assert_ne!(got[0].id(), got[1].id(), "each test is a message of its own");
    assert_eq!(got[0].headers["content-type"], "application/json");
    patch(&edge, &target, "", &json!({"status": "disabled"})).await;
    let disabled = edge.post(&test, "application/json", Body::empty()).await;
    assert_eq!(disabled.problem(), (409, "webhook-disabled".to_owned()));
    assert_eq!(disabled.json()["disabled_reason"], "asked");
    assert_eq!(receiver.got().len(), 2);
}

#[tokio::test]
async fn the_rotation_of_a_key_is_made_once_until_somebody_rotates_again() {
    let edge = Edge::start().await;
    let receiver = Receiver::start([]).await;
    let (target, first) = hook(&edge, &receiver, &["invoice.closed"]).await;
    let rotate = async |key: &'static str| {
        let request = ask("POST", &format!("{target}/rotate-secret"));
        let request = request.header("idempotency-key", key).body(Body::empty());
        let rotated = edge.send(request.expect("a request")).await;
        assert_eq!(rotated.status, 200, "{}", rotated.json());
        let secret = rotated.json()["secret"].as_str().expect("a secret").to_owned();
        let until = rotated.json()["previous_secret_expires_at"].clone();
        (secret, until, rotated.header("idempotency-replayed") == "true")
    };
    let (second, until, replayed) = rotate("a").await;
    assert!(second != first && !replayed);
    assert_eq!(rotate("a").await, (second.clone(), until, true));
    let (third, _, replayed) = rotate("b").await;
    assert!(third != second && !replayed);
    // Not the one of before: it is somebody's who may know it.
    let (fourth, _, replayed) = rotate("a").await;
    assert!(![first, second, third].contains(&fourth) && !replayed);
}

#[tokio::test]
async fn a_change_that_changes_nothing_leaves_the_validator() {
    let edge = Edge::start().await;
    let receiver = Receiver::start([]).await;
    let (target, _) = hook(&edge, &receiver, &["invoice.closed"]).await;
    let before = edge.get(&target).await;
    for nothing in [json!({}), json!({"events": ["invoice.closed"]})] {
        let changed = patch(&edge, &target, "", &nothing).await;
        assert_eq!((changed.status.as_u16(), changed.json()), (200, before.json()));
        assert_eq!(changed.header("etag"), before.header("etag"));
    }
}

#[tokio::test]
async fn acceptance_52_after_a_rotation_both_secrets_sign_for_a_day() {
    let edge = Edge::start().await;
    let receiver = Receiver::start([]).await;
    let (target, old) = hook(&edge, &receiver, &["invoice.closed"]).await;
    let rotated = edge.post(&format!("{target}/rotate-secret"), "application/json", "").await;
    assert_eq!(rotated.status, 200, "{}", rotated.json());
    let new = rotated.json()["secret"].as_str().expect("shown once").to_owned();
    assert_ne!(old, new);
    edge.post(&format!("{target}/test"), "application/json", "").await;
    let got = receiver.got().remove(0);
    assert!(got.verifies(&old) && got.verifies(&new));
    let signature = got.headers["webhook-signature"].to_str().expect("ASCII");
    assert_eq!(signature.matches("v1,").count(), 2, "{signature}");
    assert_eq!(signature.split(' ').count(), 2, "one blank between");

    let id = target.rsplit('/').next().expect("an id");
    let id = WebhookId::parse(id).expect("an id");
    let sign_at = async |after: TimeDelta| {
        let secrets = edge.state.ledger.webhook_secrets(&id, Utc::now() + after).await;
        let secrets = secrets.expect("readable").into_iter();
        secrets.map(|secret| secret.expose_secret().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(sign_at(TimeDelta::hours(23)).await, [new.clone(), old]);
    assert_eq!(sign_at(TimeDelta::hours(25)).await, [new]);
}
