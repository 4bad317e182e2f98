//! What is the same for all lines of a case: units, rates, limits, currency.

use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::models::case::Case;
use crate::models::invoice::InvoiceLine;
use crate::models::money::Currency;
use crate::models::order::PurchaseOrder;
use crate::models::policy::MatchLevel;
use crate::reconciliation::cumulative::Sum;
use crate::reconciliation::exchange::Rates;
use crate::reconciliation::item;
use crate::reconciliation::levels;
use crate::reconciliation::limits::Limits;
use crate::reconciliation::place;
use crate::reconciliation::positions::Position;
use crate::reconciliation::reference::trimmed;
use crate::reconciliation::units::Units;
use crate::reconciliation::units::fraction::Fraction;

/// UNTDID 1001: the last invoice of an order.
const FINAL_INVOICE: &str = "877";

/// UNTDID 1001: an invoice for a payment in advance.
const PREPAYMENT_INVOICE: &str = "386";

/// UNTDID 1001: an invoice that replaces another.
pub(crate) const CORRECTED_INVOICE: &str = "384";

/// UNTDID 1001: money that is added to an earlier invoice, without a delivery.
const DEBIT_NOTE: &str = "383";

/// A case, prepared for many look-ups.
pub(crate) struct Scene<'a> {
    /// All of it.
    pub(crate) case: &'a Case,
    /// Conversions.
    pub(crate) units: Units,
    /// Limits of the policy.
    pub(crate) limits: Limits<'a>,
    /// The level of what belongs to no order line.
    pub(crate) level: MatchLevel,
    /// BT-5 as it is compared; none when the document does not say.
    pub(crate) currency: Option<String>,
    /// Digits of its minor unit.
    pub(crate) minor_digits: u32,
    /// No further invoice follows for the ordered lines.
    pub(crate) is_final: bool,
    rates: Rates,
    /// From the document's currency to the ledger's; none when no rate is stored.
    pub(crate) ledger_rate: Option<Decimal>,
    credits: HashMap<&'a str, Sum>,
}

impl<'a> Scene<'a> {
    /// Reads what all lines need.
    pub(crate) fn new(case: &'a Case) -> Self {
        let policy = &case.policy;
        let limits = Limits::new(case);
        let currency = currency(case);
        let known = currency.as_deref().and_then(|code| Currency::parse(code).ok());
        let mut rates = Rates::new(&case.rates);
        if let Some(ledger) = policy.ledger_currency {
            rates = rates.through(ledger);
        }
        if policy.inverse_rates {
            rates = rates.with_inverse();
        }
        let ledger_rate = match (known, policy.ledger_currency) {
            (Some(from), Some(to)) => rates.decimal_rate(from, to),
            // A currency that nobody knows has no rate.
            (None, Some(_)) if currency.is_some() => None,
            _ => Some(Decimal::ONE),
        };
        Self {
            case,
            units: Units::new(&case.conversions, &policy.unit_aliases),
            limits,
            level: levels::of_document(case),
            currency,
            // Two when the document names no known currency: its amounts are not compared anyway.
            minor_digits: known.map_or(2, Currency::minor_digits),
            is_final: type_code(case) == Some(FINAL_INVOICE),
            rates,
            ledger_rate,
            credits: credits(case),
        }
    }

    /// It replaces the invoice that it names.
    pub(crate) fn is_correction(&self) -> bool {
        self.type_code() == Some(CORRECTED_INVOICE)
    }

    /// It adds money and no quantity.
    pub(crate) fn is_debit_note(&self) -> bool {
        self.type_code() == Some(DEBIT_NOTE)
    }

    /// It asks for a payment in advance.
    pub(crate) fn is_prepayment(&self) -> bool {
        self.type_code() == Some(PREPAYMENT_INVOICE)
    }

    /// BT-3.
    fn type_code(&self) -> Option<&'a str> {
        type_code(self.case)
    }

    /// Invoice and order are in one currency.
    pub(crate) fn same_currency(&self, order: &PurchaseOrder) -> bool {
        self.currency.as_deref() == Some(order.currency.code())
    }

    /// The policy lets this supplier invoice in another currency.
    pub(crate) fn may_convert(&self) -> bool {
        let policy = &self.case.policy;
        let seller = &self.case.invoice.seller;
        let mut named = policy.currency_conversion_suppliers.iter();
        policy.currency_conversion || named.any(|supplier| place::is(seller, supplier))
    }

    /// The rate from the order's currency to the document's; none when there is none, or none may
    /// be used.
    pub(crate) fn rate_of(&self, order: &PurchaseOrder) -> Option<Decimal> {
        if self.same_currency(order) {
            return Some(Decimal::ONE);
        }
        let to = Currency::parse(self.currency.as_deref()?).ok()?;
        self.may_convert().then(|| self.rates.decimal_rate(order.currency, to))?
    }

    /// From the order's currency to that of amount limits, at the rates of the invoice (§5.1): the
    /// ledger's, or the document's where the policy names no ledger. The way through the document
    /// is taken where no other is on file.
    pub(crate) fn limit_rate(&self, order: &PurchaseOrder) -> Option<Decimal> {
        let by_document = || self.rate_of(order)?.checked_mul(self.ledger_rate?);
        match self.case.policy.ledger_currency {
            Some(ledger) if !self.same_currency(order) => {
                self.rates.decimal_rate(order.currency, ledger).or_else(by_document)
            }
            _ => by_document(),
        }
    }

    /// The rate between two currencies that the policy lets one use.
    pub(crate) fn rate_between(&self, from: Currency, to: Currency) -> Option<Fraction> {
        self.rates.rate(from, to)
    }

    /// The rate from the order's currency to the ledger's: the order's own, else the stored one.
    pub(crate) fn order_rate(&self, order: &PurchaseOrder) -> Option<Decimal> {
        let ledger = self.case.policy.ledger_currency?;
        order.rate_to_ledger.or_else(|| self.rates.decimal_rate(order.currency, ledger))
    }

    /// How many order units one invoiced unit is. A side that says nothing means the other's unit.
    pub(crate) fn factor(&self, line: &InvoiceLine, position: &Position<'_>) -> Option<Fraction> {
        match (unit(&line.unit), unit(&position.line.unit)) {
            (Some(from), Some(to)) if from != to => {
                let own = item::invoiced(line);
                let same = item::conflict(own, item::ordered(position.line)).is_none();
                let own = own.into_iter().flatten().filter(|_| same);
                let items: Vec<&str> = position.items.iter().copied().chain(own).collect();
                let vendor = self.case.invoice.seller.vat_id.as_deref();
                self.units.factor(&items, vendor, from, to)
            }
            _ => Some(Fraction::ONE),
        }
    }

    /// What credit notes gave back of an invoice line.
    pub(crate) fn credited(&self, line: &str) -> Sum {
        let nothing = Some(Decimal::ZERO);
        self.credits.get(line).copied().unwrap_or(Sum { quantity: nothing, net: nothing })
    }
}

fn type_code(case: &Case) -> Option<&str> {
    case.invoice.type_code.as_deref().map(str::trim)
}

/// A unit that is said.
fn unit(unit: &Option<String>) -> Option<&str> {
    unit.as_deref().map(trimmed).filter(|unit| !unit.is_empty())
}

fn currency(case: &Case) -> Option<String> {
    let code = case.invoice.currency.as_deref()?.trim().to_ascii_uppercase();
    (!code.is_empty()).then_some(code)
}

fn credits(case: &Case) -> HashMap<&str, Sum> {
    let mut sums: HashMap<&str, Sum> = HashMap::new();
    for credit in &case.credits {
        let nothing = Some(Decimal::ZERO);
        let sum = sums.entry(&credit.line).or_insert(Sum { quantity: nothing, net: nothing });
        sum.quantity = sum.quantity.and_then(|sum| sum.checked_add(credit.quantity));
        sum.net = sum.net.and_then(|sum| sum.checked_add(credit.amount));
    }
    sums
}
