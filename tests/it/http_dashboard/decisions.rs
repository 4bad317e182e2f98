//! What people do on pages, through a real server: the same rules as over the API.

use ap_gateway::config;
use ap_gateway::http::auth::Auth;
use ap_gateway::models::access::Role;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;

use crate::bench::{Bench, invoice};
use crate::edge::Edge;
use crate::http_dashboard::Visitor;

/// The edge over a bench, with a login.
pub(super) fn guarded(bench: &Bench) -> Edge {
    let edge = Edge::over(bench);
    let auth = Auth::required(
        &bench.ledger,
        &config::Auth::default(),
        &config::Jwt::default(),
        &edge.state.metrics,
    );
    edge.behind(auth)
}

/// An invoice that bills too much for its order.
pub(super) async fn held(bench: &Bench) -> InvoiceId {
    bench.order("PO-1").await;
    let dear = invoice("I-1", "PO-1").replace("5.00", "6.00").replace("50.00", "60.00");
    let id = bench.submit(&dear).await;
    bench.comes_to(&id, S::Held).await;
    id
}

/// The holds of a page, as their boxes name them.
pub(super) fn holds(html: &str) -> Vec<String> {
    let boxes = html.split("name=\"hold\" value=\"").skip(1);
    boxes.map(|rest| rest.split('"').next().expect("a value").replace("&#34;", "\"")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_released_and_somebody_else_approves() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let id = held(&bench).await;
    let edge = guarded(&bench);
    let anna = Visitor::of(&edge, "key:anna", &[Role::Approver]).await;
    let ben = Visitor::of(&edge, "key:ben", &[Role::Approver]).await;
    let (page, decide) =
        (format!("/dashboard/invoices/{id}"), format!("/dashboard/invoices/{id}/decision"));
    let shown = anna.get(&page).await;
    let (revision, holds) = (shown.hidden("revision"), holds(&shown.html));
    assert!(!holds.is_empty(), "{}", shown.html);
    let mut release = vec![
        ("action", "release"),
        ("key", "k1"),
        ("revision", &revision),
        ("reason", "agreed by phone"),
    ];
    let without = anna.form(&decide, &release).await;
    assert_eq!(without.status, 422, "no hold was ticked");
    assert!(without.html.contains("<strong>holds</strong>"), "{}", without.html);
    release.extend(holds.iter().map(|hold| ("hold", hold.as_str())));
    let released = anna.form(&decide, &release).await;
    assert_eq!(released.status, 303, "{}", released.html);
    assert_eq!(released.header("location"), format!("{page}?done=release"));
    bench.comes_to(&id, S::Approval).await;
    // Sent twice, it is one decision.
    assert_eq!(anna.form(&decide, &release).await.status, 303);
    let taken = bench.ledger.decisions(&id).await.expect("read");
    assert_eq!(taken.len(), 1);
    assert_eq!(
        (taken[0].subject.as_str(), taken[0].effect.releases.len()),
        ("key:anna", holds.len())
    );
    let shown = anna.get(&format!("{page}?done=release")).await;
    assert!(shown.html.contains("Done: release.") && shown.html.contains("0 of 1 given"));
    assert!(shown.html.contains("Not by you: whoever handed an invoice in"), "{}", shown.html);
    let refused = anna.form(&decide, &[("action", "approve"), ("key", "k2")]).await;
    assert_eq!(refused.status, 403);
    assert!(refused.html.contains("somebody else must"), "{}", refused.html);
    let shown = ben.get(&page).await;
    assert!(!shown.html.contains("Not by you"));
    let stale = ben.form(&decide, &[("action", "approve"), ("key", "k3"), ("revision", "1")]).await;
    assert_eq!(stale.status, 409, "what was on the screen is not what is decided");
    let approve = [("action", "approve"), ("key", "k4"), ("revision", &shown.hidden("revision"))];
    assert_eq!(ben.form(&decide, &approve).await.status, 303);
    bench.comes_to(&id, S::Approved).await;
    let shown = ben.get(&page).await;
    for text in ["key:ben", "key:anna agreed by phone", "decide invoice approve"] {
        assert!(shown.html.contains(text), "{text} in {}", shown.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_withdraws_and_an_approver_cannot() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let id = held(&bench).await;
    let edge = guarded(&bench);
    let anna = Visitor::of(&edge, "key:anna", &[Role::Approver]).await;
    let olaf = Visitor::of(&edge, "key:olaf", &[Role::Operator]).await;
    let cancel = format!("/dashboard/invoices/{id}/cancel");
    let fields = [("action", "cancel"), ("reason", "sent twice")];
    assert_eq!(anna.form(&cancel, &fields).await.status, 403);
    let shown = olaf.get(&format!("/dashboard/invoices/{id}")).await;
    assert!(shown.html.contains("/cancel\"") && !shown.html.contains("/decision\""));
    assert_eq!(olaf.form(&cancel, &[("action", "cancel")]).await.status, 422, "without a reason");
    assert_eq!(olaf.form(&cancel, &fields).await.status, 303);
    bench.comes_to(&id, S::Cancelled).await;
    let retry = [("action", "retry"), ("invoice", id.as_str()), ("reason", "again")];
    let outcome = olaf.form("/dashboard/invoices/bulk/preview", &retry).await;
    assert_eq!(outcome.status, 200);
    let why = "retry is not possible as it stands";
    assert!(outcome.html.contains(why) && outcome.html.contains(id.as_str()), "{}", outcome.html);
}
