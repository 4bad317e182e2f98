//! Test data that is no part of the repository: public documents with their expectations.
//!
//! `cargo test --test it suites` runs exactly the tests below here. `AP_GATEWAY_SUITES` names the
//! folder of suites, which is `../shared/suites` beside the repository otherwise; what of it is
//! not there is ignored, with the reason (`build.rs` looks).

/// Where we answer otherwise than the official artefacts, and why.
mod differences;
/// The XML inside hybrid PDFs, field by field.
pub(crate) mod embedded;
/// The examples of the standard are clean, and are read as others read them.
mod examples;
/// Sets of small tests, each for one rule.
mod unit_tests;
/// What the official artefacts say of whole documents.
mod verdicts;

/// Files inside hybrid PDFs, byte for byte.
pub(crate) mod hybrids;
/// Bank statements against their recorded contents.
mod statements;
/// Invoices from the text of their PDF, scored.
mod text;

use std::path::PathBuf;

use ap_gateway::extraction::{read_invoice, tree_rules};
use ap_gateway::models::finding::Severity;
use ap_gateway::validation::{Document, Judgement, RuleSet, Subject, judge};

/// The folder of a suite, such as `suites/en16931`, or of other test data, under
/// `AP_GATEWAY_SHARED` or beside the repository. A missing folder fails the test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_owned();
    let suites = name.strip_prefix("suites/").zip(variable("AP_GATEWAY_SUITES"));
    let folder = match suites {
        Some((part, suites)) => PathBuf::from(suites).join(part),
        None => PathBuf::from(variable("AP_GATEWAY_SHARED").unwrap_or_else(beside)).join(name),
    };
    assert!(
        folder.is_dir(),
        "{} is missing: set AP_GATEWAY_SUITES to the folder of suites, and AP_GATEWAY_SHARED to \
         the one that holds the other test data",
        folder.display()
    );
    folder
}

/// Name and bytes of every file of a folder, in order of names.
pub(crate) fn files(name: &str) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder(name)).expect("a folder can be listed");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry can be read"))
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).expect("a file can be read"))
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{name} holds no file");
    files
}

/// A document that was read and judged.
pub(crate) struct Judged {
    pub(crate) judgement: Judgement,
}

impl Judged {
    /// Whether a rule fired, at any severity.
    pub(crate) fn fired(&self, rule: &str) -> usize {
        self.judgement.findings.iter().filter(|found| found.code == rule).count()
    }

    /// The rules whose breach is fatal, each once.
    pub(crate) fn fatal(&self) -> std::collections::BTreeSet<String> {
        let fatal = self.judgement.findings.iter();
        let fatal = fatal.filter(|found| found.severity == Severity::Fatal);
        fatal.map(|found| found.code.clone()).collect()
    }
}

/// Reads and judges a document as the product does; in words, why it cannot be read.
pub(crate) fn judged(bytes: &[u8], rule_set: RuleSet) -> Result<Judged, String> {
    let reading = read_invoice(bytes).map_err(|error| error.to_string())?;
    let document = Document::from(&reading.document);
    let judgement = judge(Subject {
        read: reading.findings,
        broken: reading.broken,
        decided: tree_rules(reading.syntax),
        rule_set,
        ..Subject::new(reading.syntax, &reading.invoice, document)
    });
    Ok(Judged { judgement })
}
