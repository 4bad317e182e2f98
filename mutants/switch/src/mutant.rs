//! The changes, as `cargo mutants --list --json` tells them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

/// One change of the code.
#[derive(Debug, Clone, Deserialize)]
pub struct Mutant {
    /// Its place in the list, from 1: 0 switches nothing.
    #[serde(skip)]
    pub number: usize,
    /// Place and change in words.
    pub name: String,
    pub file: String,
    pub genre: Genre,
    pub span: Span,
    /// What stands in place of the span; empty where it is left out.
    pub replacement: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArm,
    MatchArmGuard,
    StructField,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Span {
    pub start: Place,
}

/// Both count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

pub fn read(file: &Path) -> Result<Vec<Mutant>> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut mutants: Vec<Mutant> =
        serde_json::from_slice(&text).with_context(|| format!("{} is no list", file.display()))?;
    mutants.iter_mut().zip(1..).for_each(|(mutant, number)| mutant.number = number);
    Ok(mutants)
}
