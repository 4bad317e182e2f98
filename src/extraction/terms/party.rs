//! Rows of the parties and their addresses: BG-4 to BG-12, BG-15.

use crate::extraction::terms::{Field, Kind};

const fn address(terms: [&'static str; 7]) -> [Field; 7] {
    let [line_1, line_2, line_3, city, post_code, subdivision, country] = terms;
    [
        Field::new("line_1", line_1, Kind::Word).also(&["street"]),
        Field::new("line_2", line_2, Kind::Word),
        Field::new("line_3", line_3, Kind::Word),
        Field::new("city", city, Kind::Word),
        Field::new("post_code", post_code, Kind::Word).also(&["postal_code", "zip"]),
        Field::new("subdivision", subdivision, Kind::Word).also(&["region", "state"]),
        Field::new("country", country, Kind::Word).also(&["country_code"]),
    ]
}

static SELLER_ADDRESS: [Field; 7] =
    address(["BT-35", "BT-36", "BT-162", "BT-37", "BT-38", "BT-39", "BT-40"]);
static BUYER_ADDRESS: [Field; 7] =
    address(["BT-50", "BT-51", "BT-163", "BT-52", "BT-53", "BT-54", "BT-55"]);
static REPRESENTATIVE_ADDRESS: [Field; 7] =
    address(["BT-64", "BT-65", "BT-164", "BT-66", "BT-67", "BT-68", "BT-69"]);
static DELIVERY_ADDRESS: [Field; 7] =
    address(["BT-75", "BT-76", "BT-165", "BT-77", "BT-78", "BT-79", "BT-80"]);

const fn contact(terms: [&'static str; 3]) -> [Field; 3] {
    let [name, telephone, email] = terms;
    [
        Field::new("name", name, Kind::Word),
        Field::new("telephone", telephone, Kind::Word).also(&["phone"]),
        Field::new("email", email, Kind::Word),
    ]
}

static SELLER_CONTACT: [Field; 3] = contact(["BT-41", "BT-42", "BT-43"]);
static BUYER_CONTACT: [Field; 3] = contact(["BT-56", "BT-57", "BT-58"]);

/// BG-4.
pub(super) static SELLER: [Field; 10] = [
    Field::new("name", "BT-27", Kind::Word),
    Field::new("trading_name", "BT-28", Kind::Word),
    Field::new("vat_id", "BT-31", Kind::Word).also(&["vat_number"]),
    Field::new("tax_number", "BT-32", Kind::Word),
    Field::new("legal_id", "BT-30", Kind::Identifier),
    Field::new("legal_information", "BT-33", Kind::Prose),
    Field::new("ids", "BT-29", Kind::Identifiers),
    Field::new("electronic_address", "BT-34", Kind::Identifier),
    Field::new("address", "BG-5", Kind::Group(&SELLER_ADDRESS)),
    Field::new("contact", "BG-6", Kind::Group(&SELLER_CONTACT)),
];

/// BG-7. The two members without a term are the seller's alone in EN 16931.
pub(super) static BUYER: [Field; 10] = [
    Field::new("name", "BT-44", Kind::Word),
    Field::new("trading_name", "BT-45", Kind::Word),
    Field::new("vat_id", "BT-48", Kind::Word).also(&["vat_number"]),
    Field::new("tax_number", "", Kind::Word),
    Field::new("legal_id", "BT-47", Kind::Identifier),
    Field::new("legal_information", "", Kind::Prose),
    Field::new("ids", "BT-46", Kind::Identifiers),
    Field::new("electronic_address", "BT-49", Kind::Identifier),
    Field::new("address", "BG-8", Kind::Group(&BUYER_ADDRESS)),
    Field::new("contact", "BG-9", Kind::Group(&BUYER_CONTACT)),
];

/// BG-10.
pub(super) static PAYEE: [Field; 3] = [
    Field::new("name", "BT-59", Kind::Word),
    Field::new("id", "BT-60", Kind::Identifier),
    Field::new("legal_id", "BT-61", Kind::Identifier),
];

/// BG-11.
pub(super) static REPRESENTATIVE: [Field; 3] = [
    Field::new("name", "BT-62", Kind::Word),
    Field::new("vat_id", "BT-63", Kind::Word),
    Field::new("address", "BG-12", Kind::Group(&REPRESENTATIVE_ADDRESS)),
];

/// BG-13.
pub(super) static DELIVERY: [Field; 4] = [
    Field::new("name", "BT-70", Kind::Word),
    Field::new("location", "BT-71", Kind::Identifier),
    Field::new("date", "BT-72", Kind::Date).also(&["delivery_date"]),
    Field::new("address", "BG-15", Kind::Group(&DELIVERY_ADDRESS)),
];
