//! 8: what one replica has promised, another shows at once.

use futures::{StreamExt, stream};

use crate::edge::Edge;

/// So many submissions, each looked at once.
const SUBMISSIONS: usize = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_08_a_location_is_there_at_once_on_each_replica() {
    let one = Edge::start().await;
    let other = one.replica().await;
    let looks = stream::iter(0..SUBMISSIONS).map(async |number| {
        let (first, second) = if number % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let document = format!("<Invoice number=\"{number}\"/>");
        let promised = first.post("/invoices", "application/xml", document).await;
        assert_eq!(promised.status, 202);
        let seen = second.get(promised.header("location")).await;
        assert_eq!(seen.status, 200, "{number}: {:?}", seen.json());
        assert_eq!(seen.json()["id"], promised.json()["id"]);
    });
    let looked = looks.buffer_unordered(16).count().await;
    assert_eq!(looked, SUBMISSIONS);
}
