//! Decisions of people, over HTTP, a real server and real stores.

mod four_eyes;
mod refusals;
mod waits;
mod without_worker;

use std::time::Duration;

use ap_gateway::app::drift::{Drift, inspect};
use ap_gateway::config;
use ap_gateway::http::auth::Auth;
use ap_gateway::models::access::Role;
use ap_gateway::models::decision::HoldRef;
use ap_gateway::models::hold::Role as Duty;
use ap_gateway::models::policy::Policy;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::keys::NewKey;
use ap_gateway::temporal::gateway::{RunStatus, Start};
use ap_gateway::workflows::InvoiceWorkflow;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, invoice, until};
use crate::edge::{Answer, Edge, ask};
use crate::http_auth::{keep, new_key};
use crate::replay;

/// A bench with a worker, and the edge over it.
struct Desk {
    bench: Bench,
    http: Edge,
}

impl Desk {
    async fn start() -> Self {
        Self::with("").await
    }

    async fn with(approval: &str) -> Self {
        let toml = format!("fuzzy_duplicates = false\n[approval]\n{approval}");
        let policy: Policy = toml::from_str(&toml).expect("a policy");
        let bench = Bench::with(policy).await;
        let http = Edge::over(&bench);
        Self { bench, http }
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = ask("POST", path).header("Content-Type", "application/json");
        let request = request.header("Idempotency-Key", key).body(body.to_string().into());
        self.http.send(request.expect("a request")).await
    }

    async fn keep(&self, id: &InvoiceId, name: &str) {
        replay::keep(&self.bench, &id.workflow_id(), &format!("InvoiceWorkflow.{name}")).await;
    }

    async fn decide(&self, id: &InvoiceId, key: &str, body: Value) -> Answer {
        self.post(&format!("/invoices/{id}/decision"), key, &body).await
    }

    /// An invoice that bills too much for its order.
    async fn held(&self) -> InvoiceId {
        self.bench.order("PO-1").await;
        let dear = invoice("I-1", "PO-1").replace("5.00", "6.00").replace("50.00", "60.00");
        let id = self.bench.submit(&dear).await;
        self.bench.comes_to(&id, S::Held).await;
        id
    }

    async fn holds(&self, id: &InvoiceId) -> Vec<Value> {
        let row = self.bench.row(id).await;
        let name = |hold| json!(HoldRef::of(hold));
        row.holds.iter().map(name).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_released_with_the_duty_that_its_key_has() {
    let desk = Desk::start().await;
    let _worker = desk.bench.worker().await;
    let id = desk.held().await;
    let (ledger, metrics) = (&desk.bench.ledger, &desk.http.state.metrics);
    let auth = Auth::required(ledger, &config::Auth::default(), &config::Jwt::default(), metrics);
    let guarded = Edge::over(&desk.bench).behind(auth);
    let holds = desk.holds(&id).await;
    let body = json!({"action": "release", "reason": "agreed", "holds": holds}).to_string();
    let release = async |duties: Vec<Duty>| {
        let name = format!("key:{}", duties.len());
        let key = NewKey { duties, ..new_key(&name, &[Role::Approver]) };
        let request = ask("POST", &format!("/invoices/{id}/decision"))
            .header("Content-Type", "application/json")
            .header("Authorization", keep(ledger, &key).await)
            .header("Idempotency-Key", "k1");
        guarded.send(request.body(body.clone().into()).expect("a request")).await
    };
    for duties in [vec![], vec![Duty::Treasury, Duty::Tax]] {
        let refused = release(duties).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.json());
        assert!(refused.json().to_string().contains("DUTY_MISSING"), "{}", refused.json());
    }
    let taken = release(Duty::OF_PERSONS.to_vec()).await;
    assert!(taken.status.is_success(), "{}", taken.json());
    desk.bench.comes_to(&id, S::Approval).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_hold_leads_to_approval_and_an_approval_ends_it() {
    let desk = Desk::start().await;
    let worker = desk.bench.worker().await;
    let id = desk.held().await;
    let holds = desk.holds(&id).await;
    let release = json!({"action": "release", "holds": holds, "reason": "agreed by phone"});
    let answer = desk.decide(&id, "k1", release.clone()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.json());
    let body = answer.json();
    assert_eq!((&body["status"], &body["approvals"]["required"]), (&json!("approval"), &json!(1)));
    // The same key again is the same decision; with another body it is another one.
    let again = desk.decide(&id, "k1", release).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (StatusCode::OK, "true"));
    assert_eq!(again.json()["decision"], body["decision"]);
    let other = json!({"action": "reject", "reason": "no"});
    let other = desk.decide(&id, "k1", other).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.json()["type"], "/docs/problems/idempotency-key-reused");
    let approved = desk.decide(&id, "k2", json!({"action": "approve"})).await;
    assert_eq!(approved.json()["status"], "approved", "{}", approved.json());
    assert_eq!(desk.bench.row(&id).await.status, S::Approved);
    let taken = desk.bench.ledger.decisions(&id).await.expect("read");
    let actions: Vec<&str> = taken.iter().map(|row| row.decision.action.as_str()).collect();
    assert_eq!(actions, ["release", "approve"]);
    assert_eq!(taken[0].effect.releases[0].reason, "agreed by phone");
    desk.keep(&id, "released_and_approved").await;
    assert!(worker.drain(Duration::from_secs(5)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_33_what_the_rules_forbid_is_refused_and_leaves_no_trace() {
    let desk = Desk::start().await;
    let _worker = desk.bench.worker().await;
    let id = desk.held().await;
    let before = desk.bench.row(&id).await.revision;
    let cases = [
        (json!({"action": "approve"}), StatusCode::CONFLICT, "state-conflict"),
        (
            json!({"action": "reject", "reason": "no", "expected_revision": 1}),
            StatusCode::CONFLICT,
            "state-conflict",
        ),
        (
            json!({"action": "release", "reason": "no", "holds": [{"code": "TAX_RATE"}]}),
            StatusCode::UNPROCESSABLE_ENTITY,
            "decision-rejected",
        ),
        (json!({"action": "reject"}), StatusCode::UNPROCESSABLE_ENTITY, "validation-failed"),
        (json!({"action": "nonsense"}), StatusCode::UNPROCESSABLE_ENTITY, "validation-failed"),
        (
            json!({"action": "retry", "reason": "x"}),
            StatusCode::UNPROCESSABLE_ENTITY,
            "validation-failed",
        ),
    ];
    for (body, status, slug) in cases {
        let answer = desk.decide(&id, "k", body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.json());
        assert_eq!(answer.json()["type"], format!("/docs/problems/{slug}"), "{body}");
    }
    assert_eq!(desk.bench.row(&id).await.revision, before);
    let nobody = InvoiceId::new(uuid::Uuid::nil());
    let unknown = desk.decide(&nobody, "k", json!({"action": "approve"})).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    // What was refused left the key free.
    let rejected = desk.decide(&id, "k", json!({"action": "reject", "reason": "not ours"})).await;
    assert_eq!(rejected.json()["status"], "rejected", "{}", rejected.json());
    desk.keep(&id, "rejected").await;
    let closed = desk.decide(&id, "k9", json!({"action": "reject", "reason": "again"})).await;
    assert_eq!(closed.status, StatusCode::CONFLICT);
    assert_eq!(closed.json()["type"], "/docs/problems/invoice-closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_invoice_gives_back_what_another_waits_for() {
    let desk = Desk::start().await;
    let _worker = desk.bench.worker().await;
    desk.bench.order("PO-1").await;
    let first = desk.bench.submit(&invoice("I-1", "PO-1")).await;
    desk.bench.comes_to(&first, S::Approved).await;
    let second = desk.bench.submit(&invoice("I-2", "PO-1")).await;
    desk.bench.comes_to(&second, S::Held).await;
    let cancel = json!({"reason": "sent twice"});
    let answer = desk.post(&format!("/invoices/{first}/cancel"), "c1", &cancel).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.json());
    desk.bench.comes_to(&first, S::Cancelled).await;
    desk.keep(&first, "cancelled").await;
    // To cancel what is cancelled is to hear who did, under which id.
    let again = desk.post(&format!("/invoices/{first}/cancel"), "c2", &cancel).await;
    assert_eq!(again.status, StatusCode::ACCEPTED);
    let (told, first_told) = (again.json()["decision"].clone(), answer.json()["decision"].clone());
    assert_eq!((&told["id"], &told["by"]), (&first_told["id"], &first_told["by"]));
    let known = desk.bench.ledger.decisions(&first).await.expect("read");
    assert!(known.iter().any(|row| told["id"] == row.id.as_str()), "{told}");
    let woken = desk.bench.ledger.to_wake(10).await.expect("read");
    assert!(woken.iter().any(|wake| wake.id == second), "{woken:?}");
    desk.bench.gateway.wake_invoice(&second).await.expect("woken");
    desk.bench.comes_to(&second, S::Approved).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_amounts_take_two_people_and_without_a_login_nobody_is_two() {
    let desk =
        Desk::with("touchless_up_to = \"10\"\ntiers = [{above = \"40\", approvals = 2}]").await;
    let _worker = desk.bench.worker().await;
    desk.bench.order("PO-1").await;
    let id = desk.bench.submit(&invoice("I-1", "PO-1")).await;
    desk.bench.comes_to(&id, S::Approval).await;
    let answer = desk.decide(&id, "k1", json!({"action": "approve"})).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.json());
    assert_eq!(answer.json()["type"], "/docs/problems/four-eyes");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_supplier_is_asked_and_answers() {
    let desk = Desk::start().await;
    let _worker = desk.bench.worker().await;
    let id = desk.held().await;
    let ask = json!({"action": "request_information", "reason": "which order is this?"});
    let answer = desk.decide(&id, "k1", ask).await;
    assert_eq!(answer.json()["status"], "query", "{}", answer.json());
    let answer = desk.decide(&id, "k2", json!({"action": "answer"})).await;
    assert_eq!(answer.json()["status"], "held", "{}", answer.json());
    desk.keep(&id, "asked_and_answered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_field_frees_an_invoice_and_the_old_value_is_kept() {
    let desk = Desk::start().await;
    let _worker = desk.bench.worker().await;
    desk.bench.order("PO-1").await;
    let id = desk.bench.submit(&invoice("I-1", "PO-9")).await;
    desk.bench.comes_to(&id, S::Held).await;
    let wrong = json!({"action": "correct", "reason": "typing error",
        "corrections": [{"pointer": "/nowhere/at/all", "value": "x"}]});
    let answer = desk.decide(&id, "k1", wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.json());
    assert_eq!(answer.json()["reason_code"], "FIELD_UNKNOWN");
    let unfit = json!({"action": "correct", "reason": "typing error",
        "corrections": [{"pointer": "/issue_date", "value": "yesterday"}]});
    let answer = desk.decide(&id, "k2", unfit).await;
    assert_eq!(answer.json()["reason_code"], "VALUE_UNFIT", "{}", answer.json());
    let right = json!({"action": "correct", "reason": "typing error", "reason_code": "WRONG_ORDER",
        "corrections": [{"pointer": "/order_reference", "value": "PO-1"}]});
    let answer = desk.decide(&id, "k3", right).await;
    assert_eq!(answer.json()["status"], "approved", "{}", answer.json());
    let taken = desk.bench.ledger.decisions(&id).await.expect("read");
    assert_eq!(taken[0].effect.before[0].value, "PO-9");
    let read = desk.bench.ledger.extraction(&id).await.expect("read").expect("an extraction");
    desk.keep(&id, "corrected").await;
    let evidence = read.evidence.iter().find(|one| one.field == "BT-13").expect("BT-13");
    assert_eq!((evidence.value.as_str(), json!(evidence.source)), ("PO-1", json!("person")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_needs_attention_is_retried_or_rejected() {
    let desk = Desk::start().await;
    let _worker = desk.bench.worker().await;
    let id = desk.bench.submit("<Invoice").await;
    let row = desk.bench.comes_to(&id, S::NeedsAttention).await;
    assert_eq!(row.came_from, Some(S::Extracting));
    let again = desk.post(&format!("/invoices/{id}/retry"), "r1", &json!({"reason": "try"})).await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "{}", again.json());
    until("it was tried again", async || {
        let now = desk.bench.row(&id).await;
        (now.revision > row.revision + 2 && now.status == S::NeedsAttention).then_some(())
    })
    .await;
    let confirm = desk.decide(&id, "k1", json!({"action": "confirm"})).await;
    assert_eq!(confirm.json()["reason_code"], "NOT_IN_DOUBT", "{}", confirm.json());
    let reject = json!({"action": "reject", "reason": "unreadable", "reason_code": "UNREADABLE"});
    let answer = desk.decide(&id, "k2", reject).await;
    assert_eq!(answer.json()["status"], "rejected", "{}", answer.json());
    desk.keep(&id, "retried").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_should_decide_is_reminded_and_the_next_one_up_hears_of_it_once() {
    let watch =
        "remind_after_seconds = 1\nescalate_after_seconds = 2\nescalate_to = \"group:heads\"";
    let desk = Desk::with(watch).await;
    let _worker = desk.bench.worker().await;
    let id = desk.held().await;
    let revision = desk.bench.row(&id).await.revision;
    until("a reminder", async || {
        let told = desk.bench.ledger.notices(&id).await.expect("read");
        (!told.is_empty()).then_some(())
    })
    .await;
    desk.keep(&id, "reminded").await;
    let told = until("three reminders and an escalation", async || {
        let told = desk.bench.ledger.notices(&id).await.expect("read");
        (told.iter().filter(|notice| notice.kind == "reminder").count() >= 3).then_some(told)
    })
    .await;
    let up: Vec<_> = told.iter().filter(|notice| notice.kind == "escalation").collect();
    assert_eq!(up.len(), 1, "{told:?}");
    assert_eq!((up[0].recipient.as_deref(), up[0].status), (Some("group:heads"), S::Held));
    assert_eq!(desk.bench.row(&id).await.revision, revision, "no screen gets stale by it");
    // A decision ends it.
    let reject = json!({"action": "reject", "reason": "not ours", "expected_revision": revision});
    assert_eq!(desk.decide(&id, "k1", reject).await.json()["status"], "rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_invoice_ends_and_is_taken_up_again_when_the_bank_returns_the_money() {
    let desk = Desk::start().await;
    let _worker = desk.bench.worker().await;
    let bench = &desk.bench;
    bench.order("PO-1").await;
    let id = bench.submit(&invoice("I-1", "PO-1")).await;
    bench.comes_to(&id, S::Approved).await;
    let becomes = async |status| {
        let entered = bench.ledger.enter(&id, status, chrono::Utc::now()).await;
        assert_eq!(entered.expect("an answer"), status);
    };
    let run = async || bench.gateway.workflow(&id.workflow_id()).await.expect("described").status;
    becomes(S::Scheduled).await;
    let cancel = json!({"reason": "too late"});
    let refused = desk.post(&format!("/invoices/{id}/cancel"), "c1", &cancel).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.json());
    becomes(S::Paid).await;
    bench.gateway.wake_invoice(&id).await.expect("woken");
    until("the run ends", async || (run().await == RunStatus::Completed).then_some(())).await;
    desk.keep(&id, "paid").await;
    becomes(S::Approved).await;
    assert_eq!(bench.gateway.resume_invoice(&id).await, Ok(Start::Started));
    assert_eq!(bench.gateway.resume_invoice(&id).await, Ok(Start::Known));
    let reopen = json!({"action": "reopen", "reason": "ask the supplier for its new account"});
    let answer = desk.decide(&id, "k1", reopen).await;
    assert_eq!(answer.json()["status"], "approval", "{}", answer.json());
    desk.keep(&id, "taken_up_again").await;
    let told = desk.http.get(&format!("/invoices/{id}/response")).await;
    assert_eq!(told.json()["code"], "PD", "what was told is not taken back: {}", told.json());
}

#[tokio::test(flavor = "multi_thread")]
async fn ledger_and_workflows_agree_and_what_drifts_is_found_and_set_right() {
    let desk = Desk::start().await;
    let _worker = desk.bench.worker().await;
    let bench = &desk.bench;
    bench.order("PO-1").await;
    let approved = bench.submit(&invoice("I-1", "PO-1")).await;
    bench.comes_to(&approved, S::Approved).await;
    let held = bench.submit(&invoice("I-2", "PO-9")).await;
    bench.comes_to(&held, S::Held).await;
    let look = async |repair| {
        let inspected = inspect(&bench.ledger, &bench.gateway, repair).await;
        inspected.expect("an inspection")
    };
    let agree = async || {
        until("they agree", async || look(false).await.found.is_empty().then_some(())).await;
    };
    agree().await;
    // A payment run is no drift: the workflow has nothing to do then.
    let enter = async |id, status| {
        bench.ledger.enter(id, status, chrono::Utc::now()).await.expect("an answer")
    };
    enter(&approved, S::Scheduled).await;
    agree().await;
    // Somebody ends one workflow, and another is not told that its invoice is over.
    let client = bench.client().await;
    let handle = client.get_workflow_handle::<InvoiceWorkflow>(approved.workflow_id());
    handle.terminate(Default::default()).await.expect("terminated");
    enter(&held, S::Rejected).await;
    let found = look(true).await.found;
    let mut drifts: Vec<_> = found.iter().map(|found| (found.id.clone(), found.drift)).collect();
    drifts.sort_by_key(|(id, _)| id.clone());
    let expected = [(approved, Drift::WithoutWorkflow), (held, Drift::StillRunning)];
    assert_eq!(drifts, expected);
    agree().await;
}
