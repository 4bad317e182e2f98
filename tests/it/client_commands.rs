//! `get`, `list`, `decide`, `watch` and `completions`, as processes.

use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::commands::{err, out, run};
use crate::harness::{Gateway, PATIENCE, unique};
use crate::samples::{self, HUNDRED};

/// An invoice that is held, for its order is not there.
async fn held(gateway: &Gateway, number: &str) -> String {
    let invoice = gateway.submit(&samples::invoice(number, &unique("PO"), HUNDRED)).await;
    let invoice = invoice.expect(StatusCode::OK).json();
    assert_eq!(invoice["status"], "held", "{invoice}");
    invoice["id"].as_str().expect("an id").to_owned()
}

fn json_of(output: &std::process::Output) -> Value {
    let text = out(output);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text} {}", err(output)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_missing_is_named() {
    let (server, invoice) = ("http://127.0.0.1:1", "inv_01kax3v9s8f2m7c4t0q6w5z1re");
    for arguments in [
        vec!["get", invoice],
        vec!["list"],
        vec!["decide", invoice, "approve"],
        vec!["watch", invoice],
    ] {
        let output = run(&arguments, &[("AP_GATEWAY_SERVER", server)]).await;
        assert_eq!(output.status.code(), Some(69), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains(server), "{arguments:?}: {}", err(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn get_and_list_show_what_the_gateway_keeps() {
    let gateway = Gateway::start().await;
    let server = [("AP_GATEWAY_SERVER", gateway.base.as_str())];
    let id = held(&gateway, "RE-client").await;

    let shown = run(&["get", &id], &server).await;
    assert_eq!(shown.status.code(), Some(0), "{}", err(&shown));
    let text = out(&shown);
    for wanted in ["status", "held", "RE-client", "1190.00 EUR", "holds:", "PO_"] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
    let as_json = json_of(&run(&["get", &id, "--json"], &server).await);
    assert_eq!((&as_json["id"], &as_json["status"]), (&json!(id), &json!("held")));
    let workflow = json_of(&run(&["get", &format!("ap-invoice-{id}"), "--json"], &server).await);
    assert_eq!(workflow["type"], "InvoiceWorkflow", "{workflow}");
    let unknown = run(&["get", "inv_01kax3v9s8f2m7c4t0q6w5z1re"], &server).await;
    assert_eq!(unknown.status.code(), Some(1));
    let absent = "no invoice inv_01kax3v9s8f2m7c4t0q6w5z1re";
    assert!(err(&unknown).contains(absent), "{}", err(&unknown));
    for (id, words) in [
        ("whk_01kax3v9s8f2m7c4t0q6w5z1re", "no webhook whk_01kax3v9s8f2m7c4t0q6w5z1re"),
        ("foo", "there is no foo here"),
    ] {
        let unknown = run(&["get", id], &server).await;
        assert_eq!(unknown.status.code(), Some(1));
        assert!(err(&unknown).contains(words), "{}", err(&unknown));
    }
    assert_eq!(run(&["get", ""], &server).await.status.code(), Some(2));

    held(&gateway, "RE-other").await;
    let listed = out(&run(&["list", "--status", "held"], &server).await);
    let line = listed.lines().find(|line| line.contains(&id)).expect("the invoice is listed");
    assert!(line.contains("held") && line.contains("RE-client"), "{listed}");
    assert!(
        listed.lines().next().is_some_and(|header| header.contains("SUPPLIER NAME")),
        "{listed}"
    );
    let one = run(&["list", "--limit", "1", "--json"], &server).await;
    assert_eq!(json_of(&one).as_array().map(Vec::len), Some(1));
    let narrowed = run(&["list", "--filter", "number=RE-client", "--json"], &server).await;
    assert_eq!(json_of(&narrowed)[0]["id"], json!(id));
    let none = json_of(&run(&["list", "--filter", "number=no-such", "--json"], &server).await);
    assert_eq!(none, json!([]));
    let more = run(&["list", "--limit", "1"], &server).await;
    assert!(err(&more).contains("there are more"), "{}", err(&more));
    let bad = run(&["list", "--status", "lost"], &server).await;
    assert_eq!(bad.status.code(), Some(1));
    assert!(err(&bad).contains("status: ") && err(&bad).contains("comma list"), "{}", err(&bad));
    for kind in [
        "orders",
        "receipts",
        "suppliers",
        "batches",
        "statements",
        "entries",
        "payment-files",
        "workflows",
    ] {
        let listed = run(&["list", kind], &server).await;
        assert_eq!(listed.status.code(), Some(0), "{kind}: {}", err(&listed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn decide_sends_decisions_under_a_key_and_tells_refusals() {
    let gateway = Gateway::start().await;
    let server = [("AP_GATEWAY_SERVER", gateway.base.as_str())];
    let id = held(&gateway, "RE-1").await;
    let approve = run(&["decide", &id, "approve", "--reason", "a test"], &server).await;
    assert_eq!(approve.status.code(), Some(1));
    assert!(err(&approve).contains("409"), "{}", err(&approve));
    let stale = run(&["decide", &id, "reject", "--reason", "x", "--revision", "1"], &server).await;
    assert!(err(&stale).contains("look at it again"), "{}", err(&stale));
    let arguments = [
        "decide",
        &id,
        "request_information",
        "--reason",
        "which order?",
        "--idempotency-key",
        "q1",
        "--json",
    ];
    let asked = json_of(&run(&arguments, &server).await);
    assert_eq!(
        (&asked["decision"]["action"], &asked["status"]),
        (&json!("request_information"), &json!("query"))
    );
    let again = json_of(&run(&arguments, &server).await);
    assert_eq!(again["decision"]["id"], asked["decision"]["id"]);
    let with = ["decide", &id, "answer", "--with", r#"{"reason":"none"}"#];
    let answered = run(&with, &server).await;
    assert_eq!(answered.status.code(), Some(0), "{}", err(&answered));
    assert!(out(&answered).starts_with(&format!("answer: {id} is ")), "{}", out(&answered));

    let needs = run(&["decide", &id, "cancel"], &server).await;
    assert_eq!(needs.status.code(), Some(2), "{}", err(&needs));
    let cancel = run(&["decide", &id, "cancel", "--reason", "sent twice"], &server).await;
    assert_eq!(cancel.status.code(), Some(0), "{}", err(&cancel));
    gateway.invoice_when(&id, |invoice| invoice["status"] == "cancelled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_shows_each_event_until_the_invoice_is_over() {
    let gateway = Gateway::start().await;
    let server = [("AP_GATEWAY_SERVER", gateway.base.as_str())];
    let id = held(&gateway, "RE-1").await;
    let until = run(&["watch", &id, "--since", "0", "--until", "held"], &server).await;
    assert_eq!(until.status.code(), Some(0), "{}", err(&until));
    let text = out(&until);
    assert!(text.lines().count() >= 4, "{text}");
    assert!(text.lines().last().is_some_and(|line| line.contains("to held")), "{text}");

    let arguments = ["watch", &id, "--json"];
    let watching = run(&arguments, &server);
    let cancelling = async {
        let reason = json!({"reason": "a test"});
        let path = format!("/invoices/{id}/cancel");
        gateway.post_json(&path, &reason).await.expect(StatusCode::ACCEPTED);
    };
    let (watched, ()) = tokio::join!(watching, cancelling);
    assert_eq!(watched.status.code(), Some(0), "{}", err(&watched));
    let events: Vec<Value> =
        out(&watched).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(events.first().map(|event| event["event"].clone()), Some(json!("snapshot")));
    // Who came after the end has the snapshot of it alone.
    let last = events.last().expect("events");
    assert!(last["data"]["to"] == "cancelled" || last["data"]["status"] == "cancelled", "{last}");

    let late = run(&["watch", &id, "--timeout", "30"], &server).await;
    assert_eq!(late.status.code(), Some(0), "{}", err(&late));
    let unknown = run(&["watch", "inv_01kax3v9s8f2m7c4t0q6w5z1re"], &server).await;
    assert_eq!(unknown.status.code(), Some(1), "{}", err(&unknown));
    assert!(err(&unknown).contains("no invoice inv_"), "{}", err(&unknown));
    let other = held(&gateway, "RE-2").await;
    let late = run(&["watch", &other, "--until", "paid", "--timeout", "1"], &server).await;
    assert_eq!(late.status.code(), Some(1));
    assert!(err(&late).contains("not there after 1 s"), "{}", err(&late));
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_fails_when_the_invoice_ends_elsewhere_than_it_was_awaited() {
    let gateway = Gateway::start().await;
    let server = [("AP_GATEWAY_SERVER", gateway.base.as_str())];
    let id = held(&gateway, "RE-1").await;
    let path = format!("/invoices/{id}/cancel");
    gateway.post_json(&path, &json!({"reason": "a test"})).await.expect(StatusCode::ACCEPTED);
    let over = gateway.invoice_when(&id, |invoice| invoice["status"] == "cancelled").await;
    // Who begins behind the last event is told nothing, and looks at the invoice.
    let last = over["revision"].to_string();
    for since in ["0", last.as_str()] {
        let watch = ["watch", &id, "--timeout", "30", "--since", since, "--until"];
        let elsewhere = run(&[&watch[..], &["approved,paid"]].concat(), &server).await;
        assert_eq!(elsewhere.status.code(), Some(1), "{since}: {}", out(&elsewhere));
        let words = "it is cancelled, and did not come to approved or paid";
        assert!(err(&elsewhere).contains(words), "{since}: {}", err(&elsewhere));
        let there = run(&[&watch[..], &["approved,cancelled"]].concat(), &server).await;
        assert_eq!(there.status.code(), Some(0), "{since}: {}", err(&there));
    }
    let typo = run(&["watch", &id, "--until", "hedl"], &server).await;
    assert_eq!(typo.status.code(), Some(2), "{}", err(&typo));
    assert!(
        err(&typo).contains("hedl") && err(&typo).contains("needs_attention"),
        "{}",
        err(&typo)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn watch_goes_on_behind_the_last_event_when_the_connection_breaks() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let answers = [
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nid: 5\nevent: snapshot\n\
         data: {\"status\":\"held\",\"revision\":5}\n\nid: 6\nevent: sta",
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nid: 6\nevent: status\n\
         data: {\"from\":\"held\",\"to\":\"approval\",\"revision\":6}\n\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
    ];
    let serving = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.expect("a head");
            let head = String::from_utf8_lossy(&head[..read]).to_ascii_lowercase();
            let last = head.lines().find_map(|line| line.strip_prefix("last-event-id: "));
            asked.push(last.map(str::to_owned));
            stream.write_all(answer.as_bytes()).await.expect("written");
        }
        asked
    });
    let watched = run(&["watch", "inv_1", "--server", &address, "--json"], &[]).await;
    assert_eq!(watched.status.code(), Some(0), "{}", err(&watched));
    assert_eq!(out(&watched).lines().count(), 2, "{}", out(&watched));
    let asked = tokio::time::timeout(PATIENCE, serving).await.expect("in time").expect("no panic");
    let six = || Some("6".to_owned());
    assert_eq!(asked, [None, Some("5".to_owned()), Some("5".to_owned()), six()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_know_every_command_and_shells_read_them() {
    for shell in ["bash", "zsh", "fish"] {
        let printed = run(&["completions", shell], &[]).await;
        assert_eq!(printed.status.code(), Some(0), "{}", err(&printed));
        let text = out(&printed);
        for command in ["submit", "watch", "decide", "completions"] {
            assert!(text.contains(command), "{shell} does not know {command}");
        }
        assert!(!text.contains("read-document"), "{shell} completes what is hidden");
        if shell == "bash" {
            let script = format!("{text}\ncomplete -p ap-gateway");
            let read = tokio::task::spawn_blocking(move || {
                Command::new("bash").args(["-c", &script]).stdin(Stdio::null()).output()
            });
            let read = tokio::time::timeout(Duration::from_secs(10), read).await;
            let read = read.expect("in time").expect("no panic").expect("bash is there");
            assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        }
    }
    assert_eq!(run(&["completions", "tcl"], &[]).await.status.code(), Some(2));
}
