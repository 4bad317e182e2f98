//! What comes of a sign-in that goes well.

use ap_gateway::config;
use ap_gateway::models::status::InvoiceStatus as S;
use rstest::rstest;
use serde_json::json;

use crate::bench::Bench;
use crate::edge::Edge;
use crate::http_auth::provider::Proof;
use crate::http_dashboard::decisions::{held, holds};
use crate::http_dashboard::oidc::{
    BACK, BEGIN, Browser, HERE, client, consent, gateway, login, over_the_api, provider,
};
use crate::http_dashboard::{Visitor, check};

#[rstest]
#[case::public(Proof::Public)]
#[case::basic(Proof::Basic)]
#[case::post(Proof::Post)]
#[tokio::test]
async fn a_person_comes_by_the_provider_to_the_page_that_was_wanted(#[case] proof: Proof) {
    let provider = provider();
    provider.desk().proof = proof;
    let edge = gateway(&provider).await;
    let mut alice = Browser::at(&edge);
    let asked = alice.get("/dashboard/invoices?status=held").await;
    let page = alice.get(asked.header("location")).await;
    check(&page, "the sign-in");
    let way =
        page.html.split("class=\"button\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let way = way.expect("a link").to_owned();
    assert_eq!(way, format!("{BEGIN}?next=%2Fdashboard%2Finvoices%3Fstatus%3Dheld"));
    assert!(page.html.contains("Sign in with Finance &#60;SSO&#62;"), "{}", page.html);
    let leaving = alice.get(&way).await;
    assert_eq!((leaving.status.as_u16(), leaving.header("cache-control")), (303, "no-store"));
    let cookie = leaving.cookie().to_owned();
    assert!(cookie.starts_with("apg-sign-in=") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("Max-Age=600;"), "{cookie}");
    let back = consent(leaving.header("location")).await;
    assert!(back.starts_with(BACK), "{back}");
    let there = alice.get(&back).await;
    check(&there, "signed in");
    let next = "url=/dashboard/invoices?status=held\"";
    assert!(there.html.contains(next), "{}", there.html);
    let set: Vec<_> = there.headers.get_all("set-cookie").iter().collect();
    let set: Vec<_> = set.iter().map(|cookie| cookie.to_str().expect("ASCII")).collect();
    assert!(set[0].starts_with("apg=") && set[0].contains("SameSite=Strict"), "{set:?}");
    assert!(set[1].starts_with("apg-sign-in=; ") && set[1].contains("Max-Age=0;"), "{set:?}");
    let shown = alice.get("/dashboard/invoices?status=held").await;
    check(&shown, "the list");
    let subject = format!("{}|alice", provider.issuer);
    assert!(shown.html.contains(&subject) && shown.html.contains("Sign out"), "{}", shown.html);
    let trail = edge.state.ledger.audit(0, 10).await.expect("a trail");
    let row = trail.iter().find(|row| row.action == "sign_in").expect("recorded");
    assert_eq!((&row.author.subject, row.author.credential.as_deref()), (&subject, Some("token")));
    let left = alice.visitor.form("/dashboard/sign-out", &[]).await;
    assert_eq!((left.status.as_u16(), left.header("location")), (303, "/dashboard/sign-in"));
    alice.keep(&left.headers);
    assert!(!alice.is_signed_in().await);
}

#[rstest]
#[case::with_an_end("https://login.example/end?tenant=1", true)]
#[case::in_clear("http://login.example/end", false)]
#[case::no_address("javascript:alert(1)", false)]
#[tokio::test]
async fn whoever_leaves_is_led_to_the_end_of_the_session_at_the_provider_too(
    #[case] end: &str,
    #[case] led: bool,
) {
    let provider = provider();
    provider.desk().described = json!({ "end_session_endpoint": end });
    let edge = gateway(&provider).await;
    let mut alice = Browser::at(&edge);
    alice.sign_in().await;
    let left = alice.visitor.form("/dashboard/sign-out", &[]).await;
    assert_eq!(left.status.as_u16(), if led { 200 } else { 303 }, "{}", left.html);
    let way = format!("href=\"{end}&#38;client_id={}\"", provider.desk().client);
    assert_eq!(left.html.contains(&way), led, "{}", left.html);
    alice.keep(&left.headers);
    assert!(!alice.is_signed_in().await);
}

#[tokio::test]
async fn each_sign_in_is_another_session_and_asks_with_other_secrets() {
    let provider = provider();
    let edge = gateway(&provider).await;
    let mut alice = Browser::at(&edge);
    let (one, two) = (alice.begin("/dashboard").await, alice.begin("/dashboard").await);
    for name in ["state", "nonce", "code_challenge"] {
        let value = |place: &str| {
            let place: url::Url = place.parse().expect("an address");
            place.query_pairs().find(|(known, _)| known == name).expect("sent").1.into_owned()
        };
        assert_ne!(value(&one), value(&two), "{name}");
    }
    alice.sign_in().await;
    let before = (alice.jar["apg"].clone(), alice.get("/dashboard").await.token());
    alice.sign_in().await;
    let after = (alice.jar["apg"].clone(), alice.get("/dashboard").await.token());
    assert!(before.0 != after.0 && before.1 != after.1, "a form of the old session is another's");
}

#[tokio::test]
async fn a_sign_in_that_is_begun_at_one_replica_is_finished_and_used_at_another() {
    let provider = provider();
    let (oidc, jwt) = client(&provider);
    let one = gateway(&provider).await;
    let two = one.replica().await;
    let auth = login(&two, &oidc, &jwt);
    let two = two.behind(auth);
    let mut alice = Browser::at(&one);
    let place = alice.begin("/dashboard").await;
    let mut alice = alice.now_at(&two);
    assert_eq!(alice.get(&consent(&place).await).await.status, 200);
    assert!(alice.is_signed_in().await);
    assert!(alice.now_at(&one).is_signed_in().await);
    // Another gateway has another key.
    let other = gateway(&provider).await;
    let mut alice = Browser::at(&one);
    let place = alice.begin("/dashboard").await;
    let shown = alice.now_at(&other).get(&consent(&place).await).await;
    assert_eq!(shown.status, 400, "{}", shown.html);
}

#[tokio::test]
async fn the_provider_is_led_back_to_the_address_of_the_configuration_whatever_a_browser_names() {
    let provider = provider();
    let edge = gateway(&provider).await;
    let visitor = Visitor::stranger(&edge);
    let request = axum::http::Request::builder().method("GET").uri(BEGIN);
    let request = request.header("host", "127.0.0.1:9").header("x-forwarded-host", "evil.example");
    let shown = visitor.send(request, axum::body::Body::empty()).await;
    let place: url::Url = shown.header("location").parse().expect("an address");
    let back = place.query_pairs().find(|(name, _)| name == "redirect_uri").expect("sent").1;
    assert_eq!(back, format!("{HERE}{BACK}"));
    // Away from this machine the cookie is kept by this host alone, and over TLS.
    let request = axum::http::Request::builder().method("GET").uri(BEGIN).header("host", "[::1]");
    let shown = visitor.send(request, axum::body::Body::empty()).await;
    assert!(shown.cookie().starts_with("apg-sign-in="));
    let limits =
        config::Http { allowed_hosts: vec!["ap.example".to_owned()], ..config::Http::default() };
    let (oidc, jwt) = client(&provider);
    let edge = Edge::with(limits).await;
    let auth = login(&edge, &oidc, &jwt);
    let visitor = Visitor::stranger(&edge.behind(auth));
    let request =
        axum::http::Request::builder().method("GET").uri(BEGIN).header("host", "ap.example");
    let shown = visitor.send(request, axum::body::Body::empty()).await;
    assert!(shown.cookie().starts_with("__Host-apg-sign-in="), "{}", shown.cookie());
    assert!(shown.cookie().ends_with("; Secure"), "{}", shown.cookie());
}

#[tokio::test]
async fn nobody_is_led_away_by_the_place_to_go_on_to() {
    let provider = provider();
    let edge = gateway(&provider).await;
    let long = format!("/dashboard/{}", "x".repeat(2_000));
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/dashboard.evil.example",
        BEGIN,
        &long,
        "%22%3E",
    ] {
        let mut alice = Browser::at(&edge);
        let place = alice.begin(next).await;
        let shown = alice.get(&consent(&place).await).await;
        assert!(shown.html.contains("content=\"0; url=/dashboard\""), "{next}: {}", shown.html);
    }
    let mut alice = Browser::at(&edge);
    let place = alice.begin("/dashboard/%22%3E%3Cscript%3E").await;
    let shown = alice.get(&consent(&place).await).await;
    check(&shown, "a place with quotes");
}

#[tokio::test]
async fn a_session_is_over_when_its_minutes_are_and_when_nobody_signs_in_there_any_more() {
    let provider = provider();
    let (mut oidc, jwt) = client(&provider);
    oidc.session_minutes = 5;
    let edge = Edge::guarded().await;
    let auth = login(&edge, &oidc, &jwt);
    let edge = edge.behind(auth);
    let mut alice = Browser::at(&edge);
    let shown = alice.sign_in().await;
    assert!(shown.cookie().contains("Max-Age=300;"), "{}", shown.cookie());
    assert!(alice.is_signed_in().await);
    let changed = config::Oidc { session_minutes: 480, ..oidc.clone() };
    let auth = login(&edge, &changed, &jwt);
    let edge = edge.behind(auth);
    let mut alice = alice.now_at(&edge);
    assert!(alice.is_signed_in().await, "another setting is for later sessions");
    let moved = config::Jwt { issuer: Some(format!("{}/b", provider.issuer)), ..jwt.clone() };
    for (oidc, jwt, what) in [
        (&config::Oidc::default(), &jwt, "no client"),
        (&oidc, &config::Jwt::default(), "no issuer"),
        (&oidc, &moved, "another issuer"),
    ] {
        let other = edge.replica().await;
        let auth = login(&other, oidc, jwt);
        alice = alice.now_at(&other.behind(auth));
        assert!(!alice.is_signed_in().await, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_eyes_go_by_the_person_whether_on_a_page_or_over_the_api() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let id = held(&bench).await;
    let provider = provider();
    let (oidc, jwt) = client(&provider);
    let edge = Edge::over(&bench);
    let auth = login(&edge, &oidc, &jwt);
    let edge = edge.behind(auth);
    let mut alice = Browser::at(&edge);
    alice.sign_in().await;
    let page = format!("/dashboard/invoices/{id}");
    let decide = format!("{page}/decision");
    let shown = alice.get(&page).await;
    let (revision, holds) = (shown.hidden("revision"), holds(&shown.html));
    let mut release =
        vec![("action", "release"), ("key", "k1"), ("revision", &revision), ("reason", "x")];
    release.extend(holds.iter().map(|hold| ("hold", hold.as_str())));
    let released = alice.visitor.form(&decide, &release).await;
    assert_eq!(released.status, 303, "{}", released.html);
    bench.comes_to(&id, S::Approval).await;
    let taken = bench.ledger.decisions(&id).await.expect("read");
    assert_eq!(taken[0].subject, format!("{}|alice", provider.issuer));
    let approve = [("action", "approve"), ("key", "k2")];
    let refused = alice.visitor.form(&decide, &approve).await;
    assert_eq!(refused.status, 403, "{}", refused.html);
    assert!(refused.html.contains("somebody else must"), "{}", refused.html);
    // With a token of her own she is the same person.
    let mut claims = provider.claims();
    claims["roles"] = json!(["approver"]);
    let token = provider.desk().signer.sign(&claims);
    let request = crate::edge::ask("POST", &format!("/invoices/{id}/decision"));
    let request = request.header("authorization", &token).header("idempotency-key", "k3");
    let request = request.header("content-type", "application/json");
    let answer =
        edge.send(request.body(r#"{"action":"approve"}"#.into()).expect("a request")).await;
    assert_eq!(answer.problem(), (403, "four-eyes".to_owned()));
    // And an ID token is no token of the API: it is for another audience.
    claims["aud"] = json!(provider.desk().client);
    let token = provider.desk().signer.sign(&claims);
    assert_eq!(over_the_api(&edge, &token, "GET", "/invoices").await, 401);
    provider.desk().claims = json!({"sub": "ben"});
    let mut ben = Browser::at(&edge);
    ben.sign_in().await;
    let shown = ben.get(&page).await;
    let approve = [("action", "approve"), ("key", "k4"), ("revision", &shown.hidden("revision"))];
    assert_eq!(ben.visitor.form(&decide, &approve).await.status, 303);
    bench.comes_to(&id, S::Approved).await;
}
