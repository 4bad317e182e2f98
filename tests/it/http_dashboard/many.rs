//! One decision about many invoices: shown first, and then done with those that were shown.

use ap_gateway::models::access::Role;
use ap_gateway::models::refs::BatchId;

use crate::edge::Edge;
use crate::http_dashboard::check;
use crate::http_dashboard::pages::HOSTILE;
use crate::http_dashboard::{Shown, Visitor};

const PREVIEW: &str = "/dashboard/invoices/bulk/preview";

async fn olaf(edge: &Edge) -> Visitor {
    Visitor::of(edge, "key:olaf", &[Role::Operator]).await
}

/// The invoices that a page would have done.
fn chosen(shown: &Shown) -> Vec<String> {
    let fields = shown.html.split("type=\"hidden\" name=\"invoice\" value=\"").skip(1);
    fields.map(|rest| rest.split('"').next().expect("an id").to_owned()).collect()
}

/// The fields of the form that a preview shows.
fn confirmed<'a>(key: &'a str, ids: &'a [String]) -> Vec<(&'a str, &'a str)> {
    let ids = ids.iter().map(|id| ("invoice", id.as_str()));
    [("key", key), ("reason", "the store is back")].into_iter().chain(ids).collect()
}

#[tokio::test]
async fn what_was_ticked_is_shown_and_then_done_once() {
    let edge = Edge::guarded().await;
    let olaf = olaf(&edge).await;
    let (one, two) = (edge_stuck(&edge, "RE-1").await, edge_stuck(&edge, "RE-2").await);
    let list = olaf.get("/dashboard/invoices").await;
    check(&list, "/dashboard/invoices");
    assert!(list.html.contains(&format!("name=\"invoice\" value=\"{one}\"")), "{}", list.html);
    assert!(!list.html.contains("All that the filter finds"), "there is no filter");
    let gone = "inv_01kax3v9s8f2m7c4t0q6w5z1re";
    let ticked = [("action", "retry"), ("reason", HOSTILE), ("invoice", &*one), ("invoice", gone)];
    let shown = olaf.form(PREVIEW, &ticked).await;
    check(&shown, PREVIEW);
    assert_eq!(chosen(&shown), std::slice::from_ref(&one), "{}", shown.html);
    for text in [
        "done with <strong>1</strong> of 2.",
        "needs attention",
        "received",
        gone,
        "retry is not possible as it stands",
        "action=\"/dashboard/invoices/bulk/retry\"",
    ] {
        assert!(shown.html.contains(text), "{text} in {}", shown.html);
    }
    assert!(
        edge.state.ledger.batches(&Default::default(), None, 9).await.expect("read").is_empty()
    );

    let key = shown.hidden("key");
    let ids = [one.clone()];
    let done = olaf.form("/dashboard/invoices/bulk/retry", &confirmed(&key, &ids)).await;
    assert_eq!(done.status, 303, "{}", done.html);
    let place = done.header("location").to_owned();
    let batch = place.strip_prefix("/dashboard/batches/").expect("a batch");
    let again = olaf.form("/dashboard/invoices/bulk/retry", &confirmed(&key, &ids)).await;
    assert_eq!(again.header("location"), place, "sent twice it is one batch");
    let batch = BatchId::parse(batch).expect("an id");
    let found = edge.state.ledger.batch(&batch).await.expect("read").expect("a batch");
    assert_eq!(found.kind.as_str(), "retry");
    let page = olaf.get(&place).await;
    check(&page, &place);
    // The same key for others is none.
    let other = [two];
    let other = olaf.form("/dashboard/invoices/bulk/retry", &confirmed(&key, &other)).await;
    assert_eq!(other.status, 422, "{}", other.html);
}

async fn edge_stuck(edge: &Edge, number: &str) -> String {
    // Who hands in over the API is another caller than who looks at pages.
    edge.with_nobody_asked().stuck(number).await.to_string()
}

#[tokio::test]
async fn all_that_a_filter_finds_are_decided_about_and_no_others() {
    let edge = Edge::guarded().await;
    let olaf = olaf(&edge).await;
    let (one, two) = (edge_stuck(&edge, "RE-1").await, edge_stuck(&edge, "RE-2").await);
    let list = olaf.get("/dashboard/invoices?status=needs_attention&page_size=1").await;
    check(&list, "/dashboard/invoices?status=needs_attention&page_size=1");
    for text in ["name=\"filter-status\" value=\"needs_attention\"", "All that the filter finds"] {
        assert!(list.html.contains(text), "{text} in {}", list.html);
    }
    assert!(!list.html.contains("filter-page_size"));
    let all = [
        ("action", "cancel"),
        ("reason", "sent by mistake"),
        ("all", "1"),
        ("filter-status", "needs_attention"),
    ];
    let shown = olaf.form(PREVIEW, &all).await;
    assert_eq!(chosen(&shown), [one.clone(), two.clone()], "the oldest first: {}", shown.html);
    // What comes meanwhile was not shown, so it is not done.
    let late = edge_stuck(&edge, "RE-3").await;
    let ids = chosen(&shown);
    let key = shown.hidden("key");
    let done = olaf.form("/dashboard/invoices/bulk/cancel", &confirmed(&key, &ids)).await;
    let batch = done.header("location").strip_prefix("/dashboard/batches/").expect("a batch");
    let items = edge.with_nobody_asked().get(&format!("/batches/{batch}/items")).await.json();
    let items = items["items"].as_array().expect("items").len();
    assert_eq!(items, 2, "without {late}");
    for (fields, status, text) in [
        (&[("action", "retry"), ("reason", "x")][..], 400, "Tick at least one"),
        (&[("action", "retry"), ("reason", "x"), ("all", "1")], 422, "every invoice"),
        (&[("action", "approve"), ("reason", "x"), ("invoice", &*one)], 400, "retry or cancel"),
        (&[("action", "retry"), ("invoice", &*one)], 422, "reason"),
        (&[("action", "retry"), ("reason", "x"), ("invoice", "<b>")], 422, ""),
        (
            &[("action", "retry"), ("reason", "x"), ("all", "1"), ("filter-status", "paid")],
            422,
            "retry is not possible in paid",
        ),
    ] {
        let shown = olaf.form(PREVIEW, fields).await;
        assert_eq!(shown.status, status, "{fields:?}: {}", shown.html);
        assert!(shown.html.contains(text), "{text} in {}", shown.html);
    }
}

#[tokio::test]
async fn who_may_not_decide_about_many_is_offered_nothing_to_tick() {
    let edge = Edge::guarded().await;
    edge_stuck(&edge, "RE-1").await;
    let vera = Visitor::of(&edge, "key:vera", &[Role::Viewer]).await;
    for page in ["/dashboard/invoices?status=needs_attention", "/dashboard/attention"] {
        let shown = vera.get(page).await;
        check(&shown, page);
        assert!(!shown.html.contains("checkbox") && !shown.html.contains("/bulk/"), "{page}");
    }
    let shown = olaf(&edge).await.get("/dashboard/attention").await;
    check(&shown, "/dashboard/attention");
    assert!(shown.html.contains("action=\"/dashboard/invoices/bulk/preview\""));
    assert!(shown.html.contains("All that need attention"), "{}", shown.html);
}
