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
    peppol("GR-*", "rules for Greek sellers: marks of the Greek tax office, which nobody else needs"),
    peppol("DE-R-016", "the VAT id or tax number: BR-S-02 and its kin say it in the core"),
    peppol("DE-R-018", "the figures of early payment: reading them says what is wrong (BT-20)"),
    peppol("DE-R-019", "the IBAN of a transfer: our own check says it for every source"),
    peppol("DE-R-020", "the IBAN of a direct debit: our own check says it for every source"),
];
