//! `/workflows`: the technical view, over a real server. Nothing here needs a worker but what says
//! so.

/// Cancelling and terminating.
mod ending;
/// Lists: filters, tokens, walks, floods.
mod lists;

use axum::body::Body;
use serde_json::{Value, json};

use crate::bench::{Bench, invoice};
use crate::edge::{Answer, Edge, ask};

/// Starts a ping that nobody waits for; answers its workflow id.
async fn ping(edge: &Edge) -> String {
    let request = ask("POST", "/workflows/ping").header("prefer", "respond-async");
    let answer = edge.send(request.body(Body::empty()).expect("a request")).await;
    answer.json()["workflow_id"].as_str().expect("an id").to_owned()
}

async fn preferring(edge: &Edge, target: &str, prefer: &str) -> Answer {
    let request = ask("GET", target).header("prefer", prefer);
    edge.send(request.body(Body::empty()).expect("a request")).await
}

/// The runs that are started in this test are there once visibility has caught up.
async fn listed(edge: &Edge, target: &str, count: usize) -> Value {
    crate::bench::until("visibility has caught up", async || {
        let page = edge.get(target).await;
        let there = page.status == 200 && page.json()["items"].as_array()?.len() >= count;
        there.then(|| page.json())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_looked_at_with_what_it_waits_for_and_where_its_parts_are() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let id = ping(&edge).await;
    let path = format!("/workflows/{id}");
    let answer = edge.get(&path).await;
    let run = answer.json();
    assert_eq!((&run["type"], &run["status"]), (&json!("PingWorkflow"), &json!("running")));
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(run["links"]["result"], format!("{path}/result"));
    let request = ask("GET", &path).header("if-none-match", answer.header("etag"));
    let again = edge.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(again.status, 304);

    let run_id = run["run_id"].as_str().expect("a run");
    let same = edge.get(&format!("{path}?run_id={run_id}")).await;
    assert_eq!(same.json()["run_id"], run_id);
    let none = edge.get(&format!("{path}?run_id={}", uuid::Uuid::now_v7())).await;
    assert_eq!(none.problem(), (404, "not-found".to_owned()));
    let odd = edge.get(&format!("{path}?run_id=x")).await;
    assert_eq!(odd.faults(), [("run_id".to_owned(), "invalid_value".to_owned())]);
    for part in ["", "/result", "/history"] {
        let other = edge.get(&format!("/workflows/somebody-elses{part}")).await;
        assert_eq!(other.problem(), (404, "not-found".to_owned()), "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_that_waits_is_shown_without_what_it_works_on() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let worker = bench.worker().await;
    let id = bench.submit(&invoice("RE-1", "PO-1")).await;
    bench.comes_to(&id, ap_gateway::models::status::InvoiceStatus::Held).await;
    drop(worker);
    let path = format!("/workflows/{}", id.workflow_id());
    let run = edge.get(&path).await.json();
    assert_eq!(run["type"], "InvoiceWorkflow");
    let history = edge.get(&format!("{path}/history?page_size=200")).await.json();
    let events = history["items"].as_array().expect("events");
    assert_eq!(events[0]["type"], "workflow_execution_started");
    assert!(events[0]["attributes"]["input_bytes"].as_u64() > Some(0), "{}", events[0]);
    let scheduled = events.iter().find(|event| event["type"] == "activity_task_scheduled");
    let scheduled = scheduled.expect("an activity");
    assert!(scheduled["attributes"]["activity_type"].is_string(), "{scheduled}");
    let text = history.to_string();
    for secret in ["RE-1", "Schrauben", "DE02", "identity", "@", "payload\""] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_walked_page_by_page_though_the_run_goes_on() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let _worker = bench.worker().await;
    let id = ping(&edge).await;
    let result = preferring(&edge, &format!("/workflows/{id}/result"), "wait=20").await;
    assert_eq!(result.status, 200);
    let path = format!("/workflows/{id}/history");
    let whole = edge.get(&path).await.json();
    let (mut walked, mut target) = (Vec::new(), format!("{path}?page_size=2"));
    loop {
        let answer = edge.get(&target).await;
        let page = answer.json();
        let items = page["items"].as_array().expect("items").clone();
        assert!(items.len() <= 2);
        walked.extend(items);
        let Some(token) = page["next_page_token"].as_str() else { break };
        target = format!("{path}?page_size=2&page_token={token}");
        assert_eq!(answer.header("link"), format!("<{target}>; rel=\"next\""));
    }
    assert_eq!(Value::from(walked), whole["items"]);
    let other = ping(&edge).await;
    let token = target.rsplit_once("page_token=").expect("a token").1;
    let foreign = edge.get(&format!("/workflows/{other}/history?page_token={token}")).await;
    assert_eq!(foreign.problem(), (400, "invalid-page-token".to_owned()));
}

/// Acceptance 62, for the results of workflows: a wait is as long as was asked, and never longer
/// than the gateway allows. (10⁹ and the half minute are in `acceptance::waits`.)
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_62_a_result_is_waited_for_as_preferred() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let id = ping(&edge).await;
    let target = format!("/workflows/{id}/result");
    let table = [
        ("wait=0", "wait=0", 0),
        ("respond-async", "respond-async", 0),
        ("wait=1", "wait=1", 1),
        ("wait=1, wait=9", "wait=1", 1),
        ("wait=x", "", 0),
        ("", "", 0),
    ];
    for (prefer, applied, seconds) in table {
        let began = std::time::Instant::now();
        let answer = preferring(&edge, &target, prefer).await;
        let took = began.elapsed().as_secs_f64();
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (202, "5"), "{prefer}");
        assert_eq!(answer.header("preference-applied"), applied, "{prefer}");
        assert_eq!(
            (answer.header("location"), answer.header("vary")),
            (&*format!("/workflows/{id}"), "Prefer")
        );
        assert!((f64::from(seconds)..f64::from(seconds) + 3.0).contains(&took), "{prefer}: {took}");
        assert_eq!(answer.json()["status"], "running");
    }
    let request = ask("HEAD", &target).header("prefer", "wait=20");
    let began = std::time::Instant::now();
    let head = edge.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (202, 0));
    assert!(began.elapsed().as_secs() < 5, "HEAD never waits");

    // Many wait for one run, and all are answered by its end.
    let waiting = (0..20).map(|_| preferring(&edge, &target, "wait=20"));
    let (answers, _worker) = tokio::join!(futures::future::join_all(waiting), bench.worker());
    for answer in answers {
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), &body["result"]), (200, &json!("ok")), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_run_that_failed_is_told_on_top() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let id = ping(&edge).await;
    let reason = json!({"reason": "a test of the end"}).to_string();
    edge.post(&format!("/workflows/{id}/terminate"), "application/json", reason).await;
    let answer = edge.get(&format!("/workflows/{id}/result")).await;
    let body = answer.json();
    assert_eq!((answer.status.as_u16(), &body["status"]), (200, &json!("terminated")));
    let failure = &body["failure"];
    assert_eq!((&failure["type"], &failure["retryable"]), (&json!("Terminated"), &json!(true)));
    assert!(failure["message"].as_str().is_some_and(|text| text.contains("a test of the end")));
}
