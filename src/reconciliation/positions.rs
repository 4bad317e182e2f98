//! What is known of each order line when the invoice comes: price, billed before, received
//! (handbook §1, "ledger view of a PO line").

mod price;

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use rust_decimal::Decimal;

use crate::models::case::{BilledBefore, Case};
use crate::models::invoice::InvoiceKind;
use crate::models::order::{OrderLine, OrderStatus, PurchaseOrder};
use crate::models::policy::MatchLevel;
use crate::reconciliation::item::known_by::KnownBy;
use crate::reconciliation::levels::Levels;
use crate::reconciliation::limits::{Limits, LineLimits};
use crate::reconciliation::orders::Orders;
use crate::reconciliation::received::{NOTHING, Receipts, Received};
use crate::reconciliation::reference::{Names, rank};
use crate::reconciliation::scene::CORRECTED_INVOICE;
use crate::reconciliation::units::Units;

pub(crate) use price::Price;

/// An order line, and what the ledger knows of it. What does not fit a decimal is none.
#[derive(Debug)]
pub(crate) struct Position<'a> {
    /// Its order.
    pub(crate) order: &'a PurchaseOrder,
    /// In [`Orders::all`].
    pub(crate) order_place: usize,
    /// The line itself.
    pub(crate) line: &'a OrderLine,
    /// O: for a closed line what was received when it was closed.
    pub(crate) ordered: Decimal,
    /// p; none when the order states no usable one.
    pub(crate) price: Option<Price>,
    /// B, quantity.
    pub(crate) billed: Option<Decimal>,
    /// Net billed before.
    pub(crate) billed_net: Option<Decimal>,
    /// What earlier invoices take, in their sequence.
    pub(crate) claims: Vec<&'a BilledBefore>,
    /// R, R', A; none where nothing came.
    pub(crate) came: Option<Box<Received<'a>>>,
    /// What has to agree.
    pub(crate) level: MatchLevel,
    /// What may differ.
    pub(crate) limits: Rc<LineLimits<'a>>,
    /// All ids of its item, where something holds for items.
    pub(crate) items: Vec<&'a str>,
}

impl<'a> Position<'a> {
    /// R, R', A.
    pub(crate) fn received(&self) -> &Received<'a> {
        self.came.as_deref().unwrap_or(&NOTHING)
    }

    /// What may still be billed; `received_only` counts what came, where that matters.
    pub(crate) fn room(&self, received_only: bool) -> Option<Decimal> {
        let limit = match self.received().net {
            Some(received) if received_only && self.level >= MatchLevel::ThreeWay => {
                self.ordered.min(received)
            }
            _ => self.ordered,
        };
        limit.checked_sub(self.billed?)
    }

    /// Nothing more is expected on the line.
    pub(crate) fn closed(&self) -> bool {
        self.line.closed_quantity.is_some() || self.order.status != OrderStatus::Open
    }

    /// Net of the line: O × p.
    pub(crate) fn net(&self) -> Option<Decimal> {
        self.price?.of(self.ordered)
    }
}

/// All lines of all orders; those of one order stand together, in the order of their ids.
pub(crate) struct Positions<'a> {
    pub(crate) all: Vec<Position<'a>>,
    ranges: Vec<Range<usize>>,
    /// The line ids of each order.
    names: Vec<Names<'a>>,
}

impl<'a> Positions<'a> {
    /// Gathers what the case knows.
    pub(crate) fn new(
        case: &'a Case,
        orders: &Orders<'a>,
        units: &Units,
        limits: &Limits<'a>,
    ) -> Self {
        let lines: Vec<Vec<&OrderLine>> = orders.all.iter().map(|order| sorted(order)).collect();
        let names = lines.iter();
        let names: Vec<Names<'_>> =
            names.map(|lines| Names::new(lines.iter().map(|line| line.id.as_str()))).collect();
        let known_by = KnownBy::new(case, orders, &names);
        let mut receipts = Receipts::new(case, orders, (&lines, &names), (units, &known_by));
        let mut levels = Levels::new(case);
        let mut limits = limits.by_line();
        let claims = claims(case, orders, &names);
        let count = lines.iter().map(Vec::len).sum();
        let mut positions = Self { all: Vec::with_capacity(count), ranges: Vec::new(), names };
        for (order_place, (&order, lines)) in orders.all.iter().zip(&lines).enumerate() {
            let start = positions.all.len();
            let level = levels.of_order(order, receipts.booked_in(order_place));
            let allowed = limits.of_order(order);
            let lines = lines.iter().enumerate().map(|(place, &line)| {
                let price = Price::new(order, line);
                let claims = claims.get(&(order_place, place)).cloned().unwrap_or_default();
                let (billed, billed_net) = sums(&claims, price);
                let items = known_by.of((order_place, place), line);
                Position {
                    order,
                    order_place,
                    line,
                    ordered: line.closed_quantity.unwrap_or(line.quantity),
                    price,
                    billed,
                    billed_net,
                    claims,
                    came: receipts.take(order_place, place),
                    level: levels.found(&level, line, &items).0,
                    limits: limits.of_line(&allowed, line, &items),
                    items,
                }
            });
            positions.all.extend(lines);
            positions.ranges.push(start..positions.all.len());
        }
        positions
    }

    /// The lines of one order.
    pub(crate) fn of_order(&self, order: usize) -> Range<usize> {
        self.ranges[order].clone()
    }

    /// The places within an order of the lines that go by this id.
    pub(crate) fn named(&self, order: usize, line: &str) -> &[usize] {
        self.names[order].find(line)
    }
}

/// The lines of an order, by id.
fn sorted(order: &PurchaseOrder) -> Vec<&OrderLine> {
    let mut lines: Vec<&OrderLine> = order.lines.iter().collect();
    // Most orders are written in this order already, and a million lines are not ranked twice.
    if !lines.is_sorted_by_key(|line| rank(&line.id)) {
        lines.sort_by_cached_key(|&line| rank(&line.id));
    }
    lines
}

/// Claims by the places of order and line.
type Claims<'a> = HashMap<(usize, usize), Vec<&'a BilledBefore>>;

/// What earlier invoices take, by order and line. A correction replaces the invoice that it names,
/// so that one does not count (§10, BT-3 384).
fn claims<'a>(case: &'a Case, orders: &Orders<'a>, names: &[Names<'a>]) -> Claims<'a> {
    let mut all = Claims::new();
    let corrected = corrected(case);
    for claim in &case.billed_before {
        if claim.invoice.as_deref().is_some_and(|invoice| corrected.contains(&invoice)) {
            continue;
        }
        for &order in orders.by_number(&claim.po) {
            for &line in names[order].find(&claim.po_line) {
                all.entry((order, line)).or_default().push(claim);
            }
        }
    }
    all
}

/// Numbers and ids of the invoices that this one replaces.
pub(crate) fn corrected(case: &Case) -> Vec<&str> {
    let code = case.invoice.type_code.as_deref().map(str::trim);
    if code != Some(CORRECTED_INVOICE) || case.invoice.kind != InvoiceKind::Invoice {
        return Vec::new();
    }
    let named = case.preceding.iter().filter(|preceding| preceding.same_vendor);
    named.flat_map(|one| [Some(one.number.as_str()), one.id.as_deref()]).flatten().collect()
}

/// Quantity and net of the claims; a claim without an amount is worth the order's price.
fn sums(claims: &[&BilledBefore], price: Option<Price>) -> (Option<Decimal>, Option<Decimal>) {
    let mut quantity = Some(Decimal::ZERO);
    let mut net = Some(Decimal::ZERO);
    for claim in claims {
        quantity = quantity.and_then(|sum| sum.checked_add(claim.quantity));
        let worth = claim.amount.or_else(|| price?.of(claim.quantity));
        net = net.zip(worth).and_then(|(sum, worth)| sum.checked_add(worth));
    }
    (quantity, net)
}
