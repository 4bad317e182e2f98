//! Runs the tests once for each change.

use std::collections::VecDeque;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::mutant::Mutant;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Caught,
    Missed,
    /// The tests did not end by themselves, which counts as caught.
    Timeout,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::Missed => "missed",
            Self::Timeout => "timeout",
        }
    }
}

/// The verdict of each change, on all cores; the tests must hold without any.
pub fn judge<'a>(
    mutants: &'a [Mutant],
    tests: &Path,
    folder: &Path,
    runner: &Path,
) -> Result<Vec<(&'a Mutant, Verdict)>> {
    if run(0, tests, folder, runner)? != Verdict::Missed {
        bail!("the tests fail without any change: {}", tests.display());
    }
    let open: Mutex<VecDeque<&Mutant>> = Mutex::new(mutants.iter().collect());
    let next = || open.lock().expect("no holder panics").pop_front();
    let work = || {
        let mut found = Vec::new();
        while let Some(mutant) = next() {
            let verdict = run(mutant.number, tests, folder, runner)?;
            if verdict != Verdict::Caught {
                println!("{}: {}", verdict.name(), mutant.name);
            }
            found.push((mutant, verdict));
        }
        Ok(found)
    };
    let cores = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let found = workers.into_iter().map(|worker| worker.join().expect("no panic"));
        let mut found: Vec<_> = found.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        found.sort_by_key(|(mutant, _)| mutant.number);
        Ok(found)
    })
}

fn run(number: usize, tests: &Path, folder: &Path, runner: &Path) -> Result<Verdict> {
    let status = Command::new(runner)
        .arg(tests)
        .env("SWITCH", number.to_string())
        .env("RUST_TEST_THREADS", "1")
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("cannot run {}", runner.display()))?;
    Ok(match status.code() {
        Some(0) => Verdict::Missed,
        // 128 and the number of SIGXCPU, as a shell says it.
        Some(152) => Verdict::Timeout,
        _ => Verdict::Caught,
    })
}
