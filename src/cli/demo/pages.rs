//! An invoice on a page: as text, with the invoice inside, and as a picture of it.

use std::io::Cursor;

use anyhow::{Context, anyhow};
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use image::{GrayImage, ImageFormat, Luma};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use rust_decimal::Decimal;

use crate::models::invoice::Invoice;

/// Points from line to line, and from the upper left corner.
const LEADING: i64 = 14;
const TOP: i64 = 790;

/// Pixels for a point: 200 dpi, as scanners do.
const SCALE: f32 = 200.0 / 72.0;

/// A page with text.
pub(super) fn pdf(invoice: &Invoice) -> anyhow::Result<Vec<u8>> {
    written(page(invoice).0)
}

/// The same, with the invoice inside as Factur-X says.
pub(super) fn hybrid(invoice: &Invoice, xml: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (mut document, catalog) = page(invoice);
    let kind = dictionary! { "Type" => "EmbeddedFile", "Subtype" => "text/xml" };
    let stream = document.add_object(Stream::new(kind, xml.to_vec()));
    let name = Object::string_literal("factur-x.xml");
    let file = document.add_object(dictionary! {
        "Type" => "Filespec", "F" => name.clone(), "UF" => name.clone(),
        "AFRelationship" => "Alternative", "EF" => dictionary! { "F" => stream, "UF" => stream },
    });
    let names = dictionary! { "Names" => vec![name, file.into()] };
    let entries = document.get_dictionary_mut(catalog).context("the catalog")?;
    entries.set("Names", dictionary! { "EmbeddedFiles" => names });
    entries.set("AF", vec![file.into()]);
    written(document)
}

/// A picture of the page, as a scanner makes it.
pub(super) fn scan(invoice: &Invoice) -> anyhow::Result<Vec<u8>> {
    let document = Pdf::new(pdf(invoice)?).map_err(|error| anyhow!("a page: {error:?}"))?;
    let page = document.pages().first().context("a page")?;
    let settings = PixmapSettings { x_scale: SCALE, y_scale: SCALE, bg_color: WHITE };
    let (cache, interpreter) = (RenderCache::new(), InterpreterSettings::default());
    let drawn = render(page, &cache, &interpreter, &RenderSettings::default(), &settings);
    let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
    let pixels: Vec<u8> = drawn.data().iter().map(|pixel| pixel.g).collect();
    let picture = GrayImage::from_vec(width, height, pixels);
    let mut picture = picture.context("as many pixels as it says")?;
    // Where a fold let some light in.
    for x in 0..width {
        picture.put_pixel(x, height / 3, Luma([235]));
    }
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// One page in a typewriter's letters, so that columns stand where spaces put them; and the id of
/// its catalog.
fn page(invoice: &Invoice) -> (Document, lopdf::ObjectId) {
    let mut content = format!("BT /F 9 Tf 50 {TOP} Td {LEADING} TL\n");
    for line in lines(invoice) {
        let line = line.replace(['\\', '(', ')'], " ");
        content.push_str(&format!("({line}) Tj T*\n"));
    }
    content.push_str("ET");
    let mut document = Document::with_version("1.7");
    let pages = document.new_object_id();
    let content = document.add_object(Stream::new(Dictionary::new(), content.into_bytes()));
    let font = dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier",
        "Encoding" => "WinAnsiEncoding",
    };
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        "Resources" => dictionary! { "Font" => dictionary! { "F" => font } },
    });
    let kids = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    document.objects.insert(pages, kids.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    (document, catalog)
}

fn written(mut document: Document) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes)?;
    Ok(bytes)
}

fn lines(invoice: &Invoice) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let day = |day: Option<chrono::NaiveDate>| {
        day.map(|day| day.format("%d.%m.%Y").to_string()).unwrap_or_default()
    };
    let money = |number: Option<Decimal>| format!("{:.2}", number.unwrap_or_default());
    let (seller, totals) = (&invoice.seller, &invoice.totals);
    let account = invoice.accounts().next().unwrap_or_default().to_owned();
    let mut lines = vec![
        text(&seller.name),
        text(&seller.address.city),
        format!("VAT ID: {}", text(&seller.vat_id)),
        String::new(),
        format!("Bill to: {}", text(&invoice.buyer.name)),
        String::new(),
        "INVOICE".to_owned(),
        String::new(),
        format!("Invoice number: {}", text(&invoice.number)),
        format!("Invoice date: {}", day(invoice.issue_date)),
        format!("Due date: {}", day(invoice.due_date)),
        format!("Purchase order: {}", text(&invoice.order_reference)),
        String::new(),
        format!(
            "{:<4}{:<34}{:>8}{:>12}{:>8}{:>14}",
            "Pos", "Description", "Qty", "Unit price", "VAT", "Amount"
        ),
    ];
    for line in &invoice.lines {
        lines.push(format!(
            "{:<4}{:<34}{:>8}{:>12}{:>8}{:>14}",
            line.id,
            text(&line.name),
            line.quantity.unwrap_or_default(),
            money(line.price),
            "19%",
            money(line.net)
        ));
    }
    let sum = |label: &str, number| format!("{:>66}{:>14}", label, money(number));
    lines.extend([
        String::new(),
        sum("Subtotal", totals.net),
        sum("VAT 19%", totals.tax),
        sum("Total EUR", totals.gross),
        String::new(),
        format!("IBAN: {account}"),
    ]);
    lines
}
