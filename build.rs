//! Says which parts of the test data are there, so that a test without its data is ignored with a
//! reason instead of failing or passing silently; and of which commit the program is. It is built
//! without any of that, too.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The parts, each with the switch that is set where it is missing.
const PARTS: [(&str, &str); 8] = [
    ("en16931/ubl-invoice-unit", "no_suite_en16931_units"),
    ("en16931/examples-ubl", "no_suite_en16931_examples_ubl"),
    ("en16931/examples-cii", "no_suite_en16931_examples_cii"),
    ("en16931/official-verdicts.jsonl", "no_suite_en16931_verdicts"),
    ("peppol/unit-ubl", "no_suite_peppol_units"),
    ("zugferd/ground-truth.jsonl", "no_suite_zugferd"),
    ("mt940", "no_suite_mt940"),
    ("camt", "no_suite_camt"),
];

fn main() {
    // Named, because Cargo would look at every file of the repository otherwise.
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=AP_GATEWAY_SUITES");
    vectors();
    revision();
    let folder = folder();
    for (part, switch) in PARTS {
        println!("cargo::rustc-check-cfg=cfg({switch})");
        let path = folder.join(part);
        if path.exists() {
            // A path that is not there would have everything built anew each time.
            println!("cargo::rerun-if-changed={}", path.display());
        } else {
            println!("cargo::rustc-cfg={switch}");
        }
    }
}

/// As `tests/it/vectors.rs` finds it.
fn vectors() {
    println!("cargo::rerun-if-env-changed=AP_GATEWAY_VECTORS");
    println!("cargo::rustc-check-cfg=cfg(no_vectors)");
    let named = std::env::var_os("AP_GATEWAY_VECTORS").filter(|named| !named.is_empty());
    let beside = || {
        let repository = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
        Path::new(&repository).join("../shared/vectors/reconciliation")
    };
    if !named.map_or_else(beside, PathBuf::from).exists() {
        println!("cargo::rustc-cfg=no_vectors");
    }
}

/// What `ap_gateway_build_info` shows: AP_GATEWAY_REVISION where it is set, as for an image, which
/// is built without the repository; else what git says of a release. A debug build does not ask:
/// every commit would have it compiled anew.
fn revision() {
    println!("cargo::rerun-if-env-changed=AP_GATEWAY_REVISION");
    let named = std::env::var("AP_GATEWAY_REVISION").ok().filter(|named| !named.is_empty());
    let release = std::env::var_os("PROFILE").is_some_and(|profile| profile == "release");
    if let Some(revision) = named.or_else(|| release.then(commit).flatten()) {
        println!("cargo::rustc-env=AP_GATEWAY_REVISION={revision}");
    }
}

/// The commit that is checked out, in 12 digits; `None` without git, or where this is no repository
/// of its own.
fn commit() -> Option<String> {
    let repository = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?);
    if !repository.join(".git").exists() {
        return None;
    }
    let git = |arguments: &[&str]| {
        let asked = Command::new("git").arg("-C").arg(&repository).args(arguments).output().ok()?;
        let answer = String::from_utf8(asked.stdout).ok()?;
        asked.status.success().then(|| answer.trim().to_owned())
    };
    // Both move with whatever is checked out or committed.
    for moved in ["HEAD", "logs/HEAD"] {
        let path = repository.join(git(&["rev-parse", "--git-path", moved])?);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

/// As `tests/it/suites.rs` finds it.
fn folder() -> PathBuf {
    let named = std::env::var_os("AP_GATEWAY_SUITES").filter(|named| !named.is_empty());
    let beside = || {
        let repository = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
        Path::new(&repository).join("../shared/suites")
    };
    named.map_or_else(beside, PathBuf::from)
}
