//! The table of terms as it stands in `docs/`: a test holds the two together.

use std::fmt::Write;

use crate::extraction::terms::{Field, INVOICE, Kind};

/// All terms and names as a table in Markdown, for the reference in `docs/`.
pub(crate) fn reference() -> String {
    let mut text = String::from("| term | name | holds | also |\n|---|---|---|---|\n");
    rows(INVOICE, "", &mut text);
    text
}

fn rows(group: &'static [Field], parent: &str, text: &mut String) {
    for field in group {
        let term = if field.term.is_empty() { "–" } else { field.term };
        let name = if field.has_name() { field.name } else { "" };
        let (holds, below) = words(field.kind);
        let key = if name.is_empty() { field.term } else { name };
        let shown = if name.is_empty() { String::new() } else { format!("`{parent}{name}`") };
        let also: Vec<_> = field.aliases.iter().map(|alias| format!("`{alias}`")).collect();
        let also = also.join(", ");
        writeln!(text, "| {term} | {shown} | {holds} | {also} |")
            .expect("a string takes everything");
        if let Some(fields) = field.members() {
            rows(fields, &format!("{parent}{key}{below}."), text);
        }
    }
}

fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Word => ("text", ""),
        Kind::Prose => ("long text", ""),
        Kind::Decimal => ("decimal", ""),
        Kind::Date => ("date", ""),
        Kind::Count(_) => ("whole number", ""),
        Kind::Flag => ("true or false", ""),
        Kind::Direction => ("`invoice` or `credit_note`", ""),
        Kind::Identifier => ("identifier", ""),
        Kind::Identifiers => ("list of identifiers", ""),
        Kind::Group(_) => ("group", ""),
        Kind::Inline => ("group; its members are those of the group around it", ""),
        Kind::List(_) => ("list", "[]"),
        Kind::Mixed(_) => ("list of both, told apart by `charge`", ""),
        Kind::Side(false, _) => ("list of allowances", "[]"),
        Kind::Side(true, _) => ("list of charges", "[]"),
    }
}
