//! The categories, and what each asks for.

/// Which ids a category asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// Any tax id of the seller, or the VAT id of the tax representative.
    SellerAny,
    /// A VAT id of the seller or the tax representative.
    SellerVat,
    /// The same, and a VAT id of the buyer.
    BothVat,
    /// Any of the seller's, and a VAT or legal id of the buyer.
    SellerAnyBuyer,
    /// None of anybody.
    Nobody,
}

/// Which rate a category has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rate {
    /// Above zero.
    Positive,
    /// Zero or above.
    NotNegative,
    /// Zero.
    Zero,
    /// None at all.
    Absent,
}

/// A category and its rules.
#[derive(Debug)]
pub(crate) struct Family {
    /// UNTDID 5305.
    pub(crate) code: &'static str,
    /// Ids of the rules 01 to 14.
    pub(crate) ids: [&'static str; 14],
    pub(crate) asks: Asks,
    pub(crate) rate: Rate,
    /// Whether VAT is computed, or is zero.
    pub(crate) is_taxed: bool,
    /// Whether a reason of exemption must be there, or must not.
    pub(crate) has_reason: bool,
}

impl Family {
    /// The id of a rule by its number.
    pub(crate) fn id(&self, number: usize) -> &'static str {
        self.ids[number - 1]
    }

    /// Rules 11 to 14 exist for two categories alone.
    fn rules(&self) -> &[&'static str] {
        let count = match self.code {
            "K" => 12,
            "O" => 14,
            _ => 10,
        };
        &self.ids[..count]
    }
}

macro_rules! family {
    ($code:literal, $name:literal, $asks:expr, $rate:expr, $taxed:literal, $reason:literal) => {
        Family {
            code: $code,
            ids: [
                concat!("BR-", $name, "-01"),
                concat!("BR-", $name, "-02"),
                concat!("BR-", $name, "-03"),
                concat!("BR-", $name, "-04"),
                concat!("BR-", $name, "-05"),
                concat!("BR-", $name, "-06"),
                concat!("BR-", $name, "-07"),
                concat!("BR-", $name, "-08"),
                concat!("BR-", $name, "-09"),
                concat!("BR-", $name, "-10"),
                concat!("BR-", $name, "-11"),
                concat!("BR-", $name, "-12"),
                concat!("BR-", $name, "-13"),
                concat!("BR-", $name, "-14"),
            ],
            asks: $asks,
            rate: $rate,
            is_taxed: $taxed,
            has_reason: $reason,
        }
    };
}

/// All of them, but for split payment (B), which has two rules of its own.
#[rustfmt::skip]
pub(crate) static ALL: &[Family] = &[
    family!("S", "S", Asks::SellerAny, Rate::Positive, true, false),
    family!("Z", "Z", Asks::SellerAny, Rate::Zero, false, false),
    family!("E", "E", Asks::SellerAny, Rate::Zero, false, true),
    family!("AE", "AE", Asks::SellerAnyBuyer, Rate::Zero, false, true),
    family!("K", "IC", Asks::BothVat, Rate::Zero, false, true),
    family!("G", "G", Asks::SellerVat, Rate::Zero, false, true),
    family!("O", "O", Asks::Nobody, Rate::Absent, false, true),
    family!("L", "AF", Asks::SellerAny, Rate::NotNegative, true, false),
    family!("M", "AG", Asks::SellerAny, Rate::NotNegative, true, false),
];

pub(crate) const SPLIT_ABROAD: &str = "BR-B-01";
pub(crate) const SPLIT_WITH_STANDARD: &str = "BR-B-02";

/// Ids of all rules.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    let of_families = ALL.iter().flat_map(|family| family.rules().iter().copied());
    of_families.chain([SPLIT_ABROAD, SPLIT_WITH_STANDARD])
}

/// Business terms by the number of the rule, which means the same in all families.
pub(crate) fn terms(rule: &str) -> Vec<String> {
    let terms: &[&str] = match rule.rsplit('-').next().unwrap_or_default() {
        "01" => &["BT-118", "BT-151", "BT-95", "BT-102"],
        "02" => &["BT-31", "BT-32", "BT-48", "BT-63", "BT-151"],
        "03" => &["BT-31", "BT-32", "BT-48", "BT-63", "BT-95"],
        "04" => &["BT-31", "BT-32", "BT-48", "BT-63", "BT-102"],
        "05" => &["BT-152"],
        "06" => &["BT-96"],
        "07" => &["BT-103"],
        "08" => &["BT-116"],
        "09" => &["BT-117"],
        "10" => &["BT-120", "BT-121"],
        _ => &["BT-118"],
    };
    terms.iter().map(|term| (*term).to_owned()).collect()
}
