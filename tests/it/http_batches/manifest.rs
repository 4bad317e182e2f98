//! Archives and manifests as promises, while nobody takes them up: there is no Temporal here.

use serde_json::json;

use crate::edge::Edge;
use crate::http_batches::{post, post_json};

#[tokio::test]
async fn a_manifest_is_promised_while_temporal_is_away_and_replayed_whole() {
    let edge = Edge::start().await;
    let body = json!({"documents": [
        {"sha256": "0".repeat(64), "media_type": "application/xml"},
        {"sha256": "not a digest", "media_type": "no/such", "item_key": "odd"},
    ]});
    let first = post_json(&edge, "k1", &body).await;
    assert_eq!(first.status.as_u16(), 202);
    assert_eq!((first.header("retry-after"), first.header("idempotency-replayed")), ("2", ""));
    let batch = first.json();
    assert_eq!((&batch["kind"], &batch["status"]), (&json!("manifest"), &json!("accepting")));
    assert_eq!(edge.get(first.header("location")).await.json(), batch);
    let again = post_json(&edge, "k1", &body).await;
    assert_eq!((again.json(), again.header("idempotency-replayed")), (batch.clone(), "true"));
    let other = json!({"documents": [{"sha256": "1".repeat(64), "media_type": "text/csv"}]});
    let answer = post_json(&edge, "k1", &other).await;
    assert_eq!(answer.problem(), (422, "idempotency-key-reused".to_owned()));
    assert_eq!(answer.json()["id"], batch["id"]);
    // What nobody took up yet can be cancelled, twice.
    let cancel = batch["links"]["cancel"].as_str().expect("a link");
    for _ in 0..2 {
        let answer = edge.post(cancel, "application/json", "").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (200, &json!("cancelled")));
    }
}

#[tokio::test]
async fn a_manifest_that_is_no_list_is_refused_with_its_places() {
    let edge = Edge::start().await;
    let document = json!({"sha256": "x", "media_type": "x", "item_key": "a"});
    for (body, place) in [
        (json!({"documents": [document, document]}), "/documents/1/item_key"),
        (json!({"documents": [{"sha256": "x"}]}), "/documents/0/media_type"),
        (json!({"documents": [{"sha256": 1, "media_type": "x"}]}), "/documents/0/sha256"),
        (
            json!({"documents": [{"sha256": "x", "media_type": "x", "path": "/etc"}]}),
            "/documents/0/path",
        ),
    ] {
        let answer = post_json(&edge, "k", &body).await;
        assert_eq!(answer.problem(), (422, "validation-failed".to_owned()), "{body}");
        assert_eq!(answer.faults()[0].0, place, "{body}");
    }
}

#[tokio::test]
async fn an_archive_is_kept_and_promised() {
    let edge = Edge::start().await;
    let first = post(&edge, "k1", "/batches", "application/zip", "PK\x03\x04 and so on").await;
    assert_eq!(first.status.as_u16(), 202);
    assert_eq!(first.json()["kind"], "archive");
    let again =
        post(&edge, "k1", "/batches", "application/x-zip-compressed", "PK\x03\x04 and so on");
    assert_eq!(again.await.json()["id"], first.json()["id"]);
    let other = post(&edge, "k1", "/batches", "application/zip", "PK\x03\x04 other").await;
    assert_eq!(other.problem(), (422, "idempotency-key-reused".to_owned()));
    let empty = post(&edge, "k2", "/batches", "application/zip", "").await;
    assert_eq!(empty.problem(), (400, "invalid-request".to_owned()));
}
