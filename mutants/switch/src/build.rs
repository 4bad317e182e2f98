//! The crate with switches: written, and compiled until what cannot be compiled is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::mutant::Mutant;
use crate::{site, source};

const SWITCH: &str = "use std::sync::LazyLock;

static ACTIVE: LazyLock<usize> = LazyLock::new(|| {
    std::env::var(\"SWITCH\").ok().and_then(|number| number.parse().ok()).unwrap_or(0)
});

#[inline]
pub fn on(number: usize) -> bool {
    *ACTIVE == number
}
";

/// The binary of the tests, and the changes that are in it. `switched` is an absolute path.
pub fn build(
    mut mutants: Vec<Mutant>,
    fresh: &Path,
    switched: &Path,
) -> Result<(PathBuf, Vec<Mutant>)> {
    // Also those in which nothing is left are written again.
    let files: BTreeSet<String> = mutants.iter().map(|mutant| mutant.file.clone()).collect();
    loop {
        let written = write(&files, &mut mutants, fresh, switched)?;
        let messages = compile(switched)?;
        if let Some(tests) = messages.iter().find_map(|message| message["executable"].as_str()) {
            // Another build of the crate would replace it.
            let own = switched.join("tests-with-switches");
            fs::copy(tests, &own).context("cannot keep the tests")?;
            return Ok((own, mutants));
        }
        let refused: BTreeSet<usize> =
            messages.iter().flat_map(|message| laid_to(message, &written)).collect();
        if refused.is_empty() {
            bail!("errors outside of all switches:\n{}", texts(&messages));
        }
        println!("{} changes do not compile behind a switch", refused.len());
        mutants.retain(|mutant| !refused.contains(&mutant.number));
    }
}

/// Writes the files; changes without a site are taken out.
fn write(
    files: &BTreeSet<String>,
    mutants: &mut Vec<Mutant>,
    fresh: &Path,
    switched: &Path,
) -> Result<BTreeMap<String, String>> {
    let mut written = BTreeMap::new();
    let mut sited: BTreeSet<usize> = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(fresh.join(file)).with_context(|| file.clone())?;
        let here: Vec<&Mutant> = mutants.iter().filter(|mutant| mutant.file == *file).collect();
        let found = site::find(&text, &here).with_context(|| file.clone())?;
        sited.extend(&found.sited);
        let text = source::switched(&text, &found);
        fs::write(switched.join(file), &text).with_context(|| file.clone())?;
        written.insert(file.clone(), text);
    }
    mutants.retain(|mutant| sited.contains(&mutant.number));
    fs::write(switched.join("src/switch.rs"), SWITCH)?;
    let root = fs::read_to_string(fresh.join("src/lib.rs"))?;
    fs::write(
        switched.join("src/lib.rs"),
        format!("#![allow(warnings)]\n{root}pub mod switch;\n"),
    )?;
    Ok(written)
}

fn compile(switched: &Path) -> Result<Vec<Value>> {
    let output = Command::new("cargo")
        .args(["test", "--lib", "--no-run", "--message-format=json", "--quiet"])
        .current_dir(switched)
        .stderr(Stdio::null())
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// The changes in which an error of the compiler stands.
fn laid_to(message: &Value, written: &BTreeMap<String, String>) -> Vec<usize> {
    let message = &message["message"];
    if message["level"] != "error" {
        return Vec::new();
    }
    let spans = message["spans"].as_array().into_iter().flatten();
    let primary = spans.filter(|span| span["is_primary"] == true);
    let at = primary.filter_map(|span| {
        let text = written.get(span["file_name"].as_str()?)?;
        let byte = usize::try_from(span["byte_start"].as_u64()?).ok()?;
        Some(source::changes_at(text, byte))
    });
    at.flatten().collect()
}

fn texts(messages: &[Value]) -> String {
    let texts = messages.iter().filter_map(|message| message["message"]["rendered"].as_str());
    texts.take(5).collect()
}
