//! What a reviewer should not have to look for: who imports whom, how long a file is, what it is
//! called. Every breach of a run is listed, each with the reason for its rule.

mod rules;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use rules::{
    EXCEPTIONS, IMPORTS, LINES_ASKED, LINES_MAX, LONG, NAMES, Place, WORDS, WORDS_ALLOWED,
};

#[test]
fn the_source_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = String::new();
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches", "fuzz/requests", "fuzz/targets", "fuzz/typed"] {
        collect(&root.join(folder), &mut files);
    }
    assert!(files.len() > 20, "the source was not found: {}", root.display());
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("readable");
        let name = file.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
        for breach in breaches(&name, &text) {
            writeln!(found, "{breach}").expect("a string takes everything");
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

pub(crate) fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    // `benches` need not be there.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Everything that is wrong with one file.
fn breaches(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let stem = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".rs");
    if NAMES.contains(&stem) {
        found.push(format!("{name}: `{stem}` refuses nothing: name the file for what is in it"));
    }
    let lines = text.lines().count();
    let says_why = text.lines().any(|line| line.starts_with(LONG));
    if lines > LINES_MAX || (lines > LINES_ASKED && !says_why) {
        found.push(format!(
            "{name}: {lines} lines: split it by idea (over {LINES_ASKED} with a line `{LONG}…`, \
             over {LINES_MAX} never)"
        ));
    }
    let inner = name.strip_prefix("src/").filter(|_| stem != "tests");
    if let Some(inner) = inner {
        let module = inner.split(['/', '.']).next().unwrap_or(inner);
        for (number, line) in code(text) {
            for breach in line_breaches(name, module, line) {
                found.push(format!("{name}:{number}: {breach}"));
            }
        }
    }
    found
}

/// The lines without comments, up to the tests, which by custom end a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().enumerate();
    lines.map(|(index, line)| (index + 1, line.split("//").next().unwrap_or(line)))
}

fn line_breaches(name: &str, module: &str, line: &str) -> Vec<String> {
    let mut found = Vec::new();
    if line.contains("crate::{") {
        found.push("`crate::{` hides who is named: one `use crate::a::b;` a name".to_owned());
    }
    if line.contains("super::") {
        found.push("`super::` hides who is named: write `crate::`".to_owned());
    }
    let root = if module == "main" { "ap_gateway" } else { "crate" };
    for other in named_after(line, root) {
        found.extend(import_breach(name, module, other));
    }
    for (words, place, reason) in WORDS {
        let fine = match place {
            Place::Only(modules) => modules.contains(&module),
            Place::Not(modules) => !modules.contains(&module),
        };
        let allowed = |word: &str| {
            WORDS_ALLOWED.iter().any(|(file, words)| *file == name && words.contains(&word))
        };
        let said = words.iter().filter(|word| !fine && !allowed(word) && has_word(line, word));
        found.extend(said.map(|word| format!("`{module}` may not say `{word}`: {reason}")));
    }
    found
}

fn import_breach(name: &str, module: &str, other: &str) -> Option<String> {
    let Some((_, allowed, reason)) = IMPORTS.iter().find(|(known, ..)| *known == module) else {
        return Some(format!("`{module}` is new: give it a row in tests/it/tidy.rs"));
    };
    let known = IMPORTS.iter().any(|(known, ..)| *known == other);
    let fine = other == module || allowed.contains(&other) || allowed.contains(&"*");
    let excepted = EXCEPTIONS.iter().any(|(place, more)| {
        let below = name.strip_prefix(place);
        *more == other && below.is_some_and(|rest| rest.starts_with(['.', '/']))
    });
    // What is no module is a macro or an item of lib.rs: the compiler knows.
    if fine || !known || excepted {
        return None;
    }
    Some(format!("`{module}` may not name `crate::{other}`: {reason}"))
}

/// The names that follow `root::`.
fn named_after<'a>(line: &'a str, root: &str) -> impl Iterator<Item = &'a str> {
    let path = format!("{root}::");
    let starts = line.match_indices(&path).map(|(at, found)| (at, at + found.len()));
    let starts: Vec<_> = starts.filter(|(at, _)| starts_word(line, *at)).collect();
    starts.into_iter().map(|(_, end)| {
        let rest = &line[end..];
        &rest[..rest.find(|letter: char| !is_word(letter)).unwrap_or(rest.len())]
    })
}

fn has_word(line: &str, word: &str) -> bool {
    let ends_word = |at: usize| !line[at + word.len()..].starts_with(is_word);
    line.match_indices(word).any(|(at, _)| starts_word(line, at) && ends_word(at))
}

fn starts_word(line: &str, at: usize) -> bool {
    !line[..at].ends_with(is_word)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// What is fuzzed is what is shipped: the same crates, releases and features. (`fuzz/run` takes the
/// lock file along.)
#[test]
fn the_fuzz_targets_are_built_from_the_same_dependencies() {
    let manifest = |name| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        std::fs::read_to_string(path).expect("a manifest")
    };
    let (gateway, fuzzed) = (manifest("Cargo.toml"), manifest("fuzz/Cargo.toml"));
    let engine = |line: &&str| line.starts_with("libfuzzer-sys = ");
    let differing: Vec<_> = dependencies(&fuzzed)
        .filter(|line| !engine(line) && dependencies(&gateway).all(|ours| ours != *line))
        .collect();
    assert_eq!(differing, [""; 0], "write these lines in fuzz/Cargo.toml as in Cargo.toml");
    assert!(dependencies(&fuzzed).count() > 20, "fuzz/Cargo.toml was not understood");
}

/// The lines of `[dependencies]`, without their comments.
fn dependencies(manifest: &str) -> impl Iterator<Item = &str> {
    let after = manifest.split("\n[dependencies]\n").nth(1).unwrap_or_default();
    let lines = after.lines().take_while(|line| !line.starts_with('['));
    lines.map(|line| line.split('#').next().unwrap_or(line).trim()).filter(|line| !line.is_empty())
}

#[test]
#[rustfmt::skip]
fn a_planted_breach_is_found_and_named_with_its_reason() {
    for (name, text, wanted) in [
        ("src/http/holds.rs", "use crate::reconciliation::engine;",
         "src/http/holds.rs:1: `http` may not name `crate::reconciliation`: the edge parses"),
        ("src/http/holds.rs", "//! Doc.\n\nfn f() { crate::workflows::contract::x() }",
         "src/http/holds.rs:3: `http` may not name `crate::workflows`"),
        ("src/http/receipts_list.rs", "use crate::extraction::receipt;", "`crate::extraction`"),
        ("src/workflows/invoice.rs", "    tokio::select! {", "`workflows` may not say `tokio`"),
        ("src/workflows/invoice.rs", "use crate::storage::Ledger;", "`crate::storage`"),
        ("src/models/money.rs", "let cents: f64 = 1.0;", "never a float"),
        ("src/storage/ledger.rs", "std::env::var(\"X\")", "only config reads the environment"),
        ("src/http/invoices.rs", "use crate::{models, storage};", "`crate::{` hides"),
        ("src/http/invoices.rs", "use super::router;", "`super::` hides"),
        ("src/http/invoices.rs", "#[cfg(test)]\nmod tests;\nuse crate::app;", ":3: `http` may not"),
        ("src/main.rs", "ap_gateway::app::run();", "`main` may not name `crate::app`"),
        ("src/magic.rs", "use crate::models::money::Money;", "`magic` is new"),
        ("src/http/utils.rs", "", "`utils` refuses nothing"),
        ("src/http/mod.rs", "", "`mod` refuses nothing"),
        ("tests/it/big.rs", &"\n".repeat(401), "401 lines: split it by idea"),
        ("src/big.rs", &format!("{LONG}it is\n{}", "\n".repeat(500)), "501 lines"),
    ] {
        let found = breaches(name, text);
        assert!(found.iter().any(|breach| breach.contains(wanted)), "{name}: {found:?}");
    }
}

#[test]
#[rustfmt::skip]
fn what_is_allowed_is_not_a_breach() {
    for (name, text) in [
        ("src/http/receipts.rs", "use crate::extraction::receipt;"),
        ("src/http/receipts/resource.rs", "use crate::extraction::receipt;"),
        ("src/temporal/worker.rs", "use crate::activities::documents;"),
        ("src/app.rs", "use crate::http::router;"),
        ("src/cli/dev.rs", "use crate::app;"),
        ("src/models/money.rs", "// `crate::http` is far away, and so is f64"),
        ("src/models/money.rs", "\n#[cfg(test)]\nmod tests {\n    use super::*;\n}"),
        ("src/models/money/tests.rs", "use super::*;"),
        ("src/workflows/ping.rs", "let next = temporalio_workflow::select! {"),
        ("src/config/http.rs", "std::env::vars()"),
        ("src/long.rs", &format!("{LONG}one table\n{}", "\n".repeat(450))),
    ] {
        assert_eq!(breaches(name, text), Vec::<String>::new(), "{name}");
    }
}
