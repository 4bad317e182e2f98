//! Bank statements: camt.052, .053 and .054, MT940 and MT942, OFX 1 and 2, CSV.
//!
//! Banks agree on the names of these formats and on little else, so the readers are tolerant: an
//! entry that cannot be read is a finding with its place, and the rest is read. Whether something
//! was lost then shows in the sums, which are checked for every statement that has balances.

mod bank_csv;
mod camt;
mod columns;
mod mt;
mod ofx;
mod profile;
mod references;
mod remarks;
mod sums;
mod values;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extraction::encoding;
use crate::extraction::guard;
use crate::extraction::sniff;
use crate::extraction::statement::remarks::Remarks;
use crate::extraction::tree;
use crate::extraction::unreadable::Unreadable;
use crate::models::fault::Fault;
use crate::models::finding::Finding;
use crate::models::statement::{BankStatement, ENTRIES_MAX, StatementSyntax};

pub use crate::extraction::statement::profile::{Columns, NotAProfile, StatementProfile};

/// Bytes of a file: the limit of XML in extraction handbook §11, for the other formats too.
const BYTES_MAX: usize = 50 * 1024 * 1024;

/// What would have been read.
const WANTED: &str = "a bank statement: camt.052, .053 or .054, MT940, MT942, OFX, or CSV";

/// A file of bank statements that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatementReading {
    /// What it was, by content.
    pub syntax: StatementSyntax,
    /// The message by its full name, such as `camt.053.001.08`, where it says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// At least one, in the order of the file.
    pub statements: Vec<BankStatement>,
    /// What could not be read, each with its place, and sums that do not agree.
    pub findings: Vec<Finding>,
}

/// Reads bank statements, whatever they are by content. The columns of CSV are guessed from their
/// headings, and a finding says so.
///
/// # Errors
/// Bytes that are no bank statement, or one without a single statement in it; limits reached. Bad
/// entries are no error: see [`StatementReading::findings`].
pub fn read_statement(bytes: &[u8]) -> Result<StatementReading, Unreadable> {
    read(bytes, None)
}

/// As [`read_statement`]; a CSV file is read by this profile.
///
/// # Errors
/// As [`read_statement`]; and columns that the profile names and the file does not have.
pub fn read_statement_by(
    bytes: &[u8],
    profile: &StatementProfile,
) -> Result<StatementReading, Unreadable> {
    read(bytes, Some(profile))
}

fn read(bytes: &[u8], profile: Option<&StatementProfile>) -> Result<StatementReading, Unreadable> {
    guard::limit("bytes", bytes.len(), BYTES_MAX)?;
    if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(Unreadable::Empty);
    }
    let decoded = encoding::decode(bytes)?;
    let text = decoded.text.trim_start_matches(['\u{feff}', '\u{1}', ' ', '\t', '\r', '\n']);
    let mut remarks = Remarks::default();
    let (syntax, message, mut statements) = if ofx::is_ofx(text) {
        let (syntax, statements) = ofx::read(&decoded.text, &mut remarks)?;
        (syntax, None, statements)
    } else if text.starts_with('<') {
        remarks.extend(decoded.finding);
        read_camt(&decoded.text, &mut remarks)?
    } else if mt::is_mt(text) {
        let statements = mt::read(&decoded.text, &mut remarks)?;
        let syntax = statements.first().and_then(|first| first.syntax);
        (syntax.unwrap_or(StatementSyntax::Mt940), None, statements)
    } else {
        let text = decoded.text.trim_start_matches('\u{feff}');
        (StatementSyntax::Csv, None, bank_csv::read(text, profile, &mut remarks)?)
    };
    let entries = statements.iter().map(|statement| statement.entries.len()).sum();
    guard::limit("entries", entries, ENTRIES_MAX)?;
    if statements.is_empty() {
        return Err(none_inside(syntax));
    }
    statements.iter_mut().for_each(references::find);
    sums::check(&statements, &mut remarks);
    Ok(StatementReading { syntax, message, statements, findings: remarks.into_findings() })
}

type Read = (StatementSyntax, Option<String>, Vec<BankStatement>);

fn read_camt(text: &str, remarks: &mut Remarks) -> Result<Read, Unreadable> {
    guard::check(text)?;
    let tree = tree::parse(text)?;
    camt::read(sniff::unwrap(tree::Element::root(&tree))?, remarks)
}

fn none_inside(syntax: StatementSyntax) -> Unreadable {
    let text = format!("there is no statement in this {} message", syntax.as_str());
    Unreadable::Content { faults: vec![Fault::at("/", "no_statement", &text)] }
}

#[cfg(test)]
mod tests;
