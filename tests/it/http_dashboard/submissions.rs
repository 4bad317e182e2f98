//! Invoices that people hand in: one or several files, each by the rules of the API.

use ap_gateway::config;
use ap_gateway::models::access::Role;
use axum::body::Body;

use crate::edge::{Edge, ask};
use crate::http_dashboard::check;
use crate::http_dashboard::pages::HOSTILE;
use crate::http_dashboard::{Shown, Visitor};
use crate::samples::{self, HUNDRED};

const BOUNDARY: &str = "----of-a-browser";

/// A file as a browser sends it: name, type, bytes.
type File<'a> = (&'a str, &'a str, &'a [u8]);

/// A form as a browser writes it: fields first, as they stand on the page.
fn form(fields: &[(&str, &str)], files: &[File<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend(part.into_bytes());
    }
    for (name, kind, bytes) in files {
        let name = name.replace('"', "%22");
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"document\"; \
             filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

async fn send(visitor: &Visitor, body: Vec<u8>) -> Shown {
    let request = ask("POST", "/dashboard/submit")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
    visitor.send(request, Body::from(body)).await
}

/// The cells of the table of outcomes, row by row.
fn outcomes(shown: &Shown) -> Vec<Vec<String>> {
    let table = shown.html.split_once("<tbody>").map_or("", |(_, rest)| rest);
    let table = table.split_once("</tbody>").map_or("", |(table, _)| table);
    let text = |cell: &str| {
        let cell = cell.split_once('>').map_or("", |(_, cell)| cell);
        let cell = cell.split("</td>").next().unwrap_or_default();
        let text = cell.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        text.collect::<String>().trim().to_owned()
    };
    let row = |row: &str| row.split("<td").skip(1).map(text).collect();
    table.split("<tr>").skip(1).map(row).collect()
}

fn words(shown: &Shown) -> Vec<String> {
    outcomes(shown).into_iter().map(|row| row[1].clone()).collect()
}

async fn count(edge: &Edge) -> usize {
    let list = edge.state.ledger.invoices(&Default::default(), None, 100).await;
    list.expect("a list").len()
}

fn xml(number: &str) -> Vec<u8> {
    samples::invoice(number, "PO-1", HUNDRED).into_bytes()
}

#[tokio::test]
async fn each_file_is_taken_known_or_refused_with_its_reason() {
    let edge = Edge::guarded().await;
    let anna = Visitor::of(&edge, "key:anna", &[Role::Submitter]).await;
    let page = anna.get("/dashboard/submit").await;
    check(&page, "/dashboard/submit");
    assert!(page.html.contains("enctype=\"multipart/form-data\"") && page.html.contains("Hand in"));
    let (token, key) = (page.token(), page.hidden("key"));
    let (one, two) = (xml("RE-1"), xml("RE-2"));
    let files: [File<'_>; 5] = [
        ("one.xml", "text/xml", &one),
        (HOSTILE, "", &two),
        ("again.xml", "text/xml", &one),
        ("picture.png", "image/png", b"%PDF-1.7 by another name"),
        ("empty.csv", "text/csv", b""),
    ];
    let fields = [("token", &*token), ("key", &key), ("purchase_order", "PO-9")];
    let shown = send(&anna, form(&fields, &files)).await;
    check(&shown, "what became of each");
    assert_eq!(words(&shown), ["accepted", "accepted", "known", "refused", "refused"]);
    let rows = outcomes(&shown);
    assert!(rows[2][3].contains("is here already"), "{rows:?}");
    assert_eq!(rows[2][2], rows[0][2], "and it is the same invoice");
    assert!(rows[3][3].contains("application/pdf"), "{rows:?}");
    assert!(rows[4][3].contains("empty"), "{rows:?}");
    assert!(shown.html.contains("href=\"/dashboard/invoices/inv_"));
    assert_eq!(count(&edge).await, 2);
    let row = edge.state.ledger.invoices(&Default::default(), None, 1).await.expect("a list");
    assert_eq!(row[0].submitted_by, "key:anna");
    assert_eq!(row[0].purchase_order.as_deref(), Some("PO-9"), "the hint");

    // The form sent twice is one submission.
    let again = send(&anna, form(&fields, &files[..2])).await;
    assert_eq!(words(&again), ["known", "known"]);
    assert_eq!(count(&edge).await, 2);
    // Who wants it anew gets it, once for each form.
    let anew = [("token", &*token), ("key", &key), ("anew", "1")];
    for expected in ["accepted", "known"] {
        assert_eq!(words(&send(&anna, form(&anew, &files[..1])).await), [expected]);
    }
    assert_eq!(count(&edge).await, 3);
    let other = send(&anna, form(&anew, &[("two.xml", "text/xml", &two)])).await;
    assert_eq!(words(&other), ["refused"], "the key of the form belongs to another document");
}

#[tokio::test]
async fn a_form_with_files_is_guarded_like_any_other() {
    let edge = Edge::guarded().await;
    let anna = Visitor::of(&edge, "key:anna", &[Role::Submitter]).await;
    let vera = Visitor::of(&edge, "key:vera", &[Role::Viewer]).await;
    let token = anna.get("/dashboard/submit").await.token();
    let document = xml("RE-1");
    let files: [File<'_>; 1] = [("one.xml", "text/xml", &document)];
    let theirs = vera.get("/dashboard").await;
    assert!(!theirs.html.contains("/dashboard/submit"), "what is closed is not offered");
    let good = [("token", &*token)];
    let late = [("key", "k1"), ("token", &*token)];
    let foreign = [("token", &*theirs.token())];
    for (visitor, fields, status) in [
        (&anna, &[][..], 403),
        (&anna, &late[..], 403),
        (&anna, &foreign[..], 403),
        (&vera, &foreign[..], 403),
    ] {
        let shown = send(visitor, form(fields, &files)).await;
        assert_eq!(shown.status, status, "{fields:?}: {}", shown.html);
    }
    let body = form(&good, &files);
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    for site in ["cross-site", "same-site", "none"] {
        let request = ask("POST", "/dashboard/submit").header("sec-fetch-site", site);
        let request = request.header("content-type", &kind);
        assert_eq!(anna.send(request, Body::from(body.clone())).await.status, 403, "{site}");
    }
    assert_eq!(anna.form("/dashboard/submit", &[]).await.status, 415, "a form without files");
    assert_eq!(count(&edge).await, 0, "nothing of all this was taken");
    let none = send(&anna, form(&good, &[("", "application/octet-stream", b"")])).await;
    assert_eq!(none.status, 400);
    assert!(none.html.contains("Choose at least one"), "{}", none.html);
    assert_eq!(send(&anna, body).await.status, 200);
}

#[tokio::test]
async fn files_have_the_limits_of_the_api_and_the_form_its_own() {
    let limits = config::Http { document_bytes_max: 20_000, ..config::Http::default() };
    let edge = Edge::with(limits).await;
    let anybody = Visitor::stranger(&edge);
    let token = anybody.get("/dashboard/submit").await.token();
    let fields = [("token", &*token)];
    let (large, small) = (vec![b' '; 20_001], xml("RE-1"));
    let files: [File<'_>; 2] = [("large", "", &large), ("small.xml", "text/xml", &small)];
    let shown = send(&anybody, form(&fields, &files)).await;
    assert_eq!(words(&shown), ["refused", "accepted"], "{}", shown.html);
    assert!(outcomes(&shown)[0][3].contains("larger than 20000 bytes"));
    let most: Vec<Vec<u8>> = (0..21).map(|number| xml(&format!("RE-{number}"))).collect();
    let files: Vec<File<'_>> = most.iter().map(|one| ("x.xml", "text/xml", &one[..])).collect();
    let shown = send(&anybody, form(&fields, &files)).await;
    let rows = outcomes(&shown);
    assert_eq!(rows.len(), 21);
    assert!(rows[20][3].contains("takes 20 files"), "{rows:?}");
    let huge = vec![b' '; 4 * 20_000 + 64 * 1024 + 1];
    let shown = send(&anybody, form(&fields, &[("huge", "", &huge)])).await;
    assert_eq!(shown.status, 413, "more than the form may have is not read");
}
