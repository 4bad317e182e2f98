//! Walks through lists: what existed when the walk began comes exactly once.

/// What narrows a list, and what cannot.
mod filters;

use crate::edge::Edge;
use crate::ledger::new_invoice;

async fn submit(edge: &Edge, number: usize) -> String {
    let body = format!("<Invoice number=\"{number}\"/>");
    let answer = edge.post("/invoices", "application/xml", body).await;
    answer.json()["id"].as_str().expect("an id").to_owned()
}

fn ids(page: &serde_json::Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn acceptance_43_a_walk_sees_each_earlier_invoice_once_while_others_come() {
    let edge = Edge::start().await;
    let mut expected = Vec::new();
    for number in 0..7 {
        expected.push(submit(&edge, number).await);
    }
    expected.reverse();
    let mut seen = Vec::new();
    let mut target = "/invoices?page_size=3".to_owned();
    loop {
        let answer = edge.get(&target).await;
        let page = answer.json();
        seen.extend(ids(&page));
        submit(&edge, 100 + seen.len()).await;
        let Some(token) = page["next_page_token"].as_str() else {
            assert_eq!(answer.header("link"), "");
            break;
        };
        target = format!("/invoices?page_size=3&page_token={token}");
        assert_eq!(answer.header("link"), format!("<{target}>; rel=\"next\""));
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn acceptance_44_a_token_is_bound_to_its_list_and_filters() {
    let edge = Edge::start().await;
    for number in 0..3 {
        submit(&edge, number).await;
    }
    let page = edge.get("/invoices?status=received&page_size=1").await.json();
    let token = page["next_page_token"].as_str().expect("a token");
    let with = |target: &str| format!("{target}&page_token={token}");
    assert_eq!(edge.get(&with("/invoices?status=received&page_size=2")).await.status, 200);
    let page = edge.get("/invoices?status=received,held&page_size=1").await.json();
    let of_two = page["next_page_token"].as_str().expect("a token");
    for same in ["received,held", "held,received", "held,received,held"] {
        let next = edge.get(&format!("/invoices?status={same}&page_token={of_two}")).await;
        assert_eq!((next.status.as_u16(), ids(&next.json()).len()), (200, 2), "{same}");
    }
    for other in ["received", "held", "received,held,paid"] {
        let next = edge.get(&format!("/invoices?status={other}&page_token={of_two}")).await;
        assert_eq!(next.problem(), (400, "invalid-page-token".to_owned()), "{other}");
    }
    for target in ["/invoices?status=held", "/invoices?page_size=1", "/receipts?page_size=1"] {
        let answer = edge.get(&with(target)).await;
        assert_eq!(answer.problem(), (400, "invalid-page-token".to_owned()), "{target}");
    }
    for token in ["x", "", "AQAAAA", "%00", &"A".repeat(2_000)] {
        let answer = edge.get(&format!("/invoices?page_token={token}")).await;
        assert_eq!(answer.problem(), (400, "invalid-page-token".to_owned()), "{token}");
    }
}

#[tokio::test]
async fn acceptance_34_filters_narrow() {
    let edge = Edge::start().await;
    submit(&edge, 1).await;
    let found = |target: &'static str| async { ids(&edge.get(target).await.json()).len() };
    assert_eq!(found("/invoices?status=received,held").await, 1);
    assert_eq!(found("/invoices?status=held").await, 0);
    assert_eq!(found("/invoices?received_after=2020-01-01T00:00:00Z").await, 1);
    assert_eq!(found("/invoices?received_before=2020-01-01T00:00:00Z").await, 0);
}

#[tokio::test]
async fn acceptance_45_a_page_is_as_large_as_was_asked_for_within_bounds() {
    let edge = Edge::start().await;
    for number in 0..201 {
        let new = new_invoice(&number.to_string());
        edge.state.ledger.accept_invoice(new).await.expect("accepted");
    }
    for (size, count) in [("0", 50), ("7", 7), ("1000000000", 200), ("99999999999", 200)] {
        let page = edge.get(&format!("/invoices?page_size={size}")).await.json();
        assert_eq!(ids(&page).len(), count, "{size}");
        let token = page["next_page_token"].as_str().expect("there are more");
        let target = format!("/invoices?page_size={size}&page_token={token}");
        let next = ids(&edge.get(&target).await.json());
        assert_eq!(next.len(), count.min(201 - count), "{size}");
        assert!(ids(&page).iter().all(|id| !next.contains(id)), "{size}");
    }
    for size in ["-1", "x"] {
        let answer = edge.get(&format!("/invoices?page_size={size}")).await;
        assert_eq!(answer.problem(), (400, "invalid-request".to_owned()), "{size}");
        assert_eq!(answer.faults(), [("page_size".to_owned(), "invalid_value".to_owned())]);
    }
}
