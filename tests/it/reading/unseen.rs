//! What nobody sees on a page says nothing; and a file that cannot be taken out is told.

use ap_gateway::extraction::hybrid::choose;
use ap_gateway::models::finding::Severity;
use lopdf::{Dictionary, Object, Stream, dictionary};
use rstest::rstest;

use crate::reading::crafted::Crafted;
use crate::reading::runner;

/// The words of a page with this content.
async fn words(content: &str) -> Vec<String> {
    let content = Stream::new(Dictionary::new(), content.as_bytes().to_vec());
    let pdf = Crafted::with_content(content).bytes();
    let content = runner().pdf(&pdf).await.expect("readable");
    let pages = content.pages.expect("pages");
    pages.into_iter().flat_map(|page| page.words).map(|word| word.text).collect()
}

#[rstest]
#[case::plain("BT /F 12 Tf 72 600 Td (Hidden) Tj ET", true)]
#[case::rendering_mode_3("BT 3 Tr /F 12 Tf 72 600 Td (Hidden) Tj ET", false)]
#[case::white_on_paper("1 g BT /F 12 Tf 72 600 Td (Hidden) Tj ET", false)]
#[case::white_on_a_band(
    "0 0 0.5 rg 60 590 200 30 re f 1 g BT /F 12 Tf 72 600 Td (Hidden) Tj ET",
    true
)]
#[case::a_band_painted_white("1 g 60 590 200 30 re f BT /F 12 Tf 72 600 Td (Hidden) Tj ET", false)]
#[case::beside_the_page("BT /F 12 Tf 72 4000 Td (Hidden) Tj ET", false)]
#[case::too_small_to_read("BT /F 1 Tf 72 600 Td (Hidden) Tj ET", false)]
#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_person_sees_is_read(#[case] content: &str, #[case] seen: bool) {
    let visible = "BT 0 Tr 0 g /F 12 Tf 72 720 Td (Invoice 4711) Tj ET ";
    let words = words(&format!("{visible}{content}")).await;
    assert!(words.contains(&"4711".to_owned()), "{words:?}");
    assert_eq!(words.contains(&"Hidden".to_owned()), seen, "{words:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_announced_and_is_not_there_stops_the_document() {
    let mut pdf = Crafted::new();
    let nowhere = pdf.document.new_object_id();
    let file = pdf.document.add_object(dictionary! {
        "Type" => "Filespec",
        "UF" => Object::string_literal("factur-x.xml"),
        "EF" => dictionary! { "F" => nowhere },
    });
    pdf.attach(&[file]);
    let content = runner().pdf(&pdf.bytes()).await.expect("readable");
    let choice = choose(&content);
    assert_eq!(choice.invoice, None);
    let found: Vec<_> =
        choice.findings.iter().map(|found| (&*found.code, found.severity)).collect();
    assert_eq!(found, [("PAYLOAD_UNREADABLE", Severity::Fatal)]);
}
