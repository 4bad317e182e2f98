//! `/bank-statements` and `/bank-entries` over a real Temporal: what the bank says pays what is open.

mod bad_input;
mod decisions;
mod formats;
mod removed;

use std::sync::atomic::{AtomicU32, Ordering};

use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus;
use ap_gateway::temporal::WorkerSupervisor;
use axum::body::Body;
use serde_json::Value;

use crate::bank_files::{Booked, camt053, paid};
use crate::bench::{self, Bench};
use crate::edge::{Answer, Edge, ask};
use crate::harness::unique;

/// The gross amount of an invoice of the bench.
pub(crate) const GROSS: i64 = 5_950;

/// A gateway with a worker.
pub(crate) struct World {
    pub(crate) bench: Bench,
    pub(crate) edge: Edge,
    _worker: WorkerSupervisor,
}

impl World {
    pub(crate) async fn start() -> Self {
        let bench = Bench::start().await;
        let worker = bench.worker().await;
        let edge = Edge::over(&bench);
        Self { bench, edge, _worker: worker }
    }

    /// An invoice over 59.50 that may be paid; its number is the answer's second part.
    pub(crate) async fn approved(&self) -> (InvoiceId, String) {
        let (order, number) = (unique("PO"), number());
        self.bench.order(&order).await;
        let id = self.bench.submit(&bench::invoice(&number, &order)).await;
        self.bench.comes_to(&id, InvoiceStatus::Approved).await;
        (id, number)
    }

    pub(crate) async fn hand_in(&self, kind: &str, file: &str) -> Answer {
        self.hand_in_to("/bank-statements", kind, file).await
    }

    pub(crate) async fn hand_in_to(&self, target: &str, kind: &str, file: &str) -> Answer {
        let request = ask("POST", target).header("content-type", kind).header("prefer", "wait=30");
        self.edge.send(request.body(Body::from(file.to_owned())).expect("a request")).await
    }

    /// Hands in a camt.053 of one day and waits for its end.
    pub(crate) async fn statement(&self, id: &str, day: &str, entries: &[Booked<'_>]) -> Value {
        let answer = self.hand_in("application/xml", &camt053(id, day, 1_000_000, entries)).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), &body["status"]), (200, &"done".into()), "{body}");
        body
    }

    pub(crate) async fn status(&self, id: &InvoiceId) -> InvoiceStatus {
        self.bench.row(id).await.status
    }
}

/// A number that people would write: of letters and digits in few runs.
pub(crate) fn number() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(10_001);
    format!("RE-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// States of the entries of a statement, in order.
pub(crate) fn states(statement: &Value) -> Vec<&str> {
    let entries = statement["entries"].as_array().expect("entries");
    entries.iter().map(|entry| entry["state"].as_str().expect("a state")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_pays_an_invoice_once_however_often_it_comes() {
    let world = World::start().await;
    let (id, number) = world.approved().await;
    let end_to_end = id.end_to_end_id();
    let by_order = Booked { end_to_end: Some(&end_to_end), ..paid("B1", GROSS, &number) };
    let nobody = Booked {
        counterparty: "Stadtwerke",
        iban: "NL91ABNA0417164300",
        ..paid("B2", 777, "Strom")
    };
    let entries = [by_order.clone(), nobody];
    let statement = world.statement("S1", "2026-11-27", &entries).await;
    assert_eq!(states(&statement), ["recorded", "unmatched"], "{statement}");
    assert_eq!(world.status(&id).await, InvoiceStatus::Paid);
    let head = &statement["statements"][0];
    assert_eq!(head["account"], "DE89370400440532013000");
    assert_eq!(head["opening"]["amount"], "10000.00");
    assert_eq!(head["closing"]["amount"], "9932.73");
    let first = &statement["entries"][0]["matches"][0];
    assert_eq!((&first["state"], &first["confidence"]), (&"recorded".into(), &1000.into()));
    assert_eq!(first["reasons"][0]["item"], id.as_str());
    assert_eq!(first["reasons"][0]["evidence"][0]["code"], "end_to_end_id");
    let revision = world.bench.row(&id).await.revision;

    // The same bytes: the one that exists.
    let again =
        world.hand_in("application/xml", &camt053("S1", "2026-11-27", 1_000_000, &entries)).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    assert_eq!(again.json()["id"], statement["id"]);

    // An overlapping statement: the entries that are known change nothing.
    let (other, other_number) = world.approved().await;
    let text = format!("{other_number} danke");
    let more = [by_order, paid("B3", GROSS, &text)];
    let overlapping = world.statement("S2", "2026-11-27", &more).await;
    assert_eq!(overlapping["entries"][0]["id"], statement["entries"][0]["id"]);
    assert_eq!(states(&overlapping), ["recorded", "proposed"], "{overlapping}");
    assert_eq!(world.bench.row(&id).await.revision, revision);
    assert_eq!(world.status(&other).await, InvoiceStatus::Approved);

    let location = again.header("location").to_owned();
    let seen = world.edge.get(&location).await;
    assert_eq!((seen.status.as_u16(), seen.json()), (200, again.json()));
    let tag = seen.header("etag").to_owned();
    let request = ask("GET", &location).header("if-none-match", tag);
    let unchanged = world.edge.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(unchanged.status, 304);
    let listed = world.edge.get("/bank-statements?account=de89370400440532013000").await.json();
    let ids: Vec<_> =
        listed["items"].as_array().expect("items").iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&overlapping["id"], &statement["id"]]);
    let waiting = world.edge.get("/bank-entries?state=proposed").await.json();
    assert_eq!(waiting["items"][0]["id"], overlapping["entries"][1]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_leaves_the_rest_open_and_the_rest_closes_it() {
    let world = World::start().await;
    let (id, _) = world.approved().await;
    let end_to_end = id.end_to_end_id();
    let part =
        |reference, cents| Booked { end_to_end: Some(&end_to_end), ..paid(reference, cents, "") };
    let first = world.statement("S1", "2026-11-25", &[part("B1", 2_000)]).await;
    assert_eq!(states(&first), ["recorded"], "{first}");
    assert_eq!(world.status(&id).await, InvoiceStatus::PartPaid);
    let second = world.statement("S2", "2026-11-26", &[part("B2", 3_950)]).await;
    assert_eq!(states(&second), ["recorded"], "{second}");
    assert_eq!(world.status(&id).await, InvoiceStatus::Paid);
    // Once more: it is closed, and nothing takes it by itself.
    let third = world.statement("S3", "2026-11-27", &[part("B3", 3_950)]).await;
    assert_ne!(states(&third), ["recorded"], "{third}");
    let remarks = third["entries"][0]["remarks"].to_string();
    assert!(remarks.contains("closed"), "{remarks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_reopens_what_was_paid_also_in_the_same_file() {
    let world = World::start().await;
    let (id, _) = world.approved().await;
    let (other, _) = world.approved().await;
    let (first_order, second_order) = (id.end_to_end_id(), other.end_to_end_id());
    let out = Booked { end_to_end: Some(&first_order), ..paid("B1", GROSS, "") };
    let back = Booked { cents: GROSS, reversal: true, reference: "B2", ..out.clone() };
    world.statement("S1", "2026-11-25", std::slice::from_ref(&out)).await;
    assert_eq!(world.status(&id).await, InvoiceStatus::Paid);
    let returned = world.statement("S2", "2026-11-26", std::slice::from_ref(&back)).await;
    assert_eq!(states(&returned), ["recorded"], "{returned}");
    assert_eq!(world.status(&id).await, InvoiceStatus::Approved);
    let original = world.edge.get("/bank-entries?state=returned").await.json();
    assert_eq!(original["items"][0]["transaction"]["end_to_end_id"], first_order.as_str());

    let out = Booked { end_to_end: Some(&second_order), ..paid("B3", GROSS, "") };
    let back = Booked { cents: GROSS, reversal: true, reference: "B4", ..out.clone() };
    let both = world.statement("S3", "2026-11-27", &[out, back]).await;
    // Of two of one day either may come first; what is open in the end is the same.
    let seen = states(&both);
    assert!(seen == ["returned", "recorded"] || !seen.contains(&"recorded"), "{both}");
    assert_eq!(world.status(&other).await, InvoiceStatus::Approved);
    let rows = world.bench.ledger.rows_of(&other).await.expect("rows");
    assert!(rows.iter().map(|row| row.taken).sum::<rust_decimal::Decimal>().is_zero());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_statements_at_once_never_take_more_than_is_open() {
    let world = World::start().await;
    let mut orders = Vec::new();
    let mut invoices = Vec::new();
    for _ in 0..4 {
        let (id, _) = world.approved().await;
        orders.push(id.end_to_end_id());
        invoices.push(id);
    }
    // Two accounts would say so: the same orders, each paid in both files.
    let file = |prefix: &str| {
        let references: Vec<String> = (0..4).map(|n| format!("{prefix}{n}")).collect();
        let entries: Vec<Booked<'_>> = references
            .iter()
            .zip(&orders)
            .map(|(reference, order)| Booked {
                end_to_end: Some(order),
                ..paid(reference, GROSS, "")
            })
            .collect();
        camt053(prefix, "2026-11-27", 1_000_000, &entries)
    };
    let (first, second) = (file("X"), file("Y"));
    let (first, second) = tokio::join!(
        world.hand_in("application/xml", &first),
        world.hand_in("application/xml", &second)
    );
    let recorded = |answer: &Answer| answer.json()["counts"]["recorded"].as_i64().expect("a count");
    assert_eq!(recorded(&first) + recorded(&second), 4, "{} {}", first.json(), second.json());
    for id in &invoices {
        assert_eq!(world.status(id).await, InvoiceStatus::Paid);
        let rows = world.bench.ledger.rows_of(id).await.expect("rows");
        let taken: Vec<_> = rows.iter().map(|row| row.taken.to_string()).collect();
        assert_eq!(taken, ["59.50"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_entry_waits_until_the_bank_books_it() {
    let world = World::start().await;
    let (id, _) = world.approved().await;
    let order = id.end_to_end_id();
    let booked = Booked { end_to_end: Some(&order), ..paid("B1", GROSS, "") };
    let pending = Booked { status: "PDNG", ..booked.clone() };
    let early = world.statement("S1", "2026-11-27", &[pending]).await;
    assert_eq!(states(&early), ["pending"], "{early}");
    assert_eq!(world.status(&id).await, InvoiceStatus::Approved);
    let late = world.statement("S2", "2026-11-27", &[booked]).await;
    assert_eq!(late["entries"][0]["id"], early["entries"][0]["id"]);
    assert_eq!(states(&late), ["recorded"], "{late}");
    assert_eq!(world.status(&id).await, InvoiceStatus::Paid);
}
