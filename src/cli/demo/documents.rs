//! An invoice as a document, in every form in which they come.

use std::io::{Cursor, Write};

use rust_decimal::Decimal;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::cli::demo::pages;
use crate::extraction::writer::{Format, write_to_send};
use crate::models::invoice::Invoice;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// UBL.
    Ubl,
    /// Cross Industry Invoice.
    Cii,
    /// Our own JSON.
    Json,
    /// A PDF with an invoice inside.
    Hybrid,
    /// A PDF with text.
    Pdf,
    /// A picture of a page.
    Scan,
    /// Comma-separated values.
    Csv,
    /// A spreadsheet.
    Sheet,
    /// An archive with one invoice.
    Zip,
}

/// A document and its media type.
pub(super) struct Made {
    pub(super) media_type: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl Form {
    #[cfg(test)]
    pub(super) const ALL: [Self; 9] = [
        Self::Ubl,
        Self::Cii,
        Self::Json,
        Self::Hybrid,
        Self::Pdf,
        Self::Scan,
        Self::Csv,
        Self::Sheet,
        Self::Zip,
    ];

    /// Structured ones are the most, as in a company that asks for them.
    pub(super) fn of(place: usize) -> Self {
        match place % 15 {
            3 | 8 => Self::Cii,
            4 => Self::Json,
            5 | 12 => Self::Hybrid,
            6 => Self::Pdf,
            9 if place == 9 => Self::Scan,
            10 => Self::Csv,
            13 => Self::Sheet,
            14 => Self::Zip,
            _ => Self::Ubl,
        }
    }
}

/// The document.
///
/// # Errors
/// What cannot be drawn or packed; none of it depends on the invoice.
pub(super) fn made(invoice: &Invoice, form: Form) -> anyhow::Result<Made> {
    let xml = |format| write_to_send(invoice, format, &|_| None).xml.into_bytes();
    let (media_type, bytes) = match form {
        Form::Ubl => ("application/xml", xml(Format::Ubl)),
        Form::Cii => ("application/xml", xml(Format::Cii)),
        Form::Json => ("application/json", serde_json::to_vec(invoice)?),
        Form::Hybrid => ("application/pdf", pages::hybrid(invoice, &xml(Format::Cii))?),
        Form::Pdf => ("application/pdf", pages::pdf(invoice)?),
        Form::Scan => ("image/png", pages::scan(invoice)?),
        Form::Csv => ("text/csv", csv(invoice).into_bytes()),
        Form::Sheet => {
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet(invoice)?)
        }
        Form::Zip => ("application/zip", zipped(&[("invoice.xml", &xml(Format::Ubl))])?),
    };
    Ok(Made { media_type, bytes })
}

const HEADINGS: [&str; 12] = [
    "Invoice number",
    "Invoice date",
    "Currency",
    "Supplier",
    "VAT ID",
    "Order number",
    "Pos",
    "Description",
    "Quantity",
    "Unit price",
    "VAT %",
    "Amount",
];

/// A row for each line, with what they have in common in each.
fn rows(invoice: &Invoice) -> Vec<[String; 12]> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let number = |number: Option<Decimal>| number.unwrap_or_default().to_string();
    let date = invoice.issue_date.map(|date| date.to_string()).unwrap_or_default();
    let row = |line: &crate::models::invoice::InvoiceLine| {
        [
            text(&invoice.number),
            date.clone(),
            text(&invoice.currency),
            text(&invoice.seller.name),
            text(&invoice.seller.vat_id),
            text(&invoice.order_reference),
            line.id.clone(),
            text(&line.name),
            number(line.quantity),
            number(line.price),
            number(line.tax_rate),
            number(line.net),
        ]
    };
    invoice.lines.iter().map(row).collect()
}

fn csv(invoice: &Invoice) -> String {
    let mut text = HEADINGS.join(";");
    for row in rows(invoice) {
        text.push('\n');
        text.push_str(&row.join(";"));
    }
    text
}

/// The least that a spreadsheet must have.
fn sheet(invoice: &Invoice) -> anyhow::Result<Vec<u8>> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let row = |cells: &[String]| {
        let cell = |text: &String| {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>")
        };
        format!("<row>{}</row>", cells.iter().map(cell).collect::<String>())
    };
    let head = row(&HEADINGS.map(str::to_owned));
    let body: String = rows(invoice).iter().map(|cells| row(cells)).collect();
    let sheet =
        format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{head}{body}</sheetData></worksheet>");
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>\
         <sheet name=\"Invoice\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" \
             Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let types = format!(
        "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{kinds}.sheet.main+xml\"/>\
         <Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"{kinds}.worksheet+xml\"/>\
         </Types>"
    );
    zipped(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml").as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml").as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

fn zipped(files: &[(&str, &[u8])]) -> anyhow::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default())?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
