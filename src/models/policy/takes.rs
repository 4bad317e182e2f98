//! Which limits a check takes, and what its amount limit counts in (reconciliation handbook §5).

use crate::models::verdict::CheckCode;

/// What an amount limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// Money, in the ledger currency.
    Money,
    /// A price of one, in the document's currency.
    Price,
    /// In the unit of the order line.
    Quantity,
    /// Price units in one order unit.
    Ratio,
    /// Calendar days.
    Days,
    /// Money, in the ledger currency, × days.
    MoneyDays,
}

impl Counts {
    /// As the manual says it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Price => "price",
            Self::Quantity => "quantity",
            Self::Ratio => "ratio",
            Self::Days => "days",
            Self::MoneyDays => "money × days",
        }
    }
}

/// Limits that have a meaning for a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// What its amount limit counts.
    pub amount: Counts,
    /// It has a percent limit. Of an expected value of nothing every percentage is too little.
    pub percent: bool,
    /// It has limits for too little.
    pub lower: bool,
    /// It belongs to an invoice line. Of the rules those for suppliers alone reach the others.
    pub of_line: bool,
}

/// The limits that a check takes; none for those that no limit helps.
pub fn takes(code: CheckCode) -> Option<Takes> {
    use CheckCode as Code;
    let all = |amount: Counts| Takes { amount, percent: true, lower: true, of_line: true };
    let document = |amount: Counts| Takes { of_line: false, ..all(amount) };
    Some(match code {
        Code::ReceiptMissing | Code::TaxRate | Code::Currency => return None,
        Code::QtyOrdered | Code::QtyReceived | Code::QtyAccepted | Code::PriceBase => {
            all(Counts::Quantity)
        }
        // The percentage of the quantity says the same already.
        Code::QtyValue => Takes { percent: false, ..all(Counts::Money) },
        Code::ListPrice | Code::UnitPrice => all(Counts::Price),
        Code::PriceUomRatio => all(Counts::Ratio),
        Code::AmtOrdered
        | Code::AmtReceived
        | Code::LineCharges
        | Code::LineDiscount
        | Code::LineNet
        | Code::LineTotal
        | Code::TaxLine
        | Code::FxRate
        | Code::FxTotal => all(Counts::Money),
        Code::ItemAmount => Takes { percent: false, ..all(Counts::Money) },
        Code::DateVariance => Takes { percent: false, lower: false, ..all(Counts::MoneyDays) },
        // Crediting less than was billed is no variance.
        Code::CreditQty => Takes { lower: false, ..document(Counts::Quantity) },
        Code::CreditAmount => Takes { lower: false, ..document(Counts::Money) },
        // An order may be left unbilled in part.
        Code::PoLimit => Takes { lower: false, ..document(Counts::Money) },
        Code::PoValidity => Takes { percent: false, lower: false, ..document(Counts::Days) },
        Code::Charge
        | Code::Prepaid
        | Code::TotalLines
        | Code::TotalAllowances
        | Code::TotalCharges
        | Code::TotalTax
        | Code::TotalRounding
        | Code::TotalPayable => document(Counts::Money),
    })
}
