//! Are two parties known to be different?

use crate::models::invoice::{Identifier, Party, normalised};
use crate::reconciliation::pairing::similarity::{Likeness, Name};

/// Thousandths of likeness from which two names may be one company's.
const ALIKE: usize = 750;

/// True when the strongest kind of id that both sides know differs: VAT id, tax number, legal
/// registration, then any other id. A weaker id that agrees does not help: it is easily copied, or
/// names the supplier with one buyer alone. Where no id can be compared, names that are not alike
/// differ. What only one side knows proves nothing.
pub(crate) fn differ(one: &Party, other: &Party) -> bool {
    let agrees = agree(one.vat_id.as_slice(), other.vat_id.as_slice())
        .or_else(|| agree(one.tax_number.as_slice(), other.tax_number.as_slice()))
        .or_else(|| agree(&values(one.legal_id.as_slice()), &values(other.legal_id.as_slice())))
        .or_else(|| agree(&values(&one.ids), &values(&other.ids)));
    agrees.map_or_else(|| named_differently(one, other), |agrees| !agrees)
}

/// "ACME" and "ACME Manufacturing GmbH" may be one company: all words of one are in the other.
fn named_differently(one: &Party, other: &Party) -> bool {
    let (one, other) = (Name::new(one.name.as_deref()), Name::new(other.name.as_deref()));
    if one.is_empty() || other.is_empty() || one.within(&other) || other.within(&one) {
        return false;
    }
    Likeness::new(&one).to(&other, ALIKE).is_none()
}

/// Schemes are said by some writers and not by others.
fn values(ids: &[Identifier]) -> Vec<String> {
    ids.iter().map(|id| id.value.clone()).collect()
}

/// None when one side knows nothing.
fn agree(one: &[String], other: &[String]) -> Option<bool> {
    let ids = |ids: &[String]| -> Vec<String> {
        let ids = ids.iter().map(|id| normalised(id));
        ids.filter(|id| !id.is_empty()).collect()
    };
    let (one, other) = (ids(one), ids(other));
    if one.is_empty() || other.is_empty() {
        return None;
    }
    Some(one.iter().any(|id| other.contains(id)))
}

#[cfg(test)]
mod tests {
    use super::differ;
    use crate::models::invoice::Party;

    fn party(vat_id: &str, ids: &[&str]) -> Party {
        Party {
            vat_id: Some(vat_id.to_owned()).filter(|id| !id.is_empty()),
            ids: ids.iter().map(|&id| id.into()).collect(),
            ..Party::default()
        }
    }

    #[test]
    fn names_count_where_no_id_can_be_compared() {
        let named = |name: &str| Party { name: Some(name.to_owned()), ..Party::default() };
        for (one, other, different) in [
            ("Schrauben Meier GmbH", "SCHRAUBEN MEIER GMBH", false),
            ("ACME", "ACME Manufacturing GmbH", false),
            ("Schrauben Meier GmbH", "Schrauben-Meyer GmbH", false),
            ("Schrauben Meier GmbH", "Evil GmbH", true),
            ("", "Evil GmbH", false),
        ] {
            assert_eq!(differ(&named(one), &named(other)), different, "{one} {other}");
        }
    }

    #[test]
    fn the_strongest_id_that_both_know_is_not_outvoted() {
        let party = |text: &str| -> Party { serde_json::from_str(text).expect("a party") };
        for (one, other, different) in [
            (r#"{"vat_id":"DE1","ids":["7"]}"#, r#"{"vat_id":"DE2","ids":["7"]}"#, true),
            (
                r#"{"vat_id":"DE1","legal_id":"HRB 1"}"#,
                r#"{"vat_id":"DE1","legal_id":"HRB 2"}"#,
                false,
            ),
            (r#"{"tax_number":"1/2","ids":["7"]}"#, r#"{"tax_number":"3/4","ids":["7"]}"#, true),
            (r#"{"legal_id":"HRB 1","ids":["7"]}"#, r#"{"legal_id":"HRB 2","ids":["7"]}"#, true),
            (r#"{"legal_id":"HRB 1","ids":["7"]}"#, r#"{"legal_id":"hrb1","ids":["8"]}"#, false),
            (r#"{"vat_id":"DE1","ids":["7"]}"#, r#"{"legal_id":"HRB 2","ids":["7"]}"#, false),
            (r#"{"vat_id":"DE1","name":"ACME"}"#, r#"{"vat_id":"DE2","name":"ACME"}"#, true),
        ] {
            assert_eq!(differ(&party(one), &party(other)), different, "{one} {other}");
            assert_eq!(differ(&party(other), &party(one)), different, "{other} {one}");
        }
    }

    #[test]
    fn only_a_known_difference_counts() {
        for (one, other, different) in [
            (party("DE1", &[]), party("de 1", &[]), false),
            (party("DE1", &[]), party("DE2", &[]), true),
            (party("DE1", &[]), party("", &["7"]), false),
            (party("", &["7"]), party("DE2", &["7", "8"]), false),
            (party("", &["7"]), party("", &["8"]), true),
            (party("", &[]), party("", &[]), false),
        ] {
            assert_eq!(differ(&one, &other), different, "{one:?} {other:?}");
        }
    }
}
