//! How much a command may be: little, but for the decision that names every line.

use serde_json::json;

use crate::edge::Edge;

const INVOICE: &str = "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re";

#[tokio::test]
async fn a_reason_is_small_and_a_decision_holds_many_parts() {
    let edge = Edge::start().await;
    for (command, max) in [("decision", 2 << 20), ("retry", 64 << 10), ("cancel", 64 << 10)] {
        let place = format!("{INVOICE}/{command}");
        // Of the right size it is only no JSON.
        let fits = edge.post(&place, "application/json", vec![b' '; max]).await;
        assert_eq!(fits.problem(), (400, "invalid-request".to_owned()), "{command}");
        let large = edge.post(&place, "application/json", vec![b' '; max + 1]).await;
        assert_eq!(large.problem(), (413, "payload-too-large".to_owned()), "{command}");
        assert_eq!(large.json()["limit"], max, "{command}");
    }
    let holds: Vec<_> = (0..10_000)
        .map(|line| json!({"code": "UNIT_PRICE", "line": format!("{line}"), "po": "PO-2026-1001"}))
        .collect();
    let release = json!({"action": "release", "reason": "agreed", "holds": holds}).to_string();
    let answer = edge.post(&format!("{INVOICE}/decision"), "application/json", release).await;
    assert_eq!(answer.problem(), (404, "not-found".to_owned()), "it was read whole");
}
