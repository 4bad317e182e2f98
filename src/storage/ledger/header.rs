//! What lists and look-ups need of an extraction, as columns.

use rust_decimal::Decimal;

use crate::models::extraction::Extraction;
use crate::models::finding::Severity;
use crate::models::invoice::InvoiceKind;
use crate::storage::ledger::texts;

/// The columns.
pub(super) struct Header {
    pub(super) kind: &'static str,
    pub(super) number: Option<String>,
    pub(super) number_key: Option<String>,
    pub(super) seller_key: Option<String>,
    pub(super) supplier_name: Option<String>,
    pub(super) purchase_order: Option<String>,
    pub(super) issue_date: Option<String>,
    pub(super) due_date: Option<String>,
    pub(super) currency: Option<String>,
    pub(super) total: Total,
    pub(super) fatal: i64,
    pub(super) warning: i64,
}

/// The decimals of a key: no currency has more.
const KEY_DECIMALS: u32 = 4;

/// An amount as `minor` with `scale` decimals, or, where that does not fit 64 bits, as `digits`:
/// a document may state any sum, and it is shown as stated.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Total {
    pub(super) minor: Option<i64>,
    pub(super) scale: Option<i64>,
    pub(super) digits: Option<String>,
    /// See [`Total::key_of`].
    pub(super) key: Option<i64>,
}

impl Header {
    pub(super) fn of(extraction: &Extraction) -> Self {
        let invoice = &extraction.invoice;
        let shown = |text: &Option<String>| text.as_deref().map(texts::shown);
        let count = |severity| i64::try_from(extraction.count(severity)).unwrap_or(i64::MAX);
        Self {
            kind: match invoice.kind {
                InvoiceKind::Invoice => "invoice",
                InvoiceKind::CreditNote => "credit_note",
            },
            number: shown(&invoice.number),
            number_key: invoice.number.as_deref().map(texts::claim_number),
            seller_key: invoice.seller_key().as_deref().map(texts::key),
            supplier_name: shown(&invoice.seller.name),
            purchase_order: shown(&invoice.order_reference),
            issue_date: invoice.issue_date.map(|date| date.to_string()),
            due_date: invoice.due_date.map(|date| date.to_string()),
            currency: shown(&invoice.currency),
            total: invoice.totals.gross.map(Total::of).unwrap_or_default(),
            fatal: count(Severity::Fatal),
            warning: count(Severity::Warning),
        }
    }
}

impl Total {
    fn of(amount: Decimal) -> Self {
        let key = Some(Self::key_of(amount));
        match i64::try_from(amount.mantissa()) {
            Ok(minor) => {
                let scale = Some(i64::from(amount.scale()));
                Self { minor: Some(minor), scale, digits: None, key }
            }
            Err(_) => Self { minor: None, scale: None, digits: Some(amount.to_string()), key },
        }
    }

    /// What amounts are compared by in the database, where decimals have no order: ten-thousandths,
    /// rounded down, and the end of 64 bits for what is beyond it. An amount that has no more
    /// decimals than that is above, equal or below exactly where its key is.
    pub(super) fn key_of(amount: Decimal) -> i64 {
        let (digits, scale) = (amount.mantissa(), amount.scale());
        let key = match scale.checked_sub(KEY_DECIMALS) {
            None => digits * 10_i128.pow(KEY_DECIMALS - scale),
            Some(more) => digits.div_euclid(10_i128.pow(more)),
        };
        i64::try_from(key).unwrap_or(if key < 0 { i64::MIN } else { i64::MAX })
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::Total;

    #[test]
    fn amounts_that_fit_are_numbers_and_others_keep_their_digits() {
        for (amount, minor, scale, digits, key) in [
            ("1190.00", Some(119_000), Some(2), None, 11_900_000),
            ("-0.5", Some(-5), Some(1), None, -5_000),
            ("0.00019", Some(19), Some(5), None, 1),
            ("-0.00019", Some(-19), Some(5), None, -2),
            ("92233720368547758.07", Some(i64::MAX), Some(2), None, i64::MAX),
            ("92233720368547758.08", None, None, Some("92233720368547758.08"), i64::MAX),
            (
                "-1234567890123456789012345678",
                None,
                None,
                Some("-1234567890123456789012345678"),
                i64::MIN,
            ),
            (
                "1.234567890123456789012345678",
                None,
                None,
                Some("1.234567890123456789012345678"),
                12_345,
            ),
        ] {
            let digits = digits.map(str::to_owned);
            let expected = Total { minor, scale, digits, key: Some(key) };
            let amount: Decimal = amount.parse().expect("a decimal");
            assert_eq!(Total::of(amount), expected);
        }
    }
}
