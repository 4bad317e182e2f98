//! Why invoice lines are not paired, or doubtfully: the holds of pairing.

use crate::models::verdict::{Hold, HoldCode, PairingStep};
use crate::reconciliation::holds;
use crate::reconciliation::item;
use crate::reconciliation::orders::Scope;
use crate::reconciliation::pairing::{COMPARISONS_MAX, Fate, Search};
use crate::reconciliation::show;

/// Order lines that a text lists; the rest is counted.
const LISTED_MAX: usize = 5;

/// One hold for each line that needs a person, and one for each doubt about a paired line.
pub(super) fn holds(search: &Search<'_>, fates: &[Fate<'_>]) -> Vec<Hold> {
    let lines = fates.iter().enumerate();
    lines.flat_map(|(line, fate)| of_line(search, line, fate)).collect()
}

fn of_line(search: &Search<'_>, line: usize, fate: &Fate<'_>) -> Vec<Hold> {
    let id = &search.lines[line].id;
    match fate {
        Fate::Paired { position, step } => doubts(search, line, *position, *step),
        Fate::Unpaired { near } => unpaired(search, line, near).into_iter().collect(),
        Fate::Ambiguous { candidates } => {
            let text = format!(
                "{} fit equally well, so nothing was taken from the orders; releases when a person \
                 pairs the line or a corrected invoice names the order line (BT-132)",
                list(search, candidates)
            );
            vec![holds::line(HoldCode::AmbiguousPairing, id, &text)]
        }
        Fate::TooMany => {
            let text = format!(
                "finding its order line would take more than {COMPARISONS_MAX} comparisons; \
                 releases when a corrected invoice names order lines (BT-132)"
            );
            vec![holds::line(HoldCode::PairingLimit, id, &text)]
        }
        Fate::Charge { .. } | Fate::Explained => Vec::new(),
    }
}

fn unpaired(search: &Search<'_>, line: usize, near: &[usize]) -> Option<Hold> {
    let nothing_usable = || (0..search.orders.all.len()).all(|order| !search.orders.usable(order));
    let of = match search.scopes.lines[line] {
        Scope::One(order) => format!("of order {}", show::name(&search.orders.all[order].number)),
        // The hold of the unknown order says all there is to say.
        _ if nothing_usable() => return None,
        _ => "of any order on file".to_owned(),
    };
    let near = match near {
        [] => String::new(),
        near => format!(" ({} come near and are too alike to choose)", list(search, near)),
    };
    let text = format!(
        "no line {of} fits by reference (BT-132), item id, or price, quantity and name{near}; \
         releases when the order gets such a line or a person pairs it"
    );
    let id = &search.lines[line].id;
    Some(holds::line(HoldCode::UnpairedLine, id, &text))
}

fn doubts(search: &Search<'_>, line: usize, position: usize, step: PairingStep) -> Vec<Hold> {
    let (invoiced, ordered) = (&search.lines[line], &search.positions.all[position]);
    let mut doubts = Vec::new();
    let own = item::invoiced(invoiced);
    let says_item = own.iter().any(Option::is_some);
    let conflict = says_item.then(|| item::conflict(own, item::ordered(ordered.line))).flatten();
    let place = || list(search, &[position]);
    // A person who paired them has seen the items.
    let conflict = conflict.filter(|_| step != PairingStep::Decision);
    if let Some((term, billed, wanted)) = conflict {
        let place = place();
        let text = format!(
            "item {} ({term}) is billed, {place} asks for item {}; releases when a person pairs \
             the line or the ids agree",
            show::name(billed),
            show::name(wanted)
        );
        doubts.push(holds::line(HoldCode::ItemMismatch, &invoiced.id, &text));
    }
    if ordered.price.is_some_and(|price| price.from_net) {
        let place = place();
        let text = format!(
            "price and net amount of {place} disagree, so the net was used; goes when the order \
             is corrected"
        );
        doubts.push(holds::line(HoldCode::PoInconsistent, &invoiced.id, &text));
    }
    doubts
}

/// `order P1 lines 1 and 2`; several orders are listed one by one.
fn list(search: &Search<'_>, places: &[usize]) -> String {
    let shown: Vec<String> = places
        .iter()
        .take(LISTED_MAX)
        .map(|&place| {
            let position = &search.positions.all[place];
            let (order, line) = (&position.order.number, &position.line.id);
            format!("order {} line {}", show::name(order), show::name(line))
        })
        .collect();
    let more = places.len().saturating_sub(LISTED_MAX);
    match (more, &shown[..]) {
        (0, [rest @ .., last]) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        (0, shown) => shown.concat(),
        (more, shown) => format!("{} and {more} more", shown.join(", ")),
    }
}
