//! A clerk accepts what may explain an entry of a bank statement, and the invoice is paid.

use ap_gateway::models::status::InvoiceStatus as S;

use crate::bank_files::paid;
use crate::http_bank_statements::{GROSS, World, states};
use crate::http_dashboard::browser::Stage;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, its driver and npm: `.ci/run browser` brings them"]
async fn a_match_is_accepted_and_the_invoice_is_paid() {
    let world = World::start().await;
    let (id, number) = world.approved().await;
    let text = format!("{number} danke");
    let statement = world.statement("S1", "2026-11-27", &[paid("B1", GROSS, &text)]).await;
    assert_eq!(states(&statement), ["proposed"], "{statement}");
    let stage = Stage::over(&world.bench).await;
    let clerk = stage.clerk("key:anna", "/bank-statements", true).await;
    clerk.click("tbody tr a").await;
    clerk.arrives("/bank-statements/stm_").await;
    clerk.click("main p a").await;
    let place = clerk.arrives("/bank-entries?statement=stm_").await;
    let seen = clerk.source().await;
    assert!(seen.contains(id.as_str()) && seen.contains(&text), "{seen}");
    clerk.write("article input[name=reason]", "our order").await;
    clerk.picture("accept").await;
    clerk.click("article button[value=accept]").await;
    world.bench.comes_to(&id, S::Paid).await;
    clerk.comes_to(&place, "state recorded").await;
    assert!(
        !clerk.source().await.contains("value=\"accept\""),
        "there is nothing to accept any more"
    );
    clerk.close().await;
}
