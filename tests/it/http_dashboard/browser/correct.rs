//! A clerk corrects the order that a supplier wrote wrongly, and the invoice goes on.

use ap_gateway::models::status::InvoiceStatus as S;
use serde_json::json;

use crate::bench::invoice;
use crate::http_dashboard::browser::{form_of, start};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, its driver and npm: `.ci/run browser` brings them"]
async fn a_field_is_corrected_and_the_invoice_is_approved() {
    let (bench, _worker, stage) = start().await;
    bench.order("PO-1").await;
    let id = bench.submit(&invoice("I-1", "PO-9")).await;
    bench.comes_to(&id, S::Held).await;
    let clerk = stage.clerk("key:anna", &format!("/invoices/{id}"), true).await;
    let form = form_of("correct");
    clerk.click(&format!("{form} summary")).await;
    clerk.write(&format!("{form} input[name=pointer]"), "/order_reference").await;
    clerk.write(&format!("{form} input[name=value]"), "PO-1").await;
    clerk.write(&format!("{form} input[name=reason]"), "the supplier mistyped it").await;
    clerk.picture("correct").await;
    clerk.click(&format!("{form} form button")).await;
    bench.comes_to(&id, S::Approved).await;
    clerk.comes_to(&format!("{}/invoices/{id}", stage.base), "the supplier mistyped it").await;
    assert!(clerk.source().await.contains("person"), "the field says whose word it is");
    clerk.close().await;
    let read = bench.ledger.extraction(&id).await.expect("read").expect("an extraction");
    let evidence = read.evidence.iter().find(|one| one.field == "BT-13").expect("BT-13");
    assert_eq!((evidence.value.as_str(), json!(evidence.source)), ("PO-1", json!("person")));
}
