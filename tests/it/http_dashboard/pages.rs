//! What pages show, whatever a supplier writes.

use ap_gateway::http::access::Access;
use ap_gateway::http::dashboard::table;
use ap_gateway::models::access::Role;
use ap_gateway::models::status::InvoiceStatus as S;
use serde_json::json;

use crate::bench::{Bench, invoice};
use crate::edge::Edge;
use crate::http_dashboard::{Visitor, check, check_html};

/// A name that would run if a page took it as it is.
pub(super) const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

/// Registers one of each kind through the API, with names that would run; answers their pages.
async fn registered(edge: &Edge) -> Vec<String> {
    let things = [
        (
            "purchase-orders",
            json!({"number": HOSTILE, "currency": "EUR",
            "supplier": {"name": HOSTILE},
            "lines": [{"id": "1", "quantity": "10", "unit": "C62", "unit_price": "5.00"}]}),
        ),
        (
            "receipts",
            json!({"number": HOSTILE, "purchase_order": HOSTILE, "date": "2026-11-20",
            "lines": [{"id": "1", "order_line": "1", "received": "4"}]}),
        ),
        ("suppliers", json!({"supplier_number": "V1", "name": HOSTILE})),
    ];
    let mut pages = Vec::new();
    for (path, body) in things {
        let kept = edge.post(&format!("/{path}"), "application/json", body.to_string()).await;
        assert_eq!(kept.status, 201, "{}", kept.json());
        pages.push(format!("/dashboard/{path}/{}", kept.json()["id"].as_str().expect("an id")));
    }
    pages
}

#[tokio::test]
async fn acceptance_64_every_page_shows_and_runs_nothing_that_a_stranger_wrote() {
    let edge = Edge::start().await;
    let mut pages = registered(&edge).await;
    let batch = json!({"items": [{"item_key": "a1", "document": {"x": 1}}]});
    edge.post("/batches", "application/json", batch.to_string()).await;
    let lists = table().into_iter().filter(|(method, path, access)| {
        let shows = *access != Access::Open && *path != "/dashboard/events";
        method == "GET" && shows && !path.contains('{')
    });
    pages.extend(lists.map(|(_, path, _)| path.to_owned()));
    let visitor = Visitor::stranger(&edge);
    for path in &pages {
        let shown = visitor.get(path).await;
        match path.as_str() {
            // It is Temporal's, which is not there.
            "/dashboard/workflows" => check_html(&shown, path),
            _ => check(&shown, path),
        }
    }
    let order = visitor.get(&pages[0]).await;
    assert!(order.html.contains("&#60;script&#62;"), "{}", order.html);
    // 10 ordered, 4 received, none billed, 10 open.
    let row = order.html.split_once("Open to bill").expect("a table").1;
    let numbers: Vec<&str> = row.split("<td class=\"number\">").skip(1).take(4).collect();
    let numbers: Vec<&str> =
        numbers.iter().map(|cell| cell.split('<').next().expect("text").trim()).collect();
    assert_eq!(numbers, ["10", "4", "0", "10"]);
}

#[tokio::test]
async fn lists_are_narrowed_and_paged_as_the_api_does() {
    let edge = Edge::start().await;
    for number in 0..3 {
        let order = json!({"number": format!("PO-{number}"), "currency": "EUR",
            "lines": [{"id": "1", "quantity": "1", "unit_price": "1"}]});
        edge.post("/purchase-orders", "application/json", order.to_string()).await;
    }
    let visitor = Visitor::stranger(&edge);
    let first = visitor.get("/dashboard/purchase-orders?page_size=2&number=").await;
    assert!(first.html.contains("PO-2") && first.html.contains("PO-1"));
    assert!(!first.html.contains("PO-0"));
    let next = first.html.split_once("class=\"next\"><a href=\"").expect("a next page").1;
    let next = next.split('"').next().expect("an address").replace("&#38;", "&");
    let last = visitor.get(&next).await;
    assert!(last.html.contains("PO-0") && !last.html.contains("PO-2"), "{}", last.html);
    assert!(!last.html.contains("Next page"));
    let one = visitor.get("/dashboard/purchase-orders?number=PO-1").await;
    assert!(one.html.contains("value=\"PO-1\"") && !one.html.contains("PO-2"));
    let bad = visitor.get("/dashboard/purchase-orders?colour=red").await;
    assert_eq!(bad.status, 400);
    assert!(bad.html.contains("<strong>colour</strong> is not known here"), "{}", bad.html);
    let away = visitor.get("/dashboard/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re").await;
    assert_eq!(
        (away.status.as_u16(), away.header("content-type")),
        (404, "text/html; charset=utf-8")
    );
    assert_eq!(visitor.get("/dashboard/assets/../style.css").await.status, 404);
    let style = visitor.get("/dashboard/assets/style.css").await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_invoice_explains_why_it_is_held() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    bench.order("PO-1").await;
    let dear = invoice("I-1", "PO-1").replace("5.00", "6.00").replace("50.00", "60.00");
    let hostile = dear.replace("Schrauben Meier GmbH", "&lt;script&gt;alert(1)&lt;/script&gt;");
    let id = bench.submit(&hostile).await;
    bench.comes_to(&id, S::Held).await;
    let edge = Edge::over(&bench);
    let visitor = Visitor::stranger(&edge);
    let path = format!("/dashboard/invoices/{id}");
    let shown = visitor.get(&path).await;
    check(&shown, &path);
    for text in [
        "&#60;script&#62;alert(1)",
        "UNIT_PRICE",
        "class=\"verdict fails\"",
        "The comparison in words",
        "PO-1 line 1 (by",
        "Timeline",
        "Audit trail",
        "name=\"hold\"",
        &format!("ap-invoice-{id}"),
    ] {
        assert!(shown.html.contains(text), "{text} in {}", shown.html);
    }
    let document = visitor.get(&format!("{path}/document")).await;
    assert_eq!(document.html, hostile);
    assert!(document.header("content-disposition").starts_with("attachment"));
    assert_eq!(visitor.get(&format!("{path}/pages/1.png")).await.status, 404, "XML has no page");
    assert!(!shown.html.contains("/pages/1.png") && !shown.html.contains("Not drawn"));
    let overview = visitor.get("/dashboard").await;
    check(&overview, "/dashboard");
    assert!(overview.html.contains("59.50 EUR"), "{}", overview.html);
    // A viewer sees the same and is offered nothing to do.
    let edge = Edge::over(&bench);
    let auth = ap_gateway::http::auth::Auth::required(
        &bench.ledger,
        &ap_gateway::config::Auth::default(),
        &ap_gateway::config::Jwt::default(),
        &edge.state.metrics,
    );
    let edge = edge.behind(auth);
    let viewer = Visitor::of(&edge, "key:viewer", &[Role::Viewer]).await;
    let shown = viewer.get(&path).await;
    check(&shown, &path);
    assert!(shown.html.contains("UNIT_PRICE") && !shown.html.contains("/decision"));
}
