//! Lines that are compared by money: services, totals of order lines, ceilings, early deliveries.

use rust_decimal::Decimal;

use crate::models::policy::MatchLevel;
use crate::models::verdict::CheckCode;
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::judged::{At, Judged, Terms};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::tolerance::Lower;

impl<'s, 'a> Checks<'s, 'a> {
    /// `AMT_ORDERED` and, from three-way on, `AMT_RECEIVED`: net billed with earlier invoices
    /// against the order line and against the value received (§2, §5.2).
    pub(super) fn amount_checks(&self, line: &'s Matched<'a>, out: &mut impl FnMut(Judged<'s>)) {
        let ordered = line.position.line.net.or_else(|| line.position.net());
        out(self.net_billed(CheckCode::AmtOrdered, line, ordered));
        let code = CheckCode::AmtReceived;
        if line.position.level < MatchLevel::ThreeWay {
            let reason = "a two-way line is not compared with receipts";
            return out(Judged::not_applicable(code, At::Line(line.place), reason));
        }
        let received = line.position.received();
        let value = match received.value.filter(|value| !value.is_zero()) {
            Some(value) => Some(value),
            None => received.net.zip(line.position.price).and_then(|(net, price)| price.of(net)),
        };
        out(self.net_billed(code, line, value));
    }

    /// `LINE_TOTAL`: net billed of the order line with earlier invoices, against its net.
    pub(super) fn line_total(&self, line: &'s Matched<'a>) -> Judged<'s> {
        self.net_billed(CheckCode::LineTotal, line, line.position.net())
    }

    fn net_billed(
        &self,
        code: CheckCode,
        line: &'s Matched<'a>,
        expected: Option<Decimal>,
    ) -> Judged<'s> {
        // Both sides are in the order's currency; limits are shown in the document's.
        let at_rate = |net: Decimal| net.checked_mul(line.rate?);
        let billed = line.cumulative.and_then(|cumulative| cumulative.net);
        let numbers = billed
            .and_then(at_rate)
            .zip(expected.and_then(at_rate))
            .map(|(billed, expected)| Comparison::plain(billed, expected));
        self.judge_line(code, line, (numbers, self.money()), self.lower(line))
    }

    /// `ITEM_AMOUNT`: BT-131 against a ceiling, also for lines without an order.
    pub(super) fn item_amount(&self, place: usize, line: Option<&'s Matched<'a>>) -> Judged<'s> {
        let code = CheckCode::ItemAmount;
        let numbers = self.figures[place].net.map(|net| Comparison::plain(net, Decimal::ZERO));
        let at = At::Line(place);
        let limit = match line {
            Some(line) => line.position.limits.of(code),
            None => self.scene.limits.of_document(code),
        };
        if numbers.is_none() {
            return Judged::not_applicable(code, at, "the net amount is missing");
        }
        let rate = self.scene.ledger_rate;
        let terms = Terms { shown: self.money(), limit, lower: Lower::Counts, rate };
        Judged::new(code, at, numbers, terms)
    }

    /// `DATE_VARIANCE`: what is asked for before it was promised, in money × days.
    pub(super) fn date_variance(&self, line: &'s Matched<'a>) -> Judged<'s> {
        let code = CheckCode::DateVariance;
        let at = At::Line(line.place);
        let dates = line.position.line.promised_date.zip(self.scene.case.invoice.issue_date);
        let Some((promised, issued)) = dates else {
            return Judged::not_applicable(code, at, "no delivery date was promised");
        };
        // Once the day has come, nothing is ahead of it any more.
        let asked = self.scene.case.as_of.map_or(issued, |today| today.max(issued));
        let days = Decimal::from((promised - asked).num_days().max(0));
        let early = line.net.and_then(|net| net.checked_mul(days));
        let numbers = early.map(|early| Comparison::plain(early, Decimal::ZERO));
        self.judge_line(code, line, (numbers, self.money()), Lower::Counts)
    }
}
