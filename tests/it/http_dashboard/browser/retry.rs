//! A store was away; it is back, and an operator has what waits tried again, all at once.

use ap_gateway::models::status::InvoiceStatus as S;

use crate::bench::{Bench, invoice};
use crate::http_dashboard::browser::Stage;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, its driver and npm: `.ci/run browser` brings them"]
async fn what_needs_attention_is_ticked_and_tried_again() {
    let bench = Bench::start().await;
    let mut ids = Vec::new();
    for number in ["I-1", "I-2", "I-3"] {
        let order = number.replace('I', "PO");
        bench.order(&order).await;
        ids.push(bench.submit(&invoice(number, &order)).await);
    }
    let folder = bench.server.folder.path().join("artifacts");
    let (here, away) = (folder.join("sha256"), folder.join("away"));
    std::fs::rename(&here, &away).expect("the documents are gone");
    let _worker = bench.worker().await;
    for id in &ids {
        bench.comes_to(id, S::NeedsAttention).await;
    }
    std::fs::remove_dir_all(&here).ok();
    std::fs::rename(&away, &here).expect("the documents are back");

    let stage = Stage::over(&bench).await;
    let clerk = stage.clerk("key:olaf", "/attention", true).await;
    assert!(clerk.source().await.contains("DOCUMENT_MISSING"), "{}", clerk.source().await);
    clerk.click_all("input[name=invoice]").await;
    clerk.write("#reason", "the store is back").await;
    clerk.picture("retry").await;
    clerk.click("button[value=retry]").await;
    clerk.arrives("/bulk/preview").await;
    let preview = clerk.source().await;
    assert!(preview.contains("Nothing is done yet"), "{preview}");
    clerk.click("main form button").await;
    for id in &ids {
        bench.comes_to(id, S::Approved).await;
    }
    clerk.comes_to(&format!("{}/attention", stage.base), "Nothing needs attention").await;
    clerk.close().await;
}
