//! Which invoice line belongs to which order line.

use ap_gateway::models::case::Case;
use ap_gateway::models::verdict::{HoldCode, Outcome, PairingStep, Reconciliation};
use ap_gateway::reconciliation::reconcile;
use serde_json::{Value, json};

use crate::reconciliation::sample::codes;

/// Invoice lines of 1 piece at 4.20 against order lines of 5 pieces at 4.20, unless they say
/// otherwise.
pub(super) fn run(invoiced: &[Value], ordered: &[Value]) -> Reconciliation {
    let fill = |lines: &[Value], common: Value| -> Vec<Value> {
        let lines = lines.iter().enumerate().map(|(place, line)| {
            let mut filled = common.clone();
            let members = filled.as_object_mut().expect("an object");
            members.insert("id".to_owned(), json!((place + 1).to_string()));
            members.extend(line.as_object().expect("an object").clone());
            filled
        });
        lines.collect()
    };
    let case = json!({
        "invoice": {
            "currency": "EUR", "order_reference": "P1",
            "lines": fill(invoiced, json!({"quantity": "1", "price": "4.20", "net": "4.20"})),
        },
        "purchase_orders": [{
            "number": "P1", "currency": "EUR",
            "lines": fill(ordered, json!({"quantity": "5", "unit_price": "4.20"})),
        }],
    });
    let case: Case = serde_json::from_value(case).expect("a case");
    reconcile(&case)
}

pub(super) fn pairs(result: &Reconciliation) -> Vec<(&str, &str, PairingStep)> {
    let pairs = result.pairing.iter();
    pairs.map(|pair| (pair.line.as_str(), pair.po_line.as_str(), pair.step)).collect()
}

#[test]
fn a_named_line_is_found_trimmed_and_without_leading_zeros() {
    for (reference, id) in [("2", "2"), (" 2", "2"), ("0002", "2"), ("2", "00002")] {
        let result =
            run(&[json!({"order_line_reference": reference})], &[json!({}), json!({"id": id})]);
        assert_eq!(pairs(&result), [("1", id, PairingStep::Explicit)]);
    }
}

#[test]
fn the_strongest_item_id_that_leads_anywhere_pairs() {
    let ordered = [
        json!({"standard_item_id": "4012345678901", "seller_item_id": "S"}),
        json!({"buyer_item_id": "B", "seller_item_id": "S2"}),
    ];
    for (line, expected) in [
        (json!({"standard_item_id": "04012345678901", "buyer_item_id": "B"}), "1"),
        (json!({"standard_item_id": "4099999999999", "buyer_item_id": "B"}), "2"),
        (json!({"seller_item_id": "S2"}), "2"),
    ] {
        let result = run(&[line], &ordered);
        assert_eq!(pairs(&result), [("1", expected, PairingStep::ItemId)]);
    }
}

#[test]
fn one_item_at_two_prices_is_told_apart_by_price_or_refused() {
    let ordered =
        [json!({"buyer_item_id": "B"}), json!({"buyer_item_id": "B", "unit_price": "5.00"})];
    let dear = run(&[json!({"buyer_item_id": "B", "price": "5.00", "net": "5.00"})], &ordered);
    assert_eq!(pairs(&dear), [("1", "2", PairingStep::PriceQuantityName)]);
    let neither = run(&[json!({"buyer_item_id": "B", "price": "4.50", "net": "4.50"})], &ordered);
    assert_eq!(codes(&neither), [HoldCode::AmbiguousPairing]);
    assert_eq!((neither.outcome, neither.allocations.len()), (Outcome::Refused, 0));
}

#[test]
fn interchangeable_order_lines_are_filled_whatever_the_order_of_the_lines() {
    let ordered = [
        json!({"buyer_item_id": "B", "quantity": "3"}),
        json!({"buyer_item_id": "B", "quantity": "7"}),
    ];
    let line = |id: &str, quantity: &str, net: &str| json!({"id": id, "buyer_item_id": "B", "quantity": quantity, "net": net});
    let (three, seven) = (line("a", "3", "12.60"), line("b", "7", "29.40"));
    for invoiced in [[three.clone(), seven.clone()], [seven, three]] {
        let result = run(&invoiced, &ordered);
        let mut found = pairs(&result);
        found.sort_by_key(|pair| pair.0);
        assert_eq!(found, [("a", "1", PairingStep::ItemId), ("b", "2", PairingStep::ItemId)]);
        assert_eq!(result.outcome, Outcome::Matched);
    }
}

#[test]
fn a_name_has_to_be_alike_and_ahead_of_the_second() {
    let name = |name: &str| json!({"name": name});
    let ordered =
        |first: &str, second: &str| [json!({"description": first}), json!({"description": second})];
    let clear = run(&[name("washer set 8mm")], &ordered("Hex bolt M8", "Washer-set, 8mm"));
    assert_eq!(pairs(&clear), [("1", "2", PairingStep::PriceQuantityName)]);
    let equal = run(&[name("Cable")], &ordered("Cable A", "Cable B"));
    assert_eq!(
        (codes(&equal), equal.outcome),
        (vec![HoldCode::AmbiguousPairing], Outcome::Refused)
    );
    assert!(equal.holds[0].text.contains("order P1 line 1 and order P1 line 2"));
    let near = run(
        &[name("Long cable 10 m black")],
        &ordered("Long cable 10 m black", "Long cable 12 m black"),
    );
    assert_eq!((codes(&near), near.outcome), (vec![HoldCode::UnpairedLine], Outcome::Held));
    assert!(near.holds[0].text.contains("too alike"), "{}", near.holds[0].text);
    let none = run(&[name("Paint")], &ordered("Cable A", "Cable B"));
    assert_eq!(codes(&none), [HoldCode::UnpairedLine]);
    let same = run(&[name("Cable"), name("Cable")], &ordered("Cable", "cable"));
    assert_eq!(same.outcome, Outcome::Matched);
}

#[test]
fn price_unit_and_open_quantity_have_to_agree_before_names_are_compared() {
    for line in [
        json!({"name": "Cable", "price": "4.21", "net": "4.21"}),
        json!({"name": "Cable", "unit": "DZN"}),
        json!({"name": "Cable", "quantity": "6", "net": "25.20"}),
        json!({"name": "Cable", "price": "0", "net": "0"}),
    ] {
        let result =
            run(std::slice::from_ref(&line), &[json!({"description": "Cable", "unit": "C62"})]);
        assert_eq!(codes(&result), [HoldCode::UnpairedLine], "{line}");
    }
}

#[test]
fn a_line_that_is_not_there_is_held_and_the_search_goes_on() {
    let result = run(
        &[json!({"order_line_reference": "9", "name": "Cable"})],
        &[json!({"description": "Cable"})],
    );
    assert_eq!(codes(&result), [HoldCode::PoLineNotFound]);
    assert_eq!(pairs(&result), [("1", "1", PairingStep::PriceQuantityName)]);
}

#[test]
fn a_line_of_an_unknown_order_is_looked_for_in_the_known_ones() {
    let line = json!({"order_reference": "P9", "order_line_reference": "1", "buyer_item_id": "B"});
    let known = run(std::slice::from_ref(&line), &[json!({}), json!({"buyer_item_id": "B"})]);
    assert_eq!(codes(&known), [HoldCode::PoNotFound]);
    assert_eq!(pairs(&known), [("1", "2", PairingStep::ItemId)]);
    let nowhere = run(&[line], &[json!({})]);
    assert_eq!(codes(&nowhere), [HoldCode::PoNotFound, HoldCode::UnpairedLine]);
}

#[test]
fn a_line_may_name_an_order_of_its_own() {
    let mut case: Case = serde_json::from_value(json!({
        "invoice": {"currency": "EUR", "order_reference": "P1", "lines": [
            {"id": "1", "quantity": "1", "net": "2.00", "order_line_reference": "1"},
            {"id": "2", "quantity": "1", "net": "3.00", "order_line_reference": "1",
             "order_reference": "0P2"},
        ]},
        "purchase_orders": [
            {"number": "P2", "currency": "EUR",
             "lines": [{"id": "1", "quantity": "1", "unit_price": "3.00"}]},
            {"number": "P1", "currency": "EUR",
             "lines": [{"id": "1", "quantity": "1", "unit_price": "2.00"}]},
        ],
    }))
    .expect("a case");
    let result = reconcile(&case);
    let orders: Vec<&str> = result.pairing.iter().map(|pair| pair.po.as_str()).collect();
    assert_eq!((orders, result.outcome), (vec!["P1", "P2"], Outcome::Matched));
    // Older revisions are left out; two orders of one number are not chosen between.
    let mut older = case.purchase_orders[1].clone();
    older.lines[0].unit_price = 1.into();
    case.purchase_orders[1].revision = 2;
    case.purchase_orders.push(older.clone());
    assert_eq!(reconcile(&case).outcome, Outcome::Matched);
    older.revision = 2;
    case.purchase_orders.push(older);
    let result = reconcile(&case);
    assert_eq!(
        (codes(&result), result.outcome),
        (vec![HoldCode::AmbiguousPairing], Outcome::Refused)
    );
}

/// Two orders, of which the invoice names the first, the second or another.
fn two_orders(named: &str, first: Value, second: Value, line: Value) -> Reconciliation {
    let mut invoice = json!({"currency": "EUR", "lines": [
        {"id": "1", "quantity": "1", "price": "4.20", "net": "4.20"}]});
    invoice["order_reference"] = json!(named);
    let members = invoice["lines"][0].as_object_mut().expect("an object");
    members.extend(line.as_object().expect("an object").clone());
    let order = |number: &str, more: Value| {
        let mut order = json!({"number": number, "currency": "EUR",
            "lines": [{"id": "1", "quantity": "5", "unit_price": "4.20"}]});
        for (member, value) in more.as_object().expect("an object") {
            match member.as_str() {
                "item" => order["lines"][0]["buyer_item_id"] = value.clone(),
                "price" => order["lines"][0]["unit_price"] = value.clone(),
                _ => order[member] = value.clone(),
            }
        }
        order
    };
    let case = json!({
        "invoice": invoice, "purchase_orders": [order("P1", first), order("P2", second)],
    });
    reconcile(&serde_json::from_value(case).expect("a case"))
}

#[test]
fn a_line_is_looked_for_in_the_order_that_is_named_and_in_no_other() {
    let item = json!({"buyer_item_id": "B"});
    for (named, first, second, expected) in [
        ("P1", json!({"item": "B"}), json!({}), Some("P1")),
        ("P2", json!({}), json!({"item": "B"}), Some("P2")),
        ("P1", json!({"item": "A"}), json!({"item": "B"}), None),
        ("P2", json!({"item": "B"}), json!({"item": "A"}), None),
    ] {
        let result = two_orders(named, first, second, item.clone());
        let found = result.pairing.iter().map(|pair| pair.po.as_str()).next();
        assert_eq!(found, expected, "{named}");
    }
}

#[test]
fn an_order_that_is_not_named_has_to_be_open() {
    let item = json!({"buyer_item_id": "B"});
    let line = |status: &str| {
        let second = json!({"item": "B", "status": status});
        let result = two_orders("P9", json!({}), second, item.clone());
        result.pairing.iter().map(|pair| pair.po.clone()).next()
    };
    assert_eq!(line("open").as_deref(), Some("P2"));
    assert_eq!(line("closed"), None);
}

#[test]
fn an_order_found_by_its_line_is_held_to_its_limit() {
    let second = json!({"item": "B", "limit": "4.19"});
    let result = two_orders("P9", json!({}), second, json!({"buyer_item_id": "B"}));
    assert!(codes(&result).contains(&HoldCode::PoLimit), "{:?}", result.holds);
}

#[test]
fn a_free_line_is_never_a_priced_one() {
    for (asked, ordered, paired) in
        [("0", "0", true), ("4.20", "4.20", true), ("0", "4.20", false), ("4.20", "0", false)]
    {
        for named in ["P1", "P9"] {
            let line = json!({"buyer_item_id": "B", "price": asked, "net": asked});
            let first = json!({"item": "B", "price": ordered});
            let result = two_orders(named, first, json!({"item": "C"}), line);
            assert_eq!(!result.pairing.is_empty(), paired, "{asked} {ordered} {named:?}");
        }
    }
}

#[test]
fn of_two_orders_of_one_number_the_buyer_tells_which_is_meant() {
    let run = |buyer: &str| {
        let order = |vat: &str, price: &str| {
            json!({"number": "P1", "currency": "EUR", "buyer": {"vat_id": vat},
                   "lines": [{"id": "1", "quantity": "1", "unit_price": price}]})
        };
        let case = json!({
            "invoice": {"currency": "EUR", "order_reference": "P1", "buyer": {"vat_id": buyer},
                "lines": [{"id": "1", "quantity": "1", "price": "2.00", "net": "2.00",
                           "order_line_reference": "1"}]},
            "purchase_orders": [order("DE1", "2.00"), order("DE2", "1.00")],
        });
        let result = reconcile(&serde_json::from_value(case).expect("a case"));
        codes(&result)
    };
    assert_eq!(run("DE1"), []);
    assert!(run("DE2").contains(&HoldCode::UnitPrice), "{:?}", run("DE2"));
    assert_eq!(run("DE3"), [HoldCode::AmbiguousPairing]);
}

#[test]
fn prices_and_quantities_are_compared_in_the_unit_of_the_order() {
    let cable =
        json!({"name": "Cable", "unit": "DZN", "quantity": "1", "price": "12.00", "net": "12.00"});
    let pieces = |quantity: &str, price: &str| {
        [json!({"description": "Cable", "unit": "C62", "quantity": quantity, "unit_price": price})]
    };
    let paired = |ordered: &[Value]| !pairs(&run(std::slice::from_ref(&cable), ordered)).is_empty();
    assert!(paired(&pieces("12", "1.00")));
    assert!(!paired(&pieces("11", "1.00")), "more than is open");
    assert!(!paired(&pieces("12", "12.00")), "another price");
}

#[test]
fn ids_that_are_no_numbers_keep_their_zeros() {
    let ordered = [json!({"standard_item_id": "A7"}), json!({"standard_item_id": "000123456789A"})];
    let none = run(&[json!({"standard_item_id": "0A7"})], &ordered);
    assert_eq!(pairs(&none), []);
    let same = run(&[json!({"standard_item_id": "A7"})], &ordered);
    assert_eq!(pairs(&same), [("1", "1", PairingStep::ItemId)]);
}
