//! 27 and 28: requests that two readers could read in two ways get one answer, and ids that are
//! written strangely are never another's.

use std::net::SocketAddr;

use ap_gateway::workflows::PingWorkflow;
use serde_json::Value;
use temporalio_client::{Client, WorkflowStartOptions};

use crate::bench::{Bench, until};
use crate::edge::Edge;
use crate::http_serving::{header, on_a_port, quick, served, statuses, talk};
use crate::samples::{self, HUNDRED};

const SMUGGLED: &str = "GET /docs HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn get(rest: &str) -> String {
    format!("GET /invoices HTTP/1.1\r\n{rest}\r\n\r\n{SMUGGLED}")
}

fn post(rest: &str) -> String {
    let head = "POST /workflows/ping HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=0\r\n";
    format!("{head}Content-Type: application/json\r\n{rest}{SMUGGLED}")
}

/// The corpus of §4.4: what is sent, and the answers that may come. After each stands a second
/// request, which is answered only where the first one left no doubt where it ended.
fn corpus() -> Vec<(String, &'static [&'static str])> {
    vec![
        (get("Accept: */*"), &["400"]),
        (get("Host: localhost\r\nHost: localhost"), &["400"]),
        (get("Host: a/b@c"), &["400"]),
        (get("Host: user@localhost"), &["400"]),
        (get("Host: "), &["400"]),
        (get("Host: a b"), &["400"]),
        (get("Host : localhost"), &["400"]),
        (get("Host: localhost\r\n folded"), &["400"]),
        (get("Host: a\0b"), &["400"]),
        (get("X\0Y: a\r\nHost: localhost"), &["400"]),
        (get("Host: evil.example\r\nConnection: close"), &["421"]),
        (get("Host: localhost.evil.example\r\nConnection: close"), &["421"]),
        (
            "GET http://evil.example/invoices HTTP/1.1\r\nHost: localhost\r\nConnection: close\
             \r\n\r\n"
                .to_owned(),
            &["421"],
        ),
        (post("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), &["501"]),
        (post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), &["501"]),
        // Read as chunked, then closed (RFC 9112 §6.1): the second request is dropped.
        (post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), &["503"]),
        (post("Transfer-Encoding: chunked\r\nContent-Length: 400\r\n\r\n0\r\n\r\n"), &["503"]),
        (post("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"), &["400"]),
        (post("Content-Length: 2, 2\r\n\r\n{}"), &["400"]),
        (post("Content-Length: +2\r\n\r\n{}"), &["400"]),
        (post("Content-Length: 0x2\r\n\r\n{}"), &["400"]),
        (post("Content-Length: -2\r\n\r\n{}"), &["400"]),
        (post("Transfer-Encoding: xchunked\r\n\r\n"), &["400"]),
        (post("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"), &["400"]),
        (post("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"), &["400"]),
        (post("Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"), &["400"]),
        (
            "POST /workflows/ping HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
             0\r\n\r\n"
                .to_owned(),
            &["400"],
        ),
        // Framing of chunks is not forgiving.
        (post("Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n"), &["400"]),
        (post("Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"), &["400"]),
        (post("Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}"), &["400"]),
        (get("Host: localhost\r\nAuthorization: a\r\nAuthorization: b\r\nConnection: close"), &["400"]),
        (get("Host: localhost\r\nContent-Type: a/b\r\nContent-Type: a/b\r\nConnection: close"), &["400"]),
        (
            get("Host: localhost\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nConnection: close"),
            &["400"],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_27_ambiguous_requests_get_one_answer() {
    let server = served(quick()).await;
    for (text, expected) in corpus() {
        let answer = talk(server.address, text.as_bytes()).await;
        assert_eq!(statuses(&answer), expected, "{text}\n{answer}");
    }
    // Unambiguous ones are answered both, with bare line feeds too (RFC 9112 §2.2).
    let plain = format!("GET /livez HTTP/1.1\nHost: localhost\n\n{SMUGGLED}");
    let answer = talk(server.address, plain.as_bytes()).await;
    assert_eq!(statuses(&answer).first(), Some(&"200"), "{answer}");
    assert_eq!(statuses(&answer).len(), 2, "{answer}");
}

#[tokio::test]
async fn acceptance_27_a_large_head_is_closed() {
    let server = served(quick()).await;
    let head = |more: &str| format!("GET /invoices HTTP/1.1\r\nHost: localhost\r\n{more}\r\n");
    let many: String = (0..80).map(|number| format!("X-{number}: a\r\n")).collect();
    let table = [
        (head(&many), "431"),
        (head(&format!("X: {}\r\n", "a".repeat(200_000))), "431"),
        (
            format!(
                "GET /invoices?number={} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "a".repeat(9_000)
            ),
            "414",
        ),
    ];
    for (text, expected) in table {
        let answer = talk(server.address, text.as_bytes()).await;
        assert_eq!(statuses(&answer), [expected], "{}", &text[..60]);
    }
}

/// Sends a request as it is written here, a POST with a reason; status and body of the answer.
async fn send(address: SocketAddr, method: &str, target: &str) -> (String, String) {
    let reason = r#"{"reason":"a test"}"#;
    let rest = match method {
        "POST" => format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{reason}",
            reason.len()
        ),
        _ => "\r\n".to_owned(),
    };
    let head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    let answer = talk(address, format!("{head}{rest}").as_bytes()).await;
    let status = statuses(&answer).first().copied().unwrap_or_default().to_owned();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned();
    (status, body)
}

/// What is there, as JSON.
async fn found(address: SocketAddr, target: &str) -> Value {
    let (status, body) = send(address, "GET", target).await;
    assert_eq!(status, "200", "{target}: {body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

/// Starts a ping under an id of our own choice; its run.
async fn ping(client: &Client, id: &str) -> String {
    let options = WorkflowStartOptions::new("ap-default", id).build();
    let run = client.start_workflow(PingWorkflow::run, (), options).await.expect("started");
    run.run_id().expect("it has one").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_28_strange_ids_are_nobodys() {
    let server = served(quick()).await;
    let invoice = samples::invoice("RE-28", "PO-28", HUNDRED);
    let submission = format!(
        "POST /invoices HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{invoice}",
        invoice.len()
    );
    let answer = talk(server.address, submission.as_bytes()).await;
    let location = header(&answer, "location").expect("it is taken").to_owned();
    let look = async |target: &str| send(server.address, "GET", target).await.0;
    assert_eq!(look(&location).await, "200");
    let id = location.rsplit('/').next().expect("an id");
    let (long, percent) = ("a".repeat(1_001), id.replace('_', "%5F"));
    assert_eq!(
        look(&format!("/invoices/{percent}")).await,
        "200",
        "the same id, written otherwise"
    );
    let strange = [
        format!("{id}%2F"),
        format!("{id}%2Fdocument"),
        format!("%2F{id}"),
        format!("{id}%00"),
        format!("%00{id}"),
        format!("..%2F{id}"),
        format!("../invoices/{id}"),
        format!("./{id}"),
        format!("x/..%2f{id}"),
        format!("{id}%20"),
        format!("{id};a=b"),
        format!("{id}%F0%9F%92%A9"),
        format!("{id}\u{1f4a9}"),
        format!("%ff{id}"),
        id.to_uppercase(),
        long,
        "..".to_owned(),
        "%2e%2e".to_owned(),
    ];
    for name in strange {
        let status = look(&format!("/invoices/{name}")).await;
        assert!(["400", "404"].contains(&status.as_str()), "{name}: {status}");
    }
}

/// Ids of workflows may be any text, so that no grammar keeps strange ones out. Nobody works here:
/// the run that is asked for under other names goes on, whatever is sent.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_28_strange_names_of_a_run_are_not_that_run() {
    let bench = Bench::start().await;
    let server = on_a_port(Edge::over(&bench));
    let id = "ap-ping-known";
    ping(&bench.client().await, id).await;
    let known = format!("/workflows/{id}");
    assert_eq!(found(server.address, &known).await["status"], "running");
    let percent = known.replace('-', "%2D");
    assert_eq!(found(server.address, &percent).await["workflow_id"], id, "written otherwise");
    let longer = |bytes: usize| format!("{id}{}", "a".repeat(bytes - id.len()));
    let strange = [
        format!("{id}%2F"),
        format!("{id}%2Fresult"),
        format!("{id}%2Fterminate"),
        format!("%2F{id}"),
        format!("{id}%00"),
        format!("%00{id}"),
        format!("{id}%0A"),
        format!("..%2F{id}"),
        format!("..%2Fworkflows%2F{id}"),
        format!("../workflows/{id}"),
        format!("./{id}"),
        format!("{id}/."),
        format!("x%2F..%2F{id}"),
        format!("{id}%20"),
        format!("{id};a=b"),
        format!("{id}%F0%9F%92%A9"),
        format!("{id}\u{1f4a9}"),
        format!("{id}%FF"),
        id.to_uppercase(),
        longer(1_000),
        longer(1_001),
    ];
    let parts = [("GET", ""), ("GET", "/result"), ("GET", "/history"), ("POST", "/terminate")];
    for name in strange {
        for (method, part) in parts {
            let target = format!("/workflows/{name}{part}");
            let (status, body) = send(server.address, method, &target).await;
            let nobodys = ["400", "404"].contains(&status.as_str());
            assert!(nobodys, "{method} {target}: {status} {body}");
        }
    }
    assert_eq!(found(server.address, &known).await["status"], "running", "nobody ended it");
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_28_links_lead_to_the_run_whose_they_are() {
    let bench = Bench::start().await;
    let (server, client) = (on_a_port(Edge::over(&bench)), bench.client().await);
    let long = "a".repeat(1_000);
    // Each a neighbour of another in some reading: by its decoded form, or as a path.
    for id in ["a b/ü", "a+b/ü", "a%20b/ü", "a b", "a b/ü/result", "💩?#", long.as_str()] {
        let run_id = ping(&client, id).await;
        let listed = until("it is listed", async || {
            let page = server.edge.get("/workflows?page_size=200").await;
            let page = (page.status == 200).then(|| page.json())?;
            page["items"].as_array()?.iter().find(|run| run["workflow_id"] == id).cloned()
        })
        .await;
        let links = &listed["links"];
        let link = |name: &str| links[name].as_str().expect("a link").to_owned();
        let run = found(server.address, &link("self")).await;
        assert_eq!(run["workflow_id"], id);
        assert_eq!(run["run_id"], run_id, "{id}");
        assert_eq!(&run["links"], links, "{id}");
        let (status, body) = send(server.address, "GET", &link("result")).await;
        assert!(status == "202" && body.contains(&run_id), "{id}: {status} {body}");
        let history = found(server.address, &link("history")).await;
        assert_eq!(history["items"][0]["type"], "workflow_execution_started", "{id}");
    }
}
