//! Four eyes, behind every door: each way in which somebody could be the other pair of eyes to
//! themselves.

use std::time::Duration;

use ap_gateway::config;
use ap_gateway::http::auth::Auth;
use ap_gateway::models::access::Role;
use ap_gateway::models::decision::{Action, Decision, Refusal, Said};
use ap_gateway::models::refs::{DecisionId, InvoiceId, Sha256};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::vouched::About;
use ap_gateway::temporal::gateway::{DecideAnswer, DecideInput, DecisionOutcome};
use ap_gateway::workflows::InvoiceWorkflow;
use axum::http::StatusCode;
use serde_json::{Value, json};
use temporalio_client::{UntypedUpdate, WorkflowExecuteUpdateOptions};
use temporalio_common::data_converters::RawValue;
use temporalio_common::protos::temporal::api::common::v1::Payload;
use uuid::Uuid;

use crate::bank_files::OUR_IBAN;
use crate::bench::invoice;
use crate::decisions::Desk;
use crate::edge::{Answer, Edge, ask};
use crate::http_auth::{keep, new_key};

/// Two people approve 59.50.
const TWO: &str = "touchless_up_to = \"10\"\ntiers = [{above = \"40\", approvals = 2}]";

/// A desk behind a login.
struct Door {
    desk: Desk,
    guarded: Edge,
}

impl Door {
    async fn open() -> Self {
        let desk = Desk::with(TWO).await;
        let (ledger, metrics) = (&desk.bench.ledger, &desk.http.state.metrics);
        let auth =
            Auth::required(ledger, &config::Auth::default(), &config::Jwt::default(), metrics);
        let guarded = Edge::over(&desk.bench).behind(auth);
        desk.bench.order("PO-1").await;
        Self { desk, guarded }
    }

    /// A key of this subject; it may have others.
    async fn key(&self, subject: &str, roles: &[Role]) -> String {
        keep(&self.desk.bench.ledger, &new_key(subject, roles)).await
    }

    async fn post(&self, key: &str, path: &str, kind: &str, body: String) -> Answer {
        let request = ask("POST", path)
            .header("Authorization", key)
            .header("Content-Type", kind)
            .header("Idempotency-Key", Uuid::now_v7().to_string());
        self.guarded.send(request.body(body.into()).expect("a request")).await
    }

    /// Hands an invoice in that two people must approve.
    async fn submitted(&self, key: &str) -> InvoiceId {
        let taken = self.post(key, "/invoices", "application/xml", invoice("I-1", "PO-1")).await;
        assert_eq!(taken.status, StatusCode::ACCEPTED, "{}", taken.json());
        let id = InvoiceId::parse(taken.json()["id"].as_str().expect("an id")).expect("an id");
        self.desk.bench.comes_to(&id, S::Approval).await;
        id
    }

    async fn approve(&self, key: &str, id: &InvoiceId) -> Answer {
        let path = format!("/invoices/{id}/decision");
        self.post(key, &path, "application/json", json!({"action": "approve"}).to_string()).await
    }

    async fn pay(&self, key: &str, id: &InvoiceId) -> Answer {
        let order = json!({"invoices": [id], "execution_date": "2099-11-27",
            "debtor": {"name": "Muster AG", "iban": OUR_IBAN}});
        self.post(key, "/payment-files", "application/json", order.to_string()).await
    }

    /// Nobody has approved it.
    async fn waits(&self, id: &InvoiceId) {
        assert_eq!(self.desk.bench.row(id).await.status, S::Approval);
        assert_eq!(self.desk.bench.ledger.decisions(id).await.expect("read"), []);
    }
}

fn is_four_eyes(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.json());
    assert_eq!(answer.json()["type"], "/docs/problems/four-eyes", "{}", answer.json());
}

const BOTH: [Role; 2] = [Role::Submitter, Role::Approver];

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_33_whoever_handed_it_in_does_not_approve_it_by_whatever_key_or_role() {
    let door = Door::open().await;
    let _worker = door.desk.bench.worker().await;
    let own = door.key("key:anna", &BOTH).await;
    let id = door.submitted(&own).await;
    is_four_eyes(&door.approve(&own, &id).await);
    let second = door.key("key:anna", &[Role::Approver]).await;
    is_four_eyes(&door.approve(&second, &id).await);
    let almighty = door.key("key:anna", &Role::ALL).await;
    is_four_eyes(&door.approve(&almighty, &id).await);
    // Another administrator has no role that approves.
    let admin = door.key("key:root", &[Role::Admin]).await;
    let refused = door.approve(&admin, &id).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.json());
    assert_eq!(refused.json()["type"], "/docs/problems/forbidden");
    door.waits(&id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_33_one_person_is_one_approval_of_two() {
    let door = Door::open().await;
    let _worker = door.desk.bench.worker().await;
    let id = door.submitted(&door.key("key:anna", &BOTH).await).await;
    let ben = door.key("key:ben", &[Role::Approver]).await;
    let first = door.approve(&ben, &id).await;
    assert_eq!(first.json()["approvals"], json!({"required": 2, "given": 1}), "{}", first.json());
    is_four_eyes(&door.approve(&ben, &id).await);
    is_four_eyes(&door.approve(&door.key("key:ben", &Role::ALL).await, &id).await);
    assert_eq!(door.desk.bench.row(&id).await.status, S::Approval);
    let carl = door.key("key:carl", &[Role::Approver]).await;
    assert_eq!(door.approve(&carl, &id).await.json()["status"], "approved");
}

/// A supplier's record as somebody posts it.
fn supplier(revision: u32, accounts: &[&str]) -> Value {
    let account = |id: &&str| json!({"id": id, "verified_since": "2026-01-01"});
    let accounts: Vec<_> = accounts.iter().map(account).collect();
    json!({"supplier_number": "V1", "revision": revision, "name": "Schrauben Meier GmbH",
        "vat_ids": ["DE123456789"], "accounts": accounts})
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_33_whoever_changed_the_suppliers_account_neither_approves_nor_pays_its_invoices()
 {
    let door = Door::open().await;
    let _worker = door.desk.bench.worker().await;
    let (right, wrong) = ("DE02120300000000202051", "DE02500105170137075030");
    let edit = async |key: &str, record: Value| {
        let kept = door.post(key, "/suppliers", "application/json", record.to_string()).await;
        assert!(kept.status.is_success(), "{}", kept.json());
    };
    let clerk = door.key("key:clerk", &BOTH).await;
    edit(&clerk, supplier(1, &[right])).await;
    // Whoever changes something else is not barred.
    let namer = door.key("key:namer", &BOTH).await;
    let mut named = supplier(2, &[right]);
    named["aliases"] = json!(["Meier"]);
    edit(&namer, named.clone()).await;
    let id = door.submitted(&door.key("key:anna", &BOTH).await).await;
    is_four_eyes(&door.approve(&clerk, &id).await);
    // Also who did it while the invoice waited: the workflow has not heard of it.
    let late = door.key("key:late", &BOTH).await;
    named["revision"] = json!(3);
    named["accounts"] = supplier(3, &[right, wrong])["accounts"].clone();
    edit(&late, named).await;
    is_four_eyes(&door.approve(&late, &id).await);
    door.waits(&id).await;
    assert_eq!(door.approve(&namer, &id).await.json()["approvals"]["given"], 1);
    let carl = door.key("key:carl", &[Role::Approver]).await;
    assert_eq!(door.approve(&carl, &id).await.json()["status"], "approved");
    // Nor do they pay it.
    for key in [&clerk, &late] {
        let refused = door.pay(key, &id).await;
        assert_eq!(refused.faults(), [("/invoices/0".to_owned(), "four_eyes".to_owned())]);
        assert_eq!(door.desk.bench.row(&id).await.status, S::Approved);
    }
    let paid = door.pay(&namer, &id).await;
    assert_eq!(paid.status, StatusCode::CREATED, "{}", paid.json());
}

impl Door {
    /// An approval as a client of Temporal sends it, past the gateway.
    async fn raw(&self, id: &InvoiceId, decision: DecisionId, said: &Said, kept: Vec<u8>) -> Value {
        let input = DecideInput {
            invoice_id: id.clone(),
            decision_id: decision,
            fingerprint: Sha256::of(&kept),
            content: self.desk.bench.artifacts.put(kept).await.expect("kept"),
            asked: said.asked(),
        };
        let sent = self.desk.bench.gateway.carry_decision(input, Duration::from_secs(20)).await;
        match sent.expect("sent") {
            DecisionOutcome::Refused(refusal)
            | DecisionOutcome::Answered(DecideAnswer::Refused { refusal }) => match refusal {
                Refusal::FourEyes { .. } => json!("four-eyes"),
                refusal => serde_json::to_value(refusal).expect("JSON")["reason_code"].take(),
            },
            taken => panic!("{taken:?}"),
        }
    }
}

fn approval(subject: &str) -> Said {
    let decision = Decision::of(Action::Approve);
    Said { subject: subject.to_owned(), duties: Vec::new(), decision }
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_33_an_update_past_the_gateway_is_nobodys_approval() {
    let door = Door::open().await;
    let _worker = door.desk.bench.worker().await;
    let id = door.submitted(&door.key("key:anna", &BOTH).await).await;
    let ledger = &door.desk.bench.ledger;
    let fresh = || DecisionId::new(Uuid::now_v7());
    let vouched = |about: &InvoiceId, decision: &DecisionId, said: &Said| {
        ledger.vouch(About::Invoice(about.clone(), decision.clone()), said).expect("JSON")
    };
    // Under her own name, even with our word for it.
    let (own, decision) = (approval("key:anna"), fresh());
    let kept = vouched(&id, &decision, &own);
    assert_eq!(door.raw(&id, decision, &own, kept).await, "four-eyes");
    // Under a name that she made up: announced as another's than it is, and nobody's word for it.
    let (ghost, decision) = (approval("key:ghost"), fresh());
    let kept = vouched(&id, &decision, &own);
    assert_eq!(door.raw(&id, decision, &ghost, kept).await, "NOT_AS_ANNOUNCED");
    let kept = serde_json::to_vec(&ghost).expect("JSON");
    assert_eq!(door.raw(&id, fresh(), &ghost, kept).await, "NOT_VOUCHED_FOR");
    // Ben's word about something else, and his word with her changes.
    let (ben, decision) = (approval("key:ben"), fresh());
    let kept = vouched(&id, &fresh(), &ben);
    assert_eq!(door.raw(&id, decision.clone(), &ben, kept).await, "NOT_VOUCHED_FOR");
    let kept = vouched(&InvoiceId::new(Uuid::now_v7()), &decision, &ben);
    assert_eq!(door.raw(&id, decision.clone(), &ben, kept).await, "NOT_VOUCHED_FOR");
    let kept = String::from_utf8(vouched(&id, &decision, &ben)).expect("JSON");
    let kept = kept.replace("key:ben", "key:ghost").into_bytes();
    assert_eq!(door.raw(&id, decision, &ghost, kept).await, "NOT_VOUCHED_FOR");
    door.waits(&id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_33_an_update_without_a_subject_is_refused_and_stops_nothing() {
    let door = Door::open().await;
    let _worker = door.desk.bench.worker().await;
    let id = door.submitted(&door.key("key:anna", &BOTH).await).await;
    let digest = "0".repeat(64);
    let client = door.desk.bench.client().await;
    let handle = client.get_workflow_handle::<InvoiceWorkflow>(id.workflow_id());
    for input in [
        json!({"invoice_id": id, "decision_id": DecisionId::new(Uuid::now_v7()),
            "fingerprint": digest, "content": digest, "asked": {"action": "approve"}}),
        json!({"action": "approve"}),
        json!(null),
    ] {
        let metadata = [("encoding".to_owned(), b"json/plain".to_vec())].into();
        let data = serde_json::to_vec(&input).expect("JSON");
        let payload = Payload { metadata, data, ..Payload::default() };
        let update = UntypedUpdate::new("decide");
        let options = WorkflowExecuteUpdateOptions::default();
        let sent = handle.execute_update(update, RawValue::new(vec![payload]), options);
        let sent = tokio::time::timeout(Duration::from_secs(20), sent).await;
        assert!(sent.is_ok_and(|answer| answer.is_err()), "{input} was taken, or hangs");
    }
    door.waits(&id).await;
    // The invoice goes on.
    let ben = door.key("key:ben", &[Role::Approver]).await;
    assert_eq!(door.approve(&ben, &id).await.json()["approvals"]["given"], 1);
}
