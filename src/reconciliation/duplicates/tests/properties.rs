use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::models::duplicate::{Candidate, DuplicateCode, KnownInvoice};
use crate::models::invoice::{InvoiceKind, Period};
use crate::models::status::InvoiceStatus;
use crate::reconciliation::duplicates::{judge, search};

/// Few values for each member, so that invoices often share some.
fn any_candidate() -> impl Strategy<Value = Candidate> {
    let day = |days: u64| {
        let first = NaiveDate::from_ymd_opt(2024, 6, 1).expect("a day");
        first.checked_add_days(Days::new(days)).expect("a day")
    };
    let number = prop::option::of("(RE-)?[01]{0,3}");
    let money = (0_i64..4, any::<bool>(), any::<bool>());
    let days = prop::option::of(0_u64..24);
    let vendor = prop::option::of("V[12]");
    let more = (any::<bool>(), prop::option::of(0_u64..2), any::<bool>(), "RE-[01]", any::<bool>());
    (number, money, days, vendor, more).prop_map(move |(number, money, days, vendor, more)| {
        let (cents, euro, credit) = money;
        let (same_company, period, corrects, preceding, ordered) = more;
        Candidate {
            number,
            kind: if credit { InvoiceKind::CreditNote } else { InvoiceKind::Invoice },
            type_code: corrects.then(|| "384".to_owned()),
            date: days.map(day),
            currency: Some(if euro { "EUR" } else { "USD" }.to_owned()),
            gross: Some(Decimal::new(cents + 998, 2)),
            vendor,
            identities: if same_company { vec!["vat:DE1".to_owned()] } else { vec![] },
            period: period.map(|days| Period { start: Some(day(days)), end: None }),
            preceding: vec![preceding],
            order_lines: if ordered { vec!["P1/1".to_owned()] } else { vec![] },
            ..Candidate::default()
        }
    })
}

fn on_file(invoices: Vec<Candidate>) -> Vec<KnownInvoice> {
    let numbered = invoices.into_iter().enumerate();
    numbered
        .map(|(place, invoice)| KnownInvoice {
            status: InvoiceStatus::Held,
            invoice: Candidate {
                id: format!("inv_{place}"),
                arrival: i64::try_from(place).ok(),
                ..invoice
            },
        })
        .collect()
}

fn codes(candidate: &Candidate, other: &Candidate) -> Vec<DuplicateCode> {
    let known = KnownInvoice { status: InvoiceStatus::Held, invoice: other.clone() };
    let limits = [Decimal::new(1_500, 2)];
    judge(candidate, &[known], &limits).into_iter().map(|finding| finding.code).collect()
}

proptest! {
    #[test]
    fn who_came_first_is_all_that_differs_both_ways(one in any_candidate(), two in any_candidate()) {
        prop_assert_eq!(codes(&one, &two), codes(&two, &one));
        let first = Candidate { arrival: Some(1), ..one };
        let second = Candidate { arrival: Some(2), ..two };
        prop_assert_eq!(codes(&first, &second), vec![]);
    }

    #[test]
    fn an_invoice_with_a_number_and_a_supplier_repeats_itself(one in any_candidate()) {
        let one = Candidate { preceding: vec![], ..one };
        if one.vendor.is_some() && one.number.as_deref().is_some_and(|number| !number.is_empty()) {
            prop_assert_eq!(codes(&one, &one), vec![DuplicateCode::DupExact]);
        }
    }

    #[test]
    fn keys_find_all_that_can_be_found(
        candidate in any_candidate(),
        invoices in prop::collection::vec(any_candidate(), 0..24),
    ) {
        let known = on_file(invoices);
        let fetched: Vec<KnownInvoice> =
            search::find(&candidate, &known).into_iter().cloned().collect();
        let limits = [Decimal::new(1_500, 2), Decimal::new(4_000, 2)];
        prop_assert_eq!(judge(&candidate, &fetched, &limits), judge(&candidate, &known, &limits));
    }

    #[test]
    fn what_is_not_worth_fetching_is_no_duplicate(one in any_candidate(), two in any_candidate()) {
        let worth = search::rank(&one, two.number.as_deref(), two.date).is_some();
        prop_assert!(worth || !codes(&one, &two).contains(&DuplicateCode::DupFuzzy));
    }

    #[test]
    fn the_order_of_the_file_means_nothing(
        candidate in any_candidate(),
        invoices in prop::collection::vec(any_candidate(), 0..24),
    ) {
        let known = on_file(invoices);
        let mut turned = known.clone();
        turned.reverse();
        let limits = [Decimal::new(1_500, 2)];
        prop_assert_eq!(judge(&candidate, &known, &limits), judge(&candidate, &turned, &limits));
    }
}
