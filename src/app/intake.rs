//! Settings to something that reads and judges documents.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::activities::examiner::Examiner;
use crate::config;
use crate::extraction::intake::Intake;
use crate::extraction::limits::Limits;
use crate::extraction::ocr::{Ocr, OcrSettings};
use crate::extraction::runner::Runner;
use crate::extraction::table::Profile;

/// Builds the examiner; no process is started yet.
///
/// # Errors
/// Our own program cannot be found; a mapping profile that cannot be read or is wrong.
pub fn examiner(settings: &config::Extraction) -> anyhow::Result<Examiner> {
    let program = program(settings)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runner = Runner::new(program, Limits::for_cores(cores));
    let languages = settings.ocr_languages.split('+').filter(|language| !language.is_empty());
    let ocr = Ocr::new(OcrSettings {
        program: settings.tesseract.clone(),
        languages: languages.map(str::to_owned).collect(),
        ..OcrSettings::for_cores(cores)
    });
    let profiles = settings.table_profiles.as_deref().map(profiles).transpose()?;
    let intake = Intake::new(runner, ocr, profiles.unwrap_or_default());
    Ok(Examiner::new(intake, settings.own_vat_ids.clone()))
}

/// The program that reads documents: our own.
///
/// # Errors
/// It cannot be found.
pub fn program(settings: &config::Extraction) -> anyhow::Result<PathBuf> {
    match &settings.program {
        Some(program) => Ok(program.clone()),
        None => config::program().context("cannot find the program that reads documents"),
    }
}

/// Every `*.toml` of the folder, in the order of their names.
fn profiles(folder: &Path) -> anyhow::Result<Vec<Profile>> {
    let reading = || {
        format!(
            "cannot read the mapping profiles of {}; the setting is AP_GATEWAY_TABLE_PROFILES",
            folder.display()
        )
    };
    let entries = std::fs::read_dir(folder).with_context(reading)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<Result<Vec<_>, _>>().with_context(reading)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Profile::parse(&text).with_context(|| path.display().to_string())
    };
    paths.iter().map(read).collect()
}
