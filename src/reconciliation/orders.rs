//! Which orders the invoice names, and where the lines of each may be looked for.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use crate::models::case::Case;
use crate::models::order::{OrderStatus, PurchaseOrder};
use crate::models::policy::MatchLevel;
use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::holds;
use crate::reconciliation::party;
use crate::reconciliation::reference::{Names, meaningful};
use crate::reconciliation::show;

/// Where the order line of an invoice line may be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// In this order, by its place in [`Orders::all`].
    One(usize),
    /// In any order that may be used: the line's own reference names nothing (handbook §3: "the
    /// search goes on without it").
    Any,
    /// Nowhere, and a hold on the document says why.
    Nowhere,
}

/// Where to look for the lines of an invoice.
pub(crate) struct Scopes {
    /// For each line.
    pub(crate) lines: Vec<Scope>,
    /// For what belongs to no line.
    pub(crate) document: Scope,
}

impl Scopes {
    fn all(scope: Scope, lines: usize) -> Self {
        Self { lines: vec![scope; lines], document: scope }
    }
}

/// The orders of the case in a total order, newest revision of each.
pub(crate) struct Orders<'a> {
    /// By date, number and buyer.
    pub(crate) all: Vec<&'a PurchaseOrder>,
    names: Names<'a>,
    usable: Vec<bool>,
}

/// What a reference comes to.
enum Named {
    Order(usize),
    Nothing,
    OtherSupplier,
    Several,
}

impl<'a> Orders<'a> {
    /// Sorts the orders and drops older revisions and copies.
    pub(crate) fn new(case: &'a Case) -> Self {
        let mut newest: BTreeMap<(&str, String), Vec<&PurchaseOrder>> = BTreeMap::new();
        for order in &case.purchase_orders {
            let key = (order.number.trim(), order.buyer_key());
            let kept = newest.entry(key).or_default();
            kept.retain(|other| other.revision >= order.revision && *other != order);
            if kept.iter().all(|other| other.revision == order.revision) {
                kept.push(order);
            }
        }
        let mut all: Vec<&PurchaseOrder> = newest.into_values().flatten().collect();
        all.sort_by_key(|order| order.issue_date);
        let names = Names::new(all.iter().map(|order| order.number.as_str()));
        let seller = &case.invoice.seller;
        let usable = all.iter().map(|order| {
            let place = names.find(&order.number);
            let open = order.status == OrderStatus::Open;
            open && !party::differ(seller, &order.supplier) && place.len() == 1
        });
        let usable = usable.collect();
        Self { all, names, usable }
    }

    /// May lines be looked for in it when nothing names it?
    pub(crate) fn usable(&self, order: usize) -> bool {
        self.usable[order]
    }

    /// The order that a receipt belongs to.
    pub(crate) fn by_number(&self, number: &str) -> &[usize] {
        self.names.find(number)
    }

    /// A scope for each invoice line and one for the document, and the holds of references that
    /// lead nowhere.
    pub(crate) fn scopes<'c>(&self, case: &'c Case, level: MatchLevel) -> (Scopes, Vec<Hold>) {
        let invoice = &case.invoice;
        let header = meaningful(invoice.order_reference.as_deref());
        let references: Vec<Option<&str>> = invoice
            .lines
            .iter()
            .map(|line| meaningful(line.order_reference.as_deref()).or(header))
            .collect();
        if header.is_none() && references.iter().all(Option::is_none) {
            if level == MatchLevel::None || !case.decisions.pairings.is_empty() {
                return (Scopes::all(Scope::Any, references.len()), Vec::new());
            }
            let hold = holds::document(
                HoldCode::PoRequired,
                "the invoice names no order (BT-13); releases when a corrected invoice names one",
            );
            return (Scopes::all(Scope::Nowhere, references.len()), vec![hold]);
        }
        let mut found: HashMap<&str, Scope> = HashMap::new();
        let mut raised = Vec::new();
        let mut of = |reference: &'c str| match found.entry(reference) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let (scope, hold) = self.scope(case, reference);
                raised.extend(hold);
                *new.insert(scope)
            }
        };
        let lines: Vec<Scope> =
            references.iter().map(|said| said.map_or(Scope::Any, &mut of)).collect();
        // A header that every line overrules is looked for by nobody.
        let in_use = references.is_empty() || references.contains(&header);
        let document = header.filter(|_| in_use).map_or(Scope::Any, of);
        (Scopes { lines, document }, raised)
    }

    fn scope(&self, case: &Case, reference: &str) -> (Scope, Option<Hold>) {
        let order = show::name(reference);
        let (scope, code, text) = match self.named(case, reference) {
            Named::Order(place) => return (Scope::One(place), None),
            Named::Nothing => (
                Scope::Any,
                HoldCode::PoNotFound,
                format!("order {order} is not known; releases when order {order} arrives"),
            ),
            Named::OtherSupplier => (
                Scope::Nowhere,
                HoldCode::VendorMismatch,
                format!(
                    "order {order} belongs to another supplier than the seller of this invoice; \
                     releases when the ids of the supplier are corrected"
                ),
            ),
            Named::Several => (
                Scope::Nowhere,
                HoldCode::AmbiguousPairing,
                format!(
                    "order {order} is known more than once and nothing says which is meant; \
                     releases when one order of that number is left"
                ),
            ),
        };
        (scope, Some(holds::order(code, reference, &text)))
    }

    /// One number may be used by several buyers: who cannot be meant is left out first.
    fn named(&self, case: &Case, reference: &str) -> Named {
        let places = self.names.find(reference);
        let (seller, buyer) = (&case.invoice.seller, &case.invoice.buyer);
        let supplied: Vec<usize> = (places.iter().copied())
            .filter(|&place| !party::differ(seller, &self.all[place].supplier))
            .collect();
        let bought: Vec<usize> = (supplied.iter().copied())
            .filter(|&place| !party::differ(buyer, &self.all[place].buyer))
            .collect();
        match (places, &supplied[..], &bought[..]) {
            ([], _, _) => Named::Nothing,
            (_, [], _) => Named::OtherSupplier,
            (_, [place], _) | (_, _, [place]) => Named::Order(*place),
            _ => Named::Several,
        }
    }
}
