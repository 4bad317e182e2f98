//! Test data that is no part of the repository: public documents with their expectations.

/// Invoices from the text of their PDF, scored.
mod text;

use std::path::PathBuf;

/// The folder of a suite, such as `suites/en16931`, under `AP_GATEWAY_SHARED`, or beside the
/// repository. A missing folder fails the test: nothing is skipped silently.
pub(crate) fn folder(name: &str) -> PathBuf {
    let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_owned();
    let shared = std::env::var("AP_GATEWAY_SHARED").unwrap_or_else(|_| beside());
    let folder = PathBuf::from(shared).join(name);
    assert!(
        folder.is_dir(),
        "{} is missing: set AP_GATEWAY_SHARED to the folder that holds the test data",
        folder.display()
    );
    folder
}

/// Name and bytes of every file of a folder, in order of names.
pub(crate) fn files(name: &str) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder(name)).expect("a folder can be listed");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry can be read"))
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).expect("a file can be read"))
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{name} holds no file");
    files
}
