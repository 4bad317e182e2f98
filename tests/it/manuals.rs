//! What the manuals say of the code, and where they lead to: it is so.

mod cloud;

use std::collections::BTreeMap;

use ap_gateway::models::attention::AttentionCode;
use ap_gateway::models::hold::{HoldCode, HoldSeverity};

/// The words in backticks of the second column, each with the first column and the word in brackets
/// behind it.
fn codes(text: &str) -> BTreeMap<&str, (&str, Option<&str>)> {
    let mut found = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("| ")) {
        let mut columns = line.split(" | ");
        let (Some(first), Some(second)) = (columns.next(), columns.next()) else { continue };
        for word in second.split(", ") {
            let Some(code) = word.split('`').nth(1) else { continue };
            let strength = word.split_once(" (").and_then(|(_, rest)| rest.strip_suffix(')'));
            found.insert(code, (first, strength));
        }
    }
    found
}

/// A section of the page for finance people.
fn section(heading: &str) -> String {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/finance.md");
    let text = std::fs::read_to_string(page).expect("the page");
    let after = text.split(heading).nth(1).expect("the section");
    after.split("\n## ").next().expect("its end").to_owned()
}

#[test]
fn the_page_for_finance_people_has_every_hold_with_its_strength_and_who_releases_it() {
    let text = section("## Who releases what");
    let found = codes(&text);
    for hold in HoldCode::ALL {
        let name = hold.as_str();
        let (duty, strength) = found.get(name).unwrap_or_else(|| panic!("{name} is not there"));
        assert_eq!(*duty, hold.released_by().as_str(), "{name}");
        let expected = match hold.severity() {
            HoldSeverity::Stop => None,
            HoldSeverity::Pay => Some("pay"),
            HoldSeverity::Warn => Some("warn"),
        };
        assert_eq!(*strength, expected, "{name}");
    }
    assert_eq!(found.len(), HoldCode::ALL.len(), "a code that is none: {found:?}");
}

#[test]
fn the_page_for_finance_people_has_every_cause_of_attention() {
    let section = section("## What needs attention");
    for code in AttentionCode::ALL {
        let listed = section.lines().any(|row| {
            row.split(" | ")
                .next()
                .is_some_and(|first| first.contains(&format!("`{}`", code.word())))
        });
        assert!(listed, "{} is not there", code.word());
    }
}

/// The pages of `docs/`, and the addresses in each that lead to another file of the repository.
#[test]
fn every_link_of_the_manuals_leads_to_a_file_and_a_heading() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<_> = std::fs::read_dir(root.join("docs"))
        .expect("the manuals")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.push(root.join("README.md"));
    let mut broken = Vec::new();
    for page in &pages {
        let text = std::fs::read_to_string(page).expect("readable");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.contains(' ') {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if file.is_empty() { page.clone() } else { page.with_file_name("").join(file) };
            let there = target.exists() && (anchor.is_empty() || has_heading(&target, anchor));
            if !there {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(pages.len() > 20 && broken.is_empty(), "{broken:#?}");
}

/// Headings become anchors as the usual hosts make them.
fn has_heading(file: &std::path::Path, anchor: &str) -> bool {
    let text = std::fs::read_to_string(file).expect("readable");
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| line.trim_start_matches('#').trim().to_lowercase()).any(|heading| {
        let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
        heading.chars().filter(kept).collect::<String>().replace(' ', "-") == anchor
    })
}
