use std::io::Cursor;

use ap_gateway::extraction::Unreadable;
use ap_gateway::extraction::content::Picture;
use ap_gateway::extraction::limits::{Limits, WorkLimits};
use ap_gateway::extraction::refusal::{Refusal, RefusalCode};
use image::{DynamicImage, GrayImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use crate::reading::{runner, with};

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).expect("encoded");
    bytes.into_inner()
}

fn refused(read: Result<Vec<Picture>, Unreadable>) -> Refusal {
    match read.expect_err("refused") {
        Unreadable::Refused(refusal) => refusal,
        other => panic!("another error: {other}"),
    }
}

/// An uncompressed TIFF of pages of 8 × 2 pixels: bits a pixel, meaning of 0, rows.
fn tiff(pages: &[(u16, u16, &[u8])]) -> Vec<u8> {
    let mut bytes = b"II*\0".to_vec();
    let mut link = bytes.len();
    bytes.extend([0; 4]);
    for (bits, meaning, pixels) in pages {
        let data = u32::try_from(bytes.len()).expect("small");
        bytes.extend(*pixels);
        let directory = u32::try_from(bytes.len()).expect("small");
        bytes[link..link + 4].copy_from_slice(&directory.to_le_bytes());
        let length = u32::try_from(pixels.len()).expect("small");
        let entries: [(u16, u32); 9] = [
            (256, 8),
            (257, 2),
            (258, u32::from(*bits)),
            (259, 1),
            (262, u32::from(*meaning)),
            (273, data),
            (277, 1),
            (278, 2),
            (279, length),
        ];
        bytes.extend(9_u16.to_le_bytes());
        for (tag, value) in entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(4_u16.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        link = bytes.len();
        bytes.extend([0; 4]);
    }
    bytes
}

#[tokio::test]
async fn pictures_become_grey_pages_on_white_paper() {
    let runner = runner();
    let mut clear = RgbaImage::from_pixel(3, 2, Rgba([0, 0, 0, 0]));
    clear.put_pixel(1, 1, Rgba([0, 0, 0, 255]));
    let pages = runner.image(&encoded(clear, ImageFormat::Png)).await.expect("a picture");
    assert_eq!(pages.len(), 1);
    let Picture { page, width, height, grey, .. } = &pages[0];
    assert_eq!((*page, *width, *height), (1, 3, 2));
    assert_eq!(grey, &[255, 255, 255, 255, 0, 255]);
    assert_eq!(pages[0].width_points, 842.0);

    let red = RgbImage::from_pixel(40, 20, Rgb([255, 0, 0]));
    let pages = runner.image(&encoded(red, ImageFormat::Jpeg)).await.expect("a picture");
    assert!((40..100).contains(&pages[0].grey[0]), "{}", pages[0].grey[0]);

    let half = GrayImage::from_pixel(5, 5, image::Luma([127]));
    let pages = runner.image(&encoded(half, ImageFormat::Tiff)).await.expect("a picture");
    assert_eq!(pages[0].grey, [127; 25]);
}

#[tokio::test]
async fn every_page_of_a_tiff_is_read() {
    let grey: Vec<u8> = (0..16).collect();
    // One bit a pixel, 0 being white, as fax machines write it.
    let fax = [0b1000_0001, 0b0000_0000];
    let bytes = tiff(&[(8, 1, &grey), (1, 0, &fax), (8, 1, &grey)]);
    let pages = runner().image(&bytes).await.expect("pages");
    assert_eq!(pages.iter().map(|page| page.page).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(pages[0].grey, grey);
    let mut white = [255; 16];
    (white[0], white[7]) = (0, 0);
    assert_eq!(pages[1].grey, white);
}

#[tokio::test]
async fn what_is_too_large_or_broken_is_refused_before_it_is_decoded() {
    let mut bomb = encoded(GrayImage::new(1, 1), ImageFormat::Png);
    // Width and height of the header, which has a check sum of its own.
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let sum = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&sum.to_be_bytes());
    let page: (u16, u16, &[u8]) = (8, 1, &[0; 16]);
    let good = encoded(GrayImage::new(400, 400), ImageFormat::Png);
    let runner = runner();
    for (name, bytes, code, said) in [
        ("a bomb", bomb, RefusalCode::ImageLimit, "60000 × 60000"),
        ("201 pages", tiff(&[page; 201]), RefusalCode::ImageLimit, "200 pages"),
        ("cut off", good[..good.len() / 2].to_vec(), RefusalCode::ImageDamaged, "PNG, JPEG or"),
        ("no picture", b"GIF89a".to_vec(), RefusalCode::ImageDamaged, "neither PNG"),
        ("no bytes", Vec::new(), RefusalCode::ImageDamaged, "neither PNG"),
        ("no page", b"II*\0\0\0\0\0".to_vec(), RefusalCode::ImageDamaged, "list of pages"),
    ] {
        let refusal = refused(runner.image(&bytes).await);
        assert_eq!(refusal.code, code, "{name}: {refusal}");
        assert!(refusal.message.contains(said), "{name}: {refusal}");
    }
    // Each page below the limit, all together above it.
    let work = WorkLimits { pixels_max: 40, ..WorkLimits::default() };
    let runner = with(Limits { work, ..Limits::for_cores(1) });
    assert_eq!(runner.image(&tiff(&[page; 2])).await.expect("32 pixels").len(), 2);
    assert_eq!(refused(runner.image(&tiff(&[page; 3])).await).code, RefusalCode::ImageLimit);
}

/// The check sum of PNG (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}
