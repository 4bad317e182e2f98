//! References of SEPA inside texts: `EREF+`, `MREF+`, `SVWZ+` and their kin.

use crate::extraction::statement::mt::narrative::{charge, instructed};
use crate::extraction::statement::values::{account, prose, reference, word};
use crate::models::statement::EntryDetail;

/// The tags, without their `+`. Some banks write a colon.
const TAGS: [&str; 13] = [
    "EREF", "KREF", "MREF", "CRED", "DEBT", "COAM", "OAMT", "SVWZ", "ABWA", "ABWE", "IBAN", "BIC",
    "PURP",
];

/// Characters of a subfield. One that has as many goes on in the next one.
const FULL: usize = 27;

/// Joins parts: directly behind one that is full, else by a new line.
pub(crate) fn join(parts: &[&str]) -> String {
    let mut joined = String::new();
    for (index, part) in parts.iter().enumerate() {
        joined.push_str(part);
        if index + 1 < parts.len() && part.chars().count() < FULL {
            joined.push('\n');
        }
    }
    joined
}

/// A tag, empty for text before the first one, and what follows it.
pub(crate) type Tagged = (&'static str, String);

/// Splits the parts of a text at the tags; nothing when it has none.
pub(crate) fn split(parts: &[&str]) -> Vec<Tagged> {
    let joined = join(parts);
    let mut starts = vec![0];
    let mut at = 0;
    for part in parts {
        at += part.len() + usize::from(part.chars().count() < FULL);
        starts.push(at);
    }
    let plus = places(&joined, &starts, '+');
    let places = if plus.is_empty() { places(&joined, &starts, ':') } else { plus };
    if places.is_empty() {
        return Vec::new();
    }
    let mut tagged = vec![("", joined[..places[0].0].to_owned())];
    for (index, (at, tag)) in places.iter().enumerate() {
        let end = places.get(index + 1).map_or(joined.len(), |(next, _)| *next);
        tagged.push((*tag, joined[at + tag.len() + 1..end].to_owned()));
    }
    tagged
}

/// Where tags stand: at the beginning of a part or of a word.
fn places(joined: &str, starts: &[usize], mark: char) -> Vec<(usize, &'static str)> {
    let mut places = Vec::new();
    for (at, _) in joined.match_indices(mark) {
        let before = &joined[..at];
        let Some(tag) = TAGS.iter().find(|tag| before.ends_with(**tag)) else { continue };
        let start = at - tag.len();
        let word = joined[..start].chars().next_back().is_none_or(char::is_whitespace);
        if word || starts.binary_search(&start).is_ok() {
            places.push((start, *tag));
        }
    }
    places
}

/// Puts what the tags say into a payment.
pub(crate) fn read(detail: &mut EntryDetail, tagged: Vec<Tagged>, incoming: bool) {
    let mut other_role = None;
    for (tag, value) in tagged {
        let text = matches!(tag, "" | "SVWZ");
        // A reference ends with its line; what follows it is text.
        let (first, more) = match value.split_once('\n') {
            Some((first, more)) if !text => (first, more),
            _ if text => ("", value.as_str()),
            _ => (value.as_str(), ""),
        };
        let other = if incoming { "ABWE" } else { "ABWA" };
        match tag {
            "EREF" => detail.end_to_end_id = reference(first),
            "KREF" => detail.instruction_id = reference(first),
            "MREF" => detail.mandate = reference(first),
            "CRED" => detail.creditor_id = reference(first),
            "PURP" => detail.purpose = word(first),
            "IBAN" if detail.counterparty.account.is_none() => {
                detail.counterparty.account = account(first);
            }
            "BIC" if detail.counterparty.bank.is_none() => detail.counterparty.bank = word(first),
            "COAM" => detail.charges.extend(charge(first, tag)),
            "OAMT" => detail.instructed = instructed(first),
            "ABWA" | "ABWE" if tag == other => other_role = word(first),
            "ABWA" | "ABWE" => detail.counterparty.ultimate_name = word(first),
            _ => {}
        }
        detail.remittance.unstructured.extend(more.lines().filter_map(prose));
    }
    let ultimate = &mut detail.counterparty.ultimate_name;
    *ultimate = ultimate.take().or(other_role);
}

#[cfg(test)]
mod tests {
    use super::{read, split};
    use crate::models::statement::EntryDetail;

    #[test]
    fn tags_with_a_colon_count_where_there_is_none_with_a_plus() {
        let mut detail = EntryDetail::default();
        let text = "Miete Juni EREF: 4711 MREF: M-1 CRED: DE98ZZZ09999999999 IBAN: DE02 1203 0000 \
                    0000 2020 51 BIC: BYLADEM1001";
        read(&mut detail, split(&[text]), false);
        assert_eq!(detail.end_to_end_id.as_deref(), Some("4711"));
        assert_eq!(detail.mandate.as_deref(), Some("M-1"));
        assert_eq!(detail.creditor_id.as_deref(), Some("DE98ZZZ09999999999"));
        assert_eq!(detail.counterparty.account.as_deref(), Some("DE02120300000000202051"));
        assert_eq!(detail.counterparty.bank.as_deref(), Some("BYLADEM1001"));
        assert_eq!(detail.remittance.unstructured, ["Miete Juni"]);
    }

    #[test]
    fn a_word_that_ends_like_a_tag_is_none() {
        assert_eq!(split(&["ARABIC: 5", "XEREF+1"]), []);
        assert_eq!(split(&["", "é+", "+", ":"]), []);
    }
}
