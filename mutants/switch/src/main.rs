//! Judges the changes of cargo-mutants with one build: all of them are compiled in, each behind a
//! switch that the environment sets. Why, and what it leaves to cargo-mutants: docs/mutation.md.

mod build;
mod judge;
mod mutant;
mod site;
mod source;

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::judge::Verdict;

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [list, fresh, switched, runner, results, only @ ..] = &arguments[..] else {
        bail!("usage: switch MUTANTS.json CRATE SWITCHED-CRATE RUNNER RESULTS-FOLDER [NAMES]");
    };
    let mut mutants = mutant::read(list)?;
    if let [names] = only {
        let names = fs::read_to_string(names)?;
        mutants.retain(|mutant| names.lines().any(|name| name == mutant.name));
    }
    let found = mutants.len();
    let (tests, viable) = build::build(mutants.clone(), fresh, switched)?;
    println!("{found} changes, {} of them behind switches", viable.len());
    let verdicts = judge::judge(&viable, &tests, switched, runner)?;
    // Of a part of the changes nothing is told about the others.
    if only.is_empty() {
        let unswitched =
            mutants.iter().filter(|each| viable.iter().all(|one| one.number != each.number));
        write(results, "unswitched.txt", unswitched.map(|each| each.name.as_str()))?;
    }
    for verdict in [Verdict::Caught, Verdict::Missed, Verdict::Timeout] {
        let of_it = verdicts.iter().filter(|(_, found)| *found == verdict);
        let names: Vec<&str> = of_it.map(|(each, _)| each.name.as_str()).collect();
        println!("{}: {}", verdict.name(), names.len());
        write(results, &format!("{}.txt", verdict.name()), names.into_iter())?;
    }
    Ok(())
}

fn write<'a>(folder: &Path, name: &str, lines: impl Iterator<Item = &'a str>) -> Result<()> {
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    let file = folder.join(name);
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
}
