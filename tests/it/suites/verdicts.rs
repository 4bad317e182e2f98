//! Whole documents, against what the official artefacts said of them.

use std::collections::BTreeSet;
use std::fmt::Write;

use ap_gateway::models::extraction::Acceptance;
use ap_gateway::validation::RuleSet;
use lopdf::{Document as Pdf, Object};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::suites::differences::DIFFERENCES;
use crate::suites::{folder, judged};

const SUITE: &str = "en16931/official-verdicts.jsonl";

/// A row of the verdicts; the rules that ran were those of EN 16931 alone.
#[derive(Deserialize)]
struct Row {
    path: String,
    xml_sha256: Option<String>,
    fatal: std::collections::BTreeMap<String, u64>,
    warning: std::collections::BTreeMap<String, u64>,
}

#[test]
#[cfg_attr(no_suite_en16931_verdicts, ignore = "en16931/official-verdicts.jsonl is not there")]
fn fatal_rules_of_every_document_are_the_official_ones() {
    let suites = folder("suites/en16931");
    let text = std::fs::read_to_string(suites.join("official-verdicts.jsonl"));
    let text = text.expect("the verdicts can be read");
    let rows = text.lines().filter(|line| !line.trim().is_empty());
    let rows: Vec<Row> =
        rows.map(|line| serde_json::from_str(line).expect("a row is JSON")).collect();
    let (mut same, mut accepted, mut warned, mut absent) = (0, 0, 0, 0);
    let (mut new, mut known) = (String::new(), BTreeSet::new());
    for row in &rows {
        let file = suites.parent().expect("a folder around").join(&row.path);
        let Some(document) = std::fs::read(file).ok().and_then(|bytes| inside(bytes, row)) else {
            absent += 1;
            continue;
        };
        let judged = judged(&document, RuleSet::Core).expect("readable");
        let official: BTreeSet<String> = row.fatal.keys().cloned().collect();
        let ours = judged.fatal();
        let accepts = judged.judgement.acceptance == Acceptance::Accept;
        accepted += usize::from(accepts == official.is_empty());
        let mut warnings = row.warning.keys();
        warned += usize::from(warnings.all(|rule| judged.fired(rule) > 0));
        if ours == official {
            same += 1;
            continue;
        }
        for rule in ours.symmetric_difference(&official) {
            let of_table = DIFFERENCES.iter().position(|known| {
                known.suite == SUITE && row.path.ends_with(known.case) && known.covers(rule)
            });
            match of_table {
                Some(at) => drop(known.insert(at)),
                None => writeln!(new, "{}: {rule}", row.path).expect("a string takes all"),
            }
        }
    }
    let there = rows.len() - absent;
    println!(
        "{SUITE}: {there} documents ({absent} absent), {same} with the same fatal rules, \
         {accepted} accepted or refused alike, {warned} with all official warnings"
    );
    assert!(new.is_empty(), "new differences:\n{new}");
    assert!(there > 0, "none of the documents is there");
    let gone = DIFFERENCES.iter().enumerate().filter(|(at, difference)| {
        let there = rows.iter().any(|row| row.path.ends_with(difference.case));
        difference.suite == SUITE && there && absent == 0 && !known.contains(at)
    });
    let gone: Vec<_> = gone.map(|(_, difference)| difference.rule).collect();
    assert!(gone.is_empty(), "differences that are gone, take them off the table: {gone:?}");
    assert!(same * 100 >= there * 97, "{same} of {there} have the same fatal rules");
    assert!(accepted * 100 >= there * 99, "{accepted} of {there} are accepted or refused alike");
}

/// The document of a row: the file itself, or what is attached to it under the row's hash.
fn inside(file: Vec<u8>, row: &Row) -> Option<Vec<u8>> {
    let Some(wanted) = &row.xml_sha256 else {
        return Some(file);
    };
    let pdf = Pdf::load_mem(&file).expect("a PDF can be read");
    let streams = pdf.objects.values().filter_map(|object| match object {
        Object::Stream(stream) => Some(stream),
        _ => None,
    });
    let contents = streams.flat_map(|stream| {
        [stream.decompressed_content().ok(), Some(stream.content.clone())].into_iter().flatten()
    });
    contents.into_iter().find(|content| hash(content) == *wanted)
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
