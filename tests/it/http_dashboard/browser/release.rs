//! A clerk looks why an invoice is held, and releases the hold.

use ap_gateway::models::status::InvoiceStatus as S;

use crate::http_dashboard::browser::{form_of, start};
use crate::http_dashboard::decisions::held;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, its driver and npm: `.ci/run browser` brings them"]
async fn a_hold_is_found_understood_and_released() {
    let (bench, _worker, stage) = start().await;
    let id = held(&bench).await;
    let clerk = stage.clerk("key:anna", "/invoices?status=held", true).await;
    clerk.click("tbody tr a").await;
    let place = clerk.arrives(&format!("/invoices/{id}")).await;
    let seen = clerk.source().await;
    assert!(seen.contains("UNIT_PRICE") && seen.contains("verdict fails"), "{seen}");
    let form = form_of("release");
    // Without a reason the browser sends nothing.
    clerk.click_all(&format!("{form} input[name=hold]")).await;
    clerk.click(&format!("{form} form button")).await;
    assert_eq!(clerk.place().await, place);
    assert_eq!(bench.row(&id).await.status, S::Held);
    clerk.write(&format!("{form} input[name=reason]"), "agreed by phone").await;
    clerk.picture("release").await;
    clerk.click(&format!("{form} form button")).await;
    bench.comes_to(&id, S::Approval).await;
    clerk.comes_to(&place, "Released by key:anna: agreed by phone").await;
    assert!(clerk.source().await.contains("0 of 1 given"));
    clerk.picture("released").await;
    clerk.close().await;
}
