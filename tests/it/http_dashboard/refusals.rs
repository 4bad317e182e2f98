//! What pages refuse as every other route does: methods, quotas, and forms from elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ap_gateway::config;
use ap_gateway::http::dashboard::table;
use ap_gateway::models::access::Role;
use axum::body::Body;

use crate::edge::{Edge, ask};
use crate::http_auth::{keep, new_key};
use crate::http_dashboard::Visitor;

#[tokio::test]
async fn each_page_tells_the_methods_that_it_has() {
    let edge = Edge::start().await;
    let mut pages: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (method, path, _) in table() {
        let methods = pages.entry(path).or_insert_with(|| BTreeSet::from(["OPTIONS".to_owned()]));
        if method == "GET" {
            methods.insert("HEAD".to_owned());
        }
        methods.insert(method.to_string());
    }
    assert!(pages.len() > 25);
    for (path, methods) in pages {
        let target = path.replace("{id}", "x").replace("{file}", "x");
        let expected = Vec::from_iter(methods).join(", ");
        for (method, status) in [("OPTIONS", 204), ("PATCH", 405)] {
            let request = ask(method, &target).body(Body::empty()).expect("a request");
            let answer = edge.send(request).await;
            let seen = (answer.status.as_u16(), answer.header("allow"));
            assert_eq!(seen, (status, expected.as_str()), "{method} {path}");
        }
    }
    let leaving = edge.get("/dashboard/sign-out").await;
    assert_eq!(leaving.problem(), (405, "method-not-allowed".to_owned()));
    assert_eq!(leaving.header("allow"), "OPTIONS, POST");
    assert_eq!(leaving.json()["allowed"], serde_json::json!(["OPTIONS", "POST"]));
}

#[tokio::test]
async fn a_form_from_elsewhere_is_no_missing_role() {
    let edge = Edge::guarded().await;
    let anna = Visitor::of(&edge, "key:anna", &Role::ALL).await;
    let told = |slug: &str| edge.state.metrics.problems.with_label_values(&[slug]).get();
    let path = "/dashboard/invoices/bulk/preview";
    let foreign = ask("POST", path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site");
    let foreign = anna.send(foreign, Body::from("reason=x")).await;
    let stale = anna.send_form(path, &[("token", "of yesterday"), ("reason", "x")]).await;
    for shown in [foreign, stale] {
        assert_eq!(shown.status, 403);
        assert!(shown.html.contains("The form is from elsewhere"), "{}", shown.html);
    }
    assert_eq!((told("cross-site-request"), told("forbidden")), (2, 0));
}

#[tokio::test]
async fn lists_of_pages_count_against_the_quota_of_who_looks() {
    let mut edge = Edge::guarded().await;
    let limits =
        config::Http { quota_list: 1, quota_read: 0, quota_write: 0, ..config::Http::default() };
    edge.state.limits = Arc::new(limits);
    let auth = edge.state.auth.clone();
    let edge = edge.behind(auth);
    let anna = Visitor::of(&edge, "key:anna", &[Role::Viewer]).await;
    let ben = Visitor::of(&edge, "key:ben", &[Role::Viewer]).await;
    let bearer = keep(&edge.state.ledger, &new_key("key:anna", &[Role::Viewer])).await;
    let by_api = async || {
        let list = ask("GET", "/invoices").header("authorization", &bearer);
        edge.send(list.body(Body::empty()).expect("a request")).await.status.as_u16()
    };
    assert_eq!(by_api().await, 200);
    let first = anna.get("/dashboard/invoices").await;
    assert_eq!(first.status, 200, "{}", first.html);
    assert!(first.header("ratelimit").starts_with("\"list\";r="), "{:?}", first.headers);
    let mut taken = 2;
    let refused = loop {
        let shown = anna.get("/dashboard/receipts").await;
        if shown.status == 429 {
            break shown;
        }
        taken += 1;
        assert!(taken < 100, "no quota");
    };
    assert!(taken >= 10, "a burst of ten seconds passes: {taken}");
    assert!(refused.html.contains("Too many requests"), "{}", refused.html);
    assert_eq!(refused.header("ratelimit-policy"), "\"list\";q=10;w=10");
    assert_eq!(refused.header("retry-after"), "1");
    // It is one subject by whatever door it comes: a bucket of its own would let ten more in.
    let mut more = 0;
    while by_api().await == 200 {
        more += 1;
        assert!(more < 8, "the door decides");
    }
    // A page that is no list has another bucket, and so has everybody else.
    assert_eq!(anna.get("/dashboard").await.status, 200);
    assert_eq!(ben.get("/dashboard/receipts").await.status, 200);
}
