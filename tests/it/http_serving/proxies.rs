//! 29: what a caller says of itself changes no link; where it is counts only from a trusted proxy.

use ap_gateway::config::{self, ForwardedHeader, Network};
use ap_gateway::models::access::Role;

use crate::edge::Edge;
use crate::harness::eventually;
use crate::http_auth::{keep, new_key};
use crate::http_serving::{Served, header, on_a_port, quick, served, statuses, talk};
use crate::samples::{self, HUNDRED};

/// What somebody says who would be elsewhere.
const FORGED: &str = "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n\
    X-Forwarded-Port: 1\r\nX-Forwarded-Prefix: /evil\r\nX-Original-URL: /evil\r\n\
    X-Forwarded-For: 198.51.100.7\r\n\
    Forwarded: for=198.51.100.7;host=evil.example;proto=https\r\n";

/// What somebody says who would be taken for a browser on this machine, to which a session goes
/// without TLS.
const FORGED_LOCAL: &str = "X-Forwarded-Host: localhost\r\nX-Forwarded-Proto: http\r\n\
    X-Forwarded-For: 127.0.0.1\r\nForwarded: for=127.0.0.1;host=localhost;proto=http\r\n";

/// A name that is ours besides those of this machine.
const OURS: &str = "ap.example";

fn trusting(header: ForwardedHeader) -> config::Http {
    let loopback = Network::try_from("127.0.0.0/8".to_owned()).expect("a network");
    config::Http { trusted_proxies: vec![loopback], forwarded_header: header, ..quick() }
}

/// A server that asks who calls.
async fn guarded(limits: config::Http) -> Served {
    let mut edge = Edge::guarded().await;
    edge.state.limits = std::sync::Arc::new(limits);
    let auth = edge.state.auth.clone();
    on_a_port(edge.behind(auth))
}

/// Hands in the same invoice every time; where it is.
async fn hand_in(server: &Served, heads: &str) -> String {
    let body = samples::invoice("RE-29", "PO-29", HUNDRED);
    let text = format!(
        "POST /invoices HTTP/1.1\r\nHost: localhost\r\n{heads}Content-Type: application/xml\r\n\
         Idempotency-Key: one\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = talk(server.address, text.as_bytes()).await;
    assert_eq!(statuses(&answer), ["202"], "{answer}");
    assert!(!answer.contains("evil") && !answer.contains("https:"), "{answer}");
    header(&answer, "location").expect("a link").to_owned()
}

/// Signs in with a key; where that leads, and the cookie but for its value.
async fn sign_in(server: &Served, key: &str, host: &str, heads: &str) -> (String, String) {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let form = form.append_pair("key", key).append_pair("next", "/dashboard/invoices").finish();
    let text = format!(
        "POST /dashboard/sign-in HTTP/1.1\r\nHost: {host}\r\n{heads}Sec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let answer = talk(server.address, text.as_bytes()).await;
    assert_eq!(statuses(&answer), ["303"], "{answer}");
    assert!(!answer.contains("evil.example"), "{answer}");
    let cookie = header(&answer, "set-cookie").expect("a session");
    let (name, rest) = cookie.split_once('=').expect("a pair");
    let (_, attributes) = rest.split_once(';').expect("attributes");
    let location = header(&answer, "location").expect("a way on");
    (location.to_owned(), format!("{name};{attributes}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_29_forged_heads_change_no_link_and_no_cookie() {
    let session = "Path=/; Max-Age=28800; HttpOnly; SameSite=Strict";
    // Over a name that is not this machine's a session goes by TLS alone, whatever is said of it.
    let cookies = [
        ("localhost", format!("apg; {session}")),
        (OURS, format!("__Host-apg; {session}; Secure")),
    ];
    let hosts: Vec<String> = ["localhost", OURS].map(str::to_owned).into();
    for limits in
        [quick(), trusting(ForwardedHeader::Forwarded), trusting(ForwardedHeader::XForwardedFor)]
    {
        let limits = config::Http { allowed_hosts: hosts.clone(), ..limits };
        let (open, asking) = (served(limits.clone()).await, guarded(limits).await);
        let bearer = keep(&asking.edge.state.ledger, &new_key("key:clerk", &[Role::Viewer])).await;
        let key = bearer.trim_start_matches("Bearer ");
        let location = hand_in(&open, "").await;
        assert!(location.starts_with("/invoices/inv_"), "{location}");
        for forged in ["", FORGED, FORGED_LOCAL] {
            assert_eq!(hand_in(&open, forged).await, location, "{forged}");
            for (host, cookie) in &cookies {
                let seen = sign_in(&asking, key, host, forged).await;
                assert_eq!(seen, ("/dashboard/invoices".to_owned(), cookie.clone()), "{forged}");
            }
            // A foreign host is not ours by anybody's word.
            let text = format!(
                "GET /invoices HTTP/1.1\r\nHost: evil.example\r\n{forged}Connection: close\r\n\r\n"
            );
            let answer = talk(open.address, text.as_bytes()).await;
            assert_eq!(statuses(&answer), ["421"], "{forged}");
            assert!(!answer.contains("evil"), "{answer}");
        }
    }
}

/// Fails to log in, as from an address.
async fn fail(server: &Served, header: &str, value: &str) -> String {
    let bad = format!("apg_000000000000_{}", "A".repeat(43));
    let text = format!(
        "GET /invoices HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {bad}\r\n\
         {header}: {value}\r\nConnection: close\r\n\r\n"
    );
    let answer = talk(server.address, text.as_bytes()).await;
    statuses(&answer).join(",")
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_29_the_limit_of_failed_logins_goes_by_the_client_of_a_trusted_proxy() {
    let (xff, rfc) = ("X-Forwarded-For", "Forwarded");
    let server = guarded(trusting(ForwardedHeader::XForwardedFor)).await;
    for _ in 0..10 {
        assert_eq!(fail(&server, xff, "203.0.113.1, 198.51.100.7").await, "401");
    }
    assert_eq!(fail(&server, xff, "203.0.113.2, 198.51.100.7").await, "429", "it cannot hide");
    assert_eq!(fail(&server, xff, "198.51.100.8").await, "401", "its neighbour is another");
    assert_eq!(fail(&server, rfc, "for=198.51.100.7").await, "401", "the other header is not read");

    // From anybody else the header is its own word.
    let server = guarded(quick()).await;
    for number in 0..10 {
        assert_eq!(fail(&server, xff, &format!("198.51.100.{number}")).await, "401");
    }
    assert_eq!(fail(&server, xff, "198.51.100.99").await, "429");
    assert_eq!(fail(&server, rfc, "for=198.51.100.99").await, "429");
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_29_the_trail_has_the_address_of_the_client() {
    let table = [
        (trusting(ForwardedHeader::Forwarded), "198.51.100.7"),
        (trusting(ForwardedHeader::XForwardedFor), "198.51.100.7"),
        (quick(), "127.0.0.1"),
    ];
    for (limits, expected) in table {
        let server = guarded(limits).await;
        let ledger = &server.edge.state.ledger;
        let bearer = keep(ledger, &new_key("key:erp", &[Role::Submitter])).await;
        let body = samples::invoice("RE-29", "PO-29", HUNDRED);
        let text = format!(
            "POST /invoices HTTP/1.1\r\nHost: localhost\r\nAuthorization: {bearer}\r\n{FORGED}\
             Content-Type: application/xml\r\nIdempotency-Key: one\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        assert_eq!(statuses(&talk(server.address, text.as_bytes()).await), ["202"]);
        let address = eventually(async || {
            let trail = ledger.audit(0, 100).await.expect("a trail");
            let row = trail.into_iter().find(|row| row.action == "submit_invoice");
            row.map(|row| row.author.address).ok_or_else(|| "no row yet".to_owned())
        });
        assert_eq!(address.await.as_deref(), Some(expected));
    }
}
