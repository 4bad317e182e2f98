//! Lists of runs: filters, tokens, walks, floods.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::bench::Bench;
use crate::edge::Edge;
use crate::http_workflows::{listed, ping};

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["workflow_id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_and_narrowed_by_typed_filters() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let (first, second) = (ping(&edge).await, ping(&edge).await);
    let reason = json!({"reason": "a test"}).to_string();
    edge.post(&format!("/workflows/{first}/terminate"), "application/json", reason).await;
    let page = listed(&edge, "/workflows?status=terminated", 1).await;
    assert_eq!(ids(&page), std::slice::from_ref(&first));
    let item = &page["items"][0];
    assert_eq!((&item["type"], &item["status"]), (&json!("PingWorkflow"), &json!("terminated")));
    assert!(item["closed_at"].is_string() && item["started_at"].is_string(), "{item}");
    let running = listed(&edge, "/workflows?type=PingWorkflow&status=running", 1).await;
    assert_eq!(ids(&running), [second]);
    let all = listed(&edge, "/workflows?started_after=2020-01-01T00:00:00Z", 2).await;
    assert_eq!(all["items"].as_array().map(Vec::len), Some(2));
    for none in ["type=BatchWorkflow", "started_before=2020-01-01T00:00:00Z", "status=failed"] {
        assert_eq!(ids(&edge.get(&format!("/workflows?{none}")).await.json()), [""; 0], "{none}");
    }
    for bad in ["type=Other", "type='%20OR%20'a'='a", "status=lost", "query=x", "type=a&type=b"] {
        let answer = edge.get(&format!("/workflows?{bad}")).await;
        assert_eq!(answer.problem(), (400, "invalid-request".to_owned()), "{bad}");
    }
}

/// Acceptance 43, for runs: while others close, each one that was there comes at least once, and
/// the walk ends.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_43_a_walk_sees_each_earlier_run_while_runs_close() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let mut started = BTreeSet::new();
    for _ in 0..12 {
        started.insert(ping(&edge).await);
    }
    listed(&edge, "/workflows", started.len()).await;
    let mut closing = started.iter();
    let (mut seen, mut pages) = (BTreeSet::new(), 0);
    let mut target = "/workflows?page_size=3".to_owned();
    loop {
        let answer = edge.get(&target).await;
        let page = answer.json();
        seen.extend(ids(&page));
        pages += 1;
        assert!(pages < 50, "the walk does not end");
        if let Some(id) = closing.next() {
            let reason = json!({"reason": "a test"}).to_string();
            let path = format!("/workflows/{id}/terminate");
            assert_eq!(edge.post(&path, "application/json", reason).await.status, 200);
        }
        let Some(token) = page["next_page_token"].as_str() else { break };
        target = format!("/workflows?page_size=3&page_token={token}");
        assert_eq!(answer.header("link"), format!("<{target}>; rel=\"next\""));
    }
    assert!(seen.is_superset(&started), "{seen:?} lacks some of {started:?}");
}

/// Acceptance 44 and 45, for runs.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_44_and_45_tokens_are_bound_and_page_sizes_are_cut() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    for _ in 0..3 {
        ping(&edge).await;
    }
    listed(&edge, "/workflows", 3).await;
    let page = edge.get("/workflows?page_size=1&status=running").await.json();
    let token = page["next_page_token"].as_str().expect("a token").to_owned();
    let mut altered = token.clone().into_bytes();
    altered[40] ^= 1;
    let altered = String::from_utf8_lossy(&altered).into_owned();
    let good = edge.get(&format!("/workflows?page_size=2&status=running&page_token={token}")).await;
    assert_eq!(good.status, 200);
    for query in [
        format!("status=running&page_token={altered}"),
        format!("status=completed&page_token={token}"),
        format!("page_token={token}"),
        "page_token=eyJDbG9zZVRpbWUiOiIifQ".to_owned(),
        "page_token=".to_owned(),
    ] {
        let answer = edge.get(&format!("/workflows?{query}")).await;
        assert_eq!(answer.problem(), (400, "invalid-page-token".to_owned()), "{query}");
    }
    let foreign = edge.get(&format!("/invoices?status=received&page_token={token}")).await;
    assert_eq!(foreign.problem(), (400, "invalid-page-token".to_owned()));
    for (size, status) in [("0", 200), ("-1", 400), ("99999999999", 200), ("x", 400)] {
        let answer = edge.get(&format!("/workflows?page_size={size}")).await;
        assert_eq!(answer.status.as_u16(), status, "{size}");
    }
}

/// Acceptance 21: a flood of lists is paced or refused, in half a second and with a time to come
/// back; what gets through is at most ten a second. (That it is never more is held by a test with
/// a clock of its own in `visibility.rs`.)
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_21_a_flood_of_lists_is_paced_or_refused() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    edge.get("/workflows").await;
    let began = Instant::now();
    // Each asks another question, so none is answered from memory.
    let asks = (0..200).map(|n| {
        let edge = &edge;
        async move {
            let target =
                format!("/workflows?started_after=2026-01-01T00:00:{:02}.{:03}Z", n % 60, n);
            edge.get(&target).await
        }
    });
    let answers = futures::future::join_all(asks).await;
    let took = began.elapsed();
    let through = answers.iter().filter(|answer| answer.status == 200).count();
    // A turn every 125 ms while the flood lasted, and whoever had one by then.
    let turns = usize::try_from(took.as_millis()).expect("seconds") / 125 + 1;
    assert!((1..=turns).contains(&through), "{through} of 200 got through in {took:?}");
    assert!(through < 100, "a flood is refused: {through} got through in {took:?}");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.problem(), (503, "overloaded".to_owned()));
        assert!(!answer.header("retry-after").is_empty());
    }
    // The same question of many at once is one call.
    let same = (0..100).map(|_| edge.get("/workflows?status=failed"));
    let same = futures::future::join_all(same).await;
    assert!(same.iter().all(|answer| answer.status == 200));
}
