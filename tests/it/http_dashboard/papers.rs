//! The document of an invoice, page by page: who sees it, as what, and what of it cannot be drawn.

use std::io::{Cursor, Write};

use ap_gateway::http::dashboard::drawings::Drawings;
use ap_gateway::http::router;
use ap_gateway::models::access::Role;
use ap_gateway::models::refs::InvoiceId;
use axum::body::Body;
use lopdf::{Dictionary, Object, Stream, dictionary};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::bench::{Bench, until};
use crate::edge::{Edge, ask};
use crate::http_dashboard::decisions::guarded;
use crate::http_dashboard::{Shown, Visitor, check};
use crate::reading::crafted::Crafted;
use crate::samples::{self, HUNDRED};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ap-gateway");

/// An invoice in words on the first of three pages, from somebody with a name that would run.
pub(super) fn printed() -> Vec<u8> {
    let lines = [
        "<script>alert\\(1\\)</script> GmbH",
        "Rechnungsnummer: RE-4711",
        "Rechnungsdatum: 20.11.2026",
        "Nettobetrag: 100,00 EUR",
        "MwSt 19 %: 19,00 EUR",
        "Gesamtbetrag: 119,00 EUR",
    ];
    let line =
        |(at, line): (usize, &&str)| format!("BT /F 12 Tf 72 {} Td ({line}) Tj ET ", 760 - 40 * at);
    let text: String = lines.iter().enumerate().map(line).collect();
    let mut crafted = Crafted::with_content(Stream::new(Dictionary::new(), text.into_bytes()));
    let mut kids: Vec<Object> = vec![crafted.page.into()];
    for _ in 0..2 {
        let page = crafted.document.add_object(dictionary! {
            "Type" => "Page", "Parent" => crafted.pages,
            "MediaBox" => vec![0.into(), 0.into(), 612.into(), 792.into()],
        });
        kids.push(page.into());
    }
    crafted.set_kids(kids);
    crafted.bytes()
}

async fn handed_in(edge: &Edge, kind: &str, document: Vec<u8>) -> String {
    let accepted = edge.post("/invoices", kind, document).await;
    assert_eq!(accepted.status, 202, "{}", accepted.json());
    accepted.json()["id"].as_str().expect("an id").to_owned()
}

/// The page of an invoice once the worker has read it.
async fn read(bench: &Bench, visitor: &Visitor, id: &str) -> Shown {
    let id = InvoiceId::parse(id).expect("an id");
    until("the document was read", async || (!bench.row(&id).await.status.moves()).then_some(()))
        .await;
    visitor.get(&format!("/dashboard/invoices/{id}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_shown_page_by_page_with_its_fields_on_it() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let open = Edge::over(&bench);
    let id = handed_in(&open, "application/pdf", printed()).await;
    let edge = guarded(&bench);
    let viewer = Visitor::of(&edge, "key:viewer", &[Role::Viewer]).await;
    let shown = read(&bench, &viewer, &id).await;
    check(&shown, "an invoice in print");
    assert!(!shown.html.contains("Not drawn"), "{}", shown.html);
    for (page, view, lazy) in
        [(1, "595 842", ""), (2, "612 792", ""), (3, "612 792", " loading=\"lazy\"")]
    {
        let source = format!(
            "src=\"/dashboard/invoices/{id}/pages/{page}.png\" alt=\"Page {page} of the document\"{lazy}>"
        );
        assert!(shown.html.contains(&source), "{source} in {}", shown.html);
        assert!(shown.html.contains(&format!("viewBox=\"0 0 {view}\"")));
    }
    // The number leads to its box and the box to the number.
    let row = shown.html.split("<tr id=\"field-").find(|row| row.contains("<td>RE-4711</td>"));
    let at = row.expect("a number").split('"').next().expect("its place");
    for link in [format!("href=\"#box-{at}\""), format!("<a id=\"box-{at}\"")] {
        assert!(shown.html.contains(&link), "{link} in {}", shown.html);
    }
    assert!(shown.html.contains(&format!("href=\"#field-{at}\"")));

    let place = |page: &str| format!("/dashboard/invoices/{id}/pages/{page}");
    let first = viewer.get(&place("1.png")).await;
    assert_eq!((first.status.as_u16(), first.header("content-type")), (200, "image/png"));
    assert_eq!(first.header("cache-control"), "private, no-cache");
    assert_eq!(first.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(first.header("x-content-type-options"), "nosniff");
    let drawn = image::load_from_memory(&first.bytes).expect("a PNG").into_luma8();
    assert_eq!(drawn.dimensions(), (1239, 1754));
    assert!(drawn.pixels().any(|pixel| pixel.0[0] < 50), "the paper is not empty");
    let known = ask("GET", &place("1.png")).header("if-none-match", first.header("etag"));
    let known = viewer.send(known, Body::empty()).await;
    assert_eq!((known.status.as_u16(), known.bytes.len()), (304, 0));
    let second = viewer.get(&place("2.png")).await;
    assert_ne!(second.header("etag"), first.header("etag"));
    for none in ["0.png", "4.png", "01.png", "+1.png", "1", "1.pdf", "99999999999.png", "x.png"] {
        assert_eq!(viewer.get(&place(none)).await.status, 404, "{none}");
    }
    let stranger = Visitor::stranger(&edge).get(&place("1.png")).await;
    assert_eq!(stranger.status, 303, "who signed out sees no page");
}

/// An archive of these.
fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        archive.write_all(bytes).expect("its bytes");
    }
    archive.finish().expect("an archive").into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_inside_an_archive_is_drawn_as_if_it_had_come_alone() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let edge = Edge::over(&bench);
    let visitor = Visitor::stranger(&edge);
    let page = async |id: &str, number: u32| {
        visitor.get(&format!("/dashboard/invoices/{id}/pages/{number}.png")).await
    };
    let archive = zipped(&[("readme.txt", b"see the invoice"), ("invoice.pdf", &printed())]);
    let inside = handed_in(&edge, "application/zip", archive).await;
    let shown = read(&bench, &visitor, &inside).await;
    check(&shown, "a document in an archive");
    assert!(!shown.html.contains("Not drawn"), "{}", shown.html);
    assert!(shown.html.contains("viewBox=\"0 0 595 842\"") && shown.html.contains("id=\"box-"));
    let alone = handed_in(&edge, "application/pdf", printed()).await;
    read(&bench, &visitor, &alone).await;
    let (first, same) = (page(&inside, 1).await, page(&alone, 1).await);
    assert_eq!((first.status.as_u16(), first.header("content-type")), (200, "image/png"));
    assert!(!first.bytes.is_empty() && first.bytes == same.bytes);
    assert_eq!(page(&inside, 4).await.status, 404);

    // Data have no pages, and nobody misses them.
    let data = samples::invoice("RE-ZIP-1", "PO-1", HUNDRED);
    let data = zipped(&[("invoice.xml", data.as_bytes())]);
    let data = handed_in(&edge, "application/zip", data).await;
    let shown = read(&bench, &visitor, &data).await;
    assert!(!shown.html.contains("Not drawn") && !shown.html.contains("/pages/1.png"));
    assert_eq!(page(&data, 1).await.status, 404);

    // Nobody knows which of two is the invoice.
    let two = zipped(&[("a.pdf", &printed()), ("b.pdf", b"%PDF-1.7 another")]);
    let two = handed_in(&edge, "application/zip", two).await;
    let shown = read(&bench, &visitor, &two).await;
    assert!(
        shown.html.contains("a.pdf, b.pdf") && shown.html.contains("Not drawn"),
        "{}",
        shown.html
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_drawn_says_why_and_keeps_nobody_from_the_rest() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let edge = Edge::over(&bench);
    let visitor = Visitor::stranger(&edge);
    let broken = handed_in(&edge, "application/pdf", b"%PDF-1.7 <img src=x>".to_vec()).await;
    let shown = read(&bench, &visitor, &broken).await;
    check(&shown, "a broken document");
    assert!(shown.html.contains("Not drawn: this is no PDF that can be read"), "{}", shown.html);
    let page = visitor.get(&format!("/dashboard/invoices/{broken}/pages/1.png")).await;
    assert_eq!(page.status, 404);
    assert!(page.html.contains("Not drawn: this is no PDF"), "{}", page.html);

    // Without a place or a process the boxes stand on empty paper, and it is tried again.
    let id = handed_in(&edge, "application/pdf", printed()).await;
    read(&bench, &visitor, &id).await;
    let page = format!("/dashboard/invoices/{id}/pages/1.png");
    for (drawings, why) in [
        (Drawings::of(PROGRAM, 0), "many pages are drawn at this moment"),
        (Drawings::new("/nowhere/ap-gateway"), "no process can be started"),
    ] {
        let state = ap_gateway::http::AppState { drawings, ..edge.state.clone() };
        let visitor = Visitor { router: router(state), ..Visitor::stranger(&edge) };
        for _ in 0..2 {
            let shown = visitor.get(&format!("/dashboard/invoices/{id}")).await;
            check(&shown, why);
            assert!(shown.html.contains(&format!("Not drawn: {why}")), "{}", shown.html);
            assert!(shown.html.contains("id=\"box-") && !shown.html.contains("/pages/1.png"));
        }
        let shown = visitor.get(&page).await;
        assert_eq!((shown.status.as_u16(), shown.header("retry-after")), (503, "2"), "{why}");
    }
    assert_eq!(visitor.get(&page).await.status, 200);
}
