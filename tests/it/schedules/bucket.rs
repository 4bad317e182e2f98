//! Bank statements out of a bucket: a real S3 server over a folder, which checks every signature.

mod passed_over;

use std::path::Path;

use ap_gateway::activities::upkeep::{Inbox, Place, UpkeepSettings};
use ap_gateway::config::{BucketPlace, Buckets, Environment};
use ap_gateway::models::payment::StatementStatus;
use ap_gateway::models::upkeep::Chore;
use ap_gateway::storage::Bucket;
use ap_gateway::storage::bucket::Listing;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tower::Service;

use super::{NEVER, names};
use crate::bank_files::{camt053, paid};
use crate::bench::Bench;
use crate::replay;

const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "a-secret-of-the-test";

async fn answer(mut service: S3Service, request: Request) -> Response {
    match Service::call(&mut service, request).await {
        Ok(answer) => answer.map(Body::new).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The folders below `root` as buckets.
fn router(root: &Path) -> axum::Router {
    let files = s3s_fs::FileSystem::new(root).expect("a folder");
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
    let service = builder.build();
    axum::Router::new().fallback(move |request: Request| {
        let service = service.clone();
        answer(service, request)
    })
}

/// Serves the folders below `root` as buckets; answers where.
async fn serve(root: &Path) -> String {
    serve_router(router(root)).await
}

async fn serve_router(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn bucket(endpoint: &str, secret: &str, place: &str) -> Bucket {
    let variables = [
        ("AWS_ACCESS_KEY_ID", KEY),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ALLOW_HTTP", "true"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let access = Buckets::load(&Environment::from(variables));
    access.check().expect("credentials");
    let place = BucketPlace::parse(place).expect("a place");
    ap_gateway::temporal::connect::install_crypto();
    Bucket::open(&place, &access).expect("legal settings")
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_bucket_are_taken_in_once_and_a_bad_one_hurts_no_other() {
    let bench = Bench::start().await;
    let root = tempfile::tempdir().expect("a folder");
    let place = root.path().join("bank/incoming");
    std::fs::create_dir_all(&place).expect("a bucket");
    let endpoint = serve(root.path()).await;
    let bucket = bucket(&endpoint, SECRET, "s3://bank/incoming/");
    let inbox = Inbox { place: Place::Bucket(bucket), profile: String::new() };
    let settings = UpkeepSettings { inbox: Some(inbox), ..UpkeepSettings::default() };
    let _worker = bench.upkeep(settings).await;
    let chore = Chore::ImportStatements;
    bench.gateway.apply_schedule(chore, NEVER).await.expect("applied");
    let write = |name: &str, bytes: &[u8]| std::fs::write(place.join(name), bytes).expect("put");
    let statement =
        |n: usize| camt053(&format!("S-{n}"), "2026-11-20", 1_000, &[paid("r", 100, "x")]);
    // More than one step takes, with names as people give them.
    for n in 0..25 {
        write(&format!("Auszug Nr. {n} (Kopie).xml"), statement(n).as_bytes());
    }
    write("copy+1.xml", statement(3).as_bytes());
    write("empty.xml", b"");
    write("invoice.pdf", b"%PDF-1.7 and so on");
    write("letter.txt", b"Dear Sir or Madam");
    write("upload.part", statement(99).as_bytes());
    std::fs::write(root.path().join("bank/other.xml"), statement(98)).expect("put");
    bench.round(chore).await;
    assert_eq!(names(&place), ["upload.part"], "this is not ours");
    assert_eq!(names(&place.join("failed")), ["empty.xml", "invoice.pdf", "letter.txt"]);
    assert_eq!(names(&place.join("done")).len(), 26);
    assert_eq!(names(&root.path().join("bank")), ["other.xml"], "nor is this");
    let rows = bench.ledger.statements(None, None, 100).await.expect("a list");
    let read = rows.iter().filter(|row| row.status != StatementStatus::Failed).count();
    assert_eq!((rows.len(), read), (26, 25), "each content once");
    let trail = bench.ledger.audit(0, 200).await.expect("a trail");
    let refused = trail.iter().filter(|row| row.action == "import_statement");
    let reasons: Vec<_> = refused.filter_map(|row| row.reason.clone()).collect();
    assert_eq!(reasons.len(), 3);
    for name in ["empty.xml: ", "invoice.pdf: ", "letter.txt: "] {
        assert!(reasons.iter().any(|reason| reason.starts_with(name)), "{name}: {reasons:?}");
    }
    // The same content again, under a name that is taken, and the same failure.
    write("copy+1.xml", statement(7).as_bytes());
    write("empty.xml", b"");
    bench.round(chore).await;
    assert_eq!(bench.ledger.statements(None, None, 100).await.expect("a list").len(), 26);
    assert_eq!(names(&place.join("done")).len(), 27);
    assert_eq!(names(&place.join("failed")).len(), 4);
    replay::keep_one_of(&bench, "UpkeepWorkflow", "bucket").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_does_not_open_is_named_and_its_secret_is_not() {
    let root = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(root.path().join("bank")).expect("a bucket");
    let endpoint = serve(root.path()).await;
    let wrong = bucket(&endpoint, "another-secret", "s3://bank/incoming");
    let error = wrong.list(10).await.expect_err("it is refused").to_string();
    assert!(error.contains("bank") && !error.contains("another-secret"), "{error}");
    assert!(!format!("{wrong:?}").contains("another-secret"));
    let absent = bucket(&endpoint, SECRET, "s3://nowhere/incoming");
    let error = absent.list(10).await.expect_err("there is none").to_string();
    assert!(error.contains("nowhere"), "{error}");
    let empty = bucket(&endpoint, SECRET, "s3://bank/incoming");
    assert_eq!(empty.list(10).await, Ok(Listing::default()));
}
