//! What a spare process does while it waits: it reads a page of our own, so that the code, tables
//! and memory that every document needs are there when one comes.

use std::hint::black_box;
use std::io::sink;

use crate::extraction::limits::WorkLimits;
use crate::extraction::pdf;

/// A page with an invoice inside.
const PAGE: &[u8] = include_bytes!("warm.pdf");

/// Memory that reading an ordinary invoice takes: what the allocator was given once, it keeps.
const MEMORY_BYTES: usize = 2 * 1024 * 1024;

/// Nothing that is done here has a say in what is read later, and failing is as good.
pub(super) fn up() {
    // The first block comes from the system and goes back to it untouched, which teaches the
    // allocator that blocks of this size are usual; the second is written to, and stays.
    drop(black_box(Vec::<u8>::with_capacity(2 * MEMORY_BYTES)));
    drop(black_box(vec![1_u8; MEMORY_BYTES]));
    let _ = pdf::read(PAGE.to_vec(), &WorkLimits::default(), &mut sink());
}

#[cfg(test)]
mod tests {
    use super::PAGE;
    use crate::extraction::limits::WorkLimits;
    use crate::extraction::pdf;

    #[test]
    fn the_page_goes_all_the_way() {
        let mut said = Vec::new();
        pdf::read(PAGE.to_vec(), &WorkLimits::default(), &mut said).expect("a good document");
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("factur-x.xml") && said.contains("\"119.00\""), "{said}");
    }
}
