mod properties;
mod search;
mod splits;

use serde_json::{Value, json};

use crate::models::duplicate::{Candidate, DuplicateCode, KnownInvoice};
use crate::models::invoice::{Invoice, InvoiceKind};
use crate::models::refs::Sha256;
use crate::models::verdict::{HoldCode, HoldSeverity};
use crate::reconciliation::duplicates::{FINDINGS_MAX, candidate, hold, judge};

const FILE: &str = "00000000000000000000000000000000000000000000000000000000000000aa";
const CONTENT: &str = "00000000000000000000000000000000000000000000000000000000000000bb";

/// An invoice like all others of this file, but for the members that are said.
fn invoice(changes: Value) -> Candidate {
    let mut all = json!({"number": "RE-1001", "date": "2024-06-01", "currency": "EUR",
                         "gross": "99.00", "vendor": "V1", "vendor_name": "Schrauben Meier GmbH",
                         "identities": ["vat:DE1"]});
    let members = changes.as_object().expect("members").clone();
    all.as_object_mut().expect("members").extend(members);
    serde_json::from_value(all).expect("a candidate")
}

fn known(changes: Value, status: &str) -> KnownInvoice {
    let mut invoice = invoice(changes);
    if invoice.id.is_empty() {
        invoice.id = "inv_1".to_owned();
    }
    let status = serde_json::from_value(json!(status)).expect("a status");
    KnownInvoice { status, invoice }
}

fn found(candidate: &Candidate, known: &[KnownInvoice]) -> Vec<DuplicateCode> {
    judge(candidate, known, &[]).iter().map(|finding| finding.code).collect()
}

#[test]
fn an_invoice_repeats_another_in_the_strongest_way() {
    use DuplicateCode::{DupContent, DupExact, DupFile, DupFuzzy, DupNormalised, DupOtherVendor};
    for (earlier, later, expected) in [
        (
            json!({"file": FILE}),
            json!({"file": FILE, "number": "X", "vendor": "V9"}),
            Some(DupFile),
        ),
        (json!({"content": CONTENT}), json!({"content": CONTENT}), Some(DupContent)),
        (
            json!({}),
            json!({"number": " re-1001 ", "gross": "1", "date": "2020-01-01"}),
            Some(DupExact),
        ),
        (
            json!({}),
            json!({"number": "re 01001", "gross": "1", "date": "2020-01-01"}),
            Some(DupNormalised),
        ),
        (json!({}), json!({"number": "RE-IOO1", "gross": "1"}), Some(DupNormalised)),
        // One swap, any date; another number, within seven days; within a cent.
        (json!({}), json!({"number": "RE-1010", "date": "2023-01-01"}), Some(DupFuzzy)),
        (json!({}), json!({"number": "Z9", "date": "2024-06-08"}), Some(DupFuzzy)),
        (json!({}), json!({"number": "Z9", "date": "2024-05-25"}), Some(DupFuzzy)),
        (json!({}), json!({"number": "Z9", "gross": "98.99"}), Some(DupFuzzy)),
        (json!({}), json!({"number": null}), Some(DupFuzzy)),
        (json!({}), json!({"number": "Z9", "date": "2024-06-09"}), None),
        (json!({}), json!({"number": "Z9", "gross": "98.98"}), None),
        (json!({}), json!({"number": "Z9", "currency": "USD"}), None),
        (json!({}), json!({"number": "Z9", "date": null}), None),
        (json!({"gross": "0.00"}), json!({"number": "Z9", "gross": "0.00"}), None),
        (json!({"gross": null}), json!({"number": "Z9", "gross": null}), None),
        // Another record of the same company: VAT id, name; and no reason at all.
        (json!({}), json!({"vendor": "V9", "vendor_name": "X"}), Some(DupOtherVendor)),
        (
            json!({}),
            json!({"vendor": "V9", "identities": [], "number": "re 1001",
                           "vendor_name": "Meier Schrauben GmbH"}),
            Some(DupOtherVendor),
        ),
        (json!({}), json!({"vendor": null, "vendor_name": null}), Some(DupOtherVendor)),
        (
            json!({}),
            json!({"vendor": "V9", "identities": [], "vendor_name": "Holz Huber KG"}),
            None,
        ),
        (json!({}), json!({"vendor": "V9", "number": "RE-1002"}), None),
        (json!({}), json!({"vendor": "V9", "date": "2024-06-02"}), None),
        (json!({}), json!({"vendor": "V9", "gross": "99.01"}), None),
        (json!({"number": "-"}), json!({"number": " / ", "gross": "5"}), None),
        (json!({"number": ""}), json!({"number": "", "gross": "5"}), None),
        (json!({"number": "", "date": "2024-01-01"}), json!({"number": ""}), None),
    ] {
        let codes = found(&invoice(later.clone()), &[known(earlier.clone(), "approved")]);
        assert_eq!(codes, expected.into_iter().collect::<Vec<_>>(), "{earlier} {later}");
    }
}

#[test]
fn what_belongs_together_is_no_duplicate() {
    let credit = |preceding: &str| json!({"kind": "credit_note", "type_code": "381", "preceding": [preceding]});
    let period = |start: &str| json!({"start": start});
    for (earlier, later, expected) in [
        (json!({}), credit("re 1001"), None),
        (json!({}), json!({"type_code": "384", "preceding": ["RE-1001"]}), None),
        // A credit note that names no invoice or another one, and a plain invoice that names one.
        (json!({}), credit("RE-2002"), Some(DuplicateCode::DupExact)),
        (
            json!({}),
            json!({"type_code": "380", "preceding": ["RE-1001"]}),
            Some(DuplicateCode::DupExact),
        ),
        // It lowers what we owe: the same amount is not the same claim, except as a negative one.
        (json!({}), json!({"kind": "credit_note", "number": "G1"}), None),
        (
            json!({"gross": "-99.00"}),
            json!({"kind": "credit_note", "number": "G1"}),
            Some(DuplicateCode::DupFuzzy),
        ),
        (
            json!({"kind": "credit_note", "number": "G1"}),
            json!({"kind": "credit_note", "number": "G2", "preceding": ["RE-1001"]}),
            Some(DuplicateCode::DupFuzzy),
        ),
        // Rent and subscriptions, until the numbers are one edit apart.
        (
            json!({"period": period("2024-05-01")}),
            json!({"number": "RE-1055", "period": period("2024-06-01")}),
            None,
        ),
        (
            json!({"period": period("2024-05-01")}),
            json!({"number": "RE-1055", "period": period("2024-05-01")}),
            Some(DuplicateCode::DupFuzzy),
        ),
        (
            json!({"period": period("2024-05-01")}),
            json!({"number": "RE-1055"}),
            Some(DuplicateCode::DupFuzzy),
        ),
        (
            json!({"period": period("2024-05-01")}),
            json!({"number": "RE-1002", "period": period("2024-06-01")}),
            Some(DuplicateCode::DupFuzzy),
        ),
        (
            json!({"despatch_advices": ["D1", "D2"]}),
            json!({"number": "RE-1055", "despatch_advices": ["D3"]}),
            None,
        ),
        (
            json!({"despatch_advices": ["D1", "D2"]}),
            json!({"number": "RE-1055", "despatch_advices": ["d2", "D3"]}),
            Some(DuplicateCode::DupFuzzy),
        ),
        // One that names no delivery may be for the same one.
        (
            json!({"despatch_advices": ["D1"]}),
            json!({"number": "RE-1055"}),
            Some(DuplicateCode::DupFuzzy),
        ),
        (
            json!({}),
            json!({"number": "RE-1055", "despatch_advices": ["D1"]}),
            Some(DuplicateCode::DupFuzzy),
        ),
    ] {
        let codes = found(&invoice(later.clone()), &[known(earlier.clone(), "paid")]);
        assert_eq!(codes, expected.into_iter().collect::<Vec<_>>(), "{earlier} {later}");
    }
}

#[test]
fn every_state_is_an_original_but_those_that_stand_for_nothing() {
    for (status, expected) in [
        ("received", Some(DuplicateCode::DupExact)),
        ("held", Some(DuplicateCode::DupExact)),
        ("query", Some(DuplicateCode::DupExact)),
        ("needs_attention", Some(DuplicateCode::DupExact)),
        ("paid", Some(DuplicateCode::DupExact)),
        ("rejected", Some(DuplicateCode::ResentAfterRejection)),
        ("cancelled", Some(DuplicateCode::ResentAfterRejection)),
        ("superseded", None),
        ("duplicate", None),
    ] {
        let codes = found(&invoice(json!({})), &[known(json!({}), status)]);
        assert_eq!(codes, expected.into_iter().collect::<Vec<_>>(), "{status}");
    }
    // Turned down, and only alike: not even worth knowing.
    let alike = invoice(json!({"number": "RE-1010"}));
    assert_eq!(found(&alike, &[known(json!({}), "rejected")]), []);
}

#[test]
fn the_earlier_arrival_is_the_original() {
    for (own, other, id, finds) in [
        (Some(2), Some(1), "inv_2", true),
        (Some(1), Some(2), "inv_2", false),
        (None, Some(1), "inv_2", true),
        (Some(1), None, "inv_2", false),
        (None, None, "inv_2", true),
        // Judged again, it does not find itself.
        (Some(2), Some(1), "inv_1", false),
        (None, None, "inv_1", false),
    ] {
        let candidate = invoice(json!({"arrival": own, "id": "inv_1"}));
        let codes = found(&candidate, &[known(json!({"arrival": other, "id": id}), "held")]);
        assert_eq!(!codes.is_empty(), finds, "{own:?} {other:?} {id}");
    }
}

#[test]
fn the_strongest_comes_first_and_the_list_ends() {
    let others = (0..100).map(|number| {
        known(json!({"id": format!("inv_{number:03}"), "number": format!("Z-{number}")}), "held")
    });
    let mut others: Vec<KnownInvoice> = others.collect();
    others.push(known(json!({"id": "inv_x"}), "held"));
    let findings = judge(&invoice(json!({})), &others, &[]);
    assert_eq!(findings.len(), FINDINGS_MAX);
    assert_eq!(findings[0].code, DuplicateCode::DupExact);
    assert_eq!(findings[0].against, ["inv_x"]);
    assert_eq!(findings[1].against, ["inv_000"]);
}

#[test]
fn findings_say_what_is_the_same_and_what_releases_them() {
    for (later, text, held) in [
        (
            json!({}),
            "invoice inv_1 (\"RE-1001\" of 2024-06-01 over 99.00 EUR) has the same supplier \
                     and number and came first; releases when a lead says \"not a duplicate\" or \
                     inv_1 is rejected",
            Some((HoldCode::DupExact, HoldSeverity::Stop)),
        ),
        (
            json!({"number": "RE 1001"}),
            "invoice inv_1 (\"RE-1001\" of 2024-06-01 over 99.00 EUR) has \
                     the same supplier, and its number is this one's, \"RE 1001\", in another \
                     spelling; releases when a lead says \"not a duplicate\" or inv_1 is rejected",
            Some((HoldCode::DupNormalised, HoldSeverity::Stop)),
        ),
        (
            json!({"number": "Z\n9"}),
            "invoice inv_1 (\"RE-1001\" of 2024-06-01 over 99.00 EUR) has \
                     the same supplier and amount, and nearly the date or the number of this one \
                     (\"Z 9\" of 2024-06-01); releases when a lead says \"not a duplicate\" or \
                     inv_1 is rejected",
            Some((HoldCode::DupFuzzy, HoldSeverity::Stop)),
        ),
        (
            json!({"vendor": "V9"}),
            "invoice inv_1 (\"RE-1001\" of 2024-06-01 over 99.00 EUR) has this \
                     one's number, date and amount, and its supplier V1 (Schrauben Meier GmbH) \
                     seems to be the same company under another master record; releases when a \
                     lead says \"not a duplicate\" or inv_1 is rejected",
            Some((HoldCode::DupOtherVendor, HoldSeverity::Stop)),
        ),
        (
            json!({"file": FILE}),
            "these very bytes are invoice inv_1 (\"RE-1001\" of 2024-06-01 over \
                     99.00 EUR): no second document is made, and the arrival is recorded",
            None,
        ),
    ] {
        let findings = judge(&invoice(later), &[known(json!({"file": FILE}), "held")], &[]);
        assert_eq!(findings[0].text, text);
        let hold = hold(&findings[0]).map(|hold| (hold.code, hold.severity));
        assert_eq!(hold, held);
    }
}

#[test]
fn an_invoice_without_a_number_is_called_that() {
    for number in [json!(null), json!(" ")] {
        let earlier = known(json!({"number": number}), "held");
        let findings = judge(&invoice(json!({"number": "Z9"})), &[earlier], &[]);
        let text = "invoice inv_1 (without a number of 2024-06-01 over 99.00 EUR) has the same";
        assert!(findings[0].text.starts_with(text), "{}", findings[0].text);
    }
}

#[test]
fn an_invoice_is_taken_apart_for_comparison() {
    let document = json!({
        "kind": "credit_note", "type_code": "381", "number": "G1", "issue_date": "2024-06-01",
        "currency": " eur", "order_reference": "P1", "despatch_advice_reference": "D1",
        "preceding_invoices": [{"number": "RE-1"}, {"number": "NA"}, {}],
        "seller": {"name": "Meier", "vat_id": "de 1", "ids": ["7"]},
        "payments": [{"accounts": [{"id": "DE02 1203"}]}],
        "totals": {"gross": "119.00", "payable": "0"},
        "period": {"start": "2024-05-01", "end": "2024-05-31"},
        "lines": [
            {"id": "1", "name": "Nuts, M8", "order_line_reference": "20"},
            {"id": "2", "name": "nuts M8", "order_reference": "P2", "order_line_reference": "10",
             "despatch_advice_reference": "D0"},
            {"id": "3"}],
    });
    let invoice: Invoice = serde_json::from_value(document).expect("an invoice");
    let file = Some(Sha256::parse(FILE).expect("a digest"));
    let found = candidate::of(&invoice, None, file.clone());
    assert_eq!((found.kind, found.type_code.as_deref()), (InvoiceKind::CreditNote, Some("381")));
    assert_eq!((found.file, &found.period), (file, &invoice.period));
    assert!(found.period.is_some());
    assert_eq!(found.vendor_name.as_deref(), Some("Meier"));
    assert_eq!(found.vendor.as_deref(), Some("DE1"));
    assert_eq!(found.identities, ["vat:DE1", "account:DE021203"]);
    assert_eq!(found.currency.as_deref(), Some("EUR"));
    assert_eq!(found.gross.map(|gross| gross.to_string()).as_deref(), Some("119.00"));
    assert_eq!(found.preceding, ["RE-1"]);
    assert_eq!(found.despatch_advices, ["D0", "D1"]);
    assert_eq!(found.order_lines, ["P1/20", "P2/10"]);
    assert_eq!(found.texts, ["m8 nuts"]);
    assert!(found.content.is_some());
    assert_eq!(candidate::of(&invoice, Some("V1"), None).vendor.as_deref(), Some("V1"));
}
