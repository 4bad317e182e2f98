//! The journey of two clerks in a real browser: one without script, one with it.

use std::net::TcpListener;

use ap_gateway::http::serve::Port;
use ap_gateway::models::access::Role;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::{config, http};
use tokio_util::sync::CancellationToken;

use crate::bench::Bench;
use crate::edge::Edge;
use crate::http_auth::{keep, new_key};
use crate::http_dashboard::chrome::{Driver, Window};
use crate::http_dashboard::decisions::{guarded, held};

/// The edge on a port of this machine; it serves until the token is dropped.
fn serve(edge: &Edge) -> (String, tokio_util::sync::DropGuard) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    listener.set_nonblocking(true).expect("a socket of tokio's");
    let (router, stop) = (edge.router.clone(), CancellationToken::new());
    let shutdown = stop.clone();
    let port = Port::main(&config::Http::default(), &edge.state.metrics, None);
    tokio::spawn(async move { http::serve(listener, router, port, shutdown).await });
    (format!("http://{address}/dashboard"), stop.drop_guard())
}

async fn key_of(edge: &Edge, subject: &str) -> String {
    let bearer =
        keep(&edge.state.ledger, &new_key(subject, &[Role::Approver, Role::Operator])).await;
    bearer.trim_start_matches("Bearer ").to_owned()
}

/// Comes to a page by way of the sign-in, as whoever follows a link does.
async fn sign_in(window: &Window, page: &str, key: &str) {
    window.open(page).await;
    window.write("#key", key).await;
    window.click("main button").await;
}

/// Each page is accessible, light and dark, and fits a phone.
async fn judge(window: &Window, base: &str, pages: &[(&str, &str)]) {
    let mut found = Vec::new();
    for (name, page) in pages {
        window.open(&format!("{base}{page}")).await;
        window.picture(name).await;
        for scheme in ["dark", "light"] {
            window.scheme(scheme).await;
            let breaches = window.breaches().await;
            found.extend(breaches.into_iter().map(|breach| format!("{name}, {scheme}: {breach}")));
        }
        window.size(390, 844).await;
        if !window.fits().await {
            found.push(format!("{name} is cut off on a phone"));
        }
        window.size(1280, 900).await;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, its driver and npm: `.ci/run browser` brings them"]
async fn one_clerk_releases_without_script_and_another_approves_with_it() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let id = held(&bench).await;
    let edge = guarded(&bench);
    let (base, _serving) = serve(&edge);
    let driver = Driver::start().await;
    let invoice = format!("{base}/invoices/{id}");

    let anna = driver.window(false).await;
    sign_in(&anna, &invoice, &key_of(&edge, "key:anna").await).await;
    anna.click_all("input[name=hold]").await;
    anna.write("details[open] input[name=reason]", "agreed by phone").await;
    anna.click("details[open] form button").await;
    bench.comes_to(&id, S::Approval).await;
    anna.comes_to(&invoice, "0 of 1 given").await;
    assert!(anna.source().await.contains("Not by you"));
    anna.click(".who button").await;
    anna.open(&invoice).await;
    let place = anna.place().await;
    assert!(place.contains("/sign-in?next="), "who signed out signs in again: {place}");
    anna.close().await;

    let ben = driver.window(true).await;
    ben.open(&format!("{base}/sign-in")).await;
    assert_eq!(ben.breaches().await, Vec::<String>::new(), "the sign-in");
    sign_in(&ben, &invoice, &key_of(&edge, "key:ben").await).await;
    let of_invoice = format!("/invoices/{id}");
    let pages = [
        ("overview", ""),
        ("invoices", "/invoices"),
        ("invoice", &of_invoice),
        ("attention", "/attention"),
        ("orders", "/purchase-orders"),
        ("entries", "/bank-entries"),
        ("policy", "/policies"),
        ("health", "/health"),
    ];
    judge(&ben, &base, &pages).await;
    ben.open(&invoice).await;
    ben.click("details[open] form button").await;
    bench.comes_to(&id, S::Approved).await;
    ben.comes_to(&invoice, "key:ben").await;
    ben.close().await;
}
