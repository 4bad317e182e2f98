//! The rules of the artefact for UBL (CEN 1.3.16) that need the document itself.
//!
//! Where these and the rules crate speak of the same rule, these count: they see what is empty.

mod codes;
mod header;
mod line;
mod national;
mod once;
mod peppol;
mod schemes;
mod special;
mod totals;
mod vat;

use std::sync::LazyLock;

use en16931_formats::ubl::prohibitions::{FORBIDDEN_ATTRIBUTES, FORBIDDEN_PATHS};

use crate::extraction::rules::RuleSet;
use crate::extraction::rules::forbidden::Forbidden;
use crate::extraction::rules::vat::{self as categories, Artefact};
use crate::extraction::tree::Element;
use crate::models::finding::Finding;

/// Who says so.
const SOURCE: &str = "EN 16931 for UBL, CEN 1.3.16";

static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    let tables = [
        header::RULES,
        line::RULES,
        codes::RULES,
        once::RULES,
        special::RULES,
        totals::RULES,
        peppol::RULES,
        schemes::RULES,
    ];
    let said = |id: &str| tables.iter().copied().flatten().any(|rule| rule.id == id);
    let forbidden = Forbidden::new(FORBIDDEN_PATHS, FORBIDDEN_ATTRIBUTES, said);
    RuleSet::new(SOURCE, &tables, forbidden)
});

static IDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut ids: Vec<_> =
        RULES.ids.iter().copied().chain(categories::ids()).chain(national::ids()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
});

/// Holds an Invoice or `CreditNote` against these rules.
pub(crate) fn check(root: Element<'_, '_>, findings: &mut Vec<Finding>) {
    findings.extend(RULES.check(root));
    findings.extend(national::check(root));
    findings.extend(categories::check(&vat::facts(root), Artefact::Ubl, SOURCE));
}

/// Ids of the rules that [`check`] decides, sorted.
pub(crate) fn ids() -> &'static [&'static str] {
    &IDS
}
