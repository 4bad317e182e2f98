//! Files inside a PDF, wherever they hang, and those that go off when they are taken out.

use ap_gateway::extraction::hybrid::choose;
use ap_gateway::extraction::refusal::RefusalCode;
use lopdf::{Object, dictionary};

use crate::reading::crafted::{Crafted, bomb};
use crate::reading::runner;

const GIB: usize = 1 << 30;

#[tokio::test]
async fn a_file_inside_that_inflates_without_end_hides_no_page_and_is_named() {
    let runner = runner();
    let bombs = |crafted: &mut Crafted| {
        let stream = crafted.document.add_object(bomb(GIB));
        let file = crafted.document.add_object(dictionary! {
            "Type" => "Filespec",
            "UF" => Object::string_literal("factur-x.xml"),
            "EF" => dictionary! { "F" => stream },
        });
        crafted.attach(&[file]);
        stream
    };
    let mut crafted = Crafted::new();
    bombs(&mut crafted);
    let content = runner.pdf(&crafted.bytes()).await.expect("readable");
    assert_eq!(content.pages.as_ref().expect("pages").len(), 1);
    let choice = choose(&content);
    let [finding] = &choice.findings[..] else { panic!("{:?}", choice.findings) };
    assert_eq!(finding.code, "PAYLOAD_UNREADABLE");
    let why = ["factur-x.xml", "more than 52428800 bytes", "made to harm"];
    assert!(why.iter().all(|part| finding.message.contains(part)), "{}", finding.message);

    // The same stream as the content of a page goes off there, and is refused before.
    let mut crafted = Crafted::new();
    let stream = bombs(&mut crafted);
    let page = crafted.document.get_dictionary_mut(crafted.page).expect("the page");
    page.set("Contents", vec![stream.into()]);
    let refusal = runner.pdf(&crafted.bytes()).await.expect("the structure").pages;
    assert_eq!(refusal.expect_err("no pages").code, RefusalCode::PdfLimit);
}

#[tokio::test]
async fn a_file_clipped_to_a_page_is_one_of_the_files_inside() {
    let mut crafted = Crafted::new();
    let file = crafted.file("factur-x.xml", b"<CrossIndustryInvoice/>");
    let clip = |kind: &str| {
        let rectangle: Vec<Object> = [0, 0, 9, 9].map(Object::Integer).into();
        dictionary! { "Type" => "Annot", "Subtype" => kind, "Rect" => rectangle, "FS" => file }
    };
    let other = crafted.document.add_object(clip("Text"));
    let annotations: Vec<Object> = vec![other.into(), clip("FileAttachment").into()];
    let page = crafted.document.get_dictionary_mut(crafted.page).expect("the page");
    page.set("Annots", annotations);
    let content = runner().pdf(&crafted.bytes()).await.expect("readable");
    let [clipped] = &content.attachments[..] else { panic!("{:?}", content.attachments) };
    assert_eq!(clipped.label.name, "factur-x.xml");
    assert_eq!(clipped.bytes, b"<CrossIndustryInvoice/>");
}
