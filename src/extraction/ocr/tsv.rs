//! The table that `tesseract` writes, as a page of words.

use unicode_normalization::UnicodeNormalization;

use crate::extraction::content::Picture;
use crate::extraction::ocr::deskew::Turn;
use crate::extraction::ocr::lines;
use crate::extraction::page::{Page, Word};
use crate::models::evidence::Bounds;

/// Level of the rows that are words; the others are pages, blocks, paragraphs and lines.
const WORD_LEVEL: &str = "5";

/// The words of the table, where they stood on the picture before it was straightened.
pub(super) fn page(table: &str, picture: &Picture, turn: Turn) -> Page {
    let words = table.lines().filter_map(|row| word(row, picture, turn)).collect();
    Page {
        number: picture.page,
        width: picture.width_points,
        height: picture.height_points,
        words: lines::in_order(words),
    }
}

/// `level page block paragraph line word left top width height confidence text`.
fn word(row: &str, picture: &Picture, turn: Turn) -> Option<Word> {
    let columns: Vec<&str> = row.split('\t').collect();
    let [WORD_LEVEL, _, _, _, _, _, left, top, width, height, confidence, text] = columns[..]
    else {
        return None;
    };
    let text: String = text.split_whitespace().collect::<String>().nfc().collect();
    if text.is_empty() {
        return None;
    }
    let number = |text: &str| text.parse::<f32>().ok().filter(|number| number.is_finite());
    let (left, top, width, height) = (number(left)?, number(top)?, number(width)?, number(height)?);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
    let recognised = number(confidence)?.clamp(0.0, 100.0) as u8;
    let (middle_x, middle_y) = turn.before(left + width / 2.0, top + height / 2.0);
    let scale = scale(picture);
    let bounds = Bounds {
        left: tenths((middle_x - width / 2.0) * scale),
        top: tenths((middle_y - height / 2.0) * scale),
        width: tenths(width * scale),
        height: tenths(height * scale),
    };
    Some(Word { text, bounds, font_size: bounds.height, recognised: Some(recognised) })
}

/// Points of a pixel.
#[expect(clippy::cast_precision_loss, reason = "sides of at most some 10,000 pixels")]
fn scale(picture: &Picture) -> f32 {
    picture.width_points / picture.width.max(1) as f32
}

fn tenths(points: f32) -> f32 {
    (points * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::page;
    use crate::extraction::content::Picture;
    use crate::extraction::ocr::deskew::straightened;

    #[test]
    fn words_come_in_points_with_their_confidence_and_the_rest_is_left() {
        let picture = Picture {
            page: 3,
            width: 2480,
            height: 3508,
            width_points: 595.2,
            height_points: 841.9,
            grey: vec![255; 2480 * 3508],
        };
        let (_, turn) = straightened(picture.clone());
        let table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\t\
                     height\tconf\ttext\n\
                     1\t1\t0\t0\t0\t0\t0\t0\t2480\t3508\t-1\t\n\
                     5\t1\t1\t1\t1\t2\t500\t100\t200\t50\t96.06\t4711\n\
                     5\t1\t1\t1\t1\t1\t100\t102\t300\t50\t31.9\tRechnu\u{308}ng\n\
                     5\t1\t1\t1\t1\t3\t800\t100\t10\t10\t95\t \n\
                     5\t1\t1\t1\t1\t3\tx\t100\t10\t10\t95\tno place\n";
        let page = page(table, &picture, turn);
        assert_eq!((page.number, page.width), (3, 595.2));
        let words: Vec<_> = page
            .words
            .iter()
            .map(|word| (&*word.text, word.recognised, word.bounds.left))
            .collect();
        assert_eq!(words, [("Rechnüng", Some(31), 24.0), ("4711", Some(96), 120.0)]);
        assert_eq!(page.words[1].bounds.height, 12.0);
    }
}
