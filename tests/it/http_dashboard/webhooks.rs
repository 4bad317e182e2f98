//! Webhooks on pages: what admins see of them and do about them.

use ap_gateway::models::access::Role;
use ap_gateway::models::refs::DeliveryId;
use ap_gateway::models::webhook::Failure;
use ap_gateway::storage::ledger::webhooks::{Attempt, Attempted};
use chrono::Utc;
use serde_json::{Value, json};

use crate::edge::Edge;
use crate::http_dashboard::pages::HOSTILE;
use crate::http_dashboard::{Visitor, check};
use crate::http_webhooks::{Act, Receiver, hook, log, patch};
use crate::samples::{self, HUNDRED};

/// An invoice comes in, which is told: the message as the log shows it.
async fn told(edge: &Edge, hook: &str, number: &str) -> Value {
    let document = samples::invoice(number, "PO-1", HUNDRED);
    edge.post("/invoices", "application/xml", document).await;
    log(edge, hook).await.remove(0)
}

/// How often a message was replayed.
async fn round(edge: &Edge, id: &str) -> i64 {
    let id = DeliveryId::parse(id).expect("an id");
    edge.state.ledger.delivery(&id).await.expect("read").expect("a message").round
}

/// An attempt of a message ended so.
async fn tried(edge: &Edge, delivery: &Value, outcome: Attempted) {
    let id = delivery["id"].as_str().expect("an id");
    let round = round(edge, id).await;
    let delivery = DeliveryId::parse(id).expect("an id");
    let attempt = Attempt { delivery, round, at: Utc::now(), outcome };
    edge.state.ledger.record_attempt(&attempt).await.expect("recorded");
}

#[tokio::test]
async fn a_webhook_shows_how_it_fares_and_never_its_secret() {
    let edge = Edge::start().await;
    let receiver = Receiver::start([]).await;
    let (target, secret) = hook(&edge, &receiver, &["invoice.received"]).await;
    patch(&edge, &target, "", &json!({"description": HOSTILE})).await;
    let taken = told(&edge, &target, "I-1").await;
    tried(&edge, &taken, Attempted::Delivered { status_code: 204 }).await;
    let refused = told(&edge, &target, "I-2").await;
    let next = Utc::now() + chrono::TimeDelta::minutes(5);
    let again = Attempted::Again { status_code: Some(503), failure: Failure::Refused, next };
    tried(&edge, &refused, again).await;
    let visitor = Visitor::stranger(&edge);
    let list = visitor.get("/dashboard/webhooks").await;
    check(&list, "/dashboard/webhooks");
    for text in
        [receiver.url.as_str(), "state enabled", "invoice.received", &format!("/dashboard{target}")]
    {
        assert!(list.html.contains(text), "{text} in {}", list.html);
    }
    // Last taken, given up in a row, waiting.
    assert!(!list.html.contains("never"), "{}", list.html);
    let page = visitor.get(&format!("/dashboard{target}")).await;
    check(&page, &target);
    let at = next.format("%Y-%m-%d %H:%M").to_string();
    for text in ["delivered", "pending", "503 refused", &at, refused["id"].as_str().expect("an id")]
    {
        assert!(page.html.contains(text), "{text} in {}", page.html);
    }
    assert!(page.html.contains("&#60;script&#62;"), "{}", page.html);
    let pending = visitor.get(&format!("/dashboard{target}?state=pending&event=")).await;
    assert!(pending.html.contains("503 refused") && !pending.html.contains("state delivered"));
    for shown in [&list, &page, &pending] {
        assert!(!shown.html.contains("whsec_") && !shown.html.contains(&secret));
    }
    let bad = visitor.get(&format!("/dashboard{target}?state=lost")).await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn an_admin_tests_disables_enables_and_replays() {
    let edge = Edge::start().await;
    let receiver = Receiver::start([Act::Answer(200), Act::Answer(500)]).await;
    let (target, _) = hook(&edge, &receiver, &["invoice.received"]).await;
    let visitor = Visitor::stranger(&edge);
    let page = format!("/dashboard{target}");
    let good = visitor.form_of(&page, &format!("{page}/test"), &[]).await;
    assert!(good.html.contains("took the message: answer 200"), "{}", good.html);
    let bad = visitor.form_of(&page, &format!("{page}/test"), &[]).await;
    assert_eq!(bad.status, 200, "that a receiver fails is data");
    assert!(bad.html.contains("did not take the message: answer 500 refused"), "{}", bad.html);
    assert_eq!(receiver.got().len(), 2);

    let delivery = told(&edge, &target, "I-1").await;
    let id = delivery["id"].as_str().expect("an id");
    let first = round(&edge, id).await;
    let given_up = Attempted::Failed { status_code: None, failure: Failure::TimedOut };
    tried(&edge, &delivery, given_up).await;
    let seen = visitor.get(&page).await;
    let tag = seen.hidden("tag").replace("&#34;", "\"");
    let replay = [("key", seen.hidden("key")), ("delivery", id.to_owned())];
    let replay: Vec<_> = replay.iter().map(|(name, value)| (*name, value.as_str())).collect();

    let disable = [("status", "disabled"), ("tag", tag.as_str())];
    let done = visitor.form_of(&page, &format!("{page}/status"), &disable).await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, format!("{page}?done=disabled").as_str())
    );
    let shown = visitor.get(&format!("{page}?done=disabled")).await;
    assert!(shown.html.contains("Done: nothing more is sent to it."), "{}", shown.html);
    assert!(shown.html.contains("somebody asked for it, since 2"), "{}", shown.html);
    assert!(!shown.html.contains("/test\"") && !shown.html.contains("name=\"delivery\""));
    let stale = visitor.form_of(&page, &format!("{page}/status"), &disable).await;
    assert_eq!(stale.status, 412, "it is not what was on the screen");
    assert!(stale.html.contains("was changed since"), "{}", stale.html);
    let blind = visitor.form_of(&page, &format!("{page}/status"), &[("status", "enabled")]).await;
    assert_eq!(blind.status, 400);
    for action in ["test", "replay"] {
        let refused = visitor.form_of(&page, &format!("{page}/{action}"), &replay).await;
        assert_eq!(refused.status, 409, "{action}: {}", refused.html);
    }

    let tag = shown.hidden("tag").replace("&#34;", "\"");
    let enable = [("status", "enabled"), ("tag", tag.as_str())];
    assert_eq!(visitor.form_of(&page, &format!("{page}/status"), &enable).await.status, 303);
    let nothing = visitor.form_of(&page, &format!("{page}/replay"), &[("key", "k")]).await;
    assert_eq!(nothing.status, 400);
    assert!(nothing.html.contains("Tick at least one"), "{}", nothing.html);
    for _ in 0..2 {
        let done = visitor.form_of(&page, &format!("{page}/replay"), &replay).await;
        assert_eq!(done.status, 303, "{}", done.html);
    }
    let again = log(&edge, &target).await.remove(0);
    assert_eq!((&again["id"], &again["state"]), (&delivery["id"], &"pending".into()));
    assert_eq!(round(&edge, id).await, first + 1, "sent twice, it is one replay");
}

#[tokio::test]
async fn who_is_no_admin_is_not_even_offered_the_way() {
    let edge = Edge::guarded().await;
    let clerk = Visitor::of(&edge, "key:anna", &[Role::Approver, Role::Operator]).await;
    assert!(!clerk.get("/dashboard").await.html.contains("/dashboard/webhooks"));
    assert_eq!(clerk.get("/dashboard/webhooks").await.status, 403);
    let admin = Visitor::of(&edge, "key:root", &[Role::Admin]).await;
    assert!(admin.get("/dashboard").await.html.contains("/dashboard/webhooks"));
    check(&admin.get("/dashboard/webhooks").await, "/dashboard/webhooks");
}
