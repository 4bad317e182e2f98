//! Files inside hybrid PDFs, found by the reading process as their hashes say.

use std::fmt::Write;

use ap_gateway::extraction::content::Attachment;
use ap_gateway::extraction::limits::Limits;
use ap_gateway::extraction::runner::Runner;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::suites::folder;

/// Path, bytes and expectations of every PDF of the corpus.
pub(crate) fn corpus() -> Vec<(String, Vec<u8>, Value)> {
    let folder = folder("suites/zugferd");
    let truth = std::fs::read_to_string(folder.join("ground-truth.jsonl")).expect("readable");
    let rows = truth.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let documents = rows.map(|row| {
        let path = row["path"].as_str().expect("a path").to_owned();
        let bytes = std::fs::read(folder.join(&path)).expect("readable");
        (path, bytes, row)
    });
    documents.collect()
}

pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

fn named<'a>(attachments: &'a [Attachment], name: &str) -> Option<&'a Attachment> {
    attachments.iter().find(|attachment| attachment.label.name == name)
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(no_suite_zugferd, ignore = "zugferd/ground-truth.jsonl is not in the suites")]
async fn every_embedded_invoice_is_found_byte_for_byte_and_every_page_is_read() {
    let runner = Runner::new(env!("CARGO_BIN_EXE_ap-gateway"), Limits::for_cores(2));
    let corpus = corpus();
    assert!(!corpus.is_empty(), "the ground truth says nothing");
    for (path, bytes, truth) in corpus {
        let content = runner.pdf(&bytes).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(Some(content.structure.pages as u64), truth["pages"].as_u64(), "{path}");
        assert_eq!(content.structure.left_out, [""; 0], "{path}");
        let name = truth["attachment"].as_str().expect("a name");
        let attachment = named(&content.attachments, name);
        let attachment = attachment.unwrap_or_else(|| panic!("{path}: no attachment {name}"));
        assert_eq!(Some(&*hash(&attachment.bytes)), truth["xml_sha256"].as_str(), "{path}");
        let pages = content.pages.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(Some(pages.len() as u64), truth["pages"].as_u64(), "{path}");
        assert!(pages.iter().any(|page| page.words.len() > 20), "{path}: no words");
        assert_eq!(content.pictures, [], "{path}: text pages are no scans");
    }
}
