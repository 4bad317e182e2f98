//! Cases that nobody would send: numbers at the edge of what fits, any text anywhere.

mod invoice;
mod ledger;
mod order;
mod policy;

use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

use ap_gateway::models::case::{Case, Decisions};
use ap_gateway::models::conversion::Conversion;
use ap_gateway::models::invoice::Party;
use ap_gateway::models::money::Currency;
use ap_gateway::models::policy::MatchLevel;
use ap_gateway::models::rate::Rate;

fn number() -> impl Strategy<Value = Decimal> {
    let parts = (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>(), 0u32..=28);
    let any = parts.prop_map(|(low, middle, high, negative, scale)| {
        Decimal::from_parts(low, middle, high, negative, scale)
    });
    let edges = [
        Decimal::ZERO,
        Decimal::NEGATIVE_ONE,
        Decimal::ONE,
        Decimal::MAX,
        Decimal::MIN,
        Decimal::from_parts(1, 0, 0, false, 28),
        Decimal::from_parts(0, 0, 0, true, 28),
    ];
    prop_oneof![prop::sample::select(edges.to_vec()), any, (0i64..10).prop_map(Decimal::from)]
}

fn maybe() -> impl Strategy<Value = Option<Decimal>> {
    prop::option::of(number())
}

/// Short texts meet each other often; long ones are anything at all.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[012 ]{0,2}", 1 => any::<String>()]
}

fn said() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn day() -> impl Strategy<Value = Option<NaiveDate>> {
    let near = (0i64..40).prop_map(|days| NaiveDate::MIN + chrono::Days::new(days as u64));
    let edges = prop::sample::select(vec![NaiveDate::MIN, NaiveDate::MAX, NaiveDate::default()]);
    prop::option::of(prop_oneof![near, edges])
}

fn level() -> impl Strategy<Value = Option<MatchLevel>> {
    prop::option::of(prop::sample::select(vec![
        MatchLevel::None,
        MatchLevel::TwoWay,
        MatchLevel::ThreeWay,
        MatchLevel::FourWay,
    ]))
}

fn currency() -> impl Strategy<Value = Currency> {
    let codes = prop::sample::select(vec!["EUR", "JPY", "KWD"]);
    codes.prop_map(|code| Currency::parse(code).expect("a currency"))
}

fn party() -> impl Strategy<Value = Party> {
    (said(), said(), said(), prop::collection::vec(text(), 0..2)).prop_map(
        |(vat_id, tax_number, name, ids)| Party {
            vat_id,
            tax_number,
            name,
            ids: ids.iter().map(|id| id.as_str().into()).collect(),
            ..Party::default()
        },
    )
}

fn rate() -> impl Strategy<Value = Rate> {
    (currency(), currency(), number()).prop_map(|(from, to, rate)| Rate { from, to, rate })
}

fn conversion() -> impl Strategy<Value = Conversion> {
    (said(), said(), text(), text(), number())
        .prop_map(|(item, vendor, from, to, factor)| Conversion { item, vendor, from, to, factor })
}

/// What stands beside invoice, orders and receipts.
fn beside() -> BoxedStrategy<Case> {
    let claims = (
        prop::collection::vec(ledger::billed_before(), 0..3),
        prop::collection::vec(ledger::charged_before(), 0..3),
        prop::collection::vec(ledger::prepayment(), 0..3),
        prop::collection::vec(ledger::preceding(), 0..3),
        prop::collection::vec(ledger::credit(), 0..3),
        prop::option::of(ledger::expected_totals()),
    );
    let words = (
        prop::collection::vec(rate(), 0..3),
        prop::collection::vec(conversion(), 0..3),
        prop::option::weighted(0.2, text()),
        prop::collection::vec(text(), 0..3),
        ledger::decisions(),
    );
    let known = (said(), day(), said(), ledger::master(), ledger::known_invoices());
    (claims, words, known)
        .prop_map(|(claims, words, known)| {
            let (billed_before, charged_before, prepayments, preceding, credits, expected_totals) =
                claims;
            let (rates, conversions, duplicate_of, fatal_findings, decisions) = words;
            let (id, as_of, sender, (entity, suppliers), known_invoices) = known;
            Case {
                billed_before,
                charged_before,
                prepayments,
                preceding,
                credits,
                expected_totals,
                rates,
                conversions,
                duplicate_of,
                fatal_findings,
                decisions,
                id,
                as_of,
                sender,
                entity,
                suppliers,
                known_invoices,
                ..Case::default()
            }
        })
        .boxed()
}

pub(super) fn case() -> BoxedStrategy<Case> {
    (
        invoice::invoice(),
        prop::collection::vec(order::order(), 0..4),
        prop::collection::vec(order::receipt(), 0..4),
        policy::policy(),
        beside(),
        any::<bool>(),
    )
        .prop_map(|(invoice, purchase_orders, receipts, policy, beside, decided)| {
            let decisions = if decided { beside.decisions.clone() } else { Decisions::default() };
            Case { invoice, purchase_orders, receipts, policy, decisions, ..beside }
        })
        .boxed()
}
