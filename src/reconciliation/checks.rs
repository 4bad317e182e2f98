//! The comparisons of a matched invoice (handbook §5.2, §5.3). All of them appear, also those
//! that pass.

mod charge;
mod currency;
mod price;
mod quantity;
mod result;
mod total;

use std::collections::BTreeSet;

use crate::models::case::Case;
use crate::models::money::Currency;
use crate::models::order::PurchaseOrder;
use crate::models::policy::Tolerance;
use crate::models::verdict::{Check, CheckCode};
use crate::reconciliation::matched::Matched;
use crate::reconciliation::orders::Orders;

/// UNTDID 1001: the last invoice of an order.
const FINAL_INVOICE: &str = "877";

/// What is the same for all checks of an invoice.
pub(crate) struct Checks<'a> {
    case: &'a Case,
    orders: &'a Orders<'a>,
    currency: Option<String>,
    minor_digits: u32,
}

impl<'a> Checks<'a> {
    /// Reads what all checks need from the document.
    pub(crate) fn new(case: &'a Case, orders: &'a Orders<'a>) -> Self {
        Self { case, orders, currency: currency(case), minor_digits: minor_digits(case) }
    }

    /// Currency of each order, then the lines in their order, then the total and the charges.
    pub(crate) fn all(
        &self,
        orders: &BTreeSet<usize>,
        lines: &[Option<Matched<'_>>],
    ) -> Vec<Check> {
        let mut checks: Vec<Check> = Vec::new();
        for &order in orders {
            checks.extend(self.currency_check(self.orders.all[order]));
        }
        for line in lines.iter().flatten() {
            checks.extend(self.quantity_checks(line));
            checks.extend(self.price_checks(line));
        }
        checks.push(self.total_check(lines));
        checks.extend(self.charge_check());
        checks
    }

    fn tolerance(&self, code: CheckCode) -> Option<&Tolerance> {
        self.case.policy.tolerances.get(&code)
    }

    /// No further invoice follows for the ordered lines.
    fn final_invoice(&self) -> bool {
        let code = self.case.invoice.type_code.as_deref();
        code.map(str::trim) == Some(FINAL_INVOICE)
    }

    fn currency_agrees(&self, order: &PurchaseOrder) -> bool {
        self.currency.as_deref() == Some(order.currency.code())
    }
}

/// BT-5 as it is compared; none when the document does not say.
pub(crate) fn currency(case: &Case) -> Option<String> {
    let code = case.invoice.currency.as_deref()?.trim().to_ascii_uppercase();
    (!code.is_empty()).then_some(code)
}

/// Digits of the document currency's minor unit; two when the document names no known currency,
/// whose amounts are not compared anyway.
pub(crate) fn minor_digits(case: &Case) -> u32 {
    let known = currency(case).and_then(|code| Currency::parse(&code).ok());
    known.map_or(2, Currency::minor_digits)
}
