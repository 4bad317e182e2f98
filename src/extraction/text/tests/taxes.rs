use crate::extraction::text::tests::{assert_fields, assert_lines, reading};

#[test]
fn lines_with_tax_in_their_amounts_are_not_taken_for_net() {
    let reading = reading(&["
Fahrrad Schmidt e.K.                                    Rechnung
Am Markt 3, 37073 Göttingen                             Rechnungsnummer:  2026-88
                                                        Rechnungsdatum:   07.07.2026
Kunde:
Erika Mustermann
Waldweg 1
37075 Göttingen

Artikel                          Menge        Preis        Gesamt
Fahrradschloss                       2        23,80         47,60
Inspektion                           1        71,40         71,40

                                 Gesamtbetrag              119,00 €
                                 enthaltene MwSt 19 %       19,00 €
                                 Nettobetrag               100,00 €
USt-IdNr.: DE136695976
"]);
    assert_fields(
        &reading,
        &[
            ("BT-109", "100.00"),
            ("BT-110", "19.00"),
            ("BT-112", "119.00"),
            ("BT-1", "2026-88"),
            ("BT-27", "Fahrrad Schmidt e.K."),
            ("BT-44", "Erika Mustermann"),
        ],
    );
    assert_lines(&reading, &[["2", "C62", "-", "-"], ["1", "C62", "-", "-"]]);
}

#[test]
fn a_small_business_without_tax_has_one_amount() {
    let reading = reading(&["
Grafik Lena Vogt                                 Rechnung Nr. 12/2026
                                                 Datum: 09.09.2026
Rechnungsempfänger:
Café Anker GmbH
Hafenstr. 2
24103 Kiel

Leistung                         Menge        Einzelpreis        Betrag
Logoentwurf                          1             450,00        450,00

                                 Gesamtbetrag                    450,00 EUR
Gemäß § 19 UStG wird keine Umsatzsteuer berechnet.
"]);
    assert_fields(
        &reading,
        &[
            ("BT-1", "12/2026"),
            ("BT-2", "2026-09-09"),
            ("BT-109", "450.00"),
            ("BT-112", "450.00"),
            ("BT-44", "Café Anker GmbH"),
        ],
    );
    assert_eq!(reading.invoice.tax[0].category.as_deref(), Some("E"));
}

#[test]
fn a_polish_invoice() {
    let reading = reading(&["
Sprzedawca:                                  Nabywca:
Kowalski Narzędzia Sp. z o.o.                Budimex Serwis S.A.
ul. Długa 5                                  ul. Krótka 9
00-238 Warszawa                              30-001 Kraków
NIP: 8567346215                              NIP nabywcy: 5260309174

Faktura VAT nr FV/2026/10/015
Data wystawienia: 2026-10-05                 Termin płatności: 2026-10-19

Lp   Nazwa towaru lub usługi       Ilość   J.m.     Cena netto     Wartość netto     VAT %
1    Wiertarka udarowa                 2   szt          350,00            700,00        23
2    Zestaw wierteł                   10   szt           45,50            455,00        23

                                   Razem netto         1 155,00 zł
                                   Kwota VAT             265,65 zł
                                   Razem brutto        1 420,65 zł
                                   Do zapłaty          1 420,65 zł
"]);
    assert_fields(
        &reading,
        &[
            ("BT-1", "FV/2026/10/015"),
            ("BT-2", "2026-10-05"),
            ("BT-9", "2026-10-19"),
            ("BT-27", "Kowalski Narzędzia Sp. z o.o."),
            ("BT-44", "Budimex Serwis S.A."),
            ("BT-31", "PL8567346215"),
            ("BT-109", "1155.00"),
            ("BT-110", "265.65"),
            ("BT-112", "1420.65"),
            ("BT-5", "PLN"),
        ],
    );
    assert_lines(&reading, &[["2", "H87", "350.00", "700.00"], ["10", "H87", "45.50", "455.00"]]);
}
