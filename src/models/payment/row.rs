//! One row of the record: what a payment took from an item. Rows are added and never changed.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::money::Currency;
use crate::models::payment::item::ItemKind;
use crate::models::payment::transaction::Direction;

/// Both amounts of a payment in another currency than the item's. `paid + difference = booked`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The currency of `paid`, which is that of the books.
    pub currency: Currency,
    /// What `paid` settles, in the currency of the item.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub settles: Decimal,
    /// The share of the item's booked amount that goes with it.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub booked: Decimal,
    /// Negative when more was paid than was booked: a loss on an invoice.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub difference: Decimal,
}

/// `paid + discount + fee + write_off + offset = taken`, where `paid` is `exchange.settles` when
/// the payment is in another currency. All amounts but those of the exchange's books are in the
/// currency of the item; they are positive when they go the way of the row's direction.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Place in the record; starts at 1.
    pub sequence: u64,
    /// The payment; absent when no money moved.
    pub transaction: Option<String>,
    /// The item.
    pub item: String,
    /// The payment's direction, or the item's where there is none. A row against the item's own
    /// direction is negative: a credit note that lowers what is paid.
    pub direction: Direction,
    /// In the currency of the payment.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub paid: Decimal,
    /// Early payment discount.
    #[serde(with = "decimal", default, skip_serializing_if = "Decimal::is_zero")]
    #[schema(value_type = String)]
    pub discount: Decimal,
    /// A bank's fee; negative when it came on top. No tax goes with it.
    #[serde(with = "decimal", default, skip_serializing_if = "Decimal::is_zero")]
    #[schema(value_type = String)]
    pub fee: Decimal,
    /// Written off; negative when too much was paid.
    #[serde(with = "decimal", default, skip_serializing_if = "Decimal::is_zero")]
    #[schema(value_type = String)]
    pub write_off: Decimal,
    /// Set against `offset_by`.
    #[serde(with = "decimal", default, skip_serializing_if = "Decimal::is_zero")]
    #[schema(value_type = String)]
    pub offset: Decimal,
    /// The item on the other side of the offset.
    pub offset_by: Option<String>,
    /// Where the payment is in another currency.
    pub exchange: Option<Exchange>,
    /// By how much the open amount falls, when the item has the row's direction; else it is the
    /// negative of that.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub taken: Decimal,
    /// The step of an instruction that made it.
    pub step: Option<String>,
    /// The sequence of the row that it takes back.
    pub reverses: Option<u64>,
}

impl Row {
    /// `paid` in the currency of the item.
    pub fn settles(&self) -> Decimal {
        self.exchange.as_ref().map_or(self.paid, |exchange| exchange.settles)
    }

    /// By how much what is open of an item of this kind falls.
    pub fn falls(&self, kind: ItemKind) -> Decimal {
        if self.direction == kind.direction() { self.taken } else { -self.taken }
    }

    /// Whether its amounts add up; false also when they are too large to add.
    pub fn adds_up(&self) -> bool {
        let parts = [self.discount, self.fee, self.write_off, self.offset];
        let sum = parts.iter().try_fold(self.settles(), |sum, part| sum.checked_add(*part));
        let exchanged = self.exchange.as_ref().is_none_or(|exchange| {
            self.paid.checked_add(exchange.difference) == Some(exchange.booked)
        });
        sum == Some(self.taken) && exchanged
    }
}
