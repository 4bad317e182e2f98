//! What another policy would do: exactly the invoices that it changes, and no trace of the question.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ap_gateway::matching::what_if::{Bounds, what_if};
use ap_gateway::models::policy::Policy;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use serde_json::json;

use crate::bench::Bench;
use crate::edge::Edge;
use crate::http_dashboard::pages::HOSTILE;
use crate::http_dashboard::{Shown, Visitor, check, check_html};
use crate::samples::{self, Line};

/// The limit that is asked about.
const PRICE: &str = "/tolerances/UNIT_PRICE/upper/amount";

/// Prices may be 0.20 too high, and nothing else is tested.
fn policy() -> Policy {
    let text = json!({"version": "test/1", "fuzzy_duplicates": false,
        "tolerances": {"UNIT_PRICE": {"upper": {"amount": "0.20"}}}});
    serde_json::from_value(text).expect("a policy")
}

/// Ten pieces, ordered at 5.00.
const EXACT: Line = Line { id: "1", quantity: "10", price: "5.00", net: "50.00" };
const DEARER: Line = Line { price: "5.10", net: "51.00", ..EXACT };
const DEAR: Line = Line { price: "5.50", net: "55.00", ..EXACT };

/// Three invoices, each of an order of its own: exact, 0.10 and 0.50 too dear.
async fn three(bench: &Bench) -> [InvoiceId; 3] {
    let mut ids = Vec::new();
    for (number, line, status) in
        [("I-0", EXACT, S::Approved), ("I-1", DEARER, S::Approved), ("I-2", DEAR, S::Held)]
    {
        let order = number.replace('I', "PO");
        bench.order(&order).await;
        let hostile = HOSTILE.replace('<', "&lt;").replace('>', "&gt;");
        let document = samples::invoice(number, &order, line);
        let id = bench.submit(&document.replace("Schrauben Meier GmbH", &hostile)).await;
        bench.comes_to(&id, status).await;
        ids.push(id);
    }
    ids.try_into().expect("three")
}

/// The bytes of the ledger, those that are not yet in its file included.
fn bytes(folder: &Path) -> Vec<Vec<u8>> {
    let files = ["ledger.db", "ledger.db-wal"];
    files.iter().map(|file| std::fs::read(folder.join(file)).unwrap_or_default()).collect()
}

async fn ask(visitor: &Visitor, key: &str, value: &str) -> Shown {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.append_pair("key", key).append_pair("value", value).finish();
    visitor.get(&format!("/dashboard/policies/what-if?{query}")).await
}

/// The rows of the table of changes.
fn rows(html: &str) -> Vec<Vec<String>> {
    let table =
        html.split_once("Invoices that would change</caption>").map_or("", |(_, rest)| rest);
    let rows = table.split("</tbody>").next().unwrap_or_default().split("<tr>").skip(1);
    let rows = rows.filter(|row| row.contains("<td"));
    let text = |cell: &str| {
        let inner = cell.split_once('>').map_or("", |(_, rest)| rest).split("</td>").next();
        let inner = inner.unwrap_or_default().trim();
        let inner = if inner.starts_with('<') {
            inner.split_once('>').map_or("", |(_, rest)| rest)
        } else {
            inner
        };
        inner.split('<').next().unwrap_or_default().to_owned()
    };
    rows.map(|row| row.split("<td").skip(1).map(text).collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wider_limit_releases_what_it_fits_and_a_narrower_one_holds() {
    let bench = Bench::with(policy()).await;
    let worker = bench.worker().await;
    let [_, dearer, dear] = three(&bench).await;
    drop(worker);
    let edge = Edge::over(&bench);
    let visitor = Visitor::stranger(&edge);
    let folder = bench.server.folder.path();
    let before = bytes(folder);
    // Widened: the one invoice with that variance.
    let wider = ask(&visitor, PRICE, "0.50").await;
    check(&wider, "what if 0.50");
    let row = |number: &str, stands: &str, from: &str, to: &str, gone: &str, come: &str| {
        let supplier = "&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#62;&#60;img src=x onerror=alert(2)&#62;";
        let total = if number == "I-2" { "65.45 EUR" } else { "60.69 EUR" };
        [number, supplier, total, stands, from, to, gone, come].map(str::to_owned).to_vec()
    };
    let held = "UNIT_PRICE line 1";
    assert_eq!(
        rows(&wider.html),
        [row("I-2", "held", "held", "approved", held, "")],
        "{}",
        wider.html
    );
    assert!(wider.html.contains(&format!("href=\"/dashboard/invoices/{dear}\"")));
    assert!(wider.html.contains("UNIT_PRICE upper amount: 0.50 instead of 0.20"));
    assert!(wider.html.contains("1 of 3 invoices would change."), "{}", wider.html);
    // A cent less does not fit it.
    assert_eq!(rows(&ask(&visitor, PRICE, "0.49").await.html), [[""; 0]; 0]);
    // Narrowed: the one that the limit lets through.
    let narrower = ask(&visitor, PRICE, "0.05").await;
    let expected = [row("I-1", "approved", "approved", "held", "", held)];
    assert_eq!(rows(&narrower.html), expected, "{}", narrower.html);
    assert!(narrower.html.contains(&format!("href=\"/dashboard/invoices/{dearer}\"")));
    // The same value, and no limit at all.
    let same = ask(&visitor, PRICE, "0.2").await;
    assert!(same.html.contains("0 of 3 invoices would change."), "{}", same.html);
    assert_eq!(rows(&ask(&visitor, PRICE, "none").await.html).len(), 1);
    // Nothing was written, and the invoices stand where they stood.
    assert_eq!(bytes(folder), before, "the ledger is the same to the byte");
    assert_eq!(bench.row(&dear).await.status, S::Held);
    let held = bench.ledger.reconciliation(&dear).await.expect("read").expect("a result");
    assert_eq!(held.policy_version, "test/1");

    // Bounded in number and in time.
    let (present, other) = (Arc::new(policy()), Arc::new(Policy::default()));
    let bounds = Bounds { invoices: 1, time: Duration::from_secs(5) };
    let found = what_if(&bench.ledger, &present, &other, bounds).await.expect("an answer");
    assert_eq!((found.compared, found.older, found.stopped_early), (1, true, false));
    let bounds = Bounds { invoices: 200, time: Duration::ZERO };
    let found = what_if(&bench.ledger, &present, &other, bounds).await.expect("an answer");
    assert_eq!((found.compared, found.older, found.stopped_early), (0, false, true));
}

#[tokio::test]
async fn what_no_policy_could_be_is_said_with_its_place() {
    let edge = Edge::start().await;
    let visitor = Visitor::stranger(&edge);
    let form = visitor.get("/dashboard/policies").await;
    check(&form, "/dashboard/policies");
    let option = format!("<option value=\"{PRICE}\">UNIT_PRICE upper amount (now 0)</option>");
    assert!(form.html.contains(&option), "{}", form.html);
    for (key, value, place) in [
        (PRICE, "-1", PRICE),
        (PRICE, "5%", PRICE),
        (PRICE, "", PRICE),
        (PRICE, HOSTILE, PRICE),
        ("/match_level", "1", "/key"),
        (HOSTILE, "1", "/key"),
    ] {
        let shown = ask(&visitor, key, value).await;
        assert_eq!(shown.status, 422, "{key} {value}");
        check_html(&shown, key);
        let fault = format!("<li><strong>{place}</strong> ");
        assert!(shown.html.contains(&fault), "{key} {value}: {}", shown.html);
        assert!(shown.html.contains("<select id=\"w-key\""), "to be put right there");
        assert!(!shown.html.contains("would change"));
    }
    let kept = ask(&visitor, PRICE, "-1").await;
    let chosen = format!("<option value=\"{PRICE}\" selected>");
    assert!(kept.html.contains(&chosen) && kept.html.contains("value=\"-1\""), "{}", kept.html);
    let unknown = visitor.get("/dashboard/policies/what-if?colour=red").await;
    assert_eq!(unknown.status, 400);
    let nothing = ask(&visitor, PRICE, "5").await;
    check(&nothing, "nothing on file");
    assert!(nothing.html.contains("0 of 0 invoices would change."), "{}", nothing.html);
}
