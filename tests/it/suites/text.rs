//! Invoices read from the text of their PDF alone, held against what their XML says.
//!
//! Runs over any folder with PDFs and a `ground-truth.jsonl` as the README of the suites describes
//! it, and prints what was found, right and wrong by field, seller and confidence.

mod score;
mod truth;

use ap_gateway::extraction::read_text_layer;

use crate::suites::folder;

use score::Score;
use truth::Truth;

/// Fields of the header that are scored, in the order of the report.
const HEADER: [&str; 13] = [
    "BT-1", "BT-2", "BT-27", "BT-31", "BT-44", "BT-13", "BT-84", "BT-5", "BT-109", "BT-110",
    "BT-112", "BT-115", "BT-9",
];
/// These together are the invoice as a payment needs it.
const WHOLE: [&str; 4] = ["BT-112", "BT-1", "BT-2", "BT-31"];
/// More pages than any sample has.
const PAGES_MAX: u32 = 200;

#[test]
#[cfg_attr(no_suite_zugferd, ignore = "zugferd/ground-truth.jsonl is not in the suites")]
fn text_layers_say_what_the_embedded_invoices_say() {
    let folder = folder("suites/zugferd");
    let truths = truth::all(&folder);
    let mut score = Score::default();
    for truth in &truths {
        let bytes = std::fs::read(folder.join(&truth.path)).expect("a PDF of the suite");
        let reading = read_text_layer(&bytes, PAGES_MAX).expect("a text layer");
        score.add(truth, &reading);
    }
    println!("{score}");
    assert!(score.header_share() >= 0.97, "header fields: {:.3}", score.header_share());
    assert!(score.whole_share() >= 0.95, "whole invoices: {:.3}", score.whole_share());
    assert!(score.line_share() >= 0.90, "line values: {:.3}", score.line_share());
    assert!(score.share_right_from(95) >= 0.99, "0.95 and more: {:.3}", score.share_right_from(95));
    assert!(score.wrong_and_sure().is_empty(), "wrong and sure: {:#?}", score.wrong_and_sure());
}

#[test]
#[cfg_attr(no_suite_zugferd, ignore = "zugferd/ground-truth.jsonl is not in the suites")]
fn a_text_layer_is_read_without_its_attachment() {
    let folder = folder("suites/zugferd");
    let truth: Truth = truth::all(&folder).into_iter().next().expect("a document");
    let bytes = std::fs::read(folder.join(&truth.path)).expect("a PDF of the suite");
    let reading = read_text_layer(&bytes, PAGES_MAX).expect("a text layer");
    assert!(!reading.evidence.is_empty());
    let xml = reading.evidence.iter().filter(|evidence| evidence.place.is_some());
    assert_eq!(xml.count(), 0, "no value comes from a path of the XML");
}
