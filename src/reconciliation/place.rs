//! Where a rule of the policy applies: supplier, item, order line (handbook §2, §5.1).

mod covering;

pub(crate) use covering::{Covering, Places};

use crate::models::invoice::{Party, normalised};
use crate::models::policy::{LevelRule, LimitRule};

/// What a rule of the policy says about its place.
pub(crate) struct Said<'a> {
    vendor: Option<&'a str>,
    item: Option<&'a str>,
    po: Option<&'a str>,
    po_line: Option<&'a str>,
}

impl<'a> From<&'a LevelRule> for Said<'a> {
    fn from(rule: &'a LevelRule) -> Self {
        let LevelRule { vendor, item, po, po_line, .. } = rule;
        Self::new([vendor, item, po, po_line])
    }
}

impl<'a> From<&'a LimitRule> for Said<'a> {
    fn from(rule: &'a LimitRule) -> Self {
        let LimitRule { vendor, item, po, po_line, .. } = rule;
        Self::new([vendor, item, po, po_line])
    }
}

impl<'a> Said<'a> {
    fn new(said: [&'a Option<String>; 4]) -> Self {
        let [vendor, item, po, po_line] = said.map(|text| text.as_deref().map(str::trim));
        Self { vendor, item, po, po_line }
    }

    /// How narrow the place is: entity < supplier < item < item and supplier < order < its line.
    pub(crate) fn strength(&self) -> u8 {
        let said = [self.vendor, self.item, self.po, self.po_line];
        let bits = said.iter().zip([1, 2, 4, 8]);
        bits.filter(|(said, _)| said.is_some()).map(|(_, bit)| bit).sum()
    }
}

/// Whether a party goes by this id, VAT id, tax number or name.
pub(crate) fn is(party: &Party, text: &str) -> bool {
    let wanted = normalised(text);
    names(party).any(|name| name == wanted)
}

/// Id, VAT id, tax number and name of a party, as they are compared.
fn names(party: &Party) -> impl Iterator<Item = String> {
    let ids = party.ids.iter().chain(&party.legal_id).map(|id| id.value.as_str());
    let own = [&party.vat_id, &party.tax_number, &party.name];
    ids.chain(own.into_iter().filter_map(|text| text.as_deref())).map(normalised)
}

#[cfg(test)]
mod tests {
    use super::Said;
    use crate::models::policy::LevelRule;

    #[test]
    fn a_narrower_place_is_stronger() {
        let strength = |rule: &str| {
            let rule: LevelRule = serde_json::from_str(rule).expect("a rule");
            Said::from(&rule).strength()
        };
        let rules = [
            r#"{"level":"none"}"#,
            r#"{"level":"none","vendor":"V"}"#,
            r#"{"level":"none","item":"I"}"#,
            r#"{"level":"none","item":"I","vendor":"V"}"#,
            r#"{"level":"none","po":"P"}"#,
            r#"{"level":"none","po":"P","po_line":"1"}"#,
        ];
        assert!(rules.map(strength).is_sorted_by(|one, other| one < other));
    }
}
