//! Streams of a gateway that is served, with a worker behind it.

use ap_gateway::app::Role;
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Gateway, temporal_address, unique};
use crate::samples::{self, HUNDRED};

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_life_is_seen_from_the_beginning_to_the_end() {
    let gateway = Gateway::start().await;
    let order = unique("PO");
    gateway.post_json("/purchase-orders", &samples::order(&order)).await;
    let invoice = gateway.submit(&samples::invoice(&unique("RE"), &order, HUNDRED)).await.json();
    let path = invoice["links"]["self"].as_str().expect("a link").to_owned();
    let cancel = json!({"reason": "a test"});
    gateway.post_json(&format!("{path}/cancel"), &cancel).await.expect(StatusCode::ACCEPTED);
    let request = gateway.client.get(format!("{}{path}/events", gateway.base));
    let response = request.header("last-event-id", "0").send().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert!(!response.headers().contains_key("content-encoding"));
    // The stream ends by itself, so there is a whole text.
    let text = response.text().await.expect("a text");
    let ids: Vec<i64> = text
        .lines()
        .filter_map(|line| line.strip_prefix("id: "))
        .map(|id| id.parse().expect("a revision"))
        .collect();
    assert_eq!(ids, (1..=ids.len() as i64).collect::<Vec<_>>(), "{text}");
    let names: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!((names.first(), names.last()), (Some(&"status"), Some(&"closed")), "{text}");
    assert!(names.contains(&"decision"), "{text}");
    assert!(text.starts_with("retry: 3000\n\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_open_streams_long_before_its_deadline() {
    let gateway = Gateway::start_with(Role::Http, temporal_address(), |_| {}).await;
    let xml = samples::invoice(&unique("RE"), "PO-1", HUNDRED);
    let headers = [("content-type", "application/xml")];
    let made = gateway.send(reqwest::Method::POST, "/invoices", &headers, xml.into()).await.json();
    let url = format!("{}{}/events", gateway.base, made["links"]["self"].as_str().expect("a link"));
    let mut streams = Vec::new();
    for _ in 0..10 {
        let mut stream = gateway.client.get(&url).send().await.expect("an answer");
        let first = stream.chunk().await.expect("bytes").expect("a beginning");
        assert!(first.starts_with(b"retry:"), "{first:?}");
        streams.push(stream);
    }
    let began = std::time::Instant::now();
    assert!(gateway.stop().await, "everything ended by itself");
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    for stream in streams {
        let rest = stream.text().await.expect("the rest");
        assert!(rest.ends_with("event: drain\ndata: {}\n\n"), "{rest}");
    }
}
