//! Code lists of the rules, from `en16931`, which has them from the same artefacts.

use std::sync::OnceLock;

use en16931::codes::generated as codes;

use crate::extraction::rules::List;

/// A list that is taken as it is.
macro_rules! list {
    ($name:ident, $title:literal, $codes:expr) => {
        pub(crate) static $name: List = List {
            name: $title,
            codes: $codes,
            without: &[],
            any_case: false,
            index: OnceLock::new(),
        };
    };
}

list!(CURRENCIES, "ISO 4217 (currencies)", &[codes::CURRENCY_CODES]);
list!(INVOICE_TYPES, "UNTDID 1001 for invoices", &[codes::INVOICE_TYPE_CODES]);
list!(CREDIT_NOTE_TYPES, "UNTDID 1001 for credit notes", &[codes::CREDIT_NOTE_TYPE_CODES]);
list!(
    DOCUMENT_TYPES,
    "UNTDID 1001 for invoices and credit notes",
    &[codes::INVOICE_TYPE_CODES, codes::CREDIT_NOTE_TYPE_CODES]
);
list!(TAX_POINTS_UBL, "UNTDID 2005 (3, 35, 432)", &[codes::VAT_POINT_DATE_CODES]);
list!(TAX_POINTS_CII, "UNTDID 2475 (5, 29, 72)", &[&["5", "29", "72"]]);
list!(REFERENCES, "UNTDID 1153 (references)", &[codes::REFERENCE_QUALIFIERS]);
list!(NOTE_SUBJECTS, "UNTDID 4451 (subjects of notes)", &[codes::NOTE_SUBJECT_CODES]);
list!(SCHEMES, "ISO 6523 (schemes of identifiers)", &[codes::ICD_SCHEMES]);
list!(
    CLASSIFICATIONS,
    "UNTDID 7143 (classifications of items)",
    &[codes::ITEM_CLASSIFICATION_SCHEMES]
);
list!(COUNTRIES, "ISO 3166-1 (countries)", &[codes::COUNTRY_CODES]);
/// The artefact for CII has another edition of the list: with the Netherlands Antilles and
/// without South Sudan.
pub(crate) static COUNTRIES_CII: List = List {
    name: "ISO 3166-1 (countries)",
    codes: &[codes::COUNTRY_CODES, &["AN"]],
    without: &["SS"],
    any_case: false,
    index: OnceLock::new(),
};
// Greece has a prefix of its own.
list!(VAT_PREFIXES, "ISO 3166-1 (countries), and EL for Greece", &[codes::COUNTRY_CODES, &["EL"]]);
/// As [`COUNTRIES_CII`].
pub(crate) static VAT_PREFIXES_CII: List = List {
    name: "ISO 3166-1 (countries), and EL for Greece",
    codes: &[codes::COUNTRY_CODES, &["AN", "EL"]],
    without: &["SS"],
    any_case: false,
    index: OnceLock::new(),
};
list!(PAYMENT_MEANS, "UNTDID 4461 (means of payment)", &[codes::PAYMENT_MEANS_CODES]);
list!(TAX_CATEGORIES, "UNTDID 5305 (VAT categories)", &[codes::VAT_CATEGORY_CODES]);
list!(ALLOWANCE_REASONS, "UNTDID 5189 (allowances)", &[codes::ALLOWANCE_REASON_CODES]);
list!(CHARGE_REASONS, "UNTDID 7161 (charges)", &[codes::CHARGE_REASON_CODES]);
pub(crate) static EXEMPTIONS: List = List {
    name: "VATEX (reasons of exemption)",
    codes: &[codes::VATEX_CODES],
    without: &[],
    any_case: true,
    index: OnceLock::new(),
};
list!(UNITS, "UN/ECE Recommendations 20 and 21 (units)", &[codes::UNIT_CODES]);
list!(ELECTRONIC_ADDRESSES, "EAS (schemes of electronic addresses)", &[codes::EAS_SCHEMES]);
list!(
    ATTACHMENT_TYPES,
    "the media types of attachments: PDF, PNG, JPEG, CSV, XLSX, ODS",
    &[&[
        "application/pdf",
        "image/png",
        "image/jpeg",
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    ]]
);
list!(PEPPOL_ADDRESSES, "EAS, as Peppol has it", &[codes::PEPPOL_EAS_SCHEMES]);
list!(
    PEPPOL_INVOICES,
    "types that Peppol allows for invoices",
    &[&[
        "71", "80", "82", "84", "102", "218", "219", "326", "331", "380", "382", "383", "384",
        "386", "388", "393", "395", "553", "575", "623", "780", "817", "870", "875", "876", "877",
    ]]
);
list!(
    PEPPOL_CREDIT_NOTES,
    "types that Peppol allows for credit notes",
    &[&["381", "396", "81", "83", "532"]]
);
