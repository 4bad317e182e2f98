//! The whole gateway: an invoice comes, is approved, and the receiver hears of it.

use ap_gateway::app::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Gateway, eventually, temporal_address, unique};
use crate::http_webhooks::{Act, Receiver};
use crate::samples::{self, HUNDRED};

#[tokio::test(flavor = "multi_thread")]
async fn the_receiver_hears_of_an_invoice_by_itself() {
    let gateway = Gateway::start_with(Role::All, temporal_address(), |settings| {
        settings.webhooks.allowed_networks = vec!["127.0.0.0/8".to_owned()];
        settings.webhooks.retry_seconds = vec![0, 1];
    })
    .await;
    let receiver = Receiver::start([Act::Answer(503)]).await;
    let hook = json!({"url": receiver.url, "events": ["invoice.received", "invoice.approved"]});
    let headers = [("content-type", "application/json"), ("idempotency-key", "k")];
    let made = gateway.send(Method::POST, "/webhooks", &headers, hook.to_string().into()).await;
    let made = made.expect(StatusCode::CREATED).json();
    let secret = made["secret"].as_str().expect("shown once");

    let order = unique("PO");
    gateway
        .post_json("/purchase-orders", &samples::order(&order))
        .await
        .expect(StatusCode::CREATED);
    let receipt = samples::receipt(&unique("GR"), &order, "100");
    gateway.post_json("/receipts", &receipt).await.expect(StatusCode::CREATED);
    let answer = gateway.submit(&samples::invoice(&unique("RE"), &order, HUNDRED)).await;
    let id = answer.json()["id"].clone();
    let deliveries = format!("{}/deliveries", made["links"]["self"].as_str().expect("a link"));
    eventually(async || {
        let list = gateway.get(&deliveries).await.json();
        let items = list["items"].as_array().cloned().unwrap_or_default();
        let done = items.len() == 2 && items.iter().all(|one| one["state"] == "delivered");
        if done { Ok(()) } else { Err(list.to_string()) }
    })
    .await;
    let got = receiver.got();
    assert!(got.iter().all(|one| one.verifies(secret) && receiver.url.ends_with(&one.path)));
    let mut told: Vec<_> = got.iter().map(|one| (one.id().to_owned(), one.json())).collect();
    told.sort_by_key(|(id, _)| id.clone());
    told.dedup();
    let told: Vec<_> = told.iter().map(|(_, body)| (&body["type"], &body["data"]["id"])).collect();
    assert_eq!(told, [(&json!("invoice.received"), &id), (&json!("invoice.approved"), &id)]);
    let metrics = gateway.get("/metrics").await.text();
    assert!(
        metrics.contains("ap_gateway_webhook_attempts_total{result=\"delivered\"} 2"),
        "{metrics}"
    );
    assert!(gateway.stop().await, "drained in time");
}
