//! A file that retention removed comes again: nothing is paid twice.

use ap_gateway::models::status::InvoiceStatus;
use ap_gateway::storage::ledger::retention::papers::Paper;
use chrono::{TimeDelta, Utc};

use crate::bank_files::{Booked, paid};
use crate::http_bank_statements::{GROSS, World, states};

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_statement_that_comes_again_brings_nothing_new() {
    let world = World::start().await;
    let (id, number) = world.approved().await;
    let end_to_end = id.end_to_end_id();
    let known = Booked { end_to_end: Some(&end_to_end), ..paid("B1", GROSS, &number) };
    let first = world.statement("S1", "2026-11-27", std::slice::from_ref(&known)).await;
    assert_eq!(world.status(&id).await, InvoiceStatus::Paid);
    let paid_once = world.bench.ledger.rows_of(&id).await.expect("rows");
    let statement = first["id"].as_str().expect("an id");
    let soon = Utc::now() + TimeDelta::days(1);
    let removed = world.bench.ledger.remove_paper(Paper::Statement, statement, soon, soon).await;
    assert!(removed.expect("an answer"));
    let entry = first["entries"][0]["id"].as_str().expect("an id").to_owned();
    let gone = world.edge.get(&format!("/bank-entries/{entry}")).await;
    assert_eq!(gone.problem(), (410, "removed".to_owned()));

    let again = world.statement("S1", "2026-11-27", std::slice::from_ref(&known)).await;
    assert_ne!(again["id"], first["id"]);
    assert_eq!(states(&again), Vec::<&str>::new(), "{again}");
    let finding = &again["findings"][0];
    assert_eq!(finding["code"], "ENTRIES_REMOVED", "{again}");
    assert!(finding["message"].as_str().expect("words").starts_with("1 of 1 entries"), "{finding}");
    // In another file, beside what is new.
    let (_, other) = world.approved().await;
    let beside = world.statement("S2", "2026-11-27", &[known, paid("B2", GROSS, &other)]).await;
    assert_eq!(states(&beside).len(), 1, "{beside}");
    assert_eq!(world.bench.ledger.rows_of(&id).await.expect("rows"), paid_once);
}
