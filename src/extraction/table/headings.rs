//! Headings of columns as exports of accounting systems name them, in six languages.
//!
//! Only whole headings count, after letter case, accents and punctuation: a wrong column is worse
//! than one that is not understood. What exports say comes first, then the labels of printed
//! invoices; our own names and the terms themselves are understood too.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::extraction::lexicon::{self, Field, Lexicon, Shelf, Term, Total};
use crate::extraction::table::own_names;
use crate::extraction::table::profile::Route;
use crate::extraction::terms;

/// What a heading may stand for.
#[derive(Debug, Clone)]
pub(crate) enum Meaning {
    /// One term.
    Term(Route),
    /// An amount of the line or of the document: its values tell. The document's term comes last;
    /// EN 16931 has no VAT and no gross amount of a line.
    Amount(Option<&'static str>, &'static str),
    /// The column that tells document and line rows apart.
    RecordType,
}

/// Headings of one meaning, as [`folded`] writes them.
type Headings = (&'static str, &'static [&'static str]);

#[rustfmt::skip]
const TERMS: &[Headings] = &[
    ("BT-1", &["invoice number", "invoice no", "invoice nr", "invoice id", "invoice", "inv no", "document number", "document no", "bill number", "rechnungsnummer", "rechnungsnr", "rechnung nr", "rechnungs nr", "re nr", "renr", "belegnummer", "belegnr", "beleg nr", "numero de facture", "numero facture", "n facture", "no facture", "facture", "numero fattura", "n fattura", "fattura", "numero documento", "numero de factura", "numero factura", "n factura", "factura", "factuurnummer", "factuurnr", "factuur"]),
    ("BT-2", &["invoice date", "date of issue", "issue date", "document date", "date", "rechnungsdatum", "belegdatum", "re datum", "datum", "date de facture", "date facture", "date d emission", "data fattura", "data documento", "data emissione", "data", "fecha de factura", "fecha factura", "fecha de emision", "fecha", "factuurdatum"]),
    ("BT-3", &["invoice type", "invoice type code", "document type", "type", "belegart", "rechnungsart", "dokumenttyp", "type de document", "type de facture", "tipo documento", "tipo de documento", "documenttype"]),
    ("BT-5", &["currency", "currency code", "invoice currency", "wahrung", "waehrung", "whrg", "devise", "monnaie", "valuta", "divisa", "moneda"]),
    ("BT-9", &["due date", "payment due", "payment due date", "due", "falligkeit", "falligkeitsdatum", "faellig am", "faelligkeit", "fallig am", "zahlbar bis", "date d echeance", "echeance", "data scadenza", "scadenza", "fecha de vencimiento", "vencimiento", "vervaldatum"]),
    ("BT-10", &["buyer reference", "customer reference", "your reference", "kundenreferenz", "ihre referenz", "leitweg id", "leitwegid", "reference client", "riferimento cliente", "referencia cliente", "klantreferentie"]),
    ("BT-13", &["purchase order", "purchase order number", "po number", "po no", "po", "order number", "order no", "order reference", "bestellnummer", "bestellnr", "bestell nr", "bestellung", "auftragsnummer kunde", "numero de commande", "n commande", "commande", "bon de commande", "numero ordine", "ordine", "numero de pedido", "n pedido", "pedido", "bestelnummer", "ordernummer", "inkooporder"]),
    ("BT-16", &["delivery note", "delivery note number", "lieferschein", "lieferscheinnummer", "lieferscheinnr", "lieferschein nr", "bon de livraison", "ddt", "documento di trasporto", "albaran", "pakbon"]),
    ("BT-20", &["payment terms", "terms", "zahlungsbedingungen", "zahlungsziel", "conditions de paiement", "condizioni di pagamento", "condiciones de pago", "betalingscondities"]),
    ("BT-22", &["note", "notes", "remark", "remarks", "bemerkung", "bemerkungen", "hinweis", "remarque", "osservazioni", "observaciones", "opmerking"]),
    ("BT-27", &["seller", "seller name", "supplier", "supplier name", "vendor", "vendor name", "lieferant", "lieferantenname", "name lieferant", "verkaufer", "rechnungssteller", "kreditor", "fournisseur", "nom fournisseur", "vendeur", "fornitore", "nome fornitore", "cedente", "proveedor", "nombre proveedor", "leverancier", "naam leverancier"]),
    ("BT-29", &["supplier id", "supplier number", "supplier no", "vendor id", "vendor number", "vendor no", "lieferantennummer", "lieferantennr", "kreditorennummer", "code fournisseur", "codice fornitore", "codigo proveedor", "leveranciersnummer"]),
    ("BT-31", &["seller vat id", "supplier vat id", "supplier vat number", "supplier vat", "seller vat", "vendor vat", "vat id", "vat number", "vat no", "vat reg no", "ust id", "ustid", "ust idnr", "ustidnr", "umsatzsteuer id", "ust id lieferant", "ustid lieferant", "n tva", "numero tva", "numero de tva", "tva intracommunautaire", "tva fournisseur", "partita iva", "p iva", "piva fornitore", "nif", "cif", "nif proveedor", "btw nummer", "btw nr"]),
    ("BT-32", &["tax number", "supplier tax number", "steuernummer", "steuernr", "siren", "siret", "codice fiscale"]),
    ("BT-44", &["buyer", "buyer name", "customer", "customer name", "bill to", "kaufer", "kunde", "kundenname", "rechnungsempfanger", "debitor", "client", "nom client", "acheteur", "cliente", "nome cliente", "cessionario", "nombre cliente", "klant", "klantnaam", "afnemer"]),
    ("BT-46", &["customer id", "customer number", "customer no", "kundennummer", "kundennr", "kunden nr", "numero client", "code client", "codice cliente", "codigo cliente", "klantnummer"]),
    ("BT-48", &["buyer vat id", "buyer vat", "customer vat id", "customer vat", "customer vat number", "ust id kunde", "ustid kunde", "tva client", "piva cliente", "nif cliente", "btw nummer klant"]),
    ("BT-72", &["delivery date", "date of supply", "lieferdatum", "leistungsdatum", "date de livraison", "data consegna", "fecha de entrega", "leverdatum"]),
    ("BT-83", &["payment reference", "remittance", "verwendungszweck", "zahlungsreferenz", "reference de paiement", "causale", "concepto", "betalingskenmerk"]),
    ("BT-84", &["iban", "bank account", "account", "account number", "kontonummer", "konto", "rib", "compte bancaire", "conto", "cuenta", "rekening", "rekeningnummer"]),
    ("BT-86", &["bic", "swift", "bic swift"]),
    ("BT-106", &["sum of lines", "total lines", "summe positionen", "total lignes", "totale righe"]),
    ("BT-109", &["total net", "net total", "total net amount", "invoice net", "invoice net amount", "total excl vat", "total excluding vat", "subtotal", "sub total", "gesamtnetto", "netto gesamt", "summe netto", "nettosumme", "gesamtbetrag netto", "rechnungsbetrag netto", "zwischensumme", "total ht facture", "total general ht", "totale imponibile", "base imponible total", "total sin iva", "totaal excl btw"]),
    ("BT-110", &["total vat", "total tax", "vat total", "tax total", "total vat amount", "total tax amount", "invoice vat", "steuer gesamt", "mwst gesamt", "ust gesamt", "summe mwst", "gesamtsteuer", "total tva", "totale iva", "total iva", "totaal btw"]),
    ("BT-112", &["total gross", "gross total", "total incl vat", "total including vat", "invoice total", "invoice amount", "grand total", "total gross amount", "gesamtbrutto", "brutto gesamt", "summe brutto", "bruttosumme", "gesamtbetrag", "rechnungsbetrag", "endbetrag", "rechnungssumme", "total ttc", "montant total ttc", "totale fattura", "totale documento", "total factura", "total con iva", "totaal incl btw", "factuurbedrag"]),
    ("BT-113", &["paid", "paid amount", "prepaid", "already paid", "bezahlt", "anzahlung", "deja paye", "acompte", "acconto", "pagado", "anticipo", "betaald"]),
    ("BT-115", &["amount due", "balance due", "total due", "payable", "payable amount", "amount payable", "zahlbetrag", "zu zahlen", "offener betrag", "net a payer", "montant du", "reste a payer", "totale da pagare", "netto a pagare", "total a pagar", "importe pendiente", "te betalen", "openstaand bedrag"]),
    ("BT-126", &["line", "line number", "line no", "line id", "pos", "position", "positionsnummer", "pos nr", "posnr", "item no", "ligne", "n ligne", "numero ligne", "riga", "numero riga", "linea", "regel", "regelnummer"]),
    ("BT-129", &["quantity", "qty", "quantity invoiced", "menge", "anzahl", "quantite", "qte", "quantita", "q ta", "qta", "cantidad", "cant", "aantal", "hoeveelheid"]),
    ("BT-130", &["unit", "unit code", "uom", "unit of measure", "einheit", "mengeneinheit", "me", "unite", "unita", "um", "unita di misura", "unidad", "eenheid"]),
    ("BT-131", &["line net", "line net amount", "line total", "line amount", "net line amount", "positionsbetrag", "positionsnetto", "zeilenbetrag", "zeilennetto", "netto position", "gesamtpreis", "montant ligne", "montant ligne ht", "total ligne", "total ligne ht", "importo riga", "totale riga", "importe linea", "regelbedrag", "regeltotaal"]),
    ("BT-132", &["order line", "po line", "purchase order line", "bestellposition", "bestellpos", "ligne de commande", "riga ordine", "linea de pedido", "bestelregel"]),
    ("BT-133", &["cost center", "cost centre", "account code", "gl account", "kostenstelle", "sachkonto", "centre de cout", "centro di costo", "centro de coste", "kostenplaats"]),
    ("BT-146", &["unit price", "price", "net price", "unit price net", "net unit price", "einzelpreis", "stuckpreis", "preis", "e preis", "einzelpreis netto", "nettopreis", "ep", "prix unitaire", "prix unitaire ht", "pu", "pu ht", "p u ht", "prix", "prezzo", "prezzo unitario", "precio", "precio unitario", "prijs", "stuksprijs", "eenheidsprijs"]),
    ("BT-149", &["price base", "base quantity", "price unit", "preiseinheit", "base de prix"]),
    ("BT-151", &["vat category", "tax category", "vat code", "tax code", "steuerkategorie", "steuercode", "categorie tva", "categoria iva"]),
    ("BT-152", &["vat rate", "tax rate", "vat %", "tax %", "vat percent", "tax percent", "mwst %", "ust %", "mwst satz", "ust satz", "steuersatz", "mwst in %", "taux tva", "tva %", "taux de tva", "aliquota", "aliquota iva", "iva %", "tipo iva", "% iva", "% tva", "% mwst", "% vat", "btw %", "btw tarief", "btw percentage"]),
    ("BT-153", &["item", "item name", "description", "product", "product name", "article", "artikel", "artikelbezeichnung", "artikelname", "bezeichnung", "beschreibung", "text", "leistung", "designation", "libelle", "descrizione", "articolo", "prodotto", "descripcion", "articulo", "producto", "concepto linea", "omschrijving", "product omschrijving"]),
    ("BT-155", &["item number", "item code", "article number", "article no", "product code", "sku", "artikelnummer", "artikelnr", "artikel nr", "art nr", "artnr", "reference article", "ref article", "code article", "codice articolo", "codice prodotto", "codigo articulo", "referencia", "artikelcode"]),
    ("BT-156", &["buyer item number", "customer item number", "kundenartikelnummer", "ihre artikelnummer", "reference article client"]),
    ("BT-157", &["gtin", "ean", "ean code", "barcode"]),
    ("BT-136", &["discount amount", "line discount", "rabattbetrag", "montant remise", "importo sconto", "importe descuento"]),
    ("lines.order_reference", &["line order number", "bestellnummer position"]),
];

/// Headings whose values tell what they are.
#[rustfmt::skip]
const AMOUNTS: &[(Option<&str>, &str, &[&str])] = &[
    (Some("BT-131"), "BT-109", &["net", "net amount", "amount net", "amount", "total amount", "amount excl vat", "netto", "nettobetrag", "betrag netto", "betrag", "summe", "ht", "montant ht", "total ht", "montant", "importo", "imponibile", "netto importo", "importe", "base imponible", "base", "bedrag", "bedrag excl btw", "total"]),
    (None, "BT-110", &["vat", "vat amount", "tax", "tax amount", "amount vat", "amount tax", "mwst", "mwst betrag", "ust", "ust betrag", "umsatzsteuer", "mehrwertsteuer", "steuer", "steuerbetrag", "tva", "montant tva", "iva", "importo iva", "imposta", "importe iva", "cuota iva", "cuota", "btw", "btw bedrag"]),
    (None, "BT-112", &["gross", "gross amount", "amount gross", "amount incl vat", "brutto", "bruttobetrag", "betrag brutto", "ttc", "montant ttc", "importo lordo", "lordo", "importe total", "bruto", "bedrag incl btw"]),
];

#[rustfmt::skip]
const RECORD_TYPES: &[&str] = &[
    "record type", "record", "rec type", "rectype", "row type", "line type", "satzart", "zeilentyp", "datensatztyp", "kennzeichen", "type d enregistrement", "type ligne", "type de ligne", "tipo record", "tipo riga", "tipo de registro", "tipo registro", "recordtype", "regeltype",
];

/// Words of document rows and of line rows, as [`folded`] writes them.
pub(crate) const HEADER_WORDS: [&str; 12] = [
    "h", "hd", "hdr", "head", "header", "k", "kopf", "kopfsatz", "e", "entete", "testata",
    "cabecera",
];
pub(crate) const LINE_WORDS: [&str; 17] = [
    "l", "ln", "line", "lin", "d", "det", "detail", "i", "item", "p", "pos", "position", "zeile",
    "ligne", "riga", "linea", "regel",
];

/// Words by which a tax is an amount.
const AMOUNT_WORDS: [&str; 8] =
    ["amount", "montant", "importo", "importe", "imposta", "cuota", "bedrag", "total"];

/// What the heading of a column means; none where it is not known.
pub(crate) fn meaning(heading: &str) -> Option<Meaning> {
    own_names::dotted(heading)
        .map(Meaning::Term)
        .or_else(|| of_export(heading))
        .or_else(|| of_print(heading, &[Shelf::Columns, Shelf::Fields, Shelf::Totals]))
        .or_else(|| own_names::route(heading).map(Meaning::Term))
}

/// Whether the heading of a tax says that it is an amount, and no rate.
pub(crate) fn says_amount(heading: &str) -> bool {
    let folded = folded(heading);
    let mut words = folded.split(' ');
    words.any(|word| AMOUNT_WORDS.contains(&word) || word.ends_with("betrag"))
}

/// What a label beside its value means. A rate at its end is no part of it: `MwSt 19 %`.
pub(crate) fn label_meaning(label: &str) -> Option<Meaning> {
    let label = without_rate(label);
    of_export(label).or_else(|| of_print(label, &[Shelf::Totals, Shelf::Fields]))
}

/// A label up to the figures at its end.
pub(crate) fn without_rate(label: &str) -> &str {
    let label = label.trim_end_matches([':', ' ']);
    let Some(before) = label.strip_suffix('%') else { return label };
    before.trim_end_matches(|letter: char| letter.is_ascii_digit() || " .,(".contains(letter))
}

fn of_export(heading: &str) -> Option<Meaning> {
    let folded = folded(heading);
    if folded.is_empty() {
        return None;
    }
    let names = |names: &[&str]| names.contains(&folded.as_str());
    if names(RECORD_TYPES) {
        return Some(Meaning::RecordType);
    }
    if let Some((term, _)) = TERMS.iter().find(|(_, headings)| names(headings)) {
        return named(term).map(Meaning::Term);
    }
    if let Some((line, document, _)) = AMOUNTS.iter().find(|(_, _, headings)| names(headings)) {
        return Some(Meaning::Amount(*line, document));
    }
    // Our own words, such as BT-31 or seller.vat_id: they are said on purpose.
    named(heading.trim()).map(Meaning::Term)
}

fn of_print(heading: &str, shelves: &[Shelf]) -> Option<Meaning> {
    let lexicon = Lexicon::get();
    let found = shelves.iter().find_map(|shelf| lexicon.whole(*shelf, heading))?;
    let term = match found {
        Term::Field(field) => of_field(field)?,
        Term::Column(column) => return of_column(column),
        Term::Total(Total::Any) => return Some(Meaning::Amount(Some("BT-131"), "BT-109")),
        Term::Total(total) => of_total(total)?,
        Term::Document(_) => return None,
    };
    named(term).map(Meaning::Term)
}

fn of_field(field: Field) -> Option<&'static str> {
    Some(match field {
        Field::Number => "BT-1",
        Field::IssueDate | Field::AnyDate => "BT-2",
        Field::DueDate => "BT-9",
        Field::BuyerReference => "BT-10",
        Field::Contract => "BT-12",
        Field::Order => "BT-13",
        Field::SalesOrder => "BT-14",
        Field::DeliveryNote => "BT-16",
        Field::Terms => "BT-20",
        Field::Preceding => "BT-25",
        Field::Seller => "BT-27",
        Field::VatId => "BT-31",
        Field::TaxNumber => "BT-32",
        Field::Buyer => "BT-44",
        Field::BuyerVatId => "BT-48",
        Field::Currency => "BT-5",
        Field::DeliveryDate => "BT-72",
        Field::Iban => "BT-84",
        Field::Bic => "BT-86",
        Field::NumberSign | Field::Period | Field::OtherParty | Field::Name | Field::Other => {
            return None;
        }
    })
}

fn of_column(column: lexicon::Column) -> Option<Meaning> {
    use lexicon::Column;
    let term = match column {
        Column::Position => "BT-126",
        Column::Quantity => "BT-129",
        Column::Unit => "BT-130",
        Column::Price => "BT-146",
        Column::PriceBase => "BT-149",
        Column::TaxRate => "BT-152",
        Column::Description => "BT-153",
        Column::SellerItem => "BT-155",
        Column::BuyerItem => "BT-156",
        Column::StandardItem => "BT-157",
        Column::Net => return Some(Meaning::Amount(Some("BT-131"), "BT-109")),
        Column::TaxAmount => return Some(Meaning::Amount(None, "BT-110")),
        Column::Gross => return Some(Meaning::Amount(None, "BT-112")),
        // A discount may be a percentage or an amount; a line has no date in EN 16931.
        Column::Discount | Column::Date | Column::Order | Column::DeliveryNote | Column::Other => {
            return None;
        }
    };
    named(term).map(Meaning::Term)
}

fn of_total(total: Total) -> Option<&'static str> {
    Some(match total {
        Total::Lines => "BT-106",
        Total::Allowances => "BT-107",
        Total::Charges => "BT-108",
        Total::Net => "BT-109",
        Total::Tax => "BT-110",
        Total::Gross => "BT-112",
        Total::Paid => "BT-113",
        Total::Rounding => "BT-114",
        Total::Payable => "BT-115",
        _ => return None,
    })
}

/// The member of a term or dotted name that a cell can hold.
pub(crate) fn named(name: &str) -> Option<Route> {
    let route = terms::locate(name).or_else(|| terms::locate_name(name))?;
    let is_group = route.last().is_none_or(|field| {
        field.members().is_some()
            || matches!(field.kind, terms::Kind::Inline | terms::Kind::Mixed(_))
    });
    (!is_group).then_some(route)
}

/// Lower case, without accents; punctuation is a blank, and blanks are folded.
pub(crate) fn folded(heading: &str) -> String {
    let letters = heading.nfkd().filter(|letter| !is_combining_mark(*letter));
    let mut text = String::new();
    for letter in letters.flat_map(char::to_lowercase) {
        match letter {
            'ß' => text.push_str("ss"),
            '°' | 'º' | '#' => text.push(' '),
            '%' => text.push_str(" % "),
            letter if letter.is_alphanumeric() => text.push(letter),
            _ => text.push(' '),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{
        AMOUNTS, HEADER_WORDS, LINE_WORDS, Meaning, RECORD_TYPES, TERMS, folded, meaning, named,
    };
    use std::collections::HashSet;

    #[test]
    fn every_heading_is_folded_known_and_means_one_thing() {
        let mut seen = HashSet::new();
        let mut check = |headings: &[&'static str]| {
            for heading in headings {
                assert_eq!(folded(heading), *heading);
                assert!(seen.insert(*heading), "{heading} means two things");
                assert!(meaning(heading).is_some(), "{heading}");
            }
        };
        for (term, headings) in TERMS {
            assert!(named(term).is_some(), "{term}");
            check(headings);
        }
        for (line, document, headings) in AMOUNTS {
            assert!(line.is_none_or(|line| named(line).is_some()) && named(document).is_some());
            check(headings);
        }
        check(RECORD_TYPES);
        assert!(HEADER_WORDS.iter().all(|word| !LINE_WORDS.contains(word)));
    }

    #[test]
    fn a_heading_is_known_in_any_dress() {
        let term = |heading: &str| match meaning(heading) {
            Some(Meaning::Term(route)) => route.last().map(|field| field.term),
            _ => None,
        };
        for (heading, expected) in [
            ("Rechnungs-Nr.", "BT-1"),
            ("INVOICE_NO", "BT-1"),
            ("N° facture", "BT-1"),
            ("Fälligkeitsdatum:", "BT-9"),
            ("Währung", "BT-5"),
            ("USt-IdNr.", "BT-31"),
            ("MwSt%", "BT-152"),
            ("Qté", "BT-129"),
            ("BT-131", "BT-131"),
            ("seller.address.city", "BT-37"),
            ("lines.net", "BT-131"),
            ("Numer faktury", "BT-1"),
            ("Ihr Zeichen", "BT-10"),
            ("name", "BT-153"),
            ("tax_rate", "BT-152"),
            ("gross_price", "BT-148"),
            ("lines[].net", "BT-131"),
            ("line_description", "BT-154"),
            ("seller_address_city", "BT-37"),
            ("seller.city", "BT-37"),
            ("Supplier ZIP", "BT-38"),
            ("totals_net", "BT-109"),
            ("totals.gross", "BT-112"),
            ("period_start", "BT-73"),
        ] {
            assert_eq!(term(heading), Some(expected), "{heading}");
        }
        for heading in ["", "  ", "Foo", "seller.address", "BG-25", "BT-4", "id", "status"] {
            assert!(meaning(heading).is_none(), "{heading}");
        }
    }
}
