//! Who comes in, and what is taken from a form.

use std::time::{Duration, Instant};

use ap_gateway::http::access::Access;
use ap_gateway::http::dashboard::table;
use ap_gateway::models::access::{Author, Role};
use axum::body::Body;

use crate::edge::{Edge, ask};
use crate::harness::within;
use crate::http_auth::{keep, new_key};
use crate::http_dashboard::Visitor;

/// An address that could be there.
fn target(path: &str) -> String {
    let id = |prefix: &str| format!("{prefix}_01kax3v9s8f2m7c4t0q6w5z1re");
    let prefix = match path.split('/').nth(2).unwrap_or_default() {
        "purchase-orders" => "po",
        "receipts" => "rcp",
        "suppliers" => "sup",
        "batches" => "bat",
        "payment-files" => "pfl",
        "bank-statements" => "stm",
        "bank-entries" => "ent",
        "webhooks" => "whk",
        _ => "inv",
    };
    path.replace("{id}", &id(prefix)).replace("{file}", "style.css")
}

/// Each page and action, for each role and for nobody: the list is the router's own.
#[tokio::test]
async fn each_page_opens_for_its_roles_and_asks_everybody_else_to_sign_in() {
    let edge = Edge::guarded().await;
    let stranger = Visitor::stranger(&edge);
    let mut visitors = Vec::new();
    for role in Role::ALL {
        visitors.push((role, Visitor::of(&edge, &format!("key:{}", role.as_str()), &[role]).await));
    }
    let nothing = new_key("key:nothing", &[]);
    let nothing = Visitor::with(&edge, &nothing).await;
    assert!(table().len() > 25);
    for (method, path, access) in table() {
        let (place, name) = (target(path), format!("{method} {path}"));
        let Access::AnyOf(roles) = access else {
            assert!(!path.contains("invoices"), "{name} is open");
            continue;
        };
        let gets = method == "GET";
        let shown = match gets {
            true => stranger.get(&place).await,
            false => stranger.send_form(&place, &[]).await,
        };
        assert_eq!(shown.status, 303, "{name}");
        assert!(shown.header("location").starts_with("/dashboard/sign-in"), "{name}");
        for (role, visitor) in &visitors {
            let shown = match gets {
                true => visitor.get(&place).await,
                false => visitor.form(&place, &[]).await,
            };
            let may = roles.contains(role) || roles.contains(&Role::Viewer);
            assert_eq!(shown.status == 403, !may, "{name} as {role:?}: {}", shown.status);
            assert!(shown.header("location") != "/dashboard/sign-in" || path.ends_with("sign-out"));
        }
        if gets {
            assert_eq!(nothing.get(&place).await.status, 403, "{name} without any role");
        }
    }
}

#[tokio::test]
async fn acceptance_64_a_form_is_taken_from_a_page_of_ours_and_its_own_session() {
    let edge = Edge::guarded().await;
    let anna = Visitor::of(&edge, "key:anna", &Role::ALL).await;
    let ben = Visitor::of(&edge, "key:ben", &Role::ALL).await;
    let token = anna.get("/dashboard").await.token();
    assert!(!token.is_empty());
    let body = || {
        Body::from(format!(
            "token={token}&action=retry&reason=x&invoice=inv_01kax3v9s8f2m7c4t0q6w5z1re"
        ))
    };
    let path = "/dashboard/invoices/bulk/preview";
    let kind = "application/x-www-form-urlencoded";
    let origins: [&[(&str, &str)]; 5] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://localhost")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
    ];
    for headers in origins {
        let mut request = ask("POST", path).header("content-type", kind);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let shown = anna.send(request, body()).await;
        assert_eq!(shown.status, 403, "{headers:?}");
        assert!(shown.html.contains("was not sent from a page of this gateway"));
    }
    let origin =
        ask("POST", path).header("content-type", kind).header("origin", "http://localhost");
    assert_eq!(anna.send(origin, body()).await.status, 200, "an old browser of ours");
    for token in ["", "x", &ben.get("/dashboard").await.token()] {
        let shown = anna.send_form(path, &[("token", token), ("reason", "x")]).await;
        assert_eq!(shown.status, 403, "{token}");
        assert!(shown.html.contains("of another session"), "{}", shown.html);
    }
    let json = ask("POST", path).header("sec-fetch-site", "same-origin");
    let json = json.header("content-type", "application/json");
    assert_eq!(anna.send(json, Body::from("{}")).await.status, 415);
    let signing_in = ask("POST", "/dashboard/sign-in").header("content-type", kind);
    assert_eq!(anna.send(signing_in, Body::from("key=x")).await.status, 403, "nobody is signed in");
}

#[tokio::test]
async fn acceptance_64_a_session_ends_with_its_key() {
    let edge = Edge::guarded().await;
    let key = new_key("key:anna", &[Role::Viewer]);
    let anna = Visitor::with(&edge, &key).await;
    assert_eq!(anna.get("/dashboard").await.status, 200);
    let by = Author { subject: "terminal:test".to_owned(), ..Author::default() };
    assert!(edge.state.ledger.revoke_key(key.text.id(), &by).await.expect("revoked"));
    let revoked = Instant::now();
    within(Duration::from_secs(5), "the session is over", async || {
        (anna.get("/dashboard").await.status == 303).then_some(())
    })
    .await;
    assert!(revoked.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_other_sites_and_plain_networks() {
    let edge = Edge::guarded().await;
    let bearer = keep(&edge.state.ledger, &new_key("key:anna", &[Role::Viewer])).await;
    let secret = bearer.trim_start_matches("Bearer ").to_owned();
    let shown = Visitor::stranger(&edge).send_form("/dashboard/sign-in", &[("key", &secret)]).await;
    let cookie = shown.cookie().to_owned();
    assert!(cookie.starts_with("apg="), "{cookie}");
    for word in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=28800"] {
        assert!(cookie.contains(word), "{word} in {cookie}");
    }
    let key_id = secret.split('_').nth(1).expect("an id");
    assert!(!cookie.contains(key_id) && !cookie.contains(&secret));
    // The API takes no cookie, and pages take no bearer.
    let pair = cookie.split(';').next().expect("a pair").to_owned();
    let api = ask("GET", "/invoices").header("cookie", &pair).body(Body::empty());
    assert_eq!(edge.send(api.expect("a request")).await.status, 401);
    let page = ask("GET", "/dashboard").header("authorization", &bearer);
    assert_eq!(Visitor::stranger(&edge).send(page, Body::empty()).await.status, 303);
    // What is signed out has no cookie any more.
    let anna = Visitor { cookie: pair, ..Visitor::stranger(&edge) };
    let left = anna.form("/dashboard/sign-out", &[]).await;
    assert_eq!(left.status, 303);
    assert!(left.cookie().starts_with("apg=; ") && left.cookie().contains("Max-Age=0"));
}

#[tokio::test]
async fn a_key_that_opens_nothing_is_told_so_and_counted() {
    let edge = Edge::guarded().await;
    let stranger = Visitor::stranger(&edge);
    for key in ["", "hunter2", "Bearer x", "apg_000000000000_AAAA", "a\r\nb"] {
        let shown = stranger.send_form("/dashboard/sign-in", &[("key", key)]).await;
        assert_eq!(shown.status, 401, "{key}");
        assert!(shown.html.contains("opens nothing") && shown.html.contains("<form"), "{key}");
        assert!(shown.cookie().is_empty());
    }
    for _ in 0..10 {
        stranger.send_form("/dashboard/sign-in", &[("key", "apg_x")]).await;
    }
    let shown = stranger.send_form("/dashboard/sign-in", &[("key", "apg_x")]).await;
    assert_eq!(shown.status, 429);
    assert!(shown.html.contains("Wait a minute"));
}

/// Where nobody is asked, nobody signs in; forms are guarded all the same.
#[tokio::test]
async fn without_a_login_pages_are_open_and_forms_are_guarded() {
    let edge = Edge::start().await;
    let anybody = Visitor::stranger(&edge);
    let shown = anybody.get("/dashboard").await;
    assert_eq!(shown.status, 200, "{}", shown.html);
    assert!(shown.html.contains("anonymous") && !shown.html.contains("Sign out"));
    assert_eq!(anybody.get("/dashboard/sign-in").await.header("location"), "/dashboard");
    let retry =
        [("action", "retry"), ("invoice", "inv_01kax3v9s8f2m7c4t0q6w5z1re"), ("reason", "x")];
    assert_eq!(anybody.send_form("/dashboard/invoices/bulk/preview", &retry).await.status, 403);
    let token = anybody.get("/dashboard/attention").await.token();
    assert!(token.is_empty(), "nothing waits, so there is no form");
}
