//! How much a batch may be and how long it may take: as it is configured, and for each kind what
//! that kind may have.

use ap_gateway::config;
use serde_json::json;

use crate::edge::Edge;
use crate::http_batches::{item, post_form, post_json, result, results};
use crate::http_serving::{quick, served, statuses, talk};

/// What may be sent, and how much of it.
const KINDS: [(&str, usize); 3] = [
    ("multipart/form-data; boundary=b", 64 << 20),
    ("application/json", 16 << 20),
    ("application/zip", 1 << 30),
];

fn head(kind: &str, framing: &str) -> String {
    format!(
        "POST /batches HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\nContent-Type: {kind}\
         \r\nConnection: close\r\n{framing}\r\n\r\n"
    )
}

#[tokio::test]
async fn a_document_of_a_batch_may_be_as_large_as_one_that_comes_alone() {
    let limits = config::Http { document_bytes_max: 1_000, ..config::Http::default() };
    let edge = Edge::with(limits).await;
    let (fits, large) = (vec![b'x'; 1_000], vec![b'x'; 1_001]);
    let body =
        json!({"items": [item("fits", "text/csv", &fits), item("large", "text/csv", &large)]});
    let parts: [(&str, &str, &[u8]); 2] =
        [("fits", "text/csv", &fits), ("large", "text/csv", &large)];
    let in_json = post_json(&edge, "k1", &body).await;
    let in_a_form = post_form(&edge, "k2", "b", &parts).await;
    for answer in [in_json, in_a_form] {
        let expected = [result("fits", 202, ""), result("large", 413, "payload-too-large")];
        assert_eq!(results(&answer), expected);
        assert_eq!(answer.json()["items"][1]["problem"]["limit"], 1_000);
    }
    let limits = config::Http { document_bytes_max: 26 << 20, ..config::Http::default() };
    let edge = Edge::with(limits).await;
    let large = vec![b' '; (25 << 20) + 1];
    let answer = post_form(&edge, "k1", "b", &[("large", "text/csv", &large)]).await;
    assert_eq!(results(&answer), [result("large", 202, "")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_stalls_is_cut_as_it_is_configured() {
    let server = served(quick()).await;
    for (kind, _) in KINDS {
        let text = head(kind, "Content-Length: 100") + "-";
        let answer = talk(server.address, text.as_bytes()).await;
        assert_eq!(statuses(&answer), ["408"], "{kind}: {answer}");
        assert!(answer.contains("No byte came for 1 s."), "{kind}: {answer}");
    }
    server.edge.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_announced_too_large_for_its_kind_is_refused_before_it_comes() {
    let server = served(quick()).await;
    for (kind, max) in KINDS {
        let announced = async |bytes: usize| {
            let framing = format!("Expect: 100-continue\r\nContent-Length: {bytes}");
            talk(server.address, head(kind, &framing).as_bytes()).await
        };
        // Nobody is asked to send what will not be taken.
        let refused = announced(max + 1).await;
        assert_eq!(statuses(&refused), ["413"], "{kind}: {refused}");
        assert!(refused.contains(&format!("\"limit\":{max}")), "{kind}: {refused}");
        let asked_for = announced(max).await;
        assert_eq!(statuses(&asked_for), ["100", "408"], "{kind}: {asked_for}");
    }
    server.edge.settled().await;
}
