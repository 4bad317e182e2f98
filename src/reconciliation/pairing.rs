//! Which invoice line belongs to which order line (handbook §3).
//!
//! Each step only sees the lines that earlier steps left open, and decides about each of them
//! without looking at the others, so the order of the lines decides nothing. Two different
//! assignments that score the same are refused.

mod class;
mod decision;
mod explicit;
mod item_id;
mod name;
mod receipt;
mod report;
pub(crate) mod similarity;
mod spread;
pub(crate) mod sum;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Range;

use rust_decimal::Decimal;

use crate::models::invoice::InvoiceLine;
use crate::models::policy::MatchLevel;
use crate::models::verdict::{Hold, PairingStep};
use crate::reconciliation::charge_code;
use crate::reconciliation::figures::Figures;
use crate::reconciliation::orders::{Orders, Scope, Scopes};
use crate::reconciliation::pairing::class::Classes;
use crate::reconciliation::pairing::item_id::ItemIndex;
use crate::reconciliation::pairing::name::{NameStep, Score};
use crate::reconciliation::pairing::spread::{Claim, Taken};
use crate::reconciliation::positions::Positions;
use crate::reconciliation::scene::Scene;
use crate::reconciliation::units::fraction::Fraction;

/// Pairs that one step may look at. 800 × 800 lines are 640,000 and take less than their 200 ms
/// (handbook §18); whoever needs more names order lines in BT-132.
const COMPARISONS_MAX: usize = 1_000_000;

/// How an invoice line fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate<'a> {
    /// It belongs to this order line.
    Paired {
        /// In [`Positions::all`].
        position: usize,
        /// The rule that found it.
        step: PairingStep,
    },
    /// No order line fits, and it is nothing but a charge.
    Charge {
        /// Its code.
        code: &'a str,
    },
    /// No order line fits; these come near, and are too alike to choose.
    Unpaired {
        /// In [`Positions::all`].
        near: Vec<usize>,
    },
    /// These fit equally well.
    Ambiguous {
        /// In [`Positions::all`].
        candidates: Vec<usize>,
    },
    /// Finding out would take more than [`COMPARISONS_MAX`] comparisons.
    TooMany,
    /// A hold on the document says why it was not looked for, or nothing asks for an order.
    Explained,
}

/// All invoice lines, paired or not.
pub(crate) struct Pairs<'a> {
    /// The orders that the invoice names and lines were paired with, by their place.
    pub(crate) orders: BTreeSet<usize>,
    /// One for each invoice line, in their order.
    pub(crate) fates: Vec<Fate<'a>>,
    /// Why lines are not paired, or doubtfully.
    pub(crate) holds: Vec<Hold>,
}

/// What the steps look at.
struct Search<'a> {
    scene: &'a Scene<'a>,
    lines: &'a [InvoiceLine],
    figures: &'a [Figures],
    positions: &'a Positions<'a>,
    orders: &'a Orders<'a>,
    scopes: Scopes,
    /// Made when a line names no order line.
    classes: OnceCell<Classes>,
}

impl Search<'_> {
    fn classes(&self) -> &Classes {
        self.classes.get_or_init(|| Classes::new(&self.positions.all, &self.scene.units))
    }

    /// The places among these, in ascending order, where an invoice line may be looked for.
    fn within<'p>(&self, line: usize, places: &'p [usize]) -> Vec<usize> {
        let range: Range<usize> = match self.scopes.lines[line] {
            Scope::One(order) => self.positions.of_order(order),
            Scope::Any => 0..self.positions.all.len(),
            Scope::Nowhere => 0..0,
        };
        let start = places.partition_point(|&place| place < range.start);
        let end = places.partition_point(|&place| place < range.end);
        let places: &'p [usize] = &places[start..end];
        let named = matches!(self.scopes.lines[line], Scope::One(_));
        let open = places.iter().copied().filter(|&place| {
            let order = self.positions.all[place].order_place;
            (named || self.orders.usable(order)) && self.both_free_or_priced(line, place)
        });
        open.collect()
    }

    /// What the invoice line asks for, in the unit of the order line.
    fn quantity(&self, line: usize, place: usize) -> Option<Decimal> {
        let quantity = self.figures[line].quantity?;
        let factor = self.scene.factor(&self.lines[line], &self.positions.all[place])?;
        if factor == Fraction::ONE { Some(quantity) } else { factor.apply(quantity) }
    }

    /// The price of one unit of the order line, as the invoice line asks it.
    fn price(&self, line: usize, place: usize) -> Option<Decimal> {
        let price = self.figures[line].price?;
        let factor = self.scene.factor(&self.lines[line], &self.positions.all[place])?;
        if factor == Fraction::ONE {
            return Some(price);
        }
        Some(factor.inverse()?.apply(price)?.normalize())
    }

    /// A free line never pairs with a priced one (§3).
    fn both_free_or_priced(&self, line: usize, place: usize) -> bool {
        let asked = self.figures[line].price.map(|price| price.is_zero());
        let price = self.positions.all[place].price;
        let ordered = price.map(|price| price.money.is_zero());
        asked.zip(ordered).is_none_or(|(asked, ordered)| asked == ordered)
    }
}

/// Pairs the lines of an invoice.
pub(crate) fn pair<'a>(
    scene: &'a Scene<'a>,
    orders: &'a Orders<'a>,
    positions: &'a Positions<'a>,
    figures: &'a [Figures],
) -> Pairs<'a> {
    let case = scene.case;
    let (scopes, mut holds) = orders.scopes(case, scene.level);
    let search = Search {
        scene,
        lines: &case.invoice.lines,
        figures,
        positions,
        orders,
        scopes,
        classes: OnceCell::new(),
    };
    let mut fates: Vec<Option<Fate<'_>>> = search
        .scopes
        .lines
        .iter()
        .map(|scope| (*scope == Scope::Nowhere).then_some(Fate::Explained))
        .collect();
    decision::pair(&search, &mut fates);
    holds.extend(by_reference(&search, &mut fates));
    if fates.iter().any(Option::is_none) {
        let mut taken = Taken::new(&search, &fates);
        let mut narrowed = receipt::candidates(&search, &fates);
        by_item_id(&search, &mut narrowed, &mut fates, &mut taken);
        by_name(&search, &narrowed, &mut fates, &mut taken);
    }
    let fates: Vec<Fate<'a>> =
        fates.into_iter().enumerate().map(|(line, fate)| settled(scene, line, fate)).collect();
    holds.extend(report::holds(&search, &fates));
    let orders = orders_of(&search, &fates);
    Pairs { orders, fates, holds }
}

/// What becomes of a line that no step paired: freight as an item is a charge; where nothing asks
/// for an order, it is nothing to explain.
fn settled<'a>(scene: &Scene<'a>, line: usize, fate: Option<Fate<'a>>) -> Fate<'a> {
    let fate = fate.unwrap_or(Fate::Unpaired { near: Vec::new() });
    let Fate::Unpaired { .. } = fate else {
        return fate;
    };
    let case = scene.case;
    if let Some(code) = charge_code::of_line(&case.invoice.lines[line], &case.policy) {
        return Fate::Charge { code };
    }
    if scene.level == MatchLevel::None { Fate::Explained } else { fate }
}

fn orders_of(search: &Search<'_>, fates: &[Fate<'_>]) -> BTreeSet<usize> {
    let scopes = search.scopes.lines.iter().chain([&search.scopes.document]);
    let named = scopes.filter_map(|scope| match scope {
        Scope::One(order) => Some(*order),
        Scope::Any | Scope::Nowhere => None,
    });
    let paired = fates.iter().filter_map(|fate| match fate {
        Fate::Paired { position, .. } => Some(search.positions.all[*position].order_place),
        _ => None,
    });
    named.chain(paired).collect()
}

/// Step 1: the document names the order line.
fn by_reference(search: &Search<'_>, fates: &mut [Option<Fate<'_>>]) -> Vec<Hold> {
    let mut holds = Vec::new();
    for line in open(fates) {
        match explicit::find(search, line) {
            Ok(fate) => fates[line] = fate,
            Err(hold) => holds.push(*hold),
        }
    }
    holds
}

/// Step 3: an item id is the same. Narrows the candidates of lines that it does not pair; where a
/// receipt narrowed them before, to those of its order lines.
fn by_item_id(
    search: &Search<'_>,
    narrowed: &mut [Vec<usize>],
    fates: &mut [Option<Fate<'_>>],
    taken: &mut Taken,
) {
    let lines = open(fates);
    if lines.is_empty() {
        return;
    }
    let index = ItemIndex::new(search.positions);
    let mut by_receipt = vec![false; fates.len()];
    for &line in &lines {
        let found = index.candidates(search, line);
        by_receipt[line] = !narrowed[line].is_empty();
        if !by_receipt[line] {
            narrowed[line] = found;
        } else if narrowed[line].iter().any(|place| found.contains(place)) {
            narrowed[line].retain(|place| found.contains(place));
        }
    }
    if narrowed.iter().map(Vec::len).sum::<usize>() > COMPARISONS_MAX {
        for (line, candidates) in narrowed.iter_mut().enumerate() {
            if !std::mem::take(candidates).is_empty() {
                fates[line] = Some(Fate::TooMany);
            }
        }
        return;
    }
    let mut claims = [(PairingStep::Receipt, Vec::new()), (PairingStep::ItemId, Vec::new())];
    for line in open(fates) {
        if search.classes().all_one(&narrowed[line]) {
            let candidates = std::mem::take(&mut narrowed[line]);
            let step = usize::from(!by_receipt[line]);
            claims[step].1.push(Claim { line, candidates });
        }
    }
    for (step, claims) in claims {
        taken.spread(search, claims, step, fates);
    }
}

/// Step 4: price, quantity and name agree.
fn by_name(
    search: &Search<'_>,
    narrowed: &[Vec<usize>],
    fates: &mut [Option<Fate<'_>>],
    taken: &mut Taken,
) {
    if open(fates).is_empty() {
        return;
    }
    let step = NameStep::new(search, taken);
    let mut candidates: Vec<Vec<usize>> = vec![Vec::new(); fates.len()];
    let lines = open(fates);
    for &line in &lines {
        if narrowed[line].is_empty() {
            candidates[line] = step.candidates(line);
        }
    }
    let too_many = candidates.iter().map(Vec::len).sum::<usize>() > COMPARISONS_MAX;
    let mut scores = vec![Score::default(); search.classes().count()];
    let mut claims = Vec::new();
    for line in lines {
        let found = match &narrowed[line][..] {
            [] if too_many && !candidates[line].is_empty() => Err(Fate::TooMany),
            [] => step.by_name(line, &candidates[line], &mut scores),
            narrowed => step
                .by_price(line, narrowed)
                .or_else(|fate| step.told_apart(line, fate, &mut scores)),
        };
        match found {
            Ok(candidates) => claims.push(Claim { line, candidates }),
            Err(fate) => fates[line] = Some(fate),
        }
    }
    taken.spread(search, claims, PairingStep::PriceQuantityName, fates);
}

fn open(fates: &[Option<Fate<'_>>]) -> Vec<usize> {
    let lines = fates.iter().enumerate();
    let open = lines.filter(|(_, fate)| fate.is_none());
    open.map(|(line, _)| line).collect()
}
