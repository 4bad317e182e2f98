//! What a label can name.

use crate::extraction::lexicon::Shelf;

/// Languages with labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Language {
    German,
    English,
    French,
    Italian,
    Spanish,
    Dutch,
    Portuguese,
    Polish,
}

/// What a label names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Term {
    Field(Field),
    Document(Document),
    Column(Column),
    Total(Total),
}

impl Term {
    /// Where it is looked for.
    pub(crate) fn shelf(self) -> Shelf {
        match self {
            Self::Field(_) => Shelf::Fields,
            Self::Document(_) => Shelf::Documents,
            Self::Column(_) => Shelf::Columns,
            Self::Total(_) => Shelf::Totals,
        }
    }
}

/// Fields of header and footer. Some are here only so that their values are not taken for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    /// BT-1.
    Number,
    /// `Nr.`, `No.`, `N°`: BT-1 behind the name of the document, else anything.
    NumberSign,
    /// BT-2.
    IssueDate,
    /// `Datum`, `Date`: BT-2 where nothing better is there.
    AnyDate,
    /// BT-9.
    DueDate,
    /// BT-13.
    Order,
    /// BT-12.
    Contract,
    /// BT-10: `Ihr Zeichen`, `your reference`, `Leitweg-ID`.
    BuyerReference,
    /// BT-14: the seller's own number of the order.
    SalesOrder,
    /// BT-16.
    DeliveryNote,
    /// BT-72.
    DeliveryDate,
    /// BG-14.
    Period,
    /// BT-25.
    Preceding,
    /// BT-31, or BT-48 in the buyer's block.
    VatId,
    /// BT-48.
    BuyerVatId,
    /// BT-32.
    TaxNumber,
    /// BT-84.
    Iban,
    /// BT-86.
    Bic,
    /// BT-5.
    Currency,
    /// BT-20.
    Terms,
    /// BG-4 starts.
    Seller,
    /// BG-7 starts.
    Buyer,
    /// BG-13, BG-10 or another party's block starts.
    OtherParty,
    /// A party's name within its block.
    Name,
    /// A label whose value is none of ours: customer number, telephone, offer, page.
    Other,
}

/// What a document calls itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Document {
    /// 380.
    Invoice,
    /// 381.
    CreditNote,
    /// 384.
    Correction,
    /// 389.
    SelfBilled,
    /// 386.
    Prepayment,
    /// Neither: an offer, a reminder, a delivery note, a pro forma.
    NoInvoice,
}

/// Columns of the line table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    Position,
    SellerItem,
    BuyerItem,
    StandardItem,
    Description,
    Quantity,
    Unit,
    Price,
    /// BT-149: `PE`, `per`.
    PriceBase,
    /// A discount, in percent or as an amount.
    Discount,
    TaxRate,
    TaxAmount,
    Net,
    /// The line with tax.
    Gross,
    Date,
    Order,
    DeliveryNote,
    /// A column of something else.
    Other,
}

/// Sums, and the words that belong to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Total {
    /// BT-106.
    Lines,
    /// BT-107.
    Allowances,
    /// BT-108.
    Charges,
    /// One allowance of the document.
    Allowance,
    /// One charge of the document.
    Charge,
    /// BT-109.
    Net,
    /// BT-110.
    Tax,
    /// BT-116.
    TaxBase,
    /// BT-112.
    Gross,
    /// `Summe`, `Total`: which one, the arithmetic says.
    Any,
    /// BT-113.
    Paid,
    /// BT-114.
    Rounding,
    /// BT-115.
    Payable,
    /// A sum carried to or from another page.
    Carried,
    /// A discount for early payment.
    CashDiscount,
    /// Words by which no tax is due.
    Exempt,
    /// Words by which the buyer owes the tax.
    ReverseCharge,
    /// Words of a supply within the Union.
    IntraCommunity,
    /// Words of an export.
    Export,
}
