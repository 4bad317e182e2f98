//! Documents put into the store before a manifest names them.

use axum::body::Body;
use sha2::Digest;

use crate::edge::{Answer, Edge, ask};

pub(crate) fn digest(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) async fn put(edge: &Edge, sha256: &str, bytes: &[u8]) -> Answer {
    let request = ask("PUT", &format!("/artifacts/{sha256}"));
    edge.send(request.body(Body::from(bytes.to_vec())).expect("a request")).await
}

#[tokio::test]
async fn a_part_of_a_document_is_refused_and_leaves_nothing() {
    let edge = Edge::start().await;
    let path = format!("/artifacts/{}", digest(b"<a/>"));
    let request = ask("PUT", &path).header("content-range", "bytes 0-3/4");
    let answer = edge.send(request.body(Body::from("<a/>")).expect("a request")).await;
    assert_eq!(answer.problem(), (400, "invalid-request".to_owned()));
    assert_eq!(answer.faults(), [("Content-Range".to_owned(), "not_supported".to_owned())]);
    assert_eq!((edge.get(&path).await.status.as_u16(), edge.artifacts()), (404, 0));
}

#[tokio::test]
async fn an_artifact_is_kept_once_under_its_own_digest() {
    let edge = Edge::start().await;
    let sha256 = digest(b"<a/>");
    let path = format!("/artifacts/{sha256}");
    assert_eq!(edge.get(&path).await.problem(), (404, "not-found".to_owned()));
    let wrong = put(&edge, &sha256, b"<b/>").await;
    assert_eq!(wrong.problem(), (422, "validation-failed".to_owned()));
    assert_eq!(wrong.faults(), [("id".to_owned(), "other_digest".to_owned())]);
    edge.settled().await;
    let first = put(&edge, &sha256, b"<a/>").await;
    assert_eq!((first.status.as_u16(), first.header("location")), (201, &*path));
    assert_eq!(put(&edge, &sha256, b"<a/>").await.status, 200);
    assert_eq!(edge.get(&path).await.json(), first.json());
    assert_eq!(edge.artifacts(), 1);
    for odd in ["/artifacts/1", &path.to_uppercase().replace("/ARTIFACTS", "/artifacts")] {
        assert_eq!(edge.get(odd).await.problem().0, 404, "{odd}");
    }
}
