//! The compound file that Excel wrote before 2007: whether its chains of sectors end.
//!
//! Its reader (calamine 0.38) follows a chain and keeps what it finds without asking whether it has
//! been there: 5 KB with a sector that leads to itself would take all memory.

/// Where the header says how large a sector is, as a power of two.
const SECTOR_SHIFT: usize = 30;

/// Where the header names the first sector with more numbers of table sectors.
const MORE_TABLES: usize = 68;

/// Where the header lists the sectors that hold the table of chains.
const TABLES: std::ops::Range<usize> = 76..512;

/// Numbers from here on are marks, no sectors.
const MARKS: u32 = 0xFFFF_FFFA;

/// Whether a chain of sectors leads back into itself. What is broken otherwise is for the reader.
pub(super) fn leads_in_a_circle(bytes: &[u8]) -> bool {
    let sector_bytes = match bytes.get(SECTOR_SHIFT..SECTOR_SHIFT + 2) {
        Some([9, 0]) => 512,
        Some([12, 0]) => 4096,
        _ => return false,
    };
    let file = File { bytes, sector_bytes };
    has_circle(&file.chains())
}

struct File<'b> {
    bytes: &'b [u8],
    sector_bytes: usize,
}

impl<'b> File<'b> {
    /// After each sector, the next one of its chain.
    fn chains(&self) -> Vec<u32> {
        let sectors = self.bytes.len() / self.sector_bytes;
        let mut tables: Vec<u32> = numbers(self.bytes.get(TABLES).unwrap_or_default()).collect();
        let mut more =
            numbers(self.bytes.get(MORE_TABLES..).unwrap_or_default()).next().unwrap_or(MARKS);
        // A list of lists that does not end is refused by the reader itself.
        for _ in 0..sectors {
            if more >= MARKS {
                break;
            }
            tables.extend(numbers(self.sector(more)));
            more = tables.pop().unwrap_or(MARKS);
        }
        let tables = tables.into_iter().filter(|sector| *sector < MARKS);
        // Only as many sectors as there are can be in a chain.
        tables.flat_map(|sector| numbers(self.sector(sector))).take(sectors + 1).collect()
    }

    /// A sector, as far as the file goes. The first one stands behind the header, which fills one.
    fn sector(&self, number: u32) -> &'b [u8] {
        let start = (number as usize + 1).saturating_mul(self.sector_bytes);
        let rest = self.bytes.get(start..).unwrap_or_default();
        &rest[..rest.len().min(self.sector_bytes)]
    }
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number))
}

/// Each sector is walked over once: who meets the walk that is under way has gone in a circle.
fn has_circle(next: &[u32]) -> bool {
    let mut walked = vec![0; next.len()];
    for start in 0..next.len() {
        let walk = start + 1;
        let mut at = start;
        while walked.get(at) == Some(&0) {
            walked[at] = walk;
            at = next[at] as usize;
        }
        if walked.get(at) == Some(&walk) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_circle;

    #[test]
    fn chains_that_end_or_meet_are_no_circles() {
        const END: u32 = 0xFFFF_FFFE;
        for (next, circle) in [
            (&[][..], false),
            (&[END, 2, 3, END], false),
            (&[2, 2, END], false),
            (&[9, 0], false),
            (&[0], true),
            (&[END, 2, 1], true),
            (&[1, 2, 3, 1], true),
        ] {
            assert_eq!(has_circle(next), circle, "{next:?}");
        }
    }
}
