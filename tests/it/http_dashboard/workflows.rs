//! Workflows on a page: what runs, where it is looked at, and an outage.

use std::time::{Duration, Instant};

use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::temporal::Gateway;
use tokio::net::TcpListener;

use crate::bench::{Bench, until};
use crate::edge::Edge;
use crate::http_dashboard::decisions::held;
use crate::http_dashboard::{Visitor, check, check_html};

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_is_shown_by_kind_with_its_way_into_temporal() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let id = held(&bench).await;
    let edge = Edge::over(&bench);
    let visitor = Visitor::stranger(&edge);
    let path = "/dashboard/workflows";
    let workflow = id.workflow_id();
    // Temporal's list lags.
    let shown = until("the run is listed", async || {
        Some(visitor.get(path).await).filter(|shown| shown.html.contains(&workflow))
    })
    .await;
    check(&shown, path);
    for text in [
        "<caption>Invoice: 1</caption>",
        &format!("<a href=\"/dashboard/invoices/{id}\">{workflow}</a>"),
        "state running",
        "ap-default",
        "AP_GATEWAY_TEMPORAL_UI",
    ] {
        assert!(shown.html.contains(text), "{text} in {}", shown.html);
    }
    assert!(!shown.html.contains("/namespaces/"), "nobody said where Temporal's pages are");
    let other = visitor.get(&format!("{path}?type=PingWorkflow&status=")).await;
    assert!(!other.html.contains(&workflow) && other.html.contains("No such workflows"));
    let bad = visitor.get(&format!("{path}?type=SomebodyElses&started_after=now")).await;
    assert_eq!(bad.status, 400);
    assert!(bad.html.contains("<strong>started_after</strong>"), "{}", bad.html);

    let mut settings = bench.server.settings();
    settings.ui = Some("https://temporal.example".to_owned());
    let edge = edge.over_temporal(Gateway::new(&settings, "ap-default", None));
    let shown = Visitor::stranger(&edge).get(path).await;
    let start = format!("href=\"https://temporal.example/namespaces/default/workflows/{workflow}/");
    assert!(shown.html.contains(&start), "{}", shown.html);
    assert!(!shown.html.contains("AP_GATEWAY_TEMPORAL_UI"));
    assert_eq!(shown.header("referrer-policy"), "no-referrer");

    let cancel = format!("/dashboard/invoices/{id}");
    let fields = [("action", "cancel"), ("reason", "sent twice")];
    visitor.form_of(&cancel, &format!("{cancel}/cancel"), &fields).await;
    bench.comes_to(&id, S::Cancelled).await;
    until("the run has ended", async || {
        let shown = visitor.get(&format!("{path}?status=completed")).await;
        shown.html.contains(&workflow).then_some(())
    })
    .await;
}

#[tokio::test]
async fn while_temporal_is_away_the_page_says_so_and_when_to_look_again() {
    let edge = Edge::start().await;
    let path = "/dashboard/workflows?type=InvoiceWorkflow&status=";
    let shown = Visitor::stranger(&edge).get(path).await;
    assert_eq!((shown.status.as_u16(), shown.header("retry-after")), (503, "2"));
    check_html(&shown, path);
    for text in [
        "Temporal cannot be reached. Try again after 2",
        "href=\"/dashboard/workflows?type=Invoice",
    ] {
        assert!(shown.html.contains(text), "{text} in {}", shown.html);
    }
}

#[tokio::test]
async fn a_temporal_that_swallows_everything_keeps_nobody_waiting() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let settings = ap_gateway::config::Temporal::local(port).expect("settings");
    let edge = Edge::start().await.over_temporal(Gateway::new(&settings, "ap-default", None));
    let begun = Instant::now();
    let shown = Visitor::stranger(&edge).get("/dashboard/workflows").await;
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    assert!([503, 504].contains(&shown.status.as_u16()), "{}", shown.status);
    assert!(shown.html.contains("Try again after"), "{}", shown.html);
}
