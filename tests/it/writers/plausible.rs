//! Invoices in which every member has a value: a member that is added to the model does not
//! compile here until it has one.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use ap_gateway::models::invoice::{
    Account, Address, AllowanceCharge, Attachment, Card, CashDiscount, Classification, Contact,
    Delivery, DirectDebit, Identifier, Invoice, InvoiceKind, InvoiceLine, ItemAttribute, Note,
    Party, Payee, Payment, Period, PrecedingInvoice, SupportingDocument, TaxRepresentative,
    TaxSubtotal, Totals,
};

/// What the attachment of every invoice here has in it.
pub(crate) const CONTENT: &[u8] = b"%PDF-1.7 \x00\xff";

/// Its hash.
pub(crate) fn sha256() -> String {
    Sha256::digest(CONTENT).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Texts of one line, texts for people, amounts.
pub(crate) type Drawn = (Vec<String>, Vec<String>, Vec<(i64, u32)>);

/// Values as documents have them: special characters, umlauts, line breaks, many decimals.
pub(crate) fn values() -> impl Strategy<Value = Drawn> {
    let word = "[A-Za-z0-9äöüßé€漢&<>\"'/.:;#=@-]{1,8}( [A-Za-z&<>\"'#ß]{1,6}){0,2}";
    let prose = "[A-Za-zÄÖÜ&<>\"'#]{1,5}[ a-zäöü&<>\"'\r\n\t#%]{0,20}[A-Za-z.!#]";
    (
        prop::collection::vec(word, 7..40),
        prop::collection::vec(prose, 5..20),
        prop::collection::vec((any::<i64>(), 0_u32..8), 5..30),
    )
}

/// Values to fill an invoice with, one after another.
pub(crate) struct Values {
    drawn: Drawn,
    turn: usize,
}

impl Values {
    pub(crate) fn new(drawn: Drawn) -> Self {
        Self { drawn, turn: 0 }
    }

    /// The same on every run.
    pub(crate) fn fixed() -> Self {
        let words = ["a", "b & c", "<d>"].map(str::to_owned).to_vec();
        let prose = ["e\nf", "g \"h\""].map(str::to_owned).to_vec();
        Self::new((words, prose, vec![(123, 2), (-5, 0), (70_000, 4)]))
    }

    fn next(&mut self) -> usize {
        self.turn += 1;
        self.turn
    }

    fn text(&mut self) -> String {
        let turn = self.next();
        let words = &self.drawn.0;
        // Never the "NA" that stands for nothing.
        format!("{}{turn}", words[turn % words.len()])
    }

    fn word(&mut self) -> Option<String> {
        Some(self.text())
    }

    fn prose(&mut self) -> Option<String> {
        let turn = self.next();
        Some(format!("{turn}{}", self.drawn.1[turn % self.drawn.1.len()]))
    }

    fn amount(&mut self) -> Decimal {
        let turn = self.next();
        let (digits, scale) = self.drawn.2[turn % self.drawn.2.len()];
        Decimal::new(digits, scale)
    }

    fn number(&mut self) -> Option<Decimal> {
        Some(self.amount())
    }

    fn day(&mut self) -> Option<NaiveDate> {
        let days = Days::new(u64::try_from(self.next()).expect("small"));
        NaiveDate::from_ymd_opt(2024, 2, 1)?.checked_add_days(days)
    }

    fn id(&mut self) -> Identifier {
        Identifier { value: self.text(), scheme: Some(format!("{:04}", self.next())) }
    }
}

fn address(v: &mut Values) -> Address {
    Address {
        line_1: v.word(),
        line_2: v.word(),
        line_3: v.word(),
        city: v.word(),
        post_code: v.word(),
        subdivision: v.word(),
        country: v.word(),
    }
}

fn party(v: &mut Values) -> Party {
    Party {
        name: v.word(),
        trading_name: v.word(),
        vat_id: v.word(),
        tax_number: v.word(),
        legal_id: Some(v.id()),
        legal_information: v.prose(),
        ids: vec![Identifier::from(v.text().as_str()), v.id(), v.id()],
        electronic_address: Some(v.id()),
        address: address(v),
        contact: Some(Contact { name: v.word(), telephone: v.word(), email: v.word() }),
    }
}

fn allowance(v: &mut Values, charge: bool) -> AllowanceCharge {
    AllowanceCharge {
        charge,
        amount: v.amount(),
        base: v.number(),
        percent: v.number(),
        tax_category: v.word(),
        tax_rate: v.number(),
        reason_code: v.word(),
        reason: v.prose(),
    }
}

fn period(v: &mut Values) -> Option<Period> {
    Some(Period { start: v.day(), end: v.day() })
}

fn line(v: &mut Values) -> InvoiceLine {
    InvoiceLine {
        id: v.text(),
        note: v.prose(),
        object: Some(v.id()),
        quantity: v.number(),
        unit: v.word(),
        unit_as_written: v.word(),
        net: v.number(),
        order_line_reference: v.word(),
        order_reference: v.word(),
        despatch_advice_reference: v.word(),
        receiving_advice_reference: v.word(),
        booking_reference: v.word(),
        period: period(v),
        price: v.number(),
        price_discount: v.number(),
        gross_price: v.number(),
        price_base_quantity: v.number(),
        price_base_unit: v.word(),
        tax_category: v.word(),
        tax_rate: v.number(),
        name: v.prose(),
        description: v.prose(),
        seller_item_id: v.word(),
        buyer_item_id: v.word(),
        standard_item_id: Some(v.id()),
        classifications: (0..2)
            .map(|_| Classification { code: v.word(), scheme: v.word(), version: v.word() })
            .collect(),
        origin_country: v.word(),
        attributes: (0..2).map(|_| ItemAttribute { name: v.word(), value: v.prose() }).collect(),
        allowances_and_charges: vec![allowance(v, false), allowance(v, true)],
        parent: v.word(),
        status: v.word(),
    }
}

fn totals(v: &mut Values) -> Totals {
    Totals {
        lines: v.number(),
        allowances: v.number(),
        charges: v.number(),
        net: v.number(),
        tax: v.number(),
        tax_in_tax_currency: v.number(),
        gross: v.number(),
        paid: v.number(),
        rounding: v.number(),
        payable: v.number(),
    }
}

fn tax(v: &mut Values) -> TaxSubtotal {
    TaxSubtotal {
        base: v.number(),
        tax: v.number(),
        category: v.word(),
        rate: v.number(),
        exemption_reason: v.prose(),
        exemption_code: v.word(),
    }
}

/// A card, a direct debit and a transfer; one account in each.
fn payments(v: &mut Values) -> Vec<Payment> {
    let mut payment = |card: bool, debit: bool| Payment {
        means_code: v.word(),
        means_text: v.word(),
        remittance: v.word(),
        accounts: vec![Account { id: v.word(), name: v.word(), bic: v.word() }],
        card: card.then(|| Card { number: v.word(), holder: v.word() }),
        direct_debit: debit.then(|| DirectDebit {
            mandate: v.word(),
            creditor: v.word(),
            account: v.word(),
        }),
    };
    vec![payment(true, false), payment(false, true), payment(false, false)]
}

fn documents(v: &mut Values) -> Vec<SupportingDocument> {
    let mut document = |attachment| SupportingDocument {
        reference: v.word(),
        description: v.prose(),
        url: v.word(),
        attachment,
    };
    let attachment = Attachment {
        media_type: Some("application/pdf".into()),
        file_name: Some("a \"b\" & c.pdf".into()),
        sha256: Some(sha256()),
        bytes: u64::try_from(CONTENT.len()).ok(),
    };
    vec![document(None), document(Some(attachment))]
}

/// An invoice, or a credit note, in which every member has a value.
pub(crate) fn invoice(v: &mut Values, credit: bool) -> Invoice {
    Invoice {
        kind: if credit { InvoiceKind::CreditNote } else { InvoiceKind::Invoice },
        number: v.word(),
        issue_date: v.day(),
        type_code: Some(if credit { "381" } else { "380" }.into()),
        currency: Some("EUR".into()),
        tax_currency: Some("SEK".into()),
        tax_point_date: v.day(),
        tax_point_code: Some("35".into()),
        due_date: v.day(),
        buyer_reference: v.word(),
        project_reference: v.word(),
        contract_reference: v.word(),
        order_reference: v.word(),
        sales_order_reference: v.word(),
        receiving_advice_reference: v.word(),
        despatch_advice_reference: v.word(),
        tender_reference: v.word(),
        invoiced_object: Some(v.id()),
        booking_reference: v.word(),
        payment_terms: v.prose(),
        notes: vec![
            Note { subject_code: Some("AAI".into()), text: v.prose() },
            Note { subject_code: None, text: v.prose() },
        ],
        process: v.word(),
        specification: v.word(),
        preceding_invoices: (0..2)
            .map(|_| PrecedingInvoice { number: v.word(), issue_date: v.day() })
            .collect(),
        seller: party(v),
        buyer: party(v),
        payee: Some(Payee { name: v.word(), id: Some(v.id()), legal_id: Some(v.id()) }),
        tax_representative: Some(TaxRepresentative {
            name: v.word(),
            vat_id: v.word(),
            address: address(v),
        }),
        delivery: Some(Delivery {
            name: v.word(),
            location: Some(v.id()),
            date: v.day(),
            address: Some(address(v)),
        }),
        period: period(v),
        payments: payments(v),
        cash_discounts: vec![CashDiscount {
            until: v.day(),
            days: Some(14),
            percent: Some(Decimal::new(2, 0)),
            base: Some(Decimal::new(100, 0)),
            amount: Some(Decimal::new(200, 2)),
        }],
        allowances_and_charges: vec![allowance(v, false), allowance(v, true)],
        totals: totals(v),
        tax: vec![tax(v), tax(v)],
        supporting_documents: documents(v),
        lines: vec![line(v), line(v)],
    }
}
