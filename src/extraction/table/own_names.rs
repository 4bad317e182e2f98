//! Names of our own form as headings, where they stand without the group that they are in, or with
//! it in one word: `name`, `tax_rate`, `seller_city`, `lines[].net`.

use crate::extraction::table::headings::{folded, named};
use crate::extraction::table::layout::Column;
use crate::extraction::table::profile::Route;
use crate::extraction::terms::{Field, INVOICE, Kind, fold};

/// Groups whose members are understood without their name, in this order: what a row of a table is
/// about, and what stands below it.
const BARE: [&str; 2] = ["lines", "totals"];

/// Names that headings of any table have: alone they mean nothing.
const BROAD: [&str; 5] = ["id", "note", "object", "parent", "status"];

/// Words for a text about an item that is longer than its name.
const DESCRIPTIONS: [&str; 9] = [
    "description",
    "item description",
    "product description",
    "beschreibung",
    "artikelbeschreibung",
    "descrizione",
    "descripcion",
    "omschrijving",
    "product omschrijving",
];

/// The member that a heading names with its groups, as the reference writes it: `tax[].rate` is no
/// `tax rate`.
pub(crate) fn dotted(heading: &str) -> Option<Route> {
    heading.contains('.').then(|| named(&heading.trim().replace("[]", "")))?
}

/// The member that a heading names in our own words; none for any other heading.
pub(crate) fn route(heading: &str) -> Option<Route> {
    let plain = heading.trim().replace("[]", "");
    let folded = fold(&plain.replace('.', "_"));
    named(&plain).or_else(|| bare(&folded)).or_else(|| joined(INVOICE, &folded))
}

/// A member of the line or of the totals, by its name alone.
fn bare(folded: &str) -> Option<Route> {
    if BROAD.contains(&folded) {
        return None;
    }
    BARE.iter().find_map(|name| {
        let group = INVOICE.iter().find(|field| field.name == *name)?;
        let field = group.members()?.iter().find(|field| field.is_called(folded))?;
        is_leaf(field).then(|| vec![group, field])
    })
}

/// A member behind the name of its group. The lines are a list, and a row is one of them; of any
/// other list a table has no place for more than the first item, so its full name must be given.
fn joined(group: &'static [Field], folded: &str) -> Option<Route> {
    group.iter().find_map(|field| {
        let members = match field.kind {
            Kind::Group(members) => members,
            Kind::List(members) if field.name == "lines" => members,
            _ => return None,
        };
        let names = std::iter::once(&field.name).chain(field.aliases);
        let names = names.flat_map(|name| [fold(name), fold(name.trim_end_matches('s'))]);
        let mut rests = names.filter_map(|name| folded.strip_prefix(&*name).map(str::to_owned));
        let rest = rests.find_map(|rest| within(members, &rest))?;
        Some(std::iter::once(field).chain(rest).collect())
    })
}

/// A member of a group, or of a group within it: an address is its party's.
fn within(members: &'static [Field], folded: &str) -> Option<Route> {
    let leaf = members.iter().find(|field| is_leaf(field) && field.is_called(folded));
    leaf.map(|field| vec![field]).or_else(|| joined(members, folded)).or_else(|| {
        members.iter().find_map(|field| {
            let Kind::Group(inner) = field.kind else { return None };
            let rest = within(inner, folded)?;
            Some(std::iter::once(field).chain(rest).collect())
        })
    })
}

fn is_leaf(field: &Field) -> bool {
    field.members().is_none() && !matches!(field.kind, Kind::Inline | Kind::Mixed(_))
}

/// Two columns that may both be the name of an item (BT-153), one of which is called a
/// description: that one becomes BT-154, and then this is true.
pub(crate) fn name_and_description(first: &mut Column, second: &mut Column) -> bool {
    let is_name = first.route.last().is_some_and(|field| field.term == "BT-153");
    let described = |column: &Column| DESCRIPTIONS.contains(&folded(&column.heading).as_str());
    if !is_name || described(first) == described(second) {
        return false;
    }
    let Some(route) = named("BT-154") else { return false };
    if described(first) {
        std::mem::swap(first, second);
    }
    second.route = route;
    true
}

#[cfg(test)]
mod tests {
    use super::{BARE, BROAD, is_leaf};
    use crate::extraction::table::headings::{Meaning, meaning};
    use crate::extraction::terms::{Field, INVOICE, Kind};

    /// Every member that a cell can hold, by its full name.
    fn leaves(group: &'static [Field], before: &str, found: &mut Vec<(String, &'static Field)>) {
        for field in group.iter().filter(|field| !matches!(field.kind, Kind::Side(..))) {
            let list = if matches!(field.kind, Kind::List(_)) { "[]" } else { "" };
            let name = format!("{before}{}{list}", field.name);
            match field.members() {
                Some(members) => leaves(members, &format!("{name}."), found),
                None if is_leaf(field) => found.push((name, field)),
                None => {}
            }
        }
    }

    #[test]
    fn every_name_of_the_reference_is_a_heading() {
        let mut found = Vec::new();
        leaves(INVOICE, "", &mut found);
        assert!(found.len() > 100, "{}", found.len());
        for (name, field) in found {
            let Some(Meaning::Term(route)) = meaning(&name) else { panic!("{name}") };
            let last = route.last().expect("a member");
            assert!(std::ptr::eq(*last, field) || last.term == field.term, "{name}: {last:?}");
        }
    }

    #[test]
    fn names_of_lines_and_totals_need_no_group() {
        for name in BARE {
            let group = INVOICE.iter().find(|field| field.name == name).expect("a group");
            for field in group.members().expect("members").iter().filter(|field| is_leaf(field)) {
                let broad = BROAD.contains(&field.name);
                assert!(broad || meaning(field.name).is_some(), "{name}: {}", field.name);
            }
        }
    }
}
