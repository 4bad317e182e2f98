//! One attempt against receivers that mean no good.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ap_gateway::models::webhook::Failure;
use ap_gateway::webhooks::sender::Lookup;
use ap_gateway::webhooks::signature::draw_secret;
use ap_gateway::webhooks::{Blocked, Message, Rules, Sender, Sent};
use axum::http::HeaderValue;
use chrono::{TimeDelta, Utc};
use secrecy::ExposeSecret;

use crate::http_webhooks::{Act, IMPATIENCE, Receiver};

fn here() -> Rules {
    Rules { networks: vec!["127.0.0.0/8".parse().expect("a network")], ports: Vec::new() }
}

async fn send(sender: &Sender, url: &str) -> Sent {
    let secrets = [draw_secret().expect("random")];
    let message = Message { id: "dlv_1", body: "{}", secrets: &secrets, at: Utc::now() };
    sender.send(url, &message).await
}

/// The time is that of the head, and it is signed: whoever kept a message cannot make it a new one.
#[tokio::test]
async fn acceptance_54_a_message_counts_five_minutes_before_and_after_its_time() {
    let receiver = Receiver::start([]).await;
    let sender = Sender::new(here(), IMPATIENCE);
    let secrets = [draw_secret().expect("random")];
    let secret = secrets[0].expose_secret();
    for (minutes, counts) in [(-6, false), (-4, true), (4, true), (6, false)] {
        let at = Utc::now() + TimeDelta::minutes(minutes);
        let message = Message { id: "dlv_1", body: "{}", secrets: &secrets, at };
        assert_eq!(sender.send(&receiver.url, &message).await.failure, None);
        let mut got = receiver.got().pop().expect("it came");
        assert_eq!(got.sent_at(), at.timestamp());
        assert_eq!(got.verifies(secret), counts, "{minutes} min");
        got.headers.insert("webhook-timestamp", HeaderValue::from(Utc::now().timestamp()));
        assert!(!got.verifies(secret), "{minutes} min, under another time");
    }
}

#[tokio::test]
async fn acceptance_54_a_redirect_is_a_failure_and_is_not_followed() {
    let elsewhere = Receiver::start([]).await;
    for status in [301, 302, 303, 307, 308] {
        let receiver =
            Receiver::start([Act::With(status, "location", elsewhere.url.clone())]).await;
        let sent = send(&Sender::new(here(), IMPATIENCE), &receiver.url).await;
        assert_eq!((sent.status_code, sent.failure), (Some(status), Some(Failure::Redirected)));
        assert_eq!(receiver.got().len(), 1);
    }
    assert_eq!(elsewhere.got().len(), 0);
}

#[tokio::test]
async fn a_receiver_that_never_answers_costs_no_more_than_its_time() {
    let receiver = Receiver::start([Act::Hang]).await;
    let begun = Instant::now();
    let sent = send(&Sender::new(here(), IMPATIENCE), &receiver.url).await;
    assert_eq!((sent.status_code, sent.failure), (None, Some(Failure::TimedOut)));
    assert!(begun.elapsed() < IMPATIENCE + Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn of_the_answer_only_the_status_counts() {
    let receiver = Receiver::start([
        Act::Endless,
        Act::Answer(299),
        Act::With(503, "retry-after", "120".to_owned()),
        Act::Answer(410),
    ])
    .await;
    // An answer without end is no reason to wait for it.
    let sender = Sender::new(here(), Duration::from_secs(20));
    let begun = Instant::now();
    let endless = send(&sender, &receiver.url).await;
    assert_eq!((endless.status_code, endless.failure), (Some(200), None));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(send(&sender, &receiver.url).await.failure, None);
    let busy = send(&sender, &receiver.url).await;
    assert_eq!(busy.failure, Some(Failure::Refused));
    assert_eq!(busy.retry_after, Some(Duration::from_secs(120)));
    assert_eq!(send(&sender, &receiver.url).await.failure, Some(Failure::Gone));
}

#[tokio::test]
async fn acceptance_54_without_leave_nothing_on_this_machine_is_reached() {
    let receiver = Receiver::start([]).await;
    let port = receiver.url.rsplit(':').next().expect("a port");
    let sender = Sender::new(Rules::default(), IMPATIENCE);
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
        let sent = send(&sender, &format!("https://{host}:{port}")).await;
        assert_eq!(sent.failure, Some(Failure::Blocked), "{host}");
    }
    assert_eq!(send(&sender, &receiver.url).await.failure, Some(Failure::Blocked));
    assert_eq!(receiver.got().len(), 0);
}

/// Answers a public address when it is asked for the first time, and another one after that.
fn rebinding(then: &'static str) -> (Lookup, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let lookup: Lookup = Arc::new(move |_: &str| {
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        let address: IpAddr =
            if first { "93.184.215.14" } else { then }.parse().expect("an address");
        vec![address]
    });
    (lookup, asked)
}

#[tokio::test]
async fn acceptance_54_a_name_that_is_rebound_after_its_check_is_not_followed() {
    for then in
        ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]
    {
        let (lookup, asked) = rebinding(then);
        let sender = Sender::resolving(Rules::default(), IMPATIENCE, lookup);
        assert_eq!(sender.check("https://erp.example/").await, Ok(()), "public at first");
        let sent = send(&sender, "https://erp.example/").await;
        assert_eq!(sent.failure, Some(Failure::Blocked), "{then}");
        assert_eq!(asked.load(Ordering::SeqCst), 2, "each attempt looks again, once");
    }
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked() {
    let receiver = Receiver::start([]).await;
    let port: u16 =
        receiver.url.rsplit([':', '/']).nth(1).expect("a port").parse().expect("a port");
    // The name exists nowhere but here: who asked the system would not find it.
    let lookup: Lookup = Arc::new(|_: &str| vec!["127.0.0.1".parse().expect("an address")]);
    let rules = Rules { ports: vec![port], ..here() };
    let sender = Sender::resolving(rules, Duration::from_secs(5), lookup);
    let sent = send(&sender, &format!("https://erp.invalid:{port}/")).await;
    // It reached the receiver, which speaks no TLS.
    assert_eq!(sent.failure, Some(Failure::Unreachable));
    assert!(sent.took < Duration::from_secs(5), "{:?}", sent.took);
    let nobody: Lookup = Arc::new(|_: &str| Vec::new());
    let nobody = Sender::resolving(Rules::default(), IMPATIENCE, nobody);
    assert_eq!(nobody.check("https://erp.example/").await, Err(Blocked::Unresolved));
}
