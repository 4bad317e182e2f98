//! What a process logs is changed while it runs: by an admin, by a signal, and back by itself.

use serde_json::{Value, json};

use crate::edge::Edge;
use crate::harness::{PATIENCE, within};
use crate::http_serving::program::Program;

/// Makes a request, and waits for a line of which `wanted` holds; `true` when it came.
async fn asked(program: &Program, wanted: impl Fn(&Value) -> bool) {
    within(PATIENCE, "the line", async || {
        let url = format!("http://{}/openapi.json", program.main);
        program.client.get(url).send().await.expect("an answer");
        program.said().iter().any(&wanted).then_some(())
    })
    .await;
}

async fn put(program: &Program, body: Value) -> Value {
    let url = format!("http://{}/admin/log-level", program.main);
    let asked = program.client.put(url).header("content-type", "application/json");
    let answer = asked.body(body.to_string()).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
}

fn is_request(line: &Value) -> bool {
    line["http.route"] == "/openapi.json"
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_changes_it_at_once_and_a_signal_takes_the_configured_one_again() {
    let program = Program::start("").await;
    asked(&program, is_request).await;

    let standing = put(&program, json!({"filter": "error"})).await;
    assert_eq!(standing["filter"], "error");
    assert!(standing["configured"].as_str().expect("a filter").starts_with("info,"));
    program.said();
    for _ in 0..20 {
        let url = format!("http://{}/openapi.json", program.main);
        program.client.get(url).send().await.expect("an answer");
    }
    put(&program, json!({"filter": "debug", "seconds": 1})).await;
    // The line of the change comes after all that could have come before it.
    let mut quiet = Vec::new();
    within(PATIENCE, "the change is told", async || {
        quiet.extend(program.said());
        quiet.iter().any(|line| line["filter"] == "debug").then_some(())
    })
    .await;
    assert!(!quiet.iter().any(is_request), "{quiet:?}");
    asked(&program, |line| line["message"] == "the configured log filter is back").await;

    put(&program, json!({"filter": "error"})).await;
    program.signal("-HUP").await;
    asked(&program, is_request).await;
    assert!(program.metric("ap_gateway_config_reloads_total", "result=\"ok\"").await >= 1.0);
}

#[tokio::test]
async fn what_is_no_filter_is_refused_and_changes_nothing() {
    let edge = Edge::start().await;
    for (body, place) in [
        (json!({"filter": "loud"}), "/filter"),
        (json!({"filter": ""}), "/filter"),
        (json!({"filter": "x".repeat(501)}), "/filter"),
        (json!({"filter": "info", "seconds": 0}), "/seconds"),
        (json!({"filter": "info", "seconds": 86_401}), "/seconds"),
        (json!({"filter": "info", "minutes": 1}), "/minutes"),
        (json!({}), "/filter"),
    ] {
        let request = crate::edge::ask("PUT", "/admin/log-level")
            .header("content-type", "application/json")
            .body(body.to_string().into());
        let answer = edge.send(request.expect("a request")).await;
        assert_eq!(answer.status.as_u16(), 422, "{body}");
        let places: Vec<_> = answer.faults().into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, [place], "{body}");
    }
    assert_eq!(edge.get("/admin/log-level").await.json()["filter"], "");
}
