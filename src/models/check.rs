//! The comparisons of a reconciliation and how they end (reconciliation handbook §5, §15).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::policy::Tolerance;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $text:literal;)*) => {
        /// The comparisons of an invoice with its orders and receipts.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            ToSchema,
        )]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum CheckCode {
            $($(#[$doc])* $code,)*
        }

        impl CheckCode {
            /// All of them, in the order of the enum.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$code),*];

            /// The code as it stands in JSON.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $text,)*
                }
            }
        }
    };
}

codes! {
    /// Cumulative billed quantity against the ordered one.
    QtyOrdered = "QTY_ORDERED";
    /// Cumulative billed quantity against the received one, less what was rejected.
    QtyReceived = "QTY_RECEIVED";
    /// Cumulative billed quantity against what passed inspection (four-way).
    QtyAccepted = "QTY_ACCEPTED";
    /// Nothing was received at all.
    ReceiptMissing = "RECEIPT_MISSING";
    /// The same difference of quantity in money: order price × billed against order price ×
    /// received (two-way: ordered).
    QtyValue = "QTY_VALUE";
    /// Net billed against the order line's net, for lines without a usable quantity.
    AmtOrdered = "AMT_ORDERED";
    /// Net billed against the value received, for lines without a usable quantity.
    AmtReceived = "AMT_RECEIVED";
    /// Price before the line's charges and discounts (BT-146 / BT-149) against the order's.
    ListPrice = "LIST_PRICE";
    /// BT-149 against the order's price base.
    PriceBase = "PRICE_BASE";
    /// Charges of the line (Σ BT-141) against the order line's.
    LineCharges = "LINE_CHARGES";
    /// Discounts of the line (Σ BT-136) against the order line's.
    LineDiscount = "LINE_DISCOUNT";
    /// Net unit price (BT-131 / BT-129) against the order's.
    UnitPrice = "UNIT_PRICE";
    /// BT-131 against quantity × order price.
    LineNet = "LINE_NET";
    /// Net billed of the order line, with earlier invoices, against its net.
    LineTotal = "LINE_TOTAL";
    /// Price units in one order unit: invoice against receipt or order.
    PriceUomRatio = "PRICE_UOM_RATIO";
    /// BT-131 against a ceiling.
    ItemAmount = "ITEM_AMOUNT";
    /// BT-131 × days that the invoice is ahead of the promised delivery.
    DateVariance = "DATE_VARIANCE";
    /// Tax category and rate against the order's.
    TaxRate = "TAX_RATE";
    /// Tax of the line against the tax at the order's rate.
    TaxLine = "TAX_LINE";
    /// The effect of the exchange rate alone, in the ledger currency.
    FxRate = "FX_RATE";
    /// Price and exchange rate together, in the ledger currency.
    FxTotal = "FX_TOTAL";
    /// Quantity credited so far against the quantity billed on the named invoice.
    CreditQty = "CREDIT_QTY";
    /// Amount credited so far against the amount billed on the named invoice.
    CreditAmount = "CREDIT_AMOUNT";
    /// BT-5 against the order's currency.
    Currency = "CURRENCY";
    /// Charges and allowances of the document (BG-21, BG-20) by code, against those ordered.
    Charge = "CHARGE";
    /// Net billed on the order against its value limit.
    PoLimit = "PO_LIMIT";
    /// Days outside the validity of the order.
    PoValidity = "PO_VALIDITY";
    /// BT-113 against what was paid in advance and not used yet.
    Prepaid = "PREPAID";
    /// BT-106 against the sum expected from order prices and invoiced quantities.
    TotalLines = "TOTAL_LINES";
    /// BT-107 against the allowances ordered.
    TotalAllowances = "TOTAL_ALLOWANCES";
    /// BT-108 against the charges ordered.
    TotalCharges = "TOTAL_CHARGES";
    /// BT-110 against the tax at the order's rates, computed for each rate.
    TotalTax = "TOTAL_TAX";
    /// BT-114 against nothing.
    TotalRounding = "TOTAL_ROUNDING";
    /// BT-115 against what all of the above comes to.
    TotalPayable = "TOTAL_PAYABLE";
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// No variance.
    Pass,
    /// A variance inside the limits.
    PassWithin,
    /// A total outside its limits, and inside the small difference: posted apart.
    PassAccepted,
    /// A variance outside the limits: a hold of the same code.
    Fail,
    /// No limit is set.
    NotChecked,
    /// The level of the line does not call for it, or something it needs is held already.
    NotApplicable,
    /// It could not be worked out; counts as a fail and raises `MATCH_ERROR`.
    Error,
}

/// One comparison, with all that is needed to see why it ended as it did.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// What was compared.
    pub code: CheckCode,
    /// The invoice line (BT-126); absent for the document.
    pub line: Option<String>,
    /// Of `CHARGE`: which one.
    pub charge: Option<String>,
    /// The order's number.
    pub po: Option<String>,
    /// The order line's id.
    pub po_line: Option<String>,
    /// What the invoice comes to.
    pub actual: Option<String>,
    /// What order and receipts lead one to expect.
    pub expected: Option<String>,
    /// Positive when the difference is to the buyer's disadvantage.
    pub variance: Option<String>,
    /// Of the expected value, signed, two decimals, or `unbounded`.
    pub percent: Option<String>,
    /// The limits that were used.
    pub tolerance: Option<Tolerance>,
    /// The place in the policy that they stand at, such as `entity` or `tolerance_rules[2]`.
    pub tolerance_from: Option<String>,
    /// How it ended.
    pub verdict: CheckVerdict,
    /// The comparison in words that a clerk understands.
    pub text: String,
}
