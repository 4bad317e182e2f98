//! 19, 22, 23: the real program, full and stopping.

use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::harness::{PATIENCE, within};
use crate::http_serving::program::Program;
use crate::http_serving::{header, open, rest, statuses, talk};
use crate::samples::{self, HUNDRED};

/// How often each probe is asked for, and how long it may take, but for the slowest one.
const LOOKS: usize = 50;
const LOOK_MAX: Duration = Duration::from_millis(100);

/// An invoice to be waited for, or with `wait` 0 not.
fn submission(number: usize, wait: u64) -> String {
    let body = samples::invoice(&format!("RE-22-{number}"), "PO-22", HUNDRED);
    format!(
        "POST /invoices HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\n\
         Prefer: wait={wait}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn posting(program: &Program, expected: f64) {
    let what = format!("{expected} are posted");
    within(PATIENCE, &what, async || {
        let active = program.metric("http_server_active_requests", "POST").await;
        (active == expected).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_19_probes_answer_while_every_connection_is_taken() {
    let program = Program::start("connections_max = 8\nheader_read_seconds = 60").await;
    let held: Vec<_> = join_all((0..8).map(|_| open(program.main, b""))).await;
    within(PATIENCE, "eight are open", async || {
        (program.metric("ap_gateway_connections_open", "").await == 8.0).then_some(())
    })
    .await;
    assert_eq!(statuses(&talk(program.main, b"").await), ["503"]);
    // It has no Temporal, and says so.
    for (path, status) in [("/livez", 200), ("/readyz", 503), ("/metrics", 200)] {
        let mut times = Vec::new();
        for _ in 0..LOOKS {
            let begun = Instant::now();
            let (seen, text) = program.ops(path).await;
            times.push(begun.elapsed());
            assert_eq!(seen, status, "{path}: {text}");
        }
        times.sort();
        assert!(times[LOOKS - 2] < LOOK_MAX, "{path}: {times:?}");
    }
    assert_eq!(program.ops("/invoices").await.0, 404, "nothing else is there");
    assert_eq!(program.metric("ap_gateway_connections_limit", "").await, 8.0);
    assert_eq!(program.metric("ap_gateway_connection_errors_total", "\"cap\"").await, 1.0);
    drop(held);
}

/// Hands in an invoice; where it is.
async fn handed_in(program: &Program) -> String {
    let text = submission(51, 0).replacen("Prefer: wait=0", "Connection: close", 1);
    let answer = talk(program.main, text.as_bytes()).await;
    header(&answer, "location").unwrap_or_else(|| panic!("{answer}")).to_owned()
}

async fn gauge(program: &Program, name: &str, expected: f64) {
    let what = format!("{name} is {expected}");
    within(PATIENCE, &what, async || (program.metric(name, "").await == expected).then_some(()))
        .await;
}

/// Who is there when it stops.
struct Everybody {
    waiters: Vec<TcpStream>,
    streams: Vec<TcpStream>,
    /// A start that lacks the end of its body.
    starting: TcpStream,
    /// A connection that says nothing, and one that says half a head.
    silent: [TcpStream; 2],
}

impl Everybody {
    async fn comes(program: &Program, start: &[u8]) -> Self {
        let main = program.main;
        let invoice = handed_in(program).await;
        let look = format!(
            "GET {invoice}/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
        );
        let streams = join_all((0..50).map(|_| open(main, look.as_bytes()))).await;
        let waiter = async |number| open(main, submission(number, 30).as_bytes()).await;
        let waiters = join_all((0..50).map(waiter)).await;
        let starting = open(main, start).await;
        gauge(program, "ap_gateway_streams", 50.0).await;
        gauge(program, "ap_gateway_waiters", 50.0).await;
        posting(program, 51.0).await;
        // They come last: their timers are to run on into the drain.
        let silent = [open(main, b"").await, open(main, b"GET /invoices HTTP/1.1\r\nHo").await];
        gauge(program, "ap_gateway_connections_open", 103.0).await;
        Self { waiters, streams, starting, silent }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_22_a_stop_answers_everybody() {
    let limits = "header_read_seconds = 8\nbody_stall_seconds = 30\ndrain_seconds = 15\n\
                  drain_notice_seconds = 2\nevent_streams_by_subject_max = 50";
    let mut program = Program::start(limits).await;
    let main = program.main;
    let start = submission(50, 0);
    let (first, second) = start.split_at(start.len() - 10);
    let Everybody { waiters, streams, mut starting, silent: _silent } =
        Everybody::comes(&program, first.as_bytes()).await;

    program.terminate().await;
    let begun = Instant::now();
    within(PATIENCE, "it is not ready", async || {
        let (status, text) = program.ops("/readyz").await;
        (status == 503 && text.contains("draining")).then_some(())
    })
    .await;
    // The balancer has its time: what it still sends is done.
    let ask = b"GET /invoices HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(statuses(&talk(main, ask).await), ["200"]);
    for answer in join_all(waiters.into_iter().map(rest)).await {
        assert_eq!(statuses(&answer), ["202"], "{answer}");
        assert_eq!(header(&answer, "preference-applied"), Some("wait=30"));
        assert!(header(&answer, "location").is_some());
    }
    for events in join_all(streams.into_iter().map(rest)).await {
        assert_eq!(statuses(&events), ["200"], "{events}");
        assert!(events.contains("event: snapshot\n"), "{events}");
        // The last event, in the last chunk: the stream was ended, not cut.
        assert!(events.ends_with("event: drain\ndata: {}\n\n\r\n0\r\n\r\n"), "{events}");
    }
    // Who said nothing was let go. The half of a head may become a request, until its timer ends;
    // so may the start.
    gauge(&program, "ap_gateway_connections_open", 2.0).await;
    starting.write_all(second.as_bytes()).await.expect("written");
    let answer = rest(starting).await;
    assert_eq!(statuses(&answer), ["202"], "{answer}");
    assert_eq!(header(&answer, "connection"), Some("close"));
    assert_eq!(program.code().await, Some(0), "{}", program.log.lock().expect("not poisoned"));
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

/// A request whose body does not come.
async fn stuck(program: &Program) -> TcpStream {
    let start = submission(1, 0);
    let stream = open(program.main, &start.as_bytes()[..start.len() - 10]).await;
    posting(program, 1.0).await;
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_23_a_second_signal_ends_at_once() {
    let mut program = Program::start("drain_seconds = 60\nbody_stall_seconds = 60").await;
    let _stuck = stuck(&program).await;
    program.terminate().await;
    within(PATIENCE, "it drains", async || {
        (program.ops("/readyz").await.1.contains("draining")).then_some(())
    })
    .await;
    let begun = Instant::now();
    program.terminate().await;
    assert_eq!(program.code().await, Some(70));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_23_what_outlasts_the_deadline_is_cut() {
    for half_a_head in [false, true] {
        let limits = "drain_seconds = 1\nbody_stall_seconds = 60\nheader_read_seconds = 60";
        let mut program = Program::start(limits).await;
        let _held = if half_a_head {
            let stream = open(program.main, b"GET /invoices HTTP/1.1\r\nHo").await;
            within(PATIENCE, "it is open", async || {
                (program.metric("ap_gateway_connections_open", "").await == 1.0).then_some(())
            })
            .await;
            stream
        } else {
            stuck(&program).await
        };
        program.terminate().await;
        let begun = Instant::now();
        assert_eq!(program.code().await, Some(70), "half a head: {half_a_head}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}
