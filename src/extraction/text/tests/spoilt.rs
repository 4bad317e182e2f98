//! Pages that no invoice has: words taken away, doubled and exchanged.

use crate::extraction::text::read;
use crate::extraction::text::tests::page;
use crate::models::evidence::Source;

/// The seeds of the fuzz target for text (docs/fuzzing.md).
const SEEDS: [&str; 3] = [
    include_str!("../../../../fuzz/seeds/text/german.txt"),
    include_str!("../../../../fuzz/seeds/text/english.txt"),
    include_str!("../../../../fuzz/seeds/text/french.txt"),
];

/// What stands where something else should.
const WORDS: [&str; 8] =
    ["", "-", "%", "79228162514264337593543950335", "0,0", "31.02.2026", "Gesamtbetrag", "🧾"];

#[test]
fn spoilt_pages_are_read_and_never_panic() {
    // A fixed sequence: a failure can be found again.
    let mut state = 0x9e37_79b9_u64;
    let mut below = |end: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(state >> 33).expect("31 bits") % end
    };
    let mut with_total = 0;
    for seed in SEEDS {
        let whole = page(1, seed);
        for _ in 0..60 {
            let mut spoilt = whole.clone();
            for _ in 0..=below(6) {
                let (at, other) = (below(spoilt.words.len()), below(spoilt.words.len()));
                match below(4) {
                    0 => drop(spoilt.words.remove(at)),
                    1 => spoilt.words[at].text = WORDS[below(WORDS.len())].to_owned(),
                    2 => spoilt.words[at].bounds = spoilt.words[other].bounds,
                    _ => spoilt.words.swap(at, other),
                }
            }
            for source in [Source::PdfText, Source::Ocr] {
                let found = read(std::slice::from_ref(&spoilt), source);
                with_total += usize::from(found.invoice.totals.gross.is_some());
            }
        }
    }
    assert!(with_total > 90, "{with_total} of 360 have a total");
}
