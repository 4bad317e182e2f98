//! The worked examples of `shared/vectors/reconciliation`, run where they stand: every case of
//! every file of the folder. `cargo test --test it vectors` runs exactly these;
//! `AP_GATEWAY_VECTORS` names another folder of that shape.

/// Copies of invoices, samples, converted amounts.
mod duplicates;
/// Invoices against orders and receipts, step by step.
mod matching;
/// Bank transactions, supplier statements, payments in advance.
mod payments;

use std::path::PathBuf;

use serde_json::Value;

/// The faults of a case, in words; none passes.
type Run = fn(&Value) -> Vec<String>;

/// Who runs which kind of case.
const KINDS: &[(&str, Run)] = &[
    ("match", matching::run),
    ("duplicate", duplicates::run_duplicate),
    ("sampling", duplicates::run_sampling),
    ("conversion", duplicates::run_conversion),
    ("payment", payments::payment),
    ("statement", payments::statement),
    ("prepayment", payments::prepayment),
];

/// The folder of vectors.
fn folder() -> PathBuf {
    let named = std::env::var_os("AP_GATEWAY_VECTORS").filter(|named| !named.is_empty());
    let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/vectors/reconciliation").into();
    PathBuf::from(named.unwrap_or_else(beside))
}

/// All cases, with the name of their file.
fn cases() -> Vec<(String, Value)> {
    let entries = std::fs::read_dir(folder()).expect("the folder of vectors can be listed");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a file of vectors can be read");
        let file: Value = serde_json::from_str(&text).expect("a file of vectors is JSON");
        let list = file["cases"].as_array().expect("a file of vectors has cases");
        cases.extend(list.iter().map(|case| (name.clone(), case.clone())));
    }
    cases
}

#[cfg_attr(no_vectors, ignore = "there are no vectors: see AP_GATEWAY_VECTORS")]
#[test]
fn every_case_passes() {
    let cases = cases();
    assert!(!cases.is_empty(), "{} holds no case", folder().display());
    let mut faults = Vec::new();
    for (file, case) in &cases {
        let kind = case["kind"].as_str().unwrap_or_default();
        let found = match KINDS.iter().find(|(known, _)| *known == kind) {
            Some((_, run)) => run(case),
            None => vec![format!("nothing runs the kind {kind:?}")],
        };
        faults.extend(found.into_iter().map(|fault| format!("{file} {}: {fault}", case["id"])));
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
