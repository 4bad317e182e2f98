//! Bank statements of many banks against the expectations beside them: MT940 and MT942 dialects,
//! some broken on purpose, and camt of several versions.

mod camt;
mod mt940;
mod written;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::suites::folder;

/// What was compared with what is expected.
#[derive(Default)]
struct Comparison {
    files: usize,
    names: BTreeSet<String>,
    refused: usize,
    entries: usize,
    values: usize,
    differences: Vec<Difference>,
}

/// A value that is not the expected one.
struct Difference {
    file: String,
    field: String,
    ours: String,
    theirs: String,
}

impl Comparison {
    /// Notes a value, and whether it is the expected one.
    fn value(
        &mut self,
        (file, field): (&str, &str),
        equal: bool,
        (ours, theirs): (String, &Value),
    ) {
        self.values += 1;
        if !equal {
            let (file, field) = (file.to_owned(), field.to_owned());
            self.differences.push(Difference { file, field, ours, theirs: theirs.to_string() });
        }
    }

    /// Fails on a difference that is not known, and on a known one that is gone.
    fn judge(&self, known: &[(&str, &str, &str)]) {
        let is_known = |one: &&Difference| {
            known.iter().any(|(file, field, _)| one.file == *file && one.field == *field)
        };
        let new: Vec<String> = self
            .differences
            .iter()
            .filter(|one| !is_known(one))
            .map(|one| format!("{} {}: {} and not {}", one.file, one.field, one.ours, one.theirs))
            .collect();
        let seen: BTreeSet<(&str, &str)> =
            self.differences.iter().map(|one| (one.file.as_str(), one.field.as_str())).collect();
        let gone = known.iter().filter(|(file, field, _)| !seen.contains(&(*file, *field)));
        let gone: Vec<_> = gone.filter(|(file, ..)| self.names.contains(*file)).collect();
        assert!(new.is_empty(), "not known:\n{}", new.join("\n"));
        assert!(gone.is_empty(), "known, and gone: {gone:?}");
    }

    fn figures(&self, name: &str) -> String {
        format!(
            "{name}: {} files, {} refused, {} entries, {} values compared, {} differ",
            self.files,
            self.refused,
            self.entries,
            self.values,
            self.differences.len()
        )
    }
}

/// Name, bytes and expectation of every file with an extension, also in folders below.
fn samples(name: &str, extension: &str) -> Vec<(String, Vec<u8>, Value)> {
    let root = folder(&format!("suites/{name}"));
    let mut samples = Vec::new();
    collect(&root, extension, &mut |path| {
        let name = path.strip_prefix(&root).expect("below").to_string_lossy().into_owned();
        let bytes = std::fs::read(path).expect("a file");
        let expected = std::fs::read(path.with_extension("json")).expect("an expectation");
        samples.push((name, bytes, serde_json::from_slice(&expected).expect("JSON")));
    });
    samples.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(!samples.is_empty(), "{} holds no sample", root.display());
    samples
}

fn collect(folder: &Path, extension: &str, take: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, extension, take);
        } else if path.extension().is_some_and(|found| found == extension) {
            take(&path);
        }
    }
}

/// Every sample, cut at many places and with single bytes changed, is read or refused: no panic.
#[test]
#[cfg_attr(any(no_suite_mt940, no_suite_camt), ignore = "mt940 or camt is not in the suites")]
fn damaged_statements_are_read_or_refused() {
    let mut all = samples("mt940", "sta");
    all.extend(samples("camt", "xml"));
    let (mut read, mut refused) = (0, 0);
    for (_, bytes, _) in all {
        let step = (bytes.len() / 60).max(1);
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.clone();
            changed[at] = [0, b':', b'\n', b'<', b'9', 0xff, b'?'][at % 7];
            for damaged in [&bytes[..at], &changed, &[&bytes[..at], &bytes[..]].concat()] {
                match ap_gateway::extraction::statement::read_statement(damaged) {
                    Ok(_) => read += 1,
                    Err(_) => refused += 1,
                }
            }
        }
    }
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}
