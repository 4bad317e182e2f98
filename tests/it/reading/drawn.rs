use std::io::Cursor;

use ap_gateway::extraction::content::Sheet;
use ap_gateway::extraction::limits::{Limits, WorkLimits};
use ap_gateway::extraction::refusal::RefusalCode;
use ap_gateway::extraction::runner::Runner;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use lopdf::{Object, dictionary};

use crate::reading::crafted::{Crafted, bomb};
use crate::reading::with;

fn drawer() -> Runner {
    with(Limits::for_drawing(2))
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).expect("encoded");
    bytes.into_inner()
}

fn decoded(png: &[u8]) -> RgbImage {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    image::load_from_memory(png).expect("a PNG").into_rgb8()
}

fn ink(image: &RgbImage) -> usize {
    image.pixels().filter(|pixel| pixel.0.iter().all(|light| *light < 100)).count()
}

/// A page of A4 with text, and an empty one of US Letter that lies on its side.
fn two_pages() -> Vec<u8> {
    let mut crafted = Crafted::new();
    let second = crafted.document.add_object(dictionary! {
        "Type" => "Page", "Parent" => crafted.pages, "Rotate" => 90,
        "MediaBox" => vec![0.into(), 0.into(), 612.into(), 792.into()],
    });
    let kids: Vec<Object> = vec![crafted.page.into(), second.into()];
    crafted.set_kids(kids);
    crafted.bytes()
}

#[tokio::test]
async fn a_page_of_a_pdf_is_drawn_in_its_size_with_what_stands_on_it() {
    let (drawer, document) = (drawer(), two_pages());
    let sizes = drawer.sizes(&document).await.expect("sizes");
    let expected = [(595.0, 842.0), (792.0, 612.0)];
    assert_eq!(sizes, expected.map(|(width, height)| Sheet { width, height }));
    let first = decoded(&drawer.draw(&document, 1).await.expect("a page"));
    assert_eq!(first.dimensions(), (1239, 1754), "150 dots an inch");
    assert!(ink(&first) > 500, "{}", ink(&first));
    let second = decoded(&drawer.draw(&document, 2).await.expect("a page"));
    assert_eq!((second.dimensions(), ink(&second)), ((1649, 1275), 0));
    for missing in [0, 3, u32::MAX] {
        let refusal = drawer.draw(&document, missing).await.expect_err("no page");
        assert_eq!(refusal.code, RefusalCode::PageUndrawable);
        assert!(refusal.message.contains(&format!("no page {missing}")), "{refusal}");
    }
}

#[tokio::test]
async fn pictures_are_drawn_in_colour_on_white_and_no_larger_than_they_are() {
    let drawer = drawer();
    let mut clear = RgbaImage::from_pixel(4, 2, Rgba([0, 0, 0, 0]));
    clear.put_pixel(1, 1, Rgba([200, 30, 30, 255]));
    let clear = encoded(clear, ImageFormat::Png);
    let sizes = drawer.sizes(&clear).await.expect("sizes");
    assert_eq!(sizes, [Sheet { width: 842.0, height: 421.0 }], "as places on it are measured");
    let drawn = decoded(&drawer.draw(&clear, 1).await.expect("a page"));
    assert_eq!(drawn.dimensions(), (4, 2));
    assert_eq!((drawn[(0, 0)], drawn[(1, 1)]), (Rgb([255; 3]), Rgb([200, 30, 30])));
    let work = WorkLimits { drawing_pixels_max: 10_000, ..WorkLimits::default() };
    let small = with(Limits { work, ..Limits::for_drawing(2) });
    let large = encoded(RgbImage::from_pixel(400, 100, Rgb([9, 9, 9])), ImageFormat::Tiff);
    let drawn = decoded(&small.draw(&large, 1).await.expect("a page"));
    assert_eq!(drawn.dimensions(), (200, 50));
    let missing = drawer.draw(&large, 2).await.expect_err("no page");
    assert_eq!(missing.code, RefusalCode::PageUndrawable);
}

#[tokio::test]
async fn what_reading_refuses_is_not_drawn() {
    let drawer = drawer();
    let mut locked = Crafted::new();
    locked.encrypt("secret");
    let mut empty = Crafted::new();
    empty.set_kids(Vec::new());
    let table = [
        (locked.bytes(), RefusalCode::PdfEncrypted),
        (empty.bytes(), RefusalCode::PdfWithoutPages),
        (Crafted::with_content(bomb(200 << 20)).bytes(), RefusalCode::PdfLimit),
        (b"%PDF-1.7 and nothing else".to_vec(), RefusalCode::PdfDamaged),
        (b"<Invoice/>".to_vec(), RefusalCode::PdfDamaged),
        (b"\x89PNG\r\n\x1a\nbroken".to_vec(), RefusalCode::ImageDamaged),
    ];
    for (document, code) in table {
        assert_eq!(drawer.sizes(&document).await.expect_err("refused").code, code);
        assert_eq!(drawer.draw(&document, 1).await.expect_err("refused").code, code);
    }
}
