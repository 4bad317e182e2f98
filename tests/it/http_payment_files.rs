//! `/payment-files`: approved invoices become orders, and the bank statement pays them all.

use axum::body::Body;
use serde_json::{Value, json};

use ap_gateway::extraction::read_invoice;
use ap_gateway::models::extraction::{Extraction, Syntax};
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;

use crate::bank_files::{Booked, OUR_IBAN, paid};
use crate::edge::{Answer, Edge, ask};
use crate::http_bank_statements::{GROSS, World, states};
use crate::pain001;
use crate::samples;

/// A day that is not over.
const DAY: &str = "2099-11-27";

fn order(invoices: &[&InvoiceId]) -> Value {
    json!({"invoices": invoices, "debtor": {"name": "Muster AG", "iban": OUR_IBAN},
        "execution_date": DAY})
}

async fn make(edge: &Edge, key: &str, order: &Value) -> Answer {
    let request = ask("POST", "/payment-files").header("content-type", "application/json");
    let request = match key {
        "" => request,
        key => request.header("idempotency-key", key),
    };
    edge.send(request.body(Body::from(order.to_string())).expect("a request")).await
}

async fn cancel(edge: &Edge, file: &Value) -> Answer {
    let target = format!("/payment-files/{}/cancel", file["id"].as_str().expect("an id"));
    edge.post(&target, "application/json", json!({"reason": "the wrong day"}).to_string()).await
}

/// An approved invoice, without its workflow.
async fn approved(edge: &Edge, document: &str) -> InvoiceId {
    let answer = edge.post("/invoices", "application/xml", document.to_owned()).await;
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    let id = InvoiceId::parse(&id).expect("an id");
    let read = read_invoice(document.as_bytes()).expect("an invoice");
    let extraction = Extraction::of(Syntax::UblInvoice, read.invoice);
    let (ledger, now) = (&edge.state.ledger, chrono::Utc::now());
    ledger.enter(&id, S::Extracting, now).await.expect("a step");
    ledger.record_extraction(&id, &extraction, now).await.expect("a step");
    for next in [S::Matching, S::Approved] {
        assert_eq!(ledger.enter(&id, next, now).await.expect("a step"), next);
    }
    id
}

async fn status(edge: &Edge, id: &InvoiceId) -> S {
    edge.state.ledger.invoice(id).await.expect("read").expect("a row").status
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_orders_the_bank_statement_pays_by_itself() {
    let world = World::start().await;
    let mut invoices = Vec::new();
    for _ in 0..3 {
        invoices.push(world.approved().await.0);
    }
    let ids: Vec<&InvoiceId> = invoices.iter().collect();
    let made = make(&world.edge, "run-1", &order(&ids)).await;
    let file = made.json();
    assert_eq!(made.status.as_u16(), 201, "{file}");
    assert_eq!(file["total"], json!({"amount": "178.50", "currency": "EUR"}));
    for id in &invoices {
        assert_eq!(world.status(id).await, S::Scheduled);
    }
    let again = make(&world.edge, "run-1", &order(&ids)).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    assert_eq!(again.json(), file);
    let other = make(&world.edge, "run-1", &order(&ids[..1])).await;
    assert_eq!(other.problem(), (422, "idempotency-key-reused".to_owned()));
    let twice = make(&world.edge, "run-2", &order(&ids)).await;
    assert_eq!(twice.problem(), (422, "validation-failed".to_owned()));
    assert_eq!(twice.faults()[0], ("/invoices/0".to_owned(), "not_approved".to_owned()));

    let target = format!("{}/document", made.header("location"));
    let document = world.edge.get(&target).await;
    assert_eq!(document.header("content-type"), "application/xml");
    let xml = String::from_utf8(document.body).expect("UTF-8");
    let transfers = pain001::checked(&xml);
    let ordered: Vec<_> = transfers.iter().map(|one| one.end_to_end.clone()).collect();
    let expected: Vec<_> = invoices.iter().map(InvoiceId::end_to_end_id).collect();
    assert_eq!(ordered, expected);

    // The bank says that it did all of it.
    let references: Vec<String> = (0..3).map(|place| format!("B{place}")).collect();
    let entries: Vec<Booked<'_>> = transfers
        .iter()
        .zip(&references)
        .map(|(transfer, reference)| Booked {
            end_to_end: Some(&transfer.end_to_end),
            ..paid(reference, GROSS, &transfer.text)
        })
        .collect();
    let statement = world.statement("S1", "2026-11-27", &entries).await;
    assert_eq!(states(&statement), ["recorded"; 3], "{statement}");
    for id in &invoices {
        assert_eq!(world.status(id).await, S::Paid);
    }
    let late = cancel(&world.edge, &file).await;
    assert_eq!(late.problem(), (409, "state-conflict".to_owned()));
}

#[tokio::test]
async fn a_file_is_withdrawn_once_and_its_invoices_are_approved_again() {
    let edge = Edge::start().await;
    let id = approved(&edge, &samples::invoice("RE-1", "PO-1", samples::HUNDRED)).await;
    let missing = make(&edge, "", &order(&[&id])).await;
    assert_eq!(missing.problem(), (400, "idempotency-key-missing".to_owned()));
    let file = make(&edge, "k", &order(&[&id])).await.json();
    assert_eq!(status(&edge, &id).await, S::Scheduled);
    for replayed in ["", "true"] {
        let cancelled = cancel(&edge, &file).await;
        assert_eq!(cancelled.status, 200);
        assert_eq!(cancelled.header("idempotency-replayed"), replayed);
        assert_eq!(cancelled.json()["status"], "cancelled");
        assert_eq!(status(&edge, &id).await, S::Approved);
    }
    let trail = edge.state.ledger.audit(0, 100).await.expect("a trail");
    let about = trail.iter().filter(|row| row.resource.as_deref() == file["id"].as_str());
    let words: Vec<&str> = about.map(|row| row.action.as_str()).collect();
    assert_eq!(words, ["create_payment_file", "cancel_payment_file"], "each once");
    let second = make(&edge, "k2", &order(&[&id])).await;
    assert_eq!(second.status.as_u16(), 201, "{}", second.json());
    let list = edge.get("/payment-files?page_size=1").await.json();
    assert_eq!(list["items"][0]["id"], second.json()["id"]);
    assert!(list["next_page_token"].is_string());
    let seen = edge.get(&format!("/payment-files/{}", file["id"].as_str().expect("an id"))).await;
    assert_eq!((seen.status.as_u16(), &seen.json()["status"]), (200, &"cancelled".into()));
}

#[tokio::test]
async fn what_cannot_be_paid_is_named_with_its_place() {
    let edge = Edge::start().await;
    let document = |number: &str| samples::invoice(number, "PO-1", samples::HUNDRED);
    let good = approved(&edge, &document("RE-1")).await;
    let dollars =
        approved(&edge, &document("RE-2").replace("\"EUR\"", "\"USD\"").replace(">EUR<", ">USD<"))
            .await;
    let nowhere =
        approved(&edge, &document("RE-3").replace("DE02120300000000202051", "12345")).await;
    let credit = approved(&edge, &samples::credit_note("CN-1", "PO-1", samples::HUNDRED)).await;
    let raw = edge.post("/invoices", "application/xml", "<Invoice/>").await.json();
    let raw = InvoiceId::parse(raw["id"].as_str().expect("an id")).expect("an id");
    let unknown = InvoiceId::new(uuid::Uuid::nil());
    let all = [&good, &dollars, &nowhere, &credit, &raw, &unknown];
    let refused = make(&edge, "k", &order(&all)).await;
    assert_eq!(refused.problem(), (422, "validation-failed".to_owned()));
    let expected = [
        ("/invoices/1", "not_in_euro"),
        ("/invoices/2", "account_missing"),
        ("/invoices/4", "not_approved"),
        ("/invoices/5", "unknown"),
        ("/invoices/3", "credit_note"),
    ];
    let mut faults = refused.faults();
    faults.retain(|(_, code)| code != "nothing_to_net");
    let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
    assert_eq!(faults, expected);
    assert_eq!(status(&edge, &good).await, S::Approved);
    for (member, value, place) in [
        ("invoices", json!([]), "/invoices"),
        ("invoices", json!([good, good]), "/invoices/1"),
        ("execution_date", json!("2020-01-01"), "/execution_date"),
        ("debtor", json!({"name": "A", "iban": "DE00"}), "/debtor/iban"),
        ("debtor", json!({"name": " ", "iban": OUR_IBAN}), "/debtor/name"),
        ("debtor", json!({"name": "A", "iban": OUR_IBAN, "bic": "X"}), "/debtor/bic"),
        ("more", json!(1), "/more"),
    ] {
        let mut bad = order(&[&good]);
        bad[member] = value;
        let answer = make(&edge, "k", &bad).await;
        assert_eq!(answer.problem(), (422, "validation-failed".to_owned()), "{bad}");
        assert_eq!(answer.faults()[0].0, place, "{bad}");
    }
}

#[tokio::test]
async fn a_credit_note_lowers_the_transfer_when_that_is_asked_for() {
    let edge = Edge::start().await;
    let forty = samples::Line { quantity: "40", net: "400.00", ..samples::HUNDRED };
    let first = approved(&edge, &samples::invoice("RE-1", "PO-1", samples::HUNDRED)).await;
    let second = approved(&edge, &samples::invoice("RE-2", "PO-1", forty)).await;
    let credit = approved(&edge, &samples::credit_note("CN-1", "PO-1", forty)).await;
    let mut asked = order(&[&first, &second, &credit]);
    asked["net_credit_notes"] = json!(true);
    let file = make(&edge, "k", &asked).await.json();
    let transfers = file["transfers"].as_array().expect("transfers");
    assert_eq!(transfers.len(), 1, "{file}");
    assert_eq!(transfers[0]["amount"], "1190.00");
    assert_eq!(transfers[0]["invoices"], json!([first, second, credit]));
    for id in [&first, &second, &credit] {
        assert_eq!(status(&edge, id).await, S::Scheduled);
    }
    let alone = approved(&edge, &samples::credit_note("CN-2", "PO-1", forty)).await;
    let mut asked = order(&[&alone]);
    asked["net_credit_notes"] = json!(true);
    let refused = make(&edge, "k2", &asked).await;
    assert_eq!(refused.faults(), [("/invoices/0".to_owned(), "nothing_to_net".to_owned())]);
}
