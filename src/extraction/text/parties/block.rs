//! The block that a label of a party starts: its lines, as far as they stand together.

use crate::extraction::lexicon::Field;
use crate::extraction::text::labels::Label;
use crate::extraction::text::layout::Layout;

/// A block of a party has no more lines.
const BLOCK_LINES: usize = 18;

/// Lines of a block are no further apart, in line heights.
const BLOCK_GAP: f32 = 2.3;

/// The block that a label of a party starts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub field: Field,
    pub label: Label,
    pub left: f32,
    pub right: f32,
    pub first: usize,
    pub last: usize,
}

/// The blocks of all labels of parties.
pub(super) fn blocks(layout: &Layout, labels: &[Label]) -> Vec<Block> {
    let parties = labels.iter().filter(|label| {
        label.leads && matches!(label.field, Field::Seller | Field::Buyer | Field::OtherParty)
    });
    let parties: Vec<&Label> = parties.collect();
    let starts: Vec<(&Label, f32, usize, u32)> = parties
        .iter()
        .map(|label| {
            let token = &layout.tokens[label.span.start];
            (*label, token.left, token.line, token.page)
        })
        .collect();
    let block = |(label, left, line, page): &(&Label, f32, usize, u32)| {
        let beside = starts
            .iter()
            .filter(|(_, x, l, p)| p == page && l.abs_diff(*line) <= 1 && *x > left + 20.0);
        let right = beside.map(|(_, x, ..)| x - 4.0).fold(f32::MAX, f32::min);
        let below = starts
            .iter()
            .filter(|(_, x, l, p)| p == page && l > line && *x < right && *x > left - 40.0);
        let next = below.map(|(_, _, l, _)| *l).min().unwrap_or(usize::MAX);
        let lines = layout.lines.iter().enumerate().skip(*line).take(BLOCK_LINES);
        let on_page = lines.filter(|(_, span)| layout.tokens[span.start].page == *page);
        let last = on_page.map(|(at, _)| at).filter(|at| *at < next).max().unwrap_or(*line);
        let mut block = Block {
            field: label.field,
            label: **label,
            left: left - 14.0,
            right,
            first: *line,
            last,
        };
        block.last = block.end(layout);
        block
    };
    starts.iter().map(block).collect()
}

impl Block {
    /// A wide gap below at least two lines of its own ends the block.
    fn end(&self, layout: &Layout) -> usize {
        let mut own = 0;
        let mut before: Option<(f32, f32, usize)> = None;
        for line in self.first..=self.last {
            let mut tokens = layout.lines[line].tokens().filter(|at| self.holds(layout, *at));
            let Some(token) = tokens.next().map(|at| &layout.tokens[at]) else { continue };
            if let Some((top, height, last)) = before
                && own > 2
                && token.top - top > BLOCK_GAP * height.max(token.height)
            {
                return last;
            }
            own += 1;
            before = Some((token.top, token.height, line));
        }
        self.last
    }

    pub(super) fn holds(&self, layout: &Layout, token: usize) -> bool {
        let token = &layout.tokens[token];
        (self.first..=self.last).contains(&token.line)
            && token.left >= self.left
            && token.left < self.right
    }
}
