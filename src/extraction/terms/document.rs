//! Rows of the document itself: BG-1 to BG-3, BG-13 to BG-24.

use crate::extraction::terms::line::{ALLOWANCE, CHARGE, LINE};
use crate::extraction::terms::party::{BUYER, DELIVERY, PAYEE, REPRESENTATIVE, SELLER};
use crate::extraction::terms::{Field, Kind};

/// The invoice, which everything is below.
pub(crate) static INVOICE: &[Field] = &[
    Field::new("kind", "", Kind::Direction),
    Field::new("number", "BT-1", Kind::Word).also(&["invoice_number", "invoice_no"]),
    Field::new("issue_date", "BT-2", Kind::Date).also(&["invoice_date", "date"]),
    Field::new("type_code", "BT-3", Kind::Word).also(&["invoice_type_code", "type"]),
    Field::new("currency", "BT-5", Kind::Word).also(&["currency_code"]),
    Field::new("tax_currency", "BT-6", Kind::Word).also(&["vat_currency"]),
    Field::new("tax_point_date", "BT-7", Kind::Date),
    Field::new("tax_point_code", "BT-8", Kind::Word),
    Field::new("due_date", "BT-9", Kind::Date).also(&["payment_due_date"]),
    Field::new("buyer_reference", "BT-10", Kind::Word),
    Field::new("project_reference", "BT-11", Kind::Word),
    Field::new("contract_reference", "BT-12", Kind::Word),
    Field::new("order_reference", "BT-13", Kind::Word).also(&[
        "order_number",
        "purchase_order",
        "po_number",
    ]),
    Field::new("sales_order_reference", "BT-14", Kind::Word),
    Field::new("receiving_advice_reference", "BT-15", Kind::Word),
    Field::new("despatch_advice_reference", "BT-16", Kind::Word),
    Field::new("tender_reference", "BT-17", Kind::Word),
    Field::new("invoiced_object", "BT-18", Kind::Identifier),
    Field::new("booking_reference", "BT-19", Kind::Word),
    Field::new("payment_terms", "BT-20", Kind::Prose),
    Field::new("notes", "BG-1", Kind::List(&NOTE)),
    Field::new("process_control", "BG-2", Kind::Inline),
    Field::new("process", "BT-23", Kind::Word),
    Field::new("specification", "BT-24", Kind::Word).also(&["profile"]),
    Field::new("preceding_invoices", "BG-3", Kind::List(&PRECEDING)),
    Field::new("seller", "BG-4", Kind::Group(&SELLER)).also(&["supplier"]),
    Field::new("buyer", "BG-7", Kind::Group(&BUYER)).also(&["customer"]),
    Field::new("payee", "BG-10", Kind::Group(&PAYEE)),
    Field::new("tax_representative", "BG-11", Kind::Group(&REPRESENTATIVE)),
    Field::new("delivery", "BG-13", Kind::Group(&DELIVERY)),
    Field::new("period", "BG-14", Kind::Group(&PERIOD)).also(&["invoicing_period"]),
    Field::new("payments", "BG-16", Kind::List(&PAYMENT)),
    Field::new("cash_discounts", "", Kind::List(&CASH_DISCOUNT)),
    Field::new(
        "allowances_and_charges",
        "",
        Kind::Mixed([("BG-20", &ALLOWANCE), ("BG-21", &CHARGE)]),
    ),
    Field::new("allowances_and_charges", "BG-20", Kind::Side(false, &ALLOWANCE))
        .also(&["allowances"]),
    Field::new("allowances_and_charges", "BG-21", Kind::Side(true, &CHARGE)).also(&["charges"]),
    Field::new("totals", "BG-22", Kind::Group(&TOTALS)),
    Field::new("tax", "BG-23", Kind::List(&TAX)).also(&["vat", "vat_breakdown"]),
    Field::new("supporting_documents", "BG-24", Kind::List(&SUPPORTING)),
    Field::new("lines", "BG-25", Kind::List(&LINE)).also(&["invoice_lines", "items"]),
];

static NOTE: [Field; 2] =
    [Field::new("subject_code", "BT-21", Kind::Word), Field::new("text", "BT-22", Kind::Prose)];

static PRECEDING: [Field; 2] =
    [Field::new("number", "BT-25", Kind::Word), Field::new("issue_date", "BT-26", Kind::Date)];

static PERIOD: [Field; 2] =
    [Field::new("start", "BT-73", Kind::Date), Field::new("end", "BT-74", Kind::Date)];

static PAYMENT: [Field; 6] = [
    Field::new("means_code", "BT-81", Kind::Word),
    Field::new("means_text", "BT-82", Kind::Prose),
    Field::new("remittance", "BT-83", Kind::Prose).also(&["payment_reference"]),
    Field::new("accounts", "BG-17", Kind::List(&ACCOUNT)),
    Field::new("card", "BG-18", Kind::Group(&CARD)),
    Field::new("direct_debit", "BG-19", Kind::Group(&DIRECT_DEBIT)),
];

static ACCOUNT: [Field; 3] = [
    Field::new("id", "BT-84", Kind::Word).also(&["iban"]),
    Field::new("name", "BT-85", Kind::Word),
    Field::new("bic", "BT-86", Kind::Word),
];

static CARD: [Field; 2] =
    [Field::new("number", "BT-87", Kind::Word), Field::new("holder", "BT-88", Kind::Word)];

static DIRECT_DEBIT: [Field; 3] = [
    Field::new("mandate", "BT-89", Kind::Word),
    Field::new("creditor", "BT-90", Kind::Word),
    Field::new("account", "BT-91", Kind::Word),
];

static CASH_DISCOUNT: [Field; 5] = [
    Field::new("until", "", Kind::Date),
    Field::new("days", "", Kind::Count(u32::MAX as u64)),
    Field::new("percent", "", Kind::Decimal),
    Field::new("base", "", Kind::Decimal),
    Field::new("amount", "", Kind::Decimal),
];

static TOTALS: [Field; 10] = [
    Field::new("lines", "BT-106", Kind::Decimal),
    Field::new("allowances", "BT-107", Kind::Decimal),
    Field::new("charges", "BT-108", Kind::Decimal),
    Field::new("net", "BT-109", Kind::Decimal),
    Field::new("tax", "BT-110", Kind::Decimal).also(&["vat"]),
    Field::new("tax_in_tax_currency", "BT-111", Kind::Decimal),
    Field::new("gross", "BT-112", Kind::Decimal),
    Field::new("paid", "BT-113", Kind::Decimal),
    Field::new("rounding", "BT-114", Kind::Decimal),
    Field::new("payable", "BT-115", Kind::Decimal).also(&["due"]),
];

static TAX: [Field; 6] = [
    Field::new("base", "BT-116", Kind::Decimal),
    Field::new("tax", "BT-117", Kind::Decimal),
    Field::new("category", "BT-118", Kind::Word),
    Field::new("rate", "BT-119", Kind::Decimal),
    Field::new("exemption_reason", "BT-120", Kind::Prose),
    Field::new("exemption_code", "BT-121", Kind::Word),
];

static SUPPORTING: [Field; 4] = [
    Field::new("reference", "BT-122", Kind::Word),
    Field::new("description", "BT-123", Kind::Prose),
    Field::new("url", "BT-124", Kind::Prose),
    Field::new("attachment", "BT-125", Kind::Group(&ATTACHMENT)),
];

/// BT-125 without its content.
static ATTACHMENT: [Field; 4] = [
    Field::new("media_type", "BT-125-1", Kind::Word),
    Field::new("file_name", "BT-125-2", Kind::Word),
    Field::new("sha256", "", Kind::Word),
    Field::new("bytes", "", Kind::Count(u64::MAX)),
];
