//! All ids that the item of an order line goes by. An order may carry the buyer's id alone, the
//! invoice the GTIN and the policy the seller's id: what holds for the item holds under each of
//! them, as long as order and invoice name one item.

use std::collections::{BTreeSet, HashMap};

use crate::models::case::Case;
use crate::models::invoice::InvoiceLine;
use crate::models::order::OrderLine;
use crate::reconciliation::item::{Ids, conflict, invoiced, ordered};
use crate::reconciliation::orders::Orders;
use crate::reconciliation::reference::{Names, meaningful};

/// Invoice lines that name one item in different ways. An item has a handful of ids; more of them
/// are a mistake, and no reason to look at all for each line.
const SPELLINGS_MAX: usize = 16;

/// The places of an order and of its line.
type Place = (usize, usize);

/// What invoice lines say about the items of order lines.
#[derive(Default)]
pub(crate) struct KnownBy<'a> {
    /// Something of the case holds for an item; else nobody asks.
    asked: bool,
    /// Of lines that name the order line.
    named: HashMap<Place, BTreeSet<Ids<'a>>>,
    /// By each kind of id and the id.
    same: HashMap<(usize, &'a str), BTreeSet<Ids<'a>>>,
}

impl<'a> KnownBy<'a> {
    /// `names` are the line ids of each order.
    pub(crate) fn new(case: &'a Case, orders: &Orders<'a>, names: &[Names<'a>]) -> Self {
        let mut all = Self { asked: is_asked(case), ..Self::default() };
        if !all.asked {
            return all;
        }
        let chosen = case.decisions.pairings.iter();
        let chosen: HashMap<&str, (&str, &str)> = chosen
            .map(|one| (one.line.as_str(), (one.po.as_str(), one.po_line.as_str())))
            .collect();
        for line in &case.invoice.lines {
            let ids = invoiced(line);
            for (kind, id) in ids.into_iter().enumerate() {
                if let Some(id) = id {
                    all.same.entry((kind, id)).or_default().insert(ids);
                }
            }
            let named = chosen.get(line.id.as_str()).copied().or_else(|| named(case, line));
            let places = named.into_iter().flat_map(|(order, line)| {
                let orders = orders.by_number(order).iter();
                orders.flat_map(move |&at| names[at].find(line).iter().map(move |&line| (at, line)))
            });
            let mut places = places.filter(|_| ids.iter().any(Option::is_some));
            // An order line that may be one of several is nobody's.
            if let (Some(place), None) = (places.next(), places.next()) {
                all.named.entry(place).or_default().insert(ids);
            }
        }
        all
    }

    /// The ids of an order line, its own first; nothing where nobody asks.
    pub(crate) fn of(&self, place: Place, line: &'a OrderLine) -> Vec<&'a str> {
        if !self.asked {
            return Vec::new();
        }
        let own = ordered(line);
        let mut all: Vec<&str> = own.into_iter().flatten().collect();
        let keys = own.into_iter().enumerate().filter_map(|(kind, id)| Some((kind, id?)));
        let same = keys.filter_map(|key| self.same.get(&key));
        let said = self.named.get(&place).into_iter().chain(same);
        let said = said.flat_map(|ids| ids.iter().take(SPELLINGS_MAX));
        for ids in said.filter(|ids| conflict(**ids, own).is_none()) {
            for id in ids.iter().flatten() {
                if !all.contains(id) {
                    all.push(id);
                }
            }
        }
        all
    }
}

/// A conversion or a rule of the policy is for one item.
fn is_asked(case: &Case) -> bool {
    case.conversions.iter().any(|conversion| conversion.item.is_some())
        || case.policy.tolerance_rules.iter().any(|rule| rule.item.is_some())
        || case.policy.match_level.rules.iter().any(|rule| rule.item.is_some())
}

/// The order and the line of it that an invoice line names.
fn named<'a>(case: &'a Case, line: &'a InvoiceLine) -> Option<(&'a str, &'a str)> {
    let order = meaningful(line.order_reference.as_deref())
        .or_else(|| meaningful(case.invoice.order_reference.as_deref()));
    order.zip(meaningful(line.order_line_reference.as_deref()))
}
