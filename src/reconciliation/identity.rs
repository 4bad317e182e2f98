//! What tells one company from others, in the one spelling in which it is compared and stored.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use crate::models::invoice::{Identifier, Party};
use crate::models::supplier::Supplier;

/// The ISO 6523 scheme of global location numbers.
const GLN_SCHEME: &str = "0088";

/// A kind of identity, in the order in which a supplier is looked for (handbook §12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityKind {
    /// BT-31.
    VatId,
    /// BT-32.
    TaxNumber,
    /// A global location number (BT-29, BT-30, BT-34 of scheme 0088).
    Gln,
    /// BT-84.
    Account,
    /// A name, or an id without a scheme.
    Alias,
}

impl IdentityKind {
    /// All, strongest first.
    pub const ALL: [Self; 5] =
        [Self::VatId, Self::TaxNumber, Self::Gln, Self::Account, Self::Alias];

    /// The word in a key.
    fn word(self) -> &'static str {
        match self {
            Self::VatId => "vat",
            Self::TaxNumber => "tax",
            Self::Gln => "gln",
            Self::Account => "account",
            Self::Alias => "alias",
        }
    }

    /// As people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::VatId => "VAT id",
            Self::TaxNumber => "tax number",
            Self::Gln => "GLN",
            Self::Account => "account",
            Self::Alias => "name or id",
        }
    }
}

/// One identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// What it is.
    pub kind: IdentityKind,
    /// Normalised; never empty.
    pub value: String,
}

impl Identity {
    /// None when nothing is left of it.
    pub fn new(kind: IdentityKind, text: &str) -> Option<Self> {
        let value = match kind {
            IdentityKind::Alias => name(text),
            _ => id(text),
        };
        (!value.is_empty()).then_some(Self { kind, value })
    }

    /// For an indexed column: `vat:DE123456789`. Equal keys are equal identities.
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind.word(), self.value)
    }
}

/// Letters and digits in upper case: `de 123.456` and `DE123456` are one id.
pub fn id(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Words in lower case, sorted: `Meier, Hans` and `Hans Meier` are one name.
pub fn name(text: &str) -> String {
    let letter = |c: char| if c.is_alphanumeric() { c } else { ' ' };
    let plain: String = text.nfkc().flat_map(char::to_lowercase).map(letter).collect();
    let mut words: Vec<&str> = plain.split_whitespace().collect();
    words.sort_unstable();
    words.join(" ")
}

/// What an invoice says of its seller, and of the accounts it wants the money on.
pub fn of_party<'a>(party: &Party, accounts: impl Iterator<Item = &'a str>) -> BTreeSet<Identity> {
    let one = |kind, text: &Option<String>| Identity::new(kind, text.as_deref()?);
    let mut all: BTreeSet<Identity> = [
        one(IdentityKind::VatId, &party.vat_id),
        one(IdentityKind::TaxNumber, &party.tax_number),
        one(IdentityKind::Alias, &party.name),
        one(IdentityKind::Alias, &party.trading_name),
    ]
    .into_iter()
    .flatten()
    .collect();
    let ids = party.ids.iter().chain(&party.legal_id);
    all.extend(ids.filter_map(of_id));
    let address = party.electronic_address.as_ref();
    all.extend(address.and_then(of_id).filter(|id| id.kind == IdentityKind::Gln));
    all.extend(accounts.filter_map(|account| Identity::new(IdentityKind::Account, account)));
    all
}

fn of_id(id: &Identifier) -> Option<Identity> {
    let gln = id.scheme.as_deref().is_some_and(|scheme| scheme.trim() == GLN_SCHEME);
    Identity::new(if gln { IdentityKind::Gln } else { IdentityKind::Alias }, &id.value)
}

/// All that a supplier on file is known by. An account that was never verified is known to nobody:
/// whoever got it into the record would become that supplier.
pub fn of_supplier(supplier: &Supplier) -> BTreeSet<Identity> {
    let of = |kind: IdentityKind, texts: &[String]| -> Vec<Identity> {
        texts.iter().filter_map(|text| Identity::new(kind, text)).collect()
    };
    let verified = supplier.accounts.iter().filter(|account| account.verified_since.is_some());
    let accounts: Vec<String> = verified.map(|account| account.id.clone()).collect();
    let names: Vec<String> = supplier.name.iter().chain([&supplier.id]).cloned().collect();
    [
        of(IdentityKind::VatId, &supplier.vat_ids),
        of(IdentityKind::TaxNumber, &supplier.tax_numbers),
        of(IdentityKind::Gln, &supplier.glns),
        of(IdentityKind::Account, &accounts),
        of(IdentityKind::Alias, &names),
        of(IdentityKind::Alias, &supplier.aliases),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{Identity, IdentityKind, id, name, of_party};
    use crate::models::invoice::{Identifier, Party};

    #[test]
    fn one_spelling_for_each_identity() {
        for (text, expected) in [
            ("DE 123 456 789", "DE123456789"),
            ("de-123.456/789", "DE123456789"),
            ("ＤＥ１２３", "DE123"),
            ("NL82 INGB 0001 2345 67", "NL82INGB0001234567"),
            ("-/. ", ""),
        ] {
            assert_eq!(id(text), expected);
        }
        for (text, expected) in [
            ("Schrauben Meier GmbH", "gmbh meier schrauben"),
            ("MEIER-Schrauben, GmbH", "gmbh meier schrauben"),
            ("", ""),
        ] {
            assert_eq!(name(text), expected);
        }
        assert_eq!(Identity::new(IdentityKind::VatId, " "), None);
    }

    #[test]
    fn a_seller_is_known_by_all_it_says() {
        let gln = Identifier { value: "4000001000005".into(), scheme: Some("0088".into()) };
        let party = Party {
            name: Some("Meier GmbH".into()),
            vat_id: Some("de1".into()),
            tax_number: Some("12/345/6".into()),
            ids: vec![gln, "V1".into()],
            electronic_address: Some("mail@example.org".into()),
            ..Party::default()
        };
        let found = of_party(&party, ["DE02 1203"].into_iter());
        let keys: Vec<String> = found.iter().map(Identity::key).collect();
        assert_eq!(
            keys,
            [
                "vat:DE1",
                "tax:123456",
                "gln:4000001000005",
                "account:DE021203",
                "alias:gmbh meier",
                "alias:v1"
            ]
        );
    }
}
