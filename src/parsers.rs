//! The root of the library that the fuzz targets link (`fuzz/`, docs/fuzzing.md); no part of the
//! gateway.
//!
//! It lists what reads strangers' bytes, and nothing of Temporal, servers and stores, so that it is
//! built in minutes. The functions below do with a document what the gateway does with it, in one
//! process: what a reading process would do is done here, by the same code. They return nothing:
//! whatever the bytes are, what comes of them holds the promises that are asserted here. What is
//! promised of heads, queries, forms and bodies stands in `fuzz/requests`.

pub mod extraction;
pub mod models;
pub mod reconciliation;
pub mod validation;

/// What of the settings the readers of heads are given.
pub mod config {
    pub mod proxies;
    pub use crate::config::proxies::{ForwardedHeader, Network};
}

/// What reads requests, without what answers them.
pub mod http {
    pub mod answer;
    pub mod extract;
    pub mod lists;
    pub mod page_token;
    pub mod prefer;
    pub mod proxies;
    pub mod error {
        pub mod problem;
        pub mod registry;
        pub use crate::http::error::problem::{ApiError, Problem};
        pub use crate::http::error::registry::Slug;
    }
    pub mod idempotency {
        pub mod key;
        pub use crate::http::idempotency::key::{IDEMPOTENCY_KEY, IdempotencyKey};
    }
    pub mod invoices {
        pub mod events {
            pub mod last_event_id;
        }
    }
    pub mod layers {
        pub mod compress;
        pub mod strict;
    }
}

/// The headers of a trace, without what records one.
pub mod trace {
    pub mod context;
}

use std::collections::HashMap;

use crate::extraction::child;
use crate::extraction::content::{Attachment, Label, PdfContent, Structure};
use crate::extraction::csv;
use crate::extraction::detect::Detected;
use crate::extraction::detect::detect;
use crate::extraction::encoding;
use crate::extraction::frame::{Frame, HEAD_BYTES, Order, Task};
use crate::extraction::intake::archive;
use crate::extraction::intake::portable;
use crate::extraction::json;
use crate::extraction::limits::WorkLimits;
use crate::extraction::page::Page;
use crate::extraction::runner::answer::Answer;
use crate::extraction::statement;
use crate::extraction::statement::StatementProfile;
use crate::extraction::table;
use crate::extraction::table::Profile;
use crate::extraction::text;
use crate::extraction::writer::{Format, write_with};
use crate::extraction::{Reading, Unreadable};
use crate::models::case::Case;
use crate::models::evidence::Source;
use crate::models::extraction::Syntax;
use crate::models::invoice::Invoice;
use crate::models::media_type::MediaType;
use crate::models::order::PurchaseOrder;
use crate::models::receipt::Receipt;
use crate::validation::{Document, RuleSet, Subject};

/// Bytes of any kind: told by content, unwrapped when they are an archive, and read.
pub fn document(bytes: &[u8]) {
    for media_type in MediaType::ALL {
        let _ = media_type.contradicted_by(bytes);
    }
    if detect(bytes) == Detected::Archive {
        if let Some(inside) = said(archive::only_document(bytes)) {
            one_document(&inside.content);
        }
        return;
    }
    one_document(bytes);
}

fn one_document(bytes: &[u8]) {
    match detect(bytes) {
        Detected::Xml => xml(bytes),
        Detected::Json => json(bytes),
        Detected::Pdf => pdf(bytes.to_vec()),
        Detected::Picture => picture(bytes.to_vec()),
        Detected::Sheet => sheet(bytes.to_vec()),
        Detected::Text => csv(bytes),
        Detected::BankStatement => statement(bytes),
        Detected::Empty | Detected::Archive | Detected::Foreign(_) => {}
    }
}

/// The one document of an archive; a ZIP file is no more than this before it is told what is inside.
pub fn archive(bytes: &[u8]) {
    if let Some(inside) = said(archive::only_document(bytes)) {
        let _ = detect(&inside.content);
    }
}

/// UBL and CII invoices: read and judged.
pub fn xml(bytes: &[u8]) {
    judged(extraction::read_invoice(bytes));
}

/// The canonical invoice as JSON.
pub fn json(bytes: &[u8]) {
    let Some(decoded) = said(encoding::decode(bytes)) else { return };
    judged(json::read(&decoded.text).map(|drafted| drafted.into_reading(Syntax::Json)));
}

/// CSV: by its headings, and by a profile that takes columns by their letters.
pub fn csv(bytes: &[u8]) {
    let _ = encoding::decode(bytes).map(|decoded| csv::looks_like(&decoded.text));
    let Some((table, _)) = said(csv::table(bytes)) else { return };
    let read = |profile| table::read(&table, profile, Syntax::Csv);
    for profile in [None, Some(&by_letters())] {
        judged(read(profile).map(|drafted| drafted.into_reading(Syntax::Csv)));
    }
}

/// Spreadsheets, as [`csv`].
pub fn sheet(bytes: Vec<u8>) {
    let Ok(tables) = worked(Task::Sheet, bytes).into_tables() else { return };
    for profile in [None, Some(&by_letters())] {
        let read = table::read_workbook(&tables, profile);
        judged(read.map(|drafted| drafted.into_reading(Syntax::Sheet)));
    }
}

/// PDF: its structure and attachments, its pages, and the invoice inside or on them.
pub fn pdf(bytes: Vec<u8>) {
    if let Ok(content) = worked(Task::Pdf, bytes).into_pdf() {
        pdf_content(content);
    }
}

/// A PDF or a picture as people look at it: the sizes of its pages, and the first one drawn.
pub fn drawing(bytes: Vec<u8>) {
    let Ok(sheets) = worked(Task::Sizes, bytes.clone()).into_sheets() else { return };
    if let Ok(png) = worked(Task::Draw(1), bytes).into_drawing() {
        assert!(!sheets.is_empty(), "a page of a document without pages");
        assert!(png.starts_with(b"\x89PNG"), "not a picture of ours");
    }
}

/// The text layer of a PDF, without a look at its structure before.
pub fn text_layer(bytes: &[u8]) {
    let pages_max = u32::try_from(limits().pages_max).expect("a few pages");
    let _ = extraction::read_text_layer(bytes, pages_max);
}

/// A hybrid PDF of this file inside and these pages, with the name and profile that it should have.
pub fn hybrid(inside: &[u8], pages: Vec<Page>) {
    let name = "factur-x.xml".to_owned();
    let attachment =
        Attachment { label: Label { name, ..Label::default() }, bytes: inside.to_vec() };
    pdf_content(PdfContent {
        structure: Structure { pages: pages.len(), attachments: 1, ..Structure::default() },
        attachments: vec![attachment],
        pages: Ok(pages),
        pictures: Vec::new(),
        pictures_refused: None,
    });
}

fn pdf_content(content: PdfContent) {
    match portable::inside(content) {
        portable::Inside::Found(reading) => judged(Ok(*reading)),
        portable::Inside::Pages(content, _) => {
            if let Ok(found) = content.pages {
                pages(&found);
            }
        }
    }
}

/// Words with places, as from a text layer and as recognised.
pub fn pages(pages: &[Page]) {
    for (source, syntax) in [(Source::PdfText, Syntax::PdfText), (Source::Ocr, Syntax::Scan)] {
        let read = text::read(pages, source);
        let reading = Reading::of(syntax, read.invoice);
        judged(Ok(Reading { evidence: read.evidence, findings: read.findings, ..reading }));
    }
}

/// PNG, JPEG and TIFF to grey pages; the recognition of characters is not ours.
pub fn picture(bytes: Vec<u8>) {
    let max = limits().pixels_max;
    for picture in worked(Task::Image, bytes).into_pictures().into_iter().flatten() {
        assert!(picture.grey.len() as u64 <= max, "more pixels than the limit");
    }
}

/// Bank statements of every kind; CSV by its headings, and by a profile.
pub fn statement(bytes: &[u8]) {
    let profile = StatementProfile {
        currency: Some("EUR".to_owned()),
        columns: statement::Columns {
            booking_date: Some("Buchungstag".to_owned()),
            amount: Some("Betrag".to_owned()),
            ..statement::Columns::default()
        },
        ..StatementProfile::default()
    };
    let _ = said(statement::read_statement_by(bytes, &profile));
    if let Some(reading) = said(statement::read_statement(bytes)) {
        comes_back(&reading);
    }
}

/// Orders and receipts, as UBL or in our own JSON.
pub fn order(bytes: &[u8]) {
    if let Some(order) = said(extraction::read_order(bytes)) {
        assert!(order.faults().is_empty(), "an order that was read has faults");
        comes_back(&order);
    }
    if let Some(receipt) = said(extraction::read_receipt(bytes)) {
        assert!(receipt.faults().is_empty(), "a receipt that was read has faults");
        comes_back(&receipt);
    }
    let _ = serde_json::from_slice::<PurchaseOrder>(bytes).map(|order| order.faults());
    let _ = serde_json::from_slice::<Receipt>(bytes).map(|receipt| receipt.faults());
}

/// An invoice written again in both syntaxes: what is not named as lost comes back.
pub fn writer(bytes: &[u8]) {
    let Ok(first) = extraction::read_invoice(bytes) else { return };
    let attached: HashMap<_, _> =
        first.attached.iter().map(|file| (file.sha256.as_str(), &file.bytes)).collect();
    let contents = |hash: &str| attached.get(hash).map(|bytes| (*bytes).clone());
    for to in [Format::Ubl, Format::Cii] {
        let written = write_with(&first.invoice, to, &contents);
        if written.lost.is_empty() {
            let second = extraction::read_invoice(written.xml.as_bytes()).expect("ours is read");
            assert_eq!(second.invoice, first.invoice, "a loss without a name: {}", written.xml);
            let again = write_with(&second.invoice, to, &contents);
            assert_eq!(again.xml, written.xml, "written otherwise the second time");
        }
    }
}

/// Our own form of an invoice, as a store keeps it: judged as if it came from every source.
pub fn judgement(bytes: &[u8]) {
    let Ok(invoice) = serde_json::from_slice::<Invoice>(bytes) else { return };
    for (syntax, document) in [
        (Syntax::Json, Document::NotTheirs),
        (Syntax::Scan, Document::NotTheirs),
        (Syntax::UblInvoice, Document::Unread("not read")),
    ] {
        let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 26);
        let own_vat_ids = &["DE136695976".to_owned()];
        let subject = Subject { today, own_vat_ids, ..Subject::new(syntax, &invoice, document) };
        assert!(validation::judge(subject).rules_run > 0);
    }
    comes_back(&invoice);
}

/// A case, compared: the same case gives the same result, and the result can be told and kept.
pub fn case(bytes: &[u8]) {
    let Ok(case) = serde_json::from_slice::<Case>(bytes) else { return };
    let result = reconciliation::reconcile(&case);
    assert_eq!(result, reconciliation::reconcile(&case), "two answers to one case");
    assert!(!reconciliation::explain(&case, &result).is_empty());
    comes_back(&result);
}

/// What a reading process says, should the document have taken it over.
pub fn answer(bytes: &[u8]) {
    let answer = || heard(bytes);
    if let Ok(content) = answer().into_pdf() {
        pdf_content(content);
    }
    let _ = answer().into_pictures();
    if let Ok(tables) = answer().into_tables() {
        let _ = table::read_workbook(&tables, None);
    }
}

/// Does the work of the reading process, and hears its answer.
fn worked(task: Task, document: Vec<u8>) -> Answer {
    let order = Order { task, limits: limits(), document_bytes: document.len() };
    let mut said = Vec::new();
    child::answer(&order, document, &mut said).expect("a vector takes everything");
    heard(&said)
}

fn heard(mut said: &[u8]) -> Answer {
    let mut answer = Answer::default();
    while let Some((head, rest)) = said.split_first_chunk::<HEAD_BYTES>() {
        let (kind, length) = Frame::head(*head);
        let Some(payload) = rest.get(..length) else { break };
        let Some(frame) = Frame::parse(kind, payload.to_vec()) else { break };
        answer.add(frame);
        said = &rest[length..];
    }
    answer
}

/// Smaller than those of the gateway, so that reaching one takes no seconds.
fn limits() -> WorkLimits {
    WorkLimits {
        memory_bytes: 256 << 20,
        stream_bytes_max: 4 << 20,
        streams_bytes_max: 8 << 20,
        objects_max: 2_000,
        pages_max: 20,
        pixels_max: 1_000_000,
        dots_per_inch: 72,
        words_max: 20_000,
        ..WorkLimits::default()
    }
}

/// Judges what was read, by what it declares and by the narrowest rules.
fn judged(read: Result<Reading, Unreadable>) {
    let Some(reading) = said(read) else { return };
    for rule_set in [RuleSet::Declared, RuleSet::XRechnung] {
        let judgement = validation::judge(Subject {
            read: reading.findings.clone(),
            broken: reading.broken.clone(),
            decided: extraction::tree_rules(reading.syntax),
            rule_set,
            ..Subject::new(reading.syntax, &reading.invoice, Document::from(&reading.document))
        });
        assert!(judgement.rules_run > 0, "nobody looked");
        assert!(judgement.findings.len() <= validation::FINDINGS_MAX + 1, "too many findings");
    }
    comes_back(&reading.invoice);
    comes_back(&reading.evidence);
}

/// What cannot be read says so.
fn said<T>(read: Result<T, Unreadable>) -> Option<T> {
    read.inspect_err(|error| assert!(!error.to_string().is_empty(), "a refusal without a word"))
        .ok()
}

/// What is kept as JSON is the same when it is taken out again.
fn comes_back<T>(value: &T)
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let kept = serde_json::to_string(value).expect("a value becomes JSON");
    let taken: T = serde_json::from_str(&kept).expect("what was kept can be read");
    assert_eq!(taken, *value, "kept as another value: {kept}");
}

/// A profile for tables whose columns have no names.
fn by_letters() -> Profile {
    let profile = r#"
        form = "rows"
        decimal_sign = ","
        date_format = "DD.MM.YYYY"
        [columns]
        "BT-1" = { letter = "A" }
        "BT-2" = { letter = "B" }
        "BT-129" = { letter = "C" }
        "BT-131" = { letter = "D" }
        [constants]
        "BT-5" = "EUR"
    "#;
    Profile::parse(profile).expect("a profile")
}
