//! Every place where we answer otherwise than the official artefacts, with the reason. A test fails
//! for a difference that is not here, and for one here that is gone.

/// A difference that is known and meant.
pub(crate) struct Difference {
    /// Folder or file of the suite.
    pub(crate) suite: &'static str,
    /// The end of the document's path, or the empty text for all.
    pub(crate) case: &'static str,
    /// The rule, or the beginning of the ids of a family with a `*` behind.
    pub(crate) rule: &'static str,
    /// Why.
    #[expect(dead_code, reason = "for people")]
    pub(crate) reason: &'static str,
}

impl Difference {
    /// Whether the rule is the one of the difference, or of its family.
    pub(crate) fn covers(&self, rule: &str) -> bool {
        match self.rule.strip_suffix('*') {
            Some(family) => rule.starts_with(family),
            None => self.rule == rule,
        }
    }
}

const PEPPOL: &str = "peppol/unit-ubl";

const fn peppol(rule: &'static str, reason: &'static str) -> Difference {
    Difference { suite: PEPPOL, case: "", rule, reason }
}

/// The table.
#[rustfmt::skip]
pub(crate) const DIFFERENCES: &[Difference] = &[
    peppol("DK-R-*", "rules for Danish sellers are not in the rules crate"),
    peppol("GR-*", "rules for Greek sellers are not in the rules crate"),
    peppol("DE-R-*", "XRechnung says the same under other ids (BR-DE-*)"),
    peppol("NL-R-*", "rules for Dutch sellers are not in the rules crate"),
    peppol("SE-R-*", "rules for Swedish sellers are not in the rules crate"),
    peppol("NO-R-*", "rules for Norwegian sellers are not in the rules crate"),
    peppol("IT-R-*", "rules for Italian sellers are not in the rules crate"),
];
