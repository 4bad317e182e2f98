//! Charges and allowances of the document by code, against those ordered (handbook §7).

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::models::case::ChargedBefore;
use crate::models::order::{ChargeBasis, PlannedCharge};
use crate::models::verdict::{Charged, CheckCode};
use crate::reconciliation::charge_code;
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::judged::{At, Judged, Terms};
use crate::reconciliation::comparison::{Comparison, Worse};
use crate::reconciliation::pairing::Fate;
use crate::reconciliation::positions::corrected;
use crate::reconciliation::show;
use crate::reconciliation::tolerance::Lower;

/// One charge or allowance, over all orders that the invoice names, in the document's currency.
/// What does not fit is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Charge {
    /// Billed by this invoice.
    pub(super) own: Option<Decimal>,
    /// Of it, as a line: that is in the total of the lines.
    as_line: Option<Decimal>,
    /// Billed by earlier invoices.
    pub(super) before: Option<Decimal>,
    /// Ordered, as far as this and earlier invoices may bill it.
    pub(super) expected: Option<Decimal>,
    planned: bool,
}

/// By allowance and code: charges first.
pub(crate) type Charges<'a> = BTreeMap<(bool, &'a str), Charge>;

impl Charge {
    const NOTHING: Self = Self {
        own: Some(Decimal::ZERO),
        as_line: Some(Decimal::ZERO),
        before: Some(Decimal::ZERO),
        expected: Some(Decimal::ZERO),
        planned: false,
    };

    /// What of it this invoice was expected to bill: no more than is left, and no more than it
    /// does bill, because a charge may come with a later invoice.
    pub(super) fn expected_now(&self) -> Option<Decimal> {
        let left = self.expected?.checked_sub(self.before?)?;
        let own = self.own?.checked_sub(self.as_line?)?;
        Some(left.max(Decimal::ZERO).min(own.max(Decimal::ZERO)))
    }
}

impl<'s, 'a> Checks<'s, 'a> {
    /// All that is billed or planned.
    pub(crate) fn charges(&self) -> Charges<'a> {
        let mut charges = Charges::new();
        let case = self.scene.case;
        for part in &case.invoice.allowances_and_charges {
            let code = charge_code::of(part, &case.policy);
            let charge = charges.entry((!part.charge, code)).or_insert(Charge::NOTHING);
            add(&mut charge.own, Some(part.amount));
        }
        for (place, fate) in self.fates.iter().enumerate() {
            if let Fate::Charge { code } = fate {
                let charge = charges.entry((false, code)).or_insert(Charge::NOTHING);
                add(&mut charge.own, self.figures[place].net);
                add(&mut charge.as_line, self.figures[place].net);
            }
        }
        for &place in self.named {
            for planned in &self.orders.all[place].charges {
                let key = (planned.allowance, planned.code.trim());
                let charge = charges.entry(key).or_insert(Charge::NOTHING);
                charge.planned = true;
                add(&mut charge.expected, self.expected_charge(place, planned));
            }
        }
        self.add_earlier(&mut charges);
        charges
    }

    /// What earlier invoices charged on the orders; an invoice that this one replaces charged
    /// nothing.
    fn add_earlier(&self, charges: &mut Charges<'a>) {
        let case = self.scene.case;
        let corrected = corrected(case);
        let mut earlier: Vec<&ChargedBefore> = case.charged_before.iter().collect();
        earlier.retain(|before| {
            let replaced = before.invoice.as_deref().is_some_and(|one| corrected.contains(&one));
            let mut named = self.orders.by_number(&before.po).iter();
            !replaced && named.any(|place| self.named.contains(place))
        });
        // What says its kind tells the kind of what does not.
        earlier.sort_by_key(|before| before.allowance.is_none() && before.amount < Decimal::ZERO);
        for before in earlier {
            let code = before.code.trim();
            let taken_back =
                charges.contains_key(&(false, code)) && !charges.contains_key(&(true, code));
            let allowance =
                before.allowance.unwrap_or(before.amount < Decimal::ZERO && !taken_back);
            let amount = if allowance { -before.amount } else { before.amount };
            let charge = charges.entry((allowance, code)).or_insert(Charge::NOTHING);
            add(&mut charge.before, Some(amount));
        }
    }

    /// What counts on which order, for the ledger: a charge counts on the order that plans it, else
    /// on the first that the invoice names.
    pub(crate) fn charged(&self, charges: &Charges<'a>) -> Vec<Charged> {
        let Some(&first) = self.named.iter().next() else {
            return Vec::new();
        };
        let plans = |place: &&usize, allowance: bool, code: &str| {
            let planned = self.orders.all[**place].charges.iter();
            let mut planned = planned.map(|one| (one.allowance, one.code.trim()));
            planned.any(|one| one == (allowance, code))
        };
        let billed = charges.iter().filter_map(|(&(allowance, code), charge)| {
            let own = charge.own.filter(|own| !own.is_zero())?;
            let place = self.named.iter().find(|place| plans(place, allowance, code));
            let order = self.orders.all[*place.unwrap_or(&first)];
            let amount = if allowance { -own } else { own };
            Some(Charged {
                po: order.number.clone(),
                code: code.to_owned(),
                allowance,
                amount: show::exact_amount(amount, self.scene.minor_digits),
            })
        });
        billed.collect()
    }

    /// In the document's currency, as far as it may be billed by now.
    fn expected_charge(&self, place: usize, planned: &PlannedCharge) -> Option<Decimal> {
        let rate = self.scene.rate_of(self.orders.all[place])?;
        let amount = planned.amount.checked_mul(rate)?;
        match planned.basis {
            ChargeBasis::LumpSum => Some(amount),
            ChargeBasis::PerQuantity => {
                let (billed, ordered) = self.billed_of_order(place)?;
                if ordered.is_zero() {
                    return Some(amount);
                }
                amount.checked_mul(billed)?.checked_div(ordered)
            }
        }
    }

    /// Value billed by this and earlier invoices and value ordered, at order prices: quantities of
    /// different units have no sum.
    fn billed_of_order(&self, place: usize) -> Option<(Decimal, Decimal)> {
        let (mut billed, mut ordered) = (Decimal::ZERO, Decimal::ZERO);
        for position in &self.positions.all[self.positions.of_order(place)] {
            let price = position.price?;
            billed = billed.checked_add(price.of(position.billed?)?)?;
            ordered = ordered.checked_add(price.of(position.ordered)?)?;
        }
        for line in self.lines.iter().flatten() {
            if line.position.order_place == place {
                billed = billed.checked_add(line.position.price?.of(line.quantity?)?)?;
            }
        }
        Some((billed, ordered))
    }

    /// `CHARGE` for each code. Those of a line are in its net price.
    pub(super) fn charge_checks(&self, charges: &Charges<'a>, out: &mut impl FnMut(Judged<'s>)) {
        for (&(allowance, code), charge) in charges {
            let nothing = [charge.own, charge.before, charge.expected];
            if nothing.iter().all(|amount| amount.is_some_and(|amount| amount.is_zero())) {
                continue;
            }
            let numbers = charge
                .own
                .zip(charge.before)
                .and_then(|(own, before)| own.checked_add(before))
                .zip(charge.expected)
                .map(|(actual, expected)| Comparison {
                    worse: if allowance { Worse::Less } else { Worse::More },
                    ..Comparison::plain(actual, expected)
                });
            let policy = &self.scene.case.policy;
            let compared = !policy.charges_not_compared.contains(code);
            let limit = self.scene.limits.of_charge(code, !charge.planned);
            // An allowance that was not planned is a gift; a charge that is not billed yet is not
            // too little.
            let lower = match self.scene.is_final {
                true => Lower::Counts,
                false => Lower::PartDelivery,
            };
            let terms = Terms {
                shown: self.money(),
                limit: limit.filter(|_| compared),
                lower,
                rate: self.scene.ledger_rate,
            };
            out(Judged::new(CheckCode::Charge, At::Charge(code), numbers, terms));
        }
    }
}

fn add(sum: &mut Option<Decimal>, part: Option<Decimal>) {
    *sum = sum.zip(part).and_then(|(sum, part)| sum.checked_add(part));
}
