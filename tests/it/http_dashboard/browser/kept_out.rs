//! What a real browser does with a script that got into a page, and with another site that shows a
//! page of ours in a frame: nothing; and with our own pages it has no trouble.

use std::cell::RefCell;
use std::net::TcpListener;

use ap_gateway::http::access::Access;
use ap_gateway::http::dashboard::table;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use serde_json::json;

use crate::edge::Edge;
use crate::harness::eventually;
use crate::http_dashboard::browser::{complaints, serve};
use crate::http_dashboard::chrome::{Driver, Window};
use crate::http_dashboard::pages::HOSTILE;

/// How the browser says that the policy of a page refused something.
const REFUSED: &str = "violates the following Content Security Policy directive";

/// Puts itself into a page in two ways, each of which writes the title wherever it may run; answers
/// the title before, after the first, and after the second. Made of nodes, for a script that comes
/// as text never runs.
const INTRUDER: &str = "
    const titles = [document.title];
    const script = document.createElement('script');
    script.textContent = 'document.title = \"by a script\"';
    document.body.append(script);
    titles.push(document.title);
    const button = document.createElement('button');
    button.setAttribute('onclick', 'document.title = \"by a handler\"');
    document.body.append(button);
    button.click();
    titles.push(document.title);
    return titles";

/// Where a frame is, and whether it shows anything of the dashboard.
const FRAMED: &str = "
    return [location.href, document.querySelector('[href^=\"/dashboard\"]') !== null]";

/// A page of another site on this machine, with something in a frame. It has no policy.
fn other_site(framed: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    // The dashboard is at 127.0.0.1: by this name it is another site.
    let place = format!("http://localhost:{}", listener.local_addr().expect("bound").port());
    let frame = format!("<iframe src=\"{framed}\"></iframe>");
    let page = format!("<!doctype html><title>elsewhere</title><body>{frame}");
    let router = Router::new().route("/", get(move || async move { Html(page) }));
    let server = axum_server::from_tcp(listener).expect("a server");
    tokio::spawn(server.serve(router.into_make_service()));
    place
}

/// Waits until the console says that a policy refused each of these.
async fn sees_refused(window: &Window, things: &[&str]) {
    let said = RefCell::new(Vec::<String>::new());
    eventually(async || {
        let new = window.console().await;
        said.borrow_mut().extend(new);
        let lines = said.borrow().clone();
        let refusals: Vec<_> = lines.iter().filter(|line| line.contains(REFUSED)).collect();
        let is_refused = |thing: &&str| refusals.iter().any(|line| line.contains(*thing));
        if things.iter().all(is_refused) { Ok(()) } else { Err(lines.join("\n")) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, its driver and npm: `.ci/run browser` brings them"]
async fn acceptance_64_no_script_gets_into_a_page_and_no_other_site_frames_it() {
    // Nobody is asked who it is: nothing but the policy keeps the frame empty.
    let edge = Edge::start().await;
    let (base, _serving) = serve(&edge);
    let driver = Driver::start().await;
    let window = driver.window(true).await;

    // That it can be seen: without a policy the scripts run, and the frame shows its page.
    let plain = other_site("about:blank");
    window.open(&other_site(&plain)).await;
    let titles = window.run("sync", INTRUDER).await;
    assert_eq!(titles, json!(["elsewhere", "by a script", "by a handler"]));
    window.enter_frame().await;
    assert_eq!(window.run("sync", FRAMED).await, json!([format!("{plain}/"), false]));
    let said = window.console().await;
    assert!(!said.iter().any(|line| line.contains(REFUSED)), "{said:?}");

    window.open(&base).await;
    assert_eq!(window.run("sync", FRAMED).await, json!([base, true]), "it is the dashboard");
    let titles = window.run("sync", INTRUDER).await;
    let title = &titles[0];
    assert!(title.as_str().is_some_and(|title| title.ends_with("ap-gateway")), "{titles}");
    assert_eq!(titles, json!([title, title, title]));
    sees_refused(&window, &["inline script", "inline event handler"]).await;

    window.open(&other_site(&base)).await;
    window.enter_frame().await;
    let shown = window.run("sync", FRAMED).await;
    assert_eq!(shown, json!(["chrome-error://chromewebdata/", false]));
    sees_refused(&window, &["frame-ancestors 'none'"]).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, its driver and npm: `.ci/run browser` brings them"]
async fn acceptance_64_a_browser_has_no_trouble_with_our_own_pages() {
    let edge = Edge::start().await;
    let order = json!({"number": HOSTILE, "currency": "EUR", "supplier": {"name": HOSTILE},
        "lines": [{"id": "1", "quantity": "10", "unit": "C62", "unit_price": "5.00"}]});
    let kept = edge.post("/purchase-orders", "application/json", order.to_string()).await;
    assert_eq!(kept.status, 201, "{}", kept.json());
    let kept = kept.json();
    let order = format!("/dashboard/purchase-orders/{}", kept["id"].as_str().expect("an id"));
    // The stream is no page, and workflows are Temporal's, which is not there.
    let others = ["/dashboard/events", "/dashboard/workflows"];
    let lists = table().into_iter().filter(|(method, path, access)| {
        let is_page = *access != Access::Open && !others.contains(path);
        method == "GET" && is_page && !path.contains('{')
    });
    let mut pages: Vec<String> = lists.map(|(_, path, _)| path.to_owned()).collect();
    pages.push(order);
    assert!(pages.len() > 14, "{pages:?}");
    let (base, _serving) = serve(&edge);
    let here = base.trim_end_matches("/dashboard");
    let driver = Driver::start().await;
    let window = driver.window(true).await;
    let mut found = Vec::new();
    for page in &pages {
        let address = format!("{here}{page}");
        window.open(&address).await;
        found.extend(complaints(&window, page, &address).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    window.close().await;
}
