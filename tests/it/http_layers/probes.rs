//! What a probe of readiness tells while something is missing: when to ask again, and what it is.

use ap_gateway::readiness::Part;
use serde_json::{Value, json};

use crate::edge::Edge;

#[tokio::test]
async fn what_is_not_ready_says_when_to_ask_again_and_names_its_store() {
    let edge = Edge::start().await;
    let readiness = &edge.state.readiness;
    for (part, slug, store) in [
        (Part::Ledger, "storage-unavailable", json!("ledger")),
        (Part::Artifacts, "storage-unavailable", json!("artifacts")),
        (Part::Temporal, "upstream-unavailable", Value::Null),
        (Part::Worker, "no-worker", Value::Null),
    ] {
        readiness.fail(part);
        let answer = edge.get("/readyz").await;
        assert_eq!(answer.problem(), (503, slug.to_owned()));
        assert_eq!(answer.json()["store"], store, "{slug}");
        assert_eq!((answer.header("retry-after"), answer.header("connection")), ("2", ""));
        readiness.record(part, true);
    }
    readiness.drain();
    let answer = edge.get("/readyz").await;
    assert_eq!(answer.problem(), (503, "draining".to_owned()));
    assert_eq!((answer.header("retry-after"), answer.header("connection")), ("2", "close"));
}

/// A probe tells what the watch found: nobody was called for it, and no call failed.
#[tokio::test]
async fn a_probe_is_no_failed_call() {
    let edge = Edge::start().await;
    edge.state.readiness.fail(Part::Temporal);
    for _ in 0..3 {
        assert_eq!(edge.get("/readyz").await.problem().1, "upstream-unavailable");
    }
    let failed = |kind: &str| edge.state.metrics.upstream_errors.with_label_values(&[kind]).get();
    assert_eq!(failed("unavailable"), 0);
    let told = &edge.state.metrics.problems;
    assert_eq!(told.with_label_values(&["upstream-unavailable"]).get(), 3, "but it is told");
}
