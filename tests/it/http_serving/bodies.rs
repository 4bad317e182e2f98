//! 25: how much a body may be, however its length is told.

use std::time::{Duration, Instant};

use ap_gateway::config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::http_serving::{open, quick, served, statuses, talk};
use crate::samples::{self, HUNDRED};

const LIMIT: usize = 200_000;

/// An invoice of exactly so many bytes.
fn document(bytes: usize) -> String {
    let mut text = samples::invoice("RE-25", "PO-25", HUNDRED);
    text.push_str(&" ".repeat(bytes - text.len()));
    text
}

fn head(framing: &str) -> String {
    format!(
        "POST /invoices HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\n\
         Connection: close\r\n{framing}\r\n\r\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_25_the_limit_is_taken_and_one_byte_more_is_not() {
    let server = served(config::Http { document_bytes_max: LIMIT as u64, ..quick() }).await;
    for (bytes, expected) in [(LIMIT, "202"), (LIMIT + 1, "413")] {
        let body = document(bytes);
        let told = head(&format!("Content-Length: {bytes}")) + &body;
        let chunked = head("Transfer-Encoding: chunked");
        let chunked = format!("{chunked}{bytes:x}\r\n{body}\r\n0\r\n\r\n");
        for text in [told, chunked] {
            let answer = talk(server.address, text.as_bytes()).await;
            assert_eq!(statuses(&answer), [expected], "{bytes}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_25_what_is_announced_too_large_is_refused_before_it_comes() {
    let server = served(config::Http { document_bytes_max: LIMIT as u64, ..quick() }).await;
    for length in ["1000000000", "9223372036854775807"] {
        let mut stream =
            open(server.address, head(&format!("Content-Length: {length}")).as_bytes()).await;
        let begun = Instant::now();
        let mut status = [0; 12];
        let read = timeout(Duration::from_secs(5), stream.read_exact(&mut status)).await;
        read.expect("at once").expect("an answer");
        assert_eq!(&status, b"HTTP/1.1 413", "{length}");
        assert!(begun.elapsed() < Duration::from_millis(900), "no timer was needed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_25_chunks_without_end_are_cut_off() {
    let server = served(config::Http { document_bytes_max: LIMIT as u64, ..quick() }).await;
    let stream = open(server.address, head("Transfer-Encoding: chunked").as_bytes()).await;
    let (mut reading, mut writing) = stream.into_split();
    let answer = tokio::spawn(async move {
        let mut status = [0; 12];
        reading.read_exact(&mut status).await.expect("an answer");
        status
    });
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(65_536));
    let mut sent = 0_usize;
    let cut = timeout(Duration::from_secs(30), async {
        while writing.write_all(chunk.as_bytes()).await.is_ok() {
            sent += chunk.len();
        }
    });
    cut.await.expect("it is cut off");
    assert_eq!(&answer.await.expect("no panic"), b"HTTP/1.1 413");
    assert!(sent < 256 << 20, "{sent} bytes were taken");
    server.edge.settled().await;
}
