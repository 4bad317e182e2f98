use crate::extraction::text::tests::{assert_fields, assert_lines, reading};

#[test]
fn a_french_invoice_with_two_rates() {
    let reading = reading(&["
SARL Dupont et Fils                                                    FACTURE
12 rue des Lilas
69003 Lyon                                                    N° de facture :    FA-2026-0117
Tél : 04 72 00 00 00                                          Date de facture :  03/04/2026
                                                              Date d'échéance :  30/04/2026
Facturé à :                                                   N° de commande :   CMD-8841
Mairie de Villeneuve
1 place de la République
69100 Villeurbanne

Désignation                        Qté     Unité     P.U. HT     TVA %      Total HT
Papier A4 80 g                      10     u            4,50      20,0         45,00
Livres scolaires                     3     u           12,00       5,5         36,00
Livraison                            1     forfait     15,00      20,0         15,00

                                    Base HT      Taux       TVA
                                      60,00      20,0 %    12,00
                                      36,00       5,5 %     1,98

                                                          Total HT                96,00 €
                                                          Total TVA               13,98 €
                                                          Total TTC              109,98 €
                                                          Net à payer            109,98 €

Conditions de paiement : 30 jours fin de mois
IBAN : FR14 2004 1010 0505 0001 3M02 606    BIC : PSSTFRPPLYO
SARL Dupont et Fils - SIRET 40483304800022 - TVA intracommunautaire : FR83404833048
"]);
    assert_fields(
        &reading,
        &[
            ("BT-1", "FA-2026-0117"),
            ("BT-2", "2026-04-03"),
            ("BT-3", "380"),
            ("BT-5", "EUR"),
            ("BT-9", "2026-04-30"),
            ("BT-13", "CMD-8841"),
            ("BT-27", "SARL Dupont et Fils"),
            ("BT-31", "FR83404833048"),
            ("BT-44", "Mairie de Villeneuve"),
            ("BT-84", "FR1420041010050500013M02606"),
            ("BT-86", "PSSTFRPPLYO"),
            ("BT-109", "96.00"),
            ("BT-110", "13.98"),
            ("BT-112", "109.98"),
            ("BT-115", "109.98"),
            ("BG-23[1]/BT-116", "60.00"),
            ("BG-23[2]/BT-119", "5.5"),
        ],
    );
    assert_lines(
        &reading,
        &[
            ["10", "H87", "4.50", "45.00"],
            ["3", "H87", "12.00", "36.00"],
            ["1", "LS", "15.00", "15.00"],
        ],
    );
}

#[test]
fn an_english_invoice_with_labels_above_their_values() {
    let reading = reading(&["
Northwind Traders Ltd                                                        INVOICE
Unit 4, Mill Lane
Leeds LS1 4AB

Bill To                                   Ship To
Contoso Limited                           Contoso Warehouse
21 High Street                            Dock 3
Bristol BS1 2AA                           Avonmouth

Invoice No           Invoice Date         Due Date             PO Number
INV-10042            25/03/2026           24/04/2026           PO-5567

Item        Description                         Qty        Unit Price       VAT %         Amount
1           Steel bracket, 40 mm                 250             1.20        20.0         300.00
2           Delivery and handling                  1            25.00        20.0          25.00

                                                                   Subtotal              £325.00
                                                                   VAT @ 20%              £65.00
                                                                   Total                 £390.00
                                                                   Amount Paid           £100.00
                                                                   Balance Due           £290.00

Please pay within 30 days.  VAT Reg No: GB 980 7806 84    Company No: 01234567
IBAN: GB82 WEST 1234 5698 7654 32
"]);
    assert_fields(
        &reading,
        &[
            ("BT-1", "INV-10042"),
            ("BT-2", "2026-03-25"),
            ("BT-9", "2026-04-24"),
            ("BT-13", "PO-5567"),
            ("BT-27", "Northwind Traders Ltd"),
            ("BT-44", "Contoso Limited"),
            ("BT-31", "GB980780684"),
            ("BT-5", "GBP"),
            ("BT-109", "325.00"),
            ("BT-110", "65.00"),
            ("BT-112", "390.00"),
            ("BT-113", "100.00"),
            ("BT-115", "290.00"),
            ("BT-84", "GB82WEST12345698765432"),
        ],
    );
    assert_lines(&reading, &[["250", "C62", "1.20", "300.00"], ["1", "C62", "25.00", "25.00"]]);
}

#[test]
fn an_italian_invoice_with_a_national_vat_number() {
    let reading = reading(&["
Officine Rossi S.r.l.                                    Fattura n. 128/2026 del 15/05/2026
Via Garibaldi 7
20121 Milano MI
P.IVA 00743110157
                                               Spett.le
                                               Bianchi Costruzioni S.p.A.
                                               Corso Torino 55
                                               16129 Genova GE

Vs. ordine n. 4500017          DDT n. 77

Codice     Descrizione                   U.M.    Q.tà      Prezzo unit.    Sconto %    Importo       IVA %
A100       Valvola a sfera               pz        12             25,00       10        270,00          22
B200       Manodopera                    h          4             40,00                 160,00          22

Totale imponibile           Totale IVA            Totale documento
           430,00                94,60                      524,60

Scadenza: 30/06/2026             IBAN IT60X0542811101000000123456
Tutti gli importi in EUR
"]);
    assert_fields(
        &reading,
        &[
            ("BT-1", "128/2026"),
            ("BT-2", "2026-05-15"),
            ("BT-9", "2026-06-30"),
            ("BT-13", "4500017"),
            ("BT-16", "77"),
            ("BT-27", "Officine Rossi S.r.l."),
            ("BT-31", "IT00743110157"),
            ("BT-44", "Bianchi Costruzioni S.p.A."),
            ("BT-84", "IT60X0542811101000000123456"),
            ("BT-109", "430.00"),
            ("BT-110", "94.60"),
            ("BT-112", "524.60"),
            ("BT-5", "EUR"),
        ],
    );
    assert_lines(&reading, &[["12", "H87", "25.00", "270.00"], ["4", "HUR", "40.00", "160.00"]]);
    assert_eq!(reading.invoice.lines[0].allowances_and_charges.len(), 1);
}

#[test]
fn a_spanish_invoice() {
    let reading = reading(&["
FACTURA                                             Nº de factura: 2026/0458
                                                    Fecha de emisión: 12 de junio de 2026
Suministros Levante, S.L.                           Fecha de vencimiento: 12 de julio de 2026
CIF: B58378431                                      Su pedido: 99120
C/ Mayor 3, 46001 Valencia

Cliente:
Hoteles del Sur, S.A.
NIF: A28015865
Avda. Andalucía 10, 29007 Málaga

Concepto                            Cantidad       Precio        Importe
Toallas de baño                          100         7,25         725,00
Albornoces                                20        32,50         650,00

                                    Base imponible                1.375,00 €
                                    IVA 21 %                        288,75 €
                                    Total factura                 1.663,75 €

Forma de pago: transferencia
IBAN: ES91 2100 0418 4502 0005 1332
"]);
    assert_fields(
        &reading,
        &[
            ("BT-1", "2026/0458"),
            ("BT-2", "2026-06-12"),
            ("BT-9", "2026-07-12"),
            ("BT-13", "99120"),
            ("BT-27", "Suministros Levante, S.L."),
            ("BT-31", "ESB58378431"),
            ("BT-44", "Hoteles del Sur, S.A."),
            ("BT-48", "ESA28015865"),
            ("BT-109", "1375.00"),
            ("BT-110", "288.75"),
            ("BT-112", "1663.75"),
            ("BT-5", "EUR"),
            ("BT-84", "ES9121000418450200051332"),
        ],
    );
    assert_lines(&reading, &[["100", "C62", "7.25", "725.00"], ["20", "C62", "32.50", "650.00"]]);
}

#[test]
fn a_dutch_invoice_with_shifted_tax() {
    let reading = reading(&["
Bouwbedrijf Jansen B.V.                                   Factuurnummer:     20260089
Kade 8                                                    Factuurdatum:      01-09-2026
3011 AB Rotterdam                                         Vervaldatum:       01-10-2026
KvK 24123456                                              Uw referentie:     Kluswerk Zuid
BTW-nr: NL004495445B01

Factuuradres:
Van Dam Projecten N.V.
Marktplein 2
5611 EK Eindhoven
Uw btw-nummer: BE0428759497

Omschrijving                          Aantal      Eenheid       Prijs        Bedrag
Metselwerk gevel                          16      uur           55,00        880,00
Steigerhuur                                2      weken        120,00        240,00

                                              Totaal excl. btw              € 1.120,00
                                              Btw verlegd                       € 0,00
                                              Totaal te betalen             € 1.120,00

Wij verzoeken u het bedrag over te maken op NL91 ABNA 0417 1643 00
"]);
    assert_fields(
        &reading,
        &[
            ("BT-1", "20260089"),
            ("BT-2", "2026-09-01"),
            ("BT-9", "2026-10-01"),
            ("BT-27", "Bouwbedrijf Jansen B.V."),
            ("BT-31", "NL004495445B01"),
            ("BT-44", "Van Dam Projecten N.V."),
            ("BT-48", "BE0428759497"),
            ("BT-84", "NL91ABNA0417164300"),
            ("BT-109", "1120.00"),
            ("BT-110", "0.00"),
            ("BT-112", "1120.00"),
            ("BT-5", "EUR"),
        ],
    );
    assert_lines(&reading, &[["16", "HUR", "55.00", "880.00"], ["2", "WEE", "120.00", "240.00"]]);
    assert_eq!(reading.invoice.tax[0].category.as_deref(), Some("AE"));
}

#[test]
fn a_german_table_over_two_pages_with_carried_sums() {
    let header = "
Muster Technik GmbH · Hauptstr. 1 · 10115 Berlin

Beispiel AG
Postfach 12
50667 Köln                                        Rechnung Nr. 4711-26
                                                  Datum: 14.10.2026

Pos  Bezeichnung                    Menge  Einh.       Einzelpreis          Gesamt
1    Pumpe P 200                        2  Stk            1.250,00        2.500,00
     mit Motor, 230 V
2    Schlauch DN 50                    12  m                 18,40          220,80
                                                         Übertrag         2.720,80
                                                                        Seite 1 von 2
";
    let rest = "
Pos  Bezeichnung                    Menge  Einh.       Einzelpreis          Gesamt
                                                         Übertrag         2.720,80
3    Montage                          7,5  Std               64,00          480,00

                                       Summe netto                        3.200,80
                                       zzgl. 19 % MwSt                      608,15
                                       Rechnungsbetrag                    3.808,95 EUR

Zahlbar bis 28.10.2026 ohne Abzug. Bei Zahlung bis 21.10.2026 abzgl. 2 % Skonto: 3.732,77 EUR
Muster Technik GmbH · USt-IdNr. DE136695976 · IBAN DE88 2008 0000 0970 3757 00
";
    let reading = reading(&[header, rest]);
    assert_fields(
        &reading,
        &[
            ("BT-1", "4711-26"),
            ("BT-2", "2026-10-14"),
            ("BT-9", "2026-10-28"),
            ("BT-27", "Muster Technik GmbH"),
            ("BT-44", "Beispiel AG"),
            ("BT-31", "DE136695976"),
            ("BT-109", "3200.80"),
            ("BT-110", "608.15"),
            ("BT-112", "3808.95"),
            ("BT-115", "3808.95"),
        ],
    );
    assert_lines(
        &reading,
        &[
            ["2", "H87", "1250.00", "2500.00"],
            ["12", "MTR", "18.40", "220.80"],
            ["7.5", "HUR", "64.00", "480.00"],
        ],
    );
}

#[test]
fn a_credit_note_names_the_invoice_that_it_credits() {
    let reading = reading(&["
Alpine Supplies GmbH                                           GUTSCHRIFT
Bahnhofstraße 5, 6020 Innsbruck

Kunde                                        Gutschrift Nr.:      GS-2026-014
Tiroler Hof GmbH                             Datum:               02.11.2026
Dorfplatz 1                                  zu Rechnung Nr.:     RE-2026-201
6100 Seefeld

Artikel                           Menge        Preis        Betrag
Bettwäsche, Retoure                   5        24,90        124,50

                                  Nettobetrag               124,50
                                  20 % USt                   24,90
                                  Gesamtbetrag EUR          149,40

UID: ATU10223006
"]);
    assert_fields(
        &reading,
        &[
            ("BT-1", "GS-2026-014"),
            ("BT-2", "2026-11-02"),
            ("BT-3", "381"),
            ("BT-25", "RE-2026-201"),
            ("BT-31", "ATU10223006"),
            ("BT-27", "Alpine Supplies GmbH"),
            ("BT-44", "Tiroler Hof GmbH"),
            ("BT-109", "124.50"),
            ("BT-110", "24.90"),
            ("BT-112", "149.40"),
        ],
    );
    assert_lines(&reading, &[["5", "C62", "24.90", "124.50"]]);
}

#[test]
fn allowance_and_charge_of_the_document_are_in_its_sums() {
    let reading = reading(&["
Fournitures Martin SAS
Facture n° F2026-77                 Date : 5 mars 2026
Client : Atelier Bois SARL

Référence     Désignation                Quantité     Prix unitaire HT     Montant HT
V-01          Vis inox, boîte de 100           40                 8,75         350,00
P-07          Planche chêne                    10                65,00         650,00

                                         Sous-total                          1 000,00
                                         Remise 5 %                            -50,00
                                         Frais de port                          30,00
                                         Total HT                              980,00
                                         TVA 20 %                              196,00
                                         Total TTC                           1 176,00 €
TVA FR83404833048
"]);
    assert_fields(
        &reading,
        &[
            ("BT-1", "F2026-77"),
            ("BT-2", "2026-03-05"),
            ("BT-44", "Atelier Bois SARL"),
            ("BT-27", "Fournitures Martin SAS"),
            ("BT-106", "1000.00"),
            ("BT-107", "50.00"),
            ("BT-108", "30.00"),
            ("BT-109", "980.00"),
            ("BT-110", "196.00"),
            ("BT-112", "1176.00"),
        ],
    );
    let parts: Vec<_> =
        reading.invoice.allowances_and_charges.iter().map(|part| part.charge).collect();
    assert_eq!(parts, [false, true]);
}
