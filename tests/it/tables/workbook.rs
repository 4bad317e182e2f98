//! The smallest XLSX files that spreadsheets would open.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// What stands in a cell.
pub(super) enum Value<'v> {
    Empty,
    Text(&'v str),
    Number(&'v str),
    /// A serial number of a day: 46350 is 2026-11-24.
    Day(u32),
    /// An error.
    Error(&'v str),
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const PACKAGE: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
/// Style 1 is a date.
const STYLES: &str = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#;

/// A workbook of these sheets: name, whether it can be seen, rows.
pub(super) fn workbook(sheets: &[(&str, bool, Vec<Vec<Value<'_>>>)]) -> Vec<u8> {
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), CONTENT_TYPES.to_owned()),
        ("_rels/.rels".to_owned(), PACKAGE.to_owned()),
        ("xl/styles.xml".to_owned(), STYLES.to_owned()),
    ];
    let (mut list, mut relations) = (String::new(), String::new());
    const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    for (index, (name, visible, rows)) in sheets.iter().enumerate() {
        let number = index + 1;
        let state = if *visible { "visible" } else { "hidden" };
        write!(
            list,
            r#"<sheet name="{name}" sheetId="{number}" state="{state}" r:id="rId{number}"/>"#
        )
        .expect("a string takes everything");
        write!(relations, r#"<Relationship Id="rId{number}" Type="{RELATION}/worksheet" Target="worksheets/sheet{number}.xml"/>"#)
            .expect("a string takes everything");
        parts.push((format!("xl/worksheets/sheet{number}.xml"), sheet(rows)));
    }
    write!(relations, r#"<Relationship Id="rId99" Type="{RELATION}/styles" Target="styles.xml"/>"#)
        .expect("a string takes everything");
    parts.push((
        "xl/workbook.xml".to_owned(),
        format!(r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{RELATION}"><sheets>{list}</sheets></workbook>"#),
    ));
    parts.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!(r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>"#),
    ));
    archive(&parts)
}

/// An archive of these parts.
pub(super) fn archive(parts: &[(String, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).expect("a part");
        zip.write_all(content.as_bytes()).expect("its content");
    }
    zip.finish().expect("an archive").into_inner()
}

fn sheet(rows: &[Vec<Value<'_>>]) -> String {
    let mut data = String::new();
    for (row, cells) in rows.iter().enumerate() {
        write!(data, r#"<row r="{}">"#, row + 1).expect("a string takes everything");
        for (column, value) in cells.iter().enumerate() {
            let letter = char::from(b'A' + u8::try_from(column).expect("a few columns"));
            let at = format!("{letter}{}", row + 1);
            data.push_str(&match value {
                Value::Empty => String::new(),
                Value::Text(text) => {
                    let text = text.replace('&', "&amp;").replace('<', "&lt;");
                    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
                }
                Value::Number(number) => format!(r#"<c r="{at}"><v>{number}</v></c>"#),
                Value::Day(day) => format!(r#"<c r="{at}" s="1"><v>{day}</v></c>"#),
                Value::Error(error) => format!(r#"<c r="{at}" t="e"><v>{error}</v></c>"#),
            });
        }
        data.push_str("</row>");
    }
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{data}</sheetData></worksheet>"#
    )
}
