//! Files and folders that a command is given: what is read, and how their words are shown.

use std::path::Path;

use axum::Router;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::commands::{err, out, run};
use crate::samples::{self, HUNDRED};

async fn pipe(path: &Path) -> String {
    let made = Command::new("mkfifo").arg(path).status().await.expect("mkfifo is there");
    assert!(made.success());
    path.display().to_string()
}

/// A gateway that takes everything: what is looked at is what comes there.
async fn taking() -> String {
    let taken = async || axum::Json(json!({"id": "inv_1", "status": "received"}));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(taken)).await });
    server
}

/// Nobody writes to it: who opens it waits for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_in_a_folder_is_passed_over_and_one_that_is_named_is_refused() {
    let (folder, server) = (TempDir::new().expect("a folder"), taking().await);
    let fifo = pipe(&folder.path().join("a.xml")).await;
    std::fs::write(folder.path().join("b.xml"), "<x/>").expect("writable");
    let whole = folder.path().display().to_string();

    let submitted = run(&["submit", "--json", "--server", &server, &whole], &[]).await;
    assert_eq!(submitted.status.code(), Some(0), "{}", err(&submitted));
    let outcomes: Value = serde_json::from_str(&out(&submitted)).expect("JSON");
    assert_eq!(outcomes.as_array().map(Vec::len), Some(1), "{outcomes}");
    assert!(err(&submitted).contains(&fifo), "{}", err(&submitted));

    let named = run(&["submit", "--server", &server, &fifo], &[]).await;
    assert_eq!(named.status.code(), Some(1), "{}", err(&named));
    assert!(out(&named).contains("cannot read: it is no regular file"), "{}", out(&named));
    let policy = ["policy", "check", &fifo];
    for arguments in [&["extract", &fifo][..], &["validate", &fifo], &["reconcile", &fifo], &policy]
    {
        let refused = run(arguments, &[]).await;
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}: {}", err(&refused));
        let text = err(&refused);
        assert!(text.contains(&fifo) && text.contains("no regular file"), "{arguments:?}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_files_is_told() {
    let (folder, server) = (TempDir::new().expect("a folder"), taking().await);
    let path = folder.path().display().to_string();
    let nothing = run(&["submit", "--server", &server, &path], &[]).await;
    assert_eq!(nothing.status.code(), Some(1));
    assert_eq!(out(&nothing), "");
    assert!(err(&nothing).contains(&format!("no files in {path}")), "{}", err(&nothing));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_document_do_not_reach_the_terminal_as_commands() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("in\u{1b}voice.xml");
    let text = samples::invoice("RE-\u{202e}7\u{9b}31m", "PO-7", HUNDRED);
    std::fs::write(&file, text).expect("writable");
    let file = file.display().to_string();
    for command in ["extract", "validate", "reconcile"] {
        let shown = run(&[command, &file], &[]).await;
        let text = out(&shown) + &err(&shown);
        let raw = |letter: char| matches!(letter, '\u{1b}' | '\u{202e}' | '\u{9b}');
        assert!(!text.contains(raw), "{command}: {text:?}");
        assert!(text.contains("RE-\\u{202e}7"), "{command}: {text}");
    }
    let machine = run(&["extract", "--json", &file], &[]).await;
    let read: Value = serde_json::from_str(&out(&machine)).expect("JSON");
    assert_eq!(read["invoice"]["number"], "RE-\u{202e}7\u{9b}31m", "machines get it as it is");
}
