//! Credentials that are changed while clients ask on and on: every answer is counted, and none may
//! fail. Those for Temporal are changed in `observed::rotation`, before a whole process.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use ap_gateway::config;
use ap_gateway::http::auth::Auth;
use ap_gateway::models::access::{Author, Role};
use ap_gateway::temporal::connect::install_crypto;
use ap_gateway::temporal::credentials::{Access, NotTaken};
use axum::body::Body;
use axum::http::StatusCode;
use jsonwebtoken::Algorithm;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::edge::Edge;
use crate::harness::{PATIENCE, within};
use crate::http_auth::provider::{Provider, Signer};
use crate::http_auth::{from, keep, new_key};
use crate::http_webhooks::{Receiver, hook};

/// Clients that ask at once.
const CLIENTS: usize = 4;

/// Answers of all clients together, behind which each of them has asked anew.
const ROUND: usize = 10 * CLIENTS;

/// Clients that ask until they are stopped.
pub(crate) struct Load {
    stop: CancellationToken,
    clients: JoinSet<()>,
    answered: Arc<AtomicUsize>,
    failed: Arc<Mutex<Vec<String>>>,
}

impl Load {
    /// Each client asks again as soon as it is answered; the error is what was wrong.
    pub(crate) fn start<Asked>(ask: impl Fn() -> Asked + Clone + Send + 'static) -> Self
    where
        Asked: Future<Output = Result<(), String>> + Send,
    {
        let (stop, mut clients) = (CancellationToken::new(), JoinSet::new());
        let answered = Arc::<AtomicUsize>::default();
        let failed = Arc::<Mutex<Vec<String>>>::default();
        for _ in 0..CLIENTS {
            let (stop, ask) = (stop.clone(), ask.clone());
            let (answered, failed) = (Arc::clone(&answered), Arc::clone(&failed));
            clients.spawn(async move {
                while !stop.is_cancelled() {
                    // One failure is too many: nothing is learned of more from the same client.
                    if let Err(error) = ask().await {
                        return failed.lock().expect("not poisoned").push(error);
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        Self { stop, clients, answered, failed }
    }

    /// Until every client has been answered some times more, and none of them with a failure.
    pub(crate) async fn goes_on(&self) {
        let wanted = self.answered.load(Ordering::Relaxed) + ROUND;
        within(PATIENCE, "the clients are answered", async || {
            self.nothing_failed();
            (self.answered.load(Ordering::Relaxed) >= wanted).then_some(())
        })
        .await;
    }

    /// Stops; not one answer was a failure.
    pub(crate) async fn ends_without_a_failure(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.clients.join_next().await {
            ended.expect("a client");
        }
        self.nothing_failed();
        let answered = self.answered.load(Ordering::Relaxed);
        assert!(answered >= ROUND, "only {answered} answers");
    }

    fn nothing_failed(&self) {
        let failed = self.failed.lock().expect("not poisoned").clone();
        assert_eq!(failed, [""; 0], "after {} answers", self.answered.load(Ordering::Relaxed));
    }
}

/// Reads with the credential that clients have now.
fn reading(edge: &Edge, now: &Arc<RwLock<String>>) -> Load {
    let (edge, now) = (edge.clone(), Arc::clone(now));
    Load::start(move || {
        let (edge, bearer) = (edge.clone(), now.read().expect("not poisoned").clone());
        async move {
            let asked = from([192, 0, 2, 7], Some(&bearer), "GET", "/invoices");
            let answer = edge.send(asked).await;
            match answer.status {
                StatusCode::OK => Ok(()),
                status => Err(format!("{status}: {}", answer.json())),
            }
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_52_keys_of_the_gateway_are_changed_and_no_request_fails() {
    let edge = Edge::guarded().await;
    let ledger = &edge.state.ledger;
    let by = Author { subject: "terminal:test".to_owned(), ..Author::default() };
    let mut old = new_key("key:erp", &[Role::Viewer]);
    let now = Arc::new(RwLock::new(keep(ledger, &old).await));
    let load = reading(&edge, &now);
    for _ in 0..3 {
        load.goes_on().await;
        let new = new_key("key:erp", &[Role::Viewer]);
        let bearer = keep(ledger, &new).await;
        let before = std::mem::replace(&mut *now.write().expect("not poisoned"), bearer);
        // Whoever asked with the old one is answered.
        load.goes_on().await;
        assert!(ledger.revoke_key(old.text.id(), &by).await.expect("revoked"));
        within(PATIENCE, "the old key ends", async || {
            let asked = from([192, 0, 2, 8], Some(&before), "GET", "/invoices");
            (edge.send(asked).await.status != StatusCode::OK).then_some(())
        })
        .await;
        old = new;
    }
    load.goes_on().await;
    load.ends_without_a_failure().await;
}

/// A gateway that takes the provider's tokens.
async fn provided(provider: &Provider) -> Edge {
    let jwt = provider.settings();
    let edge = Edge::guarded().await;
    let state = &edge.state;
    let auth = Auth::required(&state.ledger, &config::Auth::default(), &jwt, &state.metrics);
    edge.with_nobody_asked().behind(auth)
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_52_keys_of_the_provider_are_changed_and_no_request_fails() {
    let provider = Provider::start();
    let (old, new) = (Signer::new("old", Algorithm::EdDSA), Signer::new("new", Algorithm::ES256));
    provider.publish(&[&old]);
    let edge = provided(&provider).await;
    let now = Arc::new(RwLock::new(old.sign(&provider.claims())));
    let load = reading(&edge, &now);
    load.goes_on().await;
    provider.publish(&[&old, &new]);
    load.goes_on().await;
    *now.write().expect("not poisoned") = new.sign(&provider.claims());
    load.goes_on().await;
    provider.publish(&[&new]);
    load.goes_on().await;
    load.ends_without_a_failure().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_53_unreadable_keys_of_the_provider_keep_the_old_and_no_request_fails() {
    let provider = Provider::start();
    let signer = Signer::new("k1", Algorithm::EdDSA);
    provider.publish(&[&signer]);
    let edge = provided(&provider).await;
    let load = reading(&edge, &Arc::new(RwLock::new(signer.sign(&provider.claims()))));
    load.goes_on().await;
    provider.answer_with(StatusCode::OK, "{");
    // Whoever names another key makes us ask.
    let unknown = Signer::new("k2", Algorithm::EdDSA).sign(&provider.claims());
    let asked = from([192, 0, 2, 8], Some(&unknown), "GET", "/invoices");
    assert_eq!(edge.send(asked).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(provider.asked(), 2);
    load.goes_on().await;
    load.ends_without_a_failure().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_52_the_secret_of_a_webhook_is_changed_and_no_message_fails() {
    let limits = config::Http { quota_write: 0, ..config::Http::default() };
    let edge = Edge::with(limits).await;
    let receiver = Receiver::start([]).await;
    let (target, old) = hook(&edge, &receiver, &["invoice.closed"]).await;
    let (sender, test) = (edge.clone(), format!("{target}/test"));
    let load = Load::start(move || {
        let (edge, test) = (sender.clone(), test.clone());
        async move {
            let answer = edge.post(&test, "application/json", Body::empty()).await;
            match answer.json()["delivered"].as_bool() {
                Some(true) => Ok(()),
                _ => Err(answer.json().to_string()),
            }
        }
    });
    load.goes_on().await;
    let path = format!("{target}/rotate-secret");
    let rotated = edge.post(&path, "application/json", Body::empty()).await;
    let new = rotated.json()["secret"].as_str().expect("shown once").to_owned();
    load.goes_on().await;
    load.ends_without_a_failure().await;
    // The receiver changes over when it likes: the old one holds all the time, and the new one for
    // the latest, which each client has asked for since.
    let got = receiver.got();
    assert!(got.iter().all(|message| message.verifies(&old)), "a message that the old one refuses");
    assert!(got[got.len() - CLIENTS..].iter().all(|message| message.verifies(&new)));
    assert!(!got[0].verifies(&new), "nothing was changed");
}

/// Settings for a Temporal that nobody runs.
fn nowhere(key: Option<&str>) -> config::Temporal {
    let address = ("TEMPORAL_ADDRESS".to_owned(), "localhost:1".to_owned());
    let key = key.map(|key| ("TEMPORAL_API_KEY".to_owned(), key.to_owned()));
    let environment = [address].into_iter().chain(key).collect();
    config::Temporal::load(&Default::default(), &environment).expect("settings")
}

#[tokio::test]
async fn another_way_to_log_in_at_temporal_wants_a_restart_and_what_cannot_be_tried_waits() {
    install_crypto();
    for (now, new) in [(None, Some("k1")), (Some("k1"), None)] {
        let refused = Access::from(&nowhere(now)).take(&nowhere(new)).await;
        let Err(NotTaken::Bad(text)) = refused else { panic!("{refused:?}") };
        assert!(text.contains("restart"), "{text}");
    }
    let untried = Access::from(&nowhere(Some("k1"))).take(&nowhere(Some("k2"))).await;
    assert!(matches!(untried, Err(NotTaken::Untried(_))), "{untried:?}");
}
