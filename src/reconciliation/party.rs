//! Are two parties known to be different?

use crate::models::invoice::{Party, normalised};

/// True when both sides know an id of one kind, none of these agrees, and one differs. What only
/// one side knows proves nothing, and neither do names.
pub(crate) fn differ(one: &Party, other: &Party) -> bool {
    let pairs = [
        (&one.vat_id, &other.vat_id),
        (&one.tax_number, &other.tax_number),
        (&one.legal_id, &other.legal_id),
    ];
    let pairs = pairs.map(|(one, other)| agree(one.as_slice(), other.as_slice()));
    let known = pairs.into_iter().chain([agree(&one.ids, &other.ids)]);
    let known: Vec<bool> = known.flatten().collect();
    !known.is_empty() && known.iter().all(|agrees| !agrees)
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
            ids: ids.iter().map(|&id| id.to_owned()).collect(),
            ..Party::default()
        }
    }

    #[test]
    fn only_a_known_difference_counts() {
        for (one, other, different) in [
            (party("DE1", &[]), party("de 1", &[]), false),
            (party("DE1", &[]), party("DE2", &[]), true),
            (party("DE1", &[]), party("", &["7"]), false),
            (party("DE1", &["7"]), party("DE2", &["7", "8"]), false),
            (party("", &["7"]), party("", &["8"]), true),
            (party("", &[]), party("", &[]), false),
        ] {
            assert_eq!(differ(&one, &other), different, "{one:?} {other:?}");
        }
    }
}
