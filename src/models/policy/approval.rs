//! Who must approve what, and who hears of it when nobody does (reconciliation handbook §14).

use chrono::TimeDelta;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::situation::Watch;

/// More different people than any company asks for.
pub const APPROVALS_MAX: u32 = 5;

/// Longer than any bank needs to show that an account is not the supplier's.
pub const COOLING_DAYS_MAX: u32 = 366;

/// Days for which whoever changed a supplier's accounts neither approves nor pays its invoices,
/// where the policy does not say: a payment run or two, by which a false account is noticed.
const COOLING_DAYS: u32 = 14;

/// From this amount on more people must approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalTier {
    /// Totals above this, in the ledger currency.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "10000.00")]
    pub above: Decimal,
    /// How many different people.
    #[schema(minimum = 1, maximum = 5)]
    pub approvals: u32,
}

/// The largest total that a subject approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproverLimit {
    /// As the credential names it: `user:anna`.
    pub subject: String,
    /// In the ledger currency.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "5000.00")]
    pub up_to: Decimal,
}

/// Approvals by amount, limits of people, reminders. Amounts are totals with tax (BT-112) in the
/// ledger currency.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApprovalRules {
    /// Invoices without any hold are approved by themselves up to this total; all of them when
    /// absent.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub touchless_up_to: Option<Decimal>,
    /// More approvals for larger amounts; one is enough below the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<ApprovalTier>,
    /// Limits of subjects. Those that are not named approve any total, unless `default_limit` says
    /// otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<ApproverLimit>,
    /// The largest total that subjects without an entry in `limits` approve.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub default_limit: Option<Decimal>,
    /// Days for which whoever changed a supplier's accounts neither approves nor pays its invoices;
    /// 14 when absent, and 0 bars nobody.
    #[schema(minimum = 0, maximum = 366)]
    pub bank_cooling_days: Option<u32>,
    /// Whoever should decide is reminded after this long, again and again.
    #[schema(minimum = 1, maximum = 31622400)]
    pub remind_after_seconds: Option<u64>,
    /// The next one up hears of it after this long.
    #[schema(minimum = 1, maximum = 31622400)]
    pub escalate_after_seconds: Option<u64>,
    /// Who that is: a subject or a group.
    pub escalate_to: Option<String>,
}

impl ApprovalRules {
    /// Nothing is asked for beyond one approval.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How many different people must approve this total; an unknown one, or one that cannot be
    /// expressed in the ledger currency, counts as larger than any limit.
    pub fn required(&self, total: Option<Decimal>) -> u32 {
        let exceeded =
            self.tiers.iter().filter(|tier| total.is_none_or(|total| total > tier.above));
        exceeded.map(|tier| tier.approvals).max().unwrap_or(1)
    }

    /// Whether an invoice without holds is approved by itself.
    pub fn is_touchless(&self, total: Option<Decimal>) -> bool {
        let within = |limit| total.is_some_and(|total| total <= limit);
        self.touchless_up_to.is_none_or(within)
    }

    /// Whether the subject may approve this total.
    pub fn may_approve(&self, subject: &str, total: Option<Decimal>) -> bool {
        let own = self.limits.iter().find(|limit| limit.subject == subject);
        let limit = own.map(|own| own.up_to).or(self.default_limit);
        limit.is_none_or(|limit| total.is_some_and(|total| total <= limit))
    }

    /// For how long whoever changed a supplier's accounts neither approves nor pays its invoices.
    pub fn cooling(&self) -> TimeDelta {
        TimeDelta::days(self.bank_cooling_days.unwrap_or(COOLING_DAYS).into())
    }

    /// When somebody hears of an invoice that rests.
    pub fn watch(&self) -> Watch {
        Watch {
            remind_after_seconds: self.remind_after_seconds,
            escalate_after_seconds: self.escalate_after_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ApprovalRules, Decimal};

    fn rules(toml: &str) -> ApprovalRules {
        toml::from_str(toml).expect("rules")
    }

    fn amount(text: &str) -> Option<Decimal> {
        Some(text.parse().expect("an amount"))
    }

    #[test]
    fn the_highest_tier_below_an_amount_says_how_many_approve() {
        let rules = rules(
            "tiers = [{ above = \"10000\", approvals = 2 }, { above = \"100000\", approvals = 3 }]",
        );
        for (total, required) in [("10000.00", 1), ("10000.01", 2), ("100000.01", 3)] {
            assert_eq!(rules.required(amount(total)), required, "{total}");
        }
        assert_eq!(rules.required(None), 3, "an amount that nobody knows");
        assert_eq!(ApprovalRules::default().required(None), 1);
    }

    #[test]
    fn a_limit_counts_up_to_its_own_amount() {
        let rules = rules(
            "touchless_up_to = \"500\"\nlimits = [{ subject = \"anna\", up_to = \"1000\" }]\ndefault_limit = \"0\"",
        );
        assert!(rules.is_touchless(amount("500.00")) && !rules.is_touchless(amount("500.01")));
        assert!(!rules.is_touchless(None));
        assert!(rules.may_approve("anna", amount("1000")));
        assert!(!rules.may_approve("anna", amount("1000.01")));
        assert!(!rules.may_approve("ben", amount("0.01")));
        assert!(ApprovalRules::default().may_approve("ben", None));
    }
}
