//! Orders with a value limit and a validity (handbook §7, "not to exceed").

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::models::verdict::CheckCode;
use crate::reconciliation::checks::judged::{At, Judged, Shown, Terms};
use crate::reconciliation::checks::{Checks, sum};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::tolerance::Lower;

impl<'s, 'a> Checks<'s, 'a> {
    /// `PO_LIMIT` and `PO_VALIDITY` of the orders that have them.
    pub(super) fn order_checks(&self, out: &mut impl FnMut(Judged<'s>)) {
        for &place in self.named {
            let order = self.orders.all[place];
            if let Some(limit) = order.limit {
                out(self.order_limit(place, limit));
            }
            if order.valid_from.is_some() || order.valid_to.is_some() {
                out(self.order_validity(place, order.valid_from, order.valid_to));
            }
        }
    }

    /// Net billed on the order by all invoices up to this one, in the order's currency.
    fn order_limit(&self, place: usize, limit: Decimal) -> Judged<'s> {
        let order = self.orders.all[place];
        let before = sum(self.positions.all[self.positions.of_order(place)]
            .iter()
            .map(|line| line.billed_net));
        let of_order = |line: &&Matched<'_>| line.position.order_place == place;
        let own = self.lines.iter().flatten().filter(of_order);
        let own = sum(own.map(|line| line.to_order(line.net)));
        let numbers = before
            .zip(own)
            .and_then(|(before, own)| before.checked_add(own))
            .map(|billed| Comparison::plain(billed, limit));
        let code = CheckCode::PoLimit;
        let terms = Terms {
            shown: Shown::Amount(order.currency.minor_digits()),
            limit: self.scene.limits.of_document(code),
            lower: Lower::Counts,
            // Both sides are in the order's currency: the document's own rate says nothing of them.
            rate: self.scene.limit_rate(order),
        };
        Judged::new(code, At::Order(place), numbers, terms)
    }

    /// Days between the delivery (BT-72, else the end of BG-14, else BT-2) and the validity.
    fn order_validity(
        &self,
        place: usize,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Judged<'s> {
        let code = CheckCode::PoValidity;
        let invoice = &self.scene.case.invoice;
        let delivered = invoice.delivery.as_ref().and_then(|delivery| delivery.date);
        let period = invoice.period.as_ref().and_then(|period| period.end);
        let Some(day) = delivered.or(period).or(invoice.issue_date) else {
            let reason = "the invoice has no date";
            return Judged::not_applicable(code, At::Order(place), reason);
        };
        let early = from.map_or(0, |from| (from - day).num_days().max(0));
        let late = to.map_or(0, |to| (day - to).num_days().max(0));
        let numbers = Comparison::plain(Decimal::from(early.max(late)), Decimal::ZERO);
        self.judge_document(code, At::Order(place), Some(numbers), Shown::Number)
    }
}
