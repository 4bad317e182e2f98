use std::path::PathBuf;
use std::time::Duration;

use ap_gateway::extraction::content::Picture;
use ap_gateway::extraction::limits::{Limits, WorkLimits};
use ap_gateway::extraction::ocr::{Ocr, OcrSettings, Pass, joined};
use ap_gateway::extraction::page::Page;
use ap_gateway::extraction::refusal::RefusalCode;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use lopdf::{Stream, dictionary};

use crate::reading::crafted::Crafted;
use crate::reading::with;
use crate::suites::folder;

const SAMPLE: &str = "suites/zugferd/ZUGFeRDv1/correct/Mustangproject/\
                      MustangGnuaccountingBeispielRE-20151008_504.pdf";

/// The first page of a text PDF as the only image of another PDF, turned by some degrees.
fn scanned(degrees: f32) -> Vec<u8> {
    let bytes = std::fs::read(folder("").join(SAMPLE)).expect("readable");
    let pdf = Pdf::new(bytes).expect("a PDF");
    let settings = PixmapSettings { x_scale: 2.5, y_scale: 2.5, bg_color: WHITE };
    let cache = RenderCache::new();
    let interpreter = InterpreterSettings::default();
    let page = &pdf.pages()[0];
    let pixmap = render(page, &cache, &interpreter, &RenderSettings::default(), &settings);
    let grey = pixmap.data().iter().map(|pixel| pixel.g).collect();
    let (sine, cosine) = degrees.to_radians().sin_cos();
    // Turned about the middle of the page, with the margins left white.
    let matrix = format!(
        "q 1 0 0 1 297.5 421 cm {cosine} {sine} {} {cosine} 0 0 cm 595 0 0 842 -297.5 -421 cm /I Do Q",
        -sine
    );
    let mut crafted = Crafted::with_content(Stream::new(dictionary! {}, matrix.into_bytes()));
    let mut image = Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "ColorSpace" => "DeviceGray",
            "BitsPerComponent" => 8, "Width" => i64::from(pixmap.width()),
            "Height" => i64::from(pixmap.height()),
        },
        grey,
    );
    image.compress().expect("compressed");
    let image = crafted.document.add_object(image);
    let page = crafted.document.get_dictionary_mut(crafted.page).expect("the page");
    page.set("Resources", dictionary! { "XObject" => dictionary! { "I" => image } });
    crafted.bytes()
}

async fn pictures(degrees: f32) -> Vec<Picture> {
    let work = WorkLimits { dots_per_inch: 200, ..WorkLimits::default() };
    let runner = with(Limits { work, ..Limits::for_cores(1) });
    let content = runner.pdf(&scanned(degrees)).await.expect("readable");
    assert_eq!(content.pages.expect("pages")[0].words, []);
    assert_eq!(content.pictures_refused, None);
    assert_eq!(content.pictures.len(), 1, "a page that is an image is a scan");
    content.pictures
}

fn text(page: &Page) -> String {
    page.words.iter().map(|word| &*word.text).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_is_recognised_level_or_askew_with_words_where_they_stand() {
    let ocr = Ocr::new(OcrSettings::for_cores(2));
    for degrees in [0.0, 2.5] {
        let pictures = pictures(degrees).await;
        assert_eq!((pictures[0].width, pictures[0].height), (1652, 2338), "200 dpi");
        let first = ocr.pages(&pictures, Pass::First).await.expect("recognised");
        let page = &first[0];
        let found = text(page);
        for wanted in ["RE-20151008/504", "08.10.2015", "496,00", "571,04"] {
            assert!(found.contains(wanted), "{wanted} at {degrees} degrees: {found}");
        }
        let total = page.words.iter().rfind(|word| word.text.contains("571,04")).expect("a word");
        assert!(total.recognised.is_some_and(|sure| sure > 50), "{total:?}");
        assert!(total.bounds.left < 595.0 && (300.0..842.0).contains(&total.bounds.top));
        let second = ocr.pages(&pictures, Pass::Second).await.expect("recognised");
        let both = joined(first[0].clone(), second[0].clone());
        assert!(both.words.len() >= page.words.len());
    }
}

#[tokio::test]
async fn a_missing_failing_or_slow_command_is_told_apart() {
    let picture = Picture {
        page: 1,
        width: 40,
        height: 40,
        width_points: 595.0,
        height_points: 595.0,
        grey: vec![255; 1_600],
    };
    let usual = || OcrSettings::for_cores(1);
    let program = |path: &str| OcrSettings { program: PathBuf::from(path), ..usual() };
    let unknown = OcrSettings { languages: vec!["xxx".to_owned()], ..usual() };
    let slow = OcrSettings { page_wall: Duration::ZERO, ..usual() };
    for (settings, code, said) in [
        (program("/nowhere/tesseract"), RefusalCode::OcrUnavailable, "install tesseract"),
        (program("tesseract-of-nobody"), RefusalCode::OcrUnavailable, "tesseract-of-nobody"),
        (unknown, RefusalCode::OcrUnavailable, "xxx"),
        (program("/bin/false"), RefusalCode::OcrFailed, "exit status: 1"),
        (slow, RefusalCode::OcrTimeLimit, "more than 0 s"),
    ] {
        let pages = Ocr::new(settings).pages(std::slice::from_ref(&picture), Pass::First).await;
        let refusal = pages.expect_err("refused");
        assert_eq!(refusal.code, code, "{refusal}");
        assert!(refusal.message.contains(said), "{refusal}");
    }
    let pages = Ocr::new(usual()).pages(&[picture], Pass::First).await.expect("a white page");
    assert_eq!(pages[0].words, []);
}
