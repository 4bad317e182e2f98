//! A person signs in at the identity provider, which is another site: what a browser keeps back from
//! whoever comes from there must not keep anybody out.

use std::net::TcpListener;

use crate::edge::Edge;
use crate::http_dashboard::browser::{judge, serve_at};
use crate::http_dashboard::chrome::Driver;
use crate::http_dashboard::oidc::{client, login, provider};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, its driver and npm: `.ci/run browser` brings them"]
async fn a_person_comes_by_the_provider_to_the_page_that_was_wanted() {
    let provider = provider();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    // The provider is at 127.0.0.1: by this name the gateway is another site.
    let here = format!("http://localhost:{}", listener.local_addr().expect("bound").port());
    provider.desk().redirect_uri = format!("{here}/dashboard/sign-in/oidc/callback");
    let (mut oidc, jwt) = client(&provider);
    oidc.public_url = Some(here.clone());
    let edge = Edge::guarded().await;
    let auth = login(&edge, &oidc, &jwt);
    let edge = edge.behind(auth);
    let _serving = serve_at(listener, &edge);
    let driver = Driver::start().await;
    for scripts in [true, false] {
        let window = driver.window(scripts).await;
        window.open(&format!("{here}/dashboard/invoices?status=held")).await;
        window.click("main a.button").await;
        window.arrives("/authorize").await;
        window.click("#yes").await;
        window.arrives("/dashboard/invoices?status=held").await;
        let seen = window.source().await;
        assert!(seen.contains("|alice") && seen.contains("Sign out"), "{seen}");
        window.click("header form button").await;
        window.arrives("/dashboard/sign-in").await;
        window.open(&format!("{here}/dashboard/invoices")).await;
        window.arrives("/dashboard/sign-in?next=").await;
        if scripts {
            let pages =
                [("sign-in-oidc", "/sign-in"), ("sign-in-refused", "/sign-in/oidc/callback")];
            judge(&window, &format!("{here}/dashboard"), &pages).await;
        }
        window.close().await;
    }
}
