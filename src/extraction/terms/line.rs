//! Rows of a line, and of allowances and charges: BG-20, BG-21, BG-25 to BG-32.

use crate::extraction::terms::{Field, Kind};

const fn allowance(terms: [&'static str; 7]) -> [Field; 8] {
    let [amount, base, percent, tax_category, tax_rate, reason_code, reason] = terms;
    [
        Field::new("charge", "", Kind::Flag),
        Field::new("amount", amount, Kind::Decimal),
        Field::new("base", base, Kind::Decimal),
        Field::new("percent", percent, Kind::Decimal),
        Field::new("tax_category", tax_category, Kind::Word),
        Field::new("tax_rate", tax_rate, Kind::Decimal),
        Field::new("reason_code", reason_code, Kind::Word),
        Field::new("reason", reason, Kind::Prose),
    ]
}

/// BG-20.
pub(super) static ALLOWANCE: [Field; 8] =
    allowance(["BT-92", "BT-93", "BT-94", "BT-95", "BT-96", "BT-98", "BT-97"]);
/// BG-21.
pub(super) static CHARGE: [Field; 8] =
    allowance(["BT-99", "BT-100", "BT-101", "BT-102", "BT-103", "BT-105", "BT-104"]);
/// BG-27: EN 16931 taxes a line's allowance as the line.
static LINE_ALLOWANCE: [Field; 8] =
    allowance(["BT-136", "BT-137", "BT-138", "", "", "BT-140", "BT-139"]);
/// BG-28.
static LINE_CHARGE: [Field; 8] =
    allowance(["BT-141", "BT-142", "BT-143", "", "", "BT-145", "BT-144"]);

static PERIOD: [Field; 2] =
    [Field::new("start", "BT-134", Kind::Date), Field::new("end", "BT-135", Kind::Date)];

static CLASSIFICATION: [Field; 3] = [
    Field::new("code", "BT-158", Kind::Word),
    Field::new("scheme", "BT-158-1", Kind::Word),
    Field::new("version", "BT-158-2", Kind::Word),
];

static ATTRIBUTE: [Field; 2] =
    [Field::new("name", "BT-160", Kind::Word), Field::new("value", "BT-161", Kind::Prose)];

/// BG-25. BG-29, BG-30 and BG-31 are levels of the standard that our form does without.
pub(super) static LINE: [Field; 36] = [
    Field::new("id", "BT-126", Kind::Word).also(&["line_id", "line_number"]),
    Field::new("note", "BT-127", Kind::Prose),
    Field::new("object", "BT-128", Kind::Identifier),
    Field::new("quantity", "BT-129", Kind::Decimal),
    Field::new("unit", "BT-130", Kind::Word).also(&["unit_code"]),
    Field::new("unit_as_written", "", Kind::Word),
    Field::new("net", "BT-131", Kind::Decimal).also(&["net_amount", "line_net_amount"]),
    Field::new("order_line_reference", "BT-132", Kind::Word).also(&["order_line"]),
    Field::new("order_reference", "", Kind::Word).also(&["order_number"]),
    Field::new("despatch_advice_reference", "", Kind::Word),
    Field::new("receiving_advice_reference", "", Kind::Word),
    Field::new("booking_reference", "BT-133", Kind::Word),
    Field::new("period", "BG-26", Kind::Group(&PERIOD)),
    Field::new("price_details", "BG-29", Kind::Inline),
    Field::new("price", "BT-146", Kind::Decimal).also(&["unit_price", "net_price"]),
    Field::new("price_discount", "BT-147", Kind::Decimal),
    Field::new("gross_price", "BT-148", Kind::Decimal),
    Field::new("price_base_quantity", "BT-149", Kind::Decimal).also(&["base_quantity"]),
    Field::new("price_base_unit", "BT-150", Kind::Word),
    Field::new("tax_details", "BG-30", Kind::Inline),
    Field::new("tax_category", "BT-151", Kind::Word).also(&["vat_category"]),
    Field::new("tax_rate", "BT-152", Kind::Decimal).also(&["vat_rate"]),
    Field::new("item", "BG-31", Kind::Inline),
    Field::new("name", "BT-153", Kind::Word).also(&["item_name"]),
    Field::new("description", "BT-154", Kind::Prose).also(&["item_description"]),
    Field::new("seller_item_id", "BT-155", Kind::Word).also(&["supplier_item_id"]),
    Field::new("buyer_item_id", "BT-156", Kind::Word),
    Field::new("standard_item_id", "BT-157", Kind::Identifier).also(&["gtin"]),
    Field::new("classifications", "BT-158", Kind::List(&CLASSIFICATION)),
    Field::new("origin_country", "BT-159", Kind::Word),
    Field::new("attributes", "BG-32", Kind::List(&ATTRIBUTE)),
    Field::new(
        "allowances_and_charges",
        "",
        Kind::Mixed([("BG-27", &LINE_ALLOWANCE), ("BG-28", &LINE_CHARGE)]),
    ),
    Field::new("allowances_and_charges", "BG-27", Kind::Side(false, &LINE_ALLOWANCE))
        .also(&["allowances"]),
    Field::new("allowances_and_charges", "BG-28", Kind::Side(true, &LINE_CHARGE))
        .also(&["charges"]),
    Field::new("parent", "", Kind::Word),
    Field::new("status", "", Kind::Word),
];
