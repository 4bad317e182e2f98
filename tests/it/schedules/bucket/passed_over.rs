//! Keys that no file can be asked for by. A folder cannot hold all of them, so the answers of the
//! real server get some more.

use std::collections::BTreeSet;
use std::path::Path;

use ap_gateway::activities::upkeep::{Inbox, Place, UpkeepSettings};
use ap_gateway::models::upkeep::Chore;
use ap_gateway::workflows::UpkeepWorkflow;
use ap_gateway::workflows::upkeep::contract::UpkeepTally;
use axum::body::{Body, to_bytes};
use axum::middleware::map_response;
use axum::response::Response;
use futures::StreamExt;

use super::{SECRET, bucket, router, serve_router};
use crate::bank_files::{camt053, paid};
use crate::bench::{Bench, until};
use crate::schedules::{NEVER, names};

const END: &str = "</ListBucketResult>";

const MORE: &str = "<Contents><Key>incoming/..</Key><Size>3</Size>\
    <LastModified>2026-11-27T08:00:00.000Z</LastModified><ETag>\"1\"</ETag></Contents>\
    <CommonPrefixes><Prefix>incoming//</Prefix></CommonPrefixes>\
    <CommonPrefixes><Prefix>incoming/./</Prefix></CommonPrefixes></ListBucketResult>";

/// Adds keys to each listing, and leaves all other answers alone.
async fn more(answer: Response) -> Response {
    let (mut head, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("an answer");
    let text = String::from_utf8_lossy(&bytes);
    if !text.contains(END) {
        return Response::from_parts(head, bytes.into());
    }
    head.headers.remove("content-length");
    Response::from_parts(head, Body::from(text.replace(END, MORE)))
}

/// What the only round so far came to.
async fn result(bench: &Bench) -> UpkeepTally {
    let client = bench.client().await;
    let query = "WorkflowType='UpkeepWorkflow' AND ExecutionStatus='Completed'";
    let id = until("the round is listed", async || {
        let mut runs = client.list_workflows(query, Default::default());
        runs.next().await.and_then(Result::ok).map(|run| run.id().to_owned())
    });
    let round = client.get_workflow_handle::<UpkeepWorkflow>(id.await);
    round.get_result(Default::default()).await.expect("a result")
}

async fn refused(bench: &Bench) -> Vec<String> {
    let trail = bench.ledger.audit(0, 200).await.expect("a trail");
    let refused = trail.into_iter().filter(|row| row.action == "import_statement");
    refused.filter_map(|row| row.reason).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_cannot_be_asked_for_is_told_of_and_hurts_no_other() {
    let bench = Bench::start().await;
    let root = tempfile::tempdir().expect("a folder");
    let place = root.path().join("bank/incoming");
    std::fs::create_dir_all(&place).expect("a bucket");
    let endpoint = serve_router(router(root.path()).layer(map_response(more))).await;
    let bucket = bucket(&endpoint, SECRET, "s3://bank/incoming");
    let odd = ["incoming/a\tb.xml", "incoming/..", "incoming//", "incoming/./"];
    // More than one step takes, and one whose name only looks odd.
    let fill = |place: &Path, round: &str| {
        for n in 0..22 {
            let (id, name) = (format!("{round}{n}"), format!("{round}{n} <Kopie> & ~*..xml"));
            let bytes = camt053(&id, "2026-11-20", 1_000, &[paid("r", 100, "x")]);
            std::fs::write(place.join(name), bytes).expect("put");
        }
    };
    fill(&place, "S");
    std::fs::write(place.join("a\tb.xml"), b"nobody reads this").expect("put");
    let listing = bucket.list(100).await.expect("a listing");
    assert_eq!(listing.names.len(), 22, "{listing:?}");
    assert_eq!(BTreeSet::from_iter(listing.passed_over), odd.map(str::to_owned).into());

    let inbox = Inbox { place: Place::Bucket(bucket), profile: String::new() };
    let settings = UpkeepSettings { inbox: Some(inbox), ..UpkeepSettings::default() };
    let _worker = bench.upkeep(settings).await;
    let chore = Chore::ImportStatements;
    bench.gateway.apply_schedule(chore, NEVER).await.expect("applied");
    bench.round(chore).await;
    assert_eq!(result(&bench).await, UpkeepTally { done: 22, refused: 4 });
    assert_eq!(names(&place), ["a\tb.xml"], "it stays where it is");
    let told = refused(&bench).await;
    assert_eq!(told.len(), 4, "{told:?}");
    for key in odd {
        let named = format!("{key:?}: ");
        assert!(told.iter().any(|reason| reason.starts_with(&named)), "{key}: {told:?}");
    }
    // In the next round the others go on, and the trail is told nothing new.
    fill(&place, "T");
    bench.round(chore).await;
    assert_eq!(names(&place.join("done")).len(), 44);
    assert_eq!(refused(&bench).await, told);
}
