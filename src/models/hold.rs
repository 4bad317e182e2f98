//! Reasons not to pay, and who may release them (reconciliation handbook §13).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// What a hold blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldSeverity {
    /// Blocks approval.
    Stop,
    /// Blocks payment.
    Pay,
    /// Informs.
    Warn,
}

/// Who may release a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Accounts payable.
    Clerk,
    /// Head of accounts payable.
    Lead,
    /// Who ordered.
    Buyer,
    /// Who takes in goods.
    Receiver,
    /// Tax.
    Tax,
    /// Treasury.
    Treasury,
    /// Who keeps the supplier records.
    Master,
    /// Controlling.
    Controller,
    /// Nobody: it goes when its cause goes.
    Nobody,
}

impl Role {
    /// Those that a person may have.
    pub const OF_PERSONS: [Self; 8] = [
        Self::Clerk,
        Self::Lead,
        Self::Buyer,
        Self::Receiver,
        Self::Tax,
        Self::Treasury,
        Self::Master,
        Self::Controller,
    ];

    /// The word in commands, columns, tokens and documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Lead => "lead",
            Self::Buyer => "buyer",
            Self::Receiver => "receiver",
            Self::Tax => "tax",
            Self::Treasury => "treasury",
            Self::Master => "master",
            Self::Controller => "controller",
            Self::Nobody => "nobody",
        }
    }

    /// The duty of a person of that word.
    pub fn of_person(word: &str) -> Option<Self> {
        Self::OF_PERSONS.into_iter().find(|duty| duty.as_str() == word)
    }
}

macro_rules! holds {
    ($($(#[$doc:meta])* $code:ident = $text:literal, $severity:ident, $role:ident, $auto:literal;)*) => {
        /// Reasons not to pay. They may grow; a reader takes unknown ones as text.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            ToSchema,
        )]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum HoldCode {
            $($(#[$doc])* $code,)*
        }

        impl HoldCode {
            /// All of them, in the order of the enum.
            pub const ALL: [Self; [$($auto),*].len()] = [$(Self::$code),*];

            /// The code as it stands in JSON.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $text,)*
                }
            }

            /// The code that stands so in JSON.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|code| code.as_str() == text)
            }

            /// What it blocks.
            pub fn severity(self) -> HoldSeverity {
                match self {
                    $(Self::$code => HoldSeverity::$severity,)*
                }
            }

            /// Who may release it.
            pub fn released_by(self) -> Role {
                match self {
                    $(Self::$code => Role::$role,)*
                }
            }

            /// Whether a later run releases it when its cause is gone.
            pub fn releases_itself(self) -> bool {
                match self {
                    $(Self::$code => $auto,)*
                }
            }
        }
    };
}

// The table of §13: code, what it blocks, who releases it, whether a later run does.
holds! {
    /// The document breaks a rule of EN 16931 or of arithmetic.
    InvalidInvoice = "INVALID_INVOICE", Stop, Lead, true;
    /// A value that the comparison needs is missing.
    MissingData = "MISSING_DATA", Stop, Clerk, true;
    /// Same supplier and number as an earlier invoice.
    DupExact = "DUP_EXACT", Stop, Lead, true;
    /// Same supplier, and the number of an earlier invoice in another spelling.
    DupNormalised = "DUP_NORMALISED", Stop, Lead, true;
    /// Same supplier and amount as an earlier invoice, and nearly its date or its number.
    DupFuzzy = "DUP_FUZZY", Stop, Lead, true;
    /// Number, date and amount of an earlier invoice of a supplier that seems to be the same one.
    DupOtherVendor = "DUP_OTHER_VENDOR", Stop, Lead, true;
    /// Invoices that together pass an approval limit which none of them passes alone.
    SplitSuspected = "SPLIT_SUSPECTED", Warn, Controller, false;
    /// The seller is no supplier on file.
    VendorUnknown = "VENDOR_UNKNOWN", Stop, Master, true;
    /// The seller is two suppliers on file.
    VendorAmbiguous = "VENDOR_AMBIGUOUS", Stop, Master, true;
    /// The supplier is blocked for posting; for payment alone it is a pay hold.
    VendorBlocked = "VENDOR_BLOCKED", Stop, Master, true;
    /// The account to pay to (BT-84) is none that was verified for the supplier.
    BankChanged = "BANK_CHANGED", Pay, Master, true;
    /// The document came from an address that this supplier never used.
    SenderUnverified = "SENDER_UNVERIFIED", Warn, Clerk, true;
    /// The seller's VAT id (BT-31) is our own.
    OwnVat = "OWN_VAT", Stop, Lead, false;
    /// The buyer is not our company.
    NotAddressedToUs = "NOT_ADDRESSED_TO_US", Stop, Lead, false;
    /// Drawn for a look by a person.
    Sampled = "SAMPLED", Stop, Lead, false;
    /// The invoice names no order.
    PoRequired = "PO_REQUIRED", Stop, Buyer, true;
    /// The named order is not known.
    PoNotFound = "PO_NOT_FOUND", Stop, Buyer, true;
    /// The named order is closed or cancelled.
    PoClosed = "PO_CLOSED", Stop, Buyer, true;
    /// The order belongs to another supplier.
    VendorMismatch = "VENDOR_MISMATCH", Stop, Master, true;
    /// The named order line does not exist.
    PoLineNotFound = "PO_LINE_NOT_FOUND", Stop, Buyer, true;
    /// No order line fits.
    UnpairedLine = "UNPAIRED_LINE", Stop, Buyer, true;
    /// Two order lines fit equally well.
    AmbiguousPairing = "AMBIGUOUS_PAIRING", Stop, Buyer, true;
    /// Pairing would take more comparisons than are allowed.
    PairingLimit = "PAIRING_LIMIT", Stop, Buyer, true;
    /// The paired lines speak of different items.
    ItemMismatch = "ITEM_MISMATCH", Stop, Buyer, true;
    /// The order line's own price and net disagree; the net was used.
    PoInconsistent = "PO_INCONSISTENT", Warn, Buyer, true;
    /// A final receipt brought less than was ordered.
    ShortShipment = "SHORT_SHIPMENT", Warn, Buyer, true;
    /// Consignment and evaluated receipts settle without an invoice.
    InvoiceNotExpected = "INVOICE_NOT_EXPECTED", Stop, Buyer, false;
    /// The units differ, and no conversion is known.
    UomMismatch = "UOM_MISMATCH", Stop, Buyer, true;
    /// Check failed.
    QtyOrdered = "QTY_ORDERED", Stop, Buyer, true;
    /// Check failed.
    AmtOrdered = "AMT_ORDERED", Stop, Buyer, true;
    /// Check failed.
    QtyReceived = "QTY_RECEIVED", Stop, Receiver, true;
    /// Check failed.
    QtyAccepted = "QTY_ACCEPTED", Stop, Receiver, true;
    /// Check failed.
    QtyValue = "QTY_VALUE", Stop, Receiver, true;
    /// Check failed.
    AmtReceived = "AMT_RECEIVED", Stop, Receiver, true;
    /// Check failed.
    ReceiptMissing = "RECEIPT_MISSING", Stop, Receiver, true;
    /// The line may be invoiced before it is received; it is paid once it is.
    ReceiptPending = "RECEIPT_PENDING", Pay, Receiver, true;
    /// More came than the order line allows.
    OverReceipt = "OVER_RECEIPT", Warn, Buyer, true;
    /// Check failed.
    UnitPrice = "UNIT_PRICE", Stop, Buyer, true;
    /// Check failed.
    ListPrice = "LIST_PRICE", Stop, Buyer, true;
    /// Check failed.
    PriceBase = "PRICE_BASE", Stop, Buyer, true;
    /// Check failed.
    PriceUomRatio = "PRICE_UOM_RATIO", Stop, Buyer, true;
    /// Check failed.
    LineNet = "LINE_NET", Stop, Buyer, true;
    /// Check failed.
    LineTotal = "LINE_TOTAL", Stop, Buyer, true;
    /// Check failed.
    LineCharges = "LINE_CHARGES", Stop, Buyer, true;
    /// Check failed.
    LineDiscount = "LINE_DISCOUNT", Stop, Buyer, true;
    /// Check failed.
    ItemAmount = "ITEM_AMOUNT", Stop, Lead, false;
    /// Check failed.
    DateVariance = "DATE_VARIANCE", Stop, Lead, true;
    /// Check failed.
    Charge = "CHARGE", Stop, Buyer, true;
    /// Check failed.
    TotalLines = "TOTAL_LINES", Stop, Lead, true;
    /// Check failed.
    TotalAllowances = "TOTAL_ALLOWANCES", Stop, Lead, true;
    /// Check failed.
    TotalCharges = "TOTAL_CHARGES", Stop, Lead, true;
    /// Check failed.
    TotalRounding = "TOTAL_ROUNDING", Stop, Lead, true;
    /// Check failed.
    TotalPayable = "TOTAL_PAYABLE", Stop, Lead, true;
    /// Check failed.
    PoLimit = "PO_LIMIT", Stop, Buyer, true;
    /// Check failed.
    PoValidity = "PO_VALIDITY", Stop, Buyer, true;
    /// Check failed.
    TaxRate = "TAX_RATE", Stop, Tax, true;
    /// Check failed.
    TaxLine = "TAX_LINE", Stop, Tax, true;
    /// Check failed.
    TotalTax = "TOTAL_TAX", Stop, Tax, true;
    /// Check failed.
    Currency = "CURRENCY", Stop, Treasury, true;
    /// Check failed.
    FxRate = "FX_RATE", Stop, Treasury, true;
    /// Check failed.
    FxTotal = "FX_TOTAL", Stop, Treasury, true;
    /// No rate between two currencies is stored.
    FxRateMissing = "FX_RATE_MISSING", Stop, Treasury, true;
    /// A credit note or correction that names no invoice (BG-3), or none of this supplier and
    /// currency: nothing says what it changes.
    CreditRefMissing = "CREDIT_REF_MISSING", Stop, Lead, true;
    /// Check failed.
    CreditQty = "CREDIT_QTY", Stop, Lead, true;
    /// Check failed.
    CreditAmount = "CREDIT_AMOUNT", Stop, Lead, true;
    /// The credited price is less than half of the billed one: a price credit written as a return?
    CreditKindUnclear = "CREDIT_KIND_UNCLEAR", Stop, Lead, true;
    /// Goods were returned after they were billed.
    CreditExpected = "CREDIT_EXPECTED", Warn, Buyer, true;
    /// Check failed.
    Prepaid = "PREPAID", Stop, Lead, true;
    /// A person has to settle it.
    Manual = "MANUAL", Stop, Lead, false;
    /// A check could not be worked out.
    MatchError = "MATCH_ERROR", Stop, Lead, true;
}

/// A reason not to pay; it goes when its cause goes, or when a person releases it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    /// For machines.
    pub code: HoldCode,
    /// The invoice line; absent for the document.
    pub line: Option<String>,
    /// Of `CHARGE`: which one.
    #[serde(default)]
    pub charge: Option<String>,
    /// Of a hold on the document: the number of the order that it is about. A document may name
    /// several, and each is released on its own.
    #[serde(default)]
    pub po: Option<String>,
    /// What it blocks.
    pub severity: HoldSeverity,
    /// What is wrong, and what releases it, for people.
    pub text: String,
    /// Of a hold of an invoice: when it came to be. It keeps that time for as long as each
    /// comparison finds it again; a correction of the invoice begins anew. Absent in a result,
    /// which knows no times, and on what is held since before this was noted.
    #[serde(default)]
    #[schema(example = "2026-11-23T09:14:06.310Z")]
    pub since: Option<DateTime<Utc>>,
    /// Why it does not count any more: a person released it on these very values.
    #[serde(default)]
    pub released: Option<Release>,
}

/// A person's word that a hold may go. It lapses when the values that it was given for change.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The hold.
    pub code: HoldCode,
    /// Its invoice line; absent for the document.
    pub line: Option<String>,
    /// Of `CHARGE`: which one.
    #[serde(default)]
    pub charge: Option<String>,
    /// Its order, where the hold names one.
    #[serde(default)]
    pub po: Option<String>,
    /// The check's actual value when it was released; absent where the hold has no check.
    #[serde(default)]
    pub actual: Option<String>,
    /// The check's expected value when it was released.
    #[serde(default)]
    pub expected: Option<String>,
    /// Who said so.
    pub by: String,
    /// Why.
    pub reason: String,
}
