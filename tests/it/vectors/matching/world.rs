//! What is on file while the steps of a case go by: what the ledger would know.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use ap_gateway::models::case::{BilledBefore, Case, NamedReceipt};
use ap_gateway::models::decimal;
use ap_gateway::models::order::PurchaseOrder;
use ap_gateway::models::receipt::Receipt;
use ap_gateway::models::verdict::{LineStanding, Reconciliation};
use ap_gateway::reconciliation::{Rows, standing};

use super::translation;

/// Line, order, order line.
type Place = (String, String, String);

/// Quantity and amount.
type Share = (Decimal, Decimal);

pub(super) struct World<'a> {
    case: &'a Value,
    receipts: Vec<Value>,
    closed: BTreeMap<(String, String), Decimal>,
    /// Invoices in their sequence; a reversed one keeps its place and counts nothing.
    sequence: Vec<String>,
    reversed: BTreeSet<String>,
    /// What each invoice billed, before credits.
    billed: BTreeMap<String, BTreeMap<Place, Share>>,
    results: BTreeMap<String, Reconciliation>,
}

impl<'a> World<'a> {
    pub(super) fn new(case: &'a Value) -> Self {
        Self {
            case,
            receipts: Vec::new(),
            closed: BTreeMap::new(),
            sequence: Vec::new(),
            reversed: BTreeSet::new(),
            billed: BTreeMap::new(),
            results: BTreeMap::new(),
        }
    }

    /// An event goes on file; a match gives the case to be matched.
    pub(super) fn take(&mut self, step: &Value) -> Option<Case> {
        if !step["receipt"].is_null() {
            let receipt = self.named("receipts", &step["receipt"]);
            self.receipts.push(receipt);
        } else if let Some(invoice) = step["reverse"].as_str() {
            self.reversed.insert(invoice.to_owned());
        } else if step["close"].is_object() {
            self.close(&step["close"]);
        } else {
            return Some(self.case_of(&step["match"]));
        }
        None
    }

    pub(super) fn keep(&mut self, step: &Value, case: &Case, result: Reconciliation) {
        let invoice = translation::text(&step["match"]);
        let mut billed: BTreeMap<Place, Share> = BTreeMap::new();
        for row in &result.allocations {
            let place = (row.line.clone(), row.po.clone(), row.po_line.clone());
            let share = billed.entry(place).or_default();
            share.0 += number(&row.quantity);
            share.1 += number(&row.amount);
        }
        for credit in &case.credits {
            let mut lines = billed.iter_mut();
            if let Some((_, share)) = lines.find(|((line, ..), _)| *line == credit.line) {
                share.0 += credit.quantity;
                share.1 += credit.amount;
            }
        }
        self.billed.insert(invoice.clone(), billed);
        self.results.insert(invoice, result);
    }

    /// The rows of all invoices, and what stands on each order line.
    pub(super) fn standing(&self) -> (Rows, Vec<LineStanding>) {
        let policy = translation::policy(self.case);
        standing(&self.orders(), &self.receipts(), &self.claims(None), &policy)
    }

    fn named(&self, kind: &str, number: &Value) -> Value {
        let mut all = translation::list(&self.case[kind]);
        all.find(|one| one["number"] == *number).expect("a step names a document").clone()
    }

    /// What was received when the line was closed is what was ordered from then on.
    fn close(&mut self, place: &Value) {
        let place = (translation::text(&place["po"]), translation::text(&place["po_line"]));
        let (_, lines) = self.standing();
        let line = lines.iter().find(|line| (&line.po, &line.po_line) == (&place.0, &place.1));
        let received = line.map(|line| number(&line.received)).expect("a line that is closed");
        self.closed.insert(place, received);
    }

    fn case_of(&mut self, number: &Value) -> Case {
        let invoice = self.named("invoices", number);
        let number = translation::text(number);
        if !self.sequence.contains(&number) {
            self.sequence.push(number.clone());
        }
        let preceding: Vec<Value> = invoice["preceding_invoice"]
            .as_str()
            .map(|named| self.preceding(named, &number))
            .into_iter()
            .collect();
        let mut case = translation::case(self.case, &invoice);
        let parts = json!({
            "credits": self.credits_of(&number),
            "preceding": preceding,
        });
        let parts = parts.as_object().expect("an object").clone();
        case.as_object_mut().expect("an object").extend(parts);
        let mut case: Case = serde_json::from_value(case).expect("a translated case is a case");
        case.purchase_orders = self.orders();
        case.receipts = self.receipts();
        case.billed_before = self.claims(Some(&number));
        case
    }

    fn orders(&self) -> Vec<PurchaseOrder> {
        let orders = translation::list(&self.case["purchase_orders"]);
        let orders = orders.map(|order| translation::order(self.case, order, &self.closed));
        orders.map(|order| serde_json::from_value(order).expect("an order")).collect()
    }

    fn receipts(&self) -> Vec<Receipt> {
        let receipts = self.receipts.iter().flat_map(translation::receipts);
        receipts.map(|receipt| serde_json::from_value(receipt).expect("a receipt")).collect()
    }

    /// What invoices take, less what was credited: all, or those before one.
    fn claims(&self, before: Option<&str>) -> Vec<BilledBefore> {
        let invoices = self.sequence.iter().take_while(|invoice| Some(invoice.as_str()) != before);
        let invoices = invoices.filter(|invoice| !self.reversed.contains(*invoice));
        let mut claims = Vec::new();
        for invoice in invoices {
            for ((line, po, po_line), share) in self.billed.get(invoice).into_iter().flatten() {
                let credits = self.credits_of(invoice);
                let back = credits.iter().filter(|credit| credit["line"] == *line);
                let back = back.fold((Decimal::ZERO, Decimal::ZERO), |sum, credit| {
                    let part = |member: &str| number(credit[member].as_str().unwrap_or_default());
                    (sum.0 + part("quantity"), sum.1 + part("amount"))
                });
                claims.push(BilledBefore {
                    invoice: Some(invoice.clone()),
                    line: Some(line.clone()),
                    po: po.clone(),
                    po_line: po_line.clone(),
                    quantity: share.0 - back.0,
                    amount: Some(share.1 - back.1),
                    receipts: self.receipts_named(invoice, line),
                });
            }
        }
        claims
    }

    fn receipts_named(&self, invoice: &str, line: &str) -> Vec<NamedReceipt> {
        let invoice = self.named("invoices", &json!(invoice));
        let mut lines = translation::list(&invoice["lines"]);
        let line = lines.find(|one| one["id"] == *line).expect("a line that was matched");
        let named = translation::list(&line["receipts"]).map(|named| NamedReceipt {
            receipt: translation::text(&named["receipt"]),
            line: named["line"].as_str().map(str::to_owned),
        });
        named.collect()
    }

    /// What credit notes gave back of an invoice.
    fn credits_of(&self, invoice: &str) -> Vec<Value> {
        let results = self.results.iter().filter(|(number, _)| !self.reversed.contains(*number));
        let credits = results.flat_map(|(_, result)| &result.credits);
        let credits = credits.filter(|credit| credit.invoice == invoice);
        let credits = credits.map(|credit| {
            json!({"line": credit.invoice_line, "quantity": credit.quantity, "amount": credit.amount})
        });
        credits.collect()
    }

    /// The invoice that a credit note names, as it was billed and credited before this one.
    fn preceding(&self, named: &str, credit_note: &str) -> Value {
        let lines = self.billed.get(named).into_iter().flatten();
        let lines = lines.map(|((line, po, po_line), share)| {
            let credits = self.results.iter().filter(|(number, _)| *number != credit_note);
            let credits = credits.flat_map(|(_, result)| &result.credits);
            let credits = credits.filter(|one| one.invoice == named && one.invoice_line == *line);
            let credited = credits.fold((Decimal::ZERO, Decimal::ZERO), |sum, one| {
                (sum.0 + number(&one.quantity), sum.1 + number(&one.amount))
            });
            json!({
                "line": line, "po": po, "po_line": po_line,
                "quantity": share.0.to_string(), "net": share.1.to_string(),
                "credited_quantity": credited.0.to_string(),
                "credited_net": credited.1.to_string(),
            })
        });
        json!({"number": named, "lines": lines.collect::<Vec<_>>()})
    }
}

fn number(text: &str) -> Decimal {
    decimal::parse(text).expect("a decimal")
}
