//! One clerk releases without script, and another approves with it; and all pages are judged.

use ap_gateway::models::status::InvoiceStatus as S;

use crate::edge::Edge;
use crate::http_dashboard::browser::{judge, start};
use crate::http_dashboard::decisions::held;
use crate::http_webhooks::{Receiver, hook};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, its driver and npm: `.ci/run browser` brings them"]
async fn one_clerk_releases_without_script_and_another_approves_with_it() {
    let (bench, _worker, stage) = start().await;
    let id = held(&bench).await;
    let receiver = Receiver::start([]).await;
    let open = Edge::over(&bench);
    let (webhook, _) = hook(&open, &receiver, &["invoice.received", "invoice.approved"]).await;
    open.post("/invoices", "application/xml", crate::bench::invoice("I-2", "PO-2")).await;
    let base = &stage.base;
    let of_invoice = format!("/invoices/{id}");
    let invoice = format!("{base}{of_invoice}");

    let anna = stage.clerk("key:anna", &of_invoice, false).await;
    anna.click_all("input[name=hold]").await;
    anna.write("details[open] input[name=reason]", "agreed by phone").await;
    anna.click("details[open] form button").await;
    bench.comes_to(&id, S::Approval).await;
    anna.comes_to(&invoice, "0 of 1 given").await;
    assert!(anna.source().await.contains("Not by you"));
    anna.click(".who button").await;
    anna.arrives("/sign-in").await;
    anna.open(&invoice).await;
    let place = anna.place().await;
    assert!(place.contains("/sign-in?next="), "who signed out signs in again: {place}");
    anna.close().await;

    let sign_in = stage.driver.window(true).await;
    sign_in.open(&format!("{base}/sign-in")).await;
    assert_eq!(sign_in.breaches().await, Vec::<String>::new(), "the sign-in");
    sign_in.close().await;
    let ben = stage.clerk("key:ben", &of_invoice, true).await;
    let pages = [
        ("overview", ""),
        ("invoices", "/invoices"),
        ("invoice", &of_invoice),
        ("attention", "/attention"),
        ("orders", "/purchase-orders"),
        ("entries", "/bank-entries"),
        ("webhooks", "/webhooks"),
        ("webhook", &webhook),
        ("workflows", "/workflows"),
        ("policy", "/policies"),
        ("what-if", "/policies/what-if?key=/tolerances/UNIT_PRICE/upper/amount&value=1.00"),
        ("what-if-refused", "/policies/what-if?key=/small_difference&value=-1"),
        ("health", "/health"),
    ];
    judge(&ben, base, &pages).await;
    ben.open(&invoice).await;
    ben.click("details[open] form button").await;
    bench.comes_to(&id, S::Approved).await;
    ben.comes_to(&invoice, "key:ben").await;
    ben.close().await;
}
