//! Labels in Polish.

use crate::extraction::lexicon::Labels;
use crate::extraction::lexicon::term::Column as C;
use crate::extraction::lexicon::term::Document as D;
use crate::extraction::lexicon::term::Field as F;
use crate::extraction::lexicon::term::Term::Column;
use crate::extraction::lexicon::term::Term::Document;
use crate::extraction::lexicon::term::Term::Field;
use crate::extraction::lexicon::term::Term::Total;
use crate::extraction::lexicon::term::Total as T;

#[rustfmt::skip]
pub(super) const LABELS: &Labels = &[
    (Field(F::Number), &["invoice number", "invoice no", "invoice #", "invoice nr", "invoice num", "inv no", "inv #", "inv number", "invoice id", "document number", "document no", "credit note number", "credit note no", "credit note #", "credit memo number", "credit memo no", "credit memo #", "tax invoice no", "tax invoice number", "tax invoice #", "bill number", "bill no", "bill #", "our invoice no", "invoice reference", "invoice ref", "credit number", "vat invoice no", "vat invoice number", "commercial invoice no", "statement number", "invoice/credit note number", "invoice code", "document #"]),
    (Field(F::Number), &["faktura nr", "faktura vat nr", "numer faktury", "nr faktury", "faktura numer", "faktura vat numer", "faktura korygująca nr", "faktura sprzedaży nr"]),
    (Field(F::IssueDate), &["data wystawienia", "data faktury", "wystawiono dnia", "wystawiona w dniu", "data i miejsce wystawienia"]),
    (Field(F::DueDate), &["termin płatności", "termin zapłaty", "płatne do", "do zapłaty do dnia"]),
    (Field(F::Order), &["numer zamówienia", "nr zamówienia", "zamówienie nr", "zamówienie", "państwa zamówienie"]),
    (Field(F::DeliveryNote), &["wz nr", "dokument wz", "numer wz"]),
    (Field(F::DeliveryDate), &["data sprzedaży", "data dostawy", "data wykonania usługi", "data dokonania dostawy", "data zakończenia dostawy"]),
    (Field(F::Preceding), &["do faktury nr", "dotyczy faktury", "faktura korygowana", "korekta do faktury", "do faktury"]),
    (Field(F::VatId), &["nip", "nip ue", "numer nip", "nr nip", "nip sprzedawcy"]),
    (Field(F::BuyerVatId), &["nip nabywcy"]),
    (Field(F::Iban), &["numer konta", "nr konta", "rachunek bankowy", "numer rachunku", "konto bankowe", "nr rachunku", "konto"]),
    (Field(F::Currency), &["waluta"]),
    (Field(F::Terms), &["warunki płatności", "sposób zapłaty", "forma płatności", "sposób płatności", "metoda płatności"]),
    (Field(F::Seller), &["sprzedawca", "wystawca", "dostawca"]),
    (Field(F::Buyer), &["nabywca", "kupujący", "klient"]),
    (Field(F::OtherParty), &["odbiorca", "adres dostawy", "płatnik"]),
    (Field(F::Other), &["telefon", "regon", "krs", "strona", "numer klienta"]),
    (Document(D::Invoice), &["faktura", "faktura vat", "faktura sprzedaży"]),
    (Document(D::Correction), &["faktura korygująca", "korekta faktury", "faktura vat korygująca"]),
    (Document(D::NoInvoice), &["faktura proforma", "oferta"]),
    (Column(C::Position), &["lp", "l p"]),
    (Column(C::SellerItem), &["kod", "indeks", "symbol"]),
    (Column(C::Description), &["nazwa", "nazwa towaru lub usługi", "nazwa towaru", "towar", "opis", "nazwa towaru/usługi", "usługa", "nazwa usługi", "nazwa towaru i usługi"]),
    (Column(C::Quantity), &["ilość", "il"]),
    (Column(C::Unit), &["jm", "j m", "jednostka", "jedn"]),
    (Column(C::Price), &["cena netto", "cena jednostkowa", "cena", "cena jedn netto", "cena jednostkowa netto", "cena jedn"]),
    (Column(C::Discount), &["rabat", "rabat %"]),
    (Column(C::TaxRate), &["stawka vat", "vat %", "stawka", "% vat"]),
    (Column(C::TaxAmount), &["kwota vat"]),
    (Column(C::Net), &["wartość netto", "netto", "wartość", "kwota netto"]),
    (Column(C::Gross), &["wartość brutto", "brutto", "kwota brutto"]),
    (Total(T::Net), &["razem netto", "suma netto", "wartość netto", "kwota netto", "netto razem"]),
    (Total(T::Tax), &["kwota vat", "podatek vat", "razem vat", "suma vat"]),
    (Total(T::Gross), &["razem brutto", "suma brutto", "wartość brutto", "kwota brutto", "brutto razem", "wartość faktury"]),
    (Total(T::Any), &["razem", "suma", "ogółem"]),
    (Total(T::Paid), &["zapłacono", "zaliczka", "wpłacono"]),
    (Total(T::Payable), &["do zapłaty", "pozostało do zapłaty", "razem do zapłaty", "kwota do zapłaty"]),
    (Total(T::Allowance), &["rabat", "upust"]),
    (Total(T::Carried), &["do przeniesienia", "z przeniesienia"]),
    (Total(T::ReverseCharge), &["odwrotne obciążenie"]),
    (Total(T::Exempt), &["zwolniony z vat", "zw", "zwolnione"]),
];
