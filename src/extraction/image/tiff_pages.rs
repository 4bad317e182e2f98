//! The pages of a TIFF. The decoder reads the page that the header points to, so each page is
//! given to it with a header that points there.

use std::collections::HashSet;
use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

/// Bytes of the header of a classic TIFF: byte order, 42, offset of the first directory.
const HEADER_BYTES: usize = 8;

/// Bytes of one entry of a directory.
const ENTRY_BYTES: usize = 12;

/// Why the pages cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// More than are taken.
    TooMany,
    /// No such header, or a directory outside of the file.
    Damaged,
}

/// Offsets of the directories, one a page, at most `max`. A chain that leads back ends there.
pub(super) fn offsets(bytes: &[u8], max: usize) -> Result<Vec<u32>, Fault> {
    let little = match bytes.get(..4) {
        Some(b"II*\0") => true,
        Some(b"MM\0*") => false,
        _ => return Err(Fault::Damaged),
    };
    let two = |at: usize| {
        let bytes = bytes.get(at..)?.first_chunk().copied()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let four = |at: usize| {
        let bytes = bytes.get(at..)?.first_chunk().copied()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let mut offsets = Vec::new();
    let mut seen = HashSet::new();
    let mut next = four(4).ok_or(Fault::Damaged)?;
    while next != 0 && seen.insert(next) {
        if offsets.len() == max {
            return Err(Fault::TooMany);
        }
        offsets.push(next);
        let entries = two(next as usize).ok_or(Fault::Damaged)?;
        // A file that was cut off may have lost the end of its chain, but not its first pages.
        let behind = next as usize + 2 + usize::from(entries) * ENTRY_BYTES;
        next = four(behind).unwrap_or(0);
    }
    if offsets.is_empty() { Err(Fault::Damaged) } else { Ok(offsets) }
}

/// A TIFF whose header points to another page, without a copy of the file.
pub(super) struct Starting<'a> {
    header: [u8; HEADER_BYTES],
    bytes: Cursor<&'a [u8]>,
}

impl<'a> Starting<'a> {
    /// The file with `offset` as its first directory.
    pub(super) fn at(bytes: &'a [u8], offset: u32) -> Self {
        let mut header = [0; HEADER_BYTES];
        let length = bytes.len().min(HEADER_BYTES);
        header[..length].copy_from_slice(&bytes[..length]);
        let offset = if header[0] == b'I' { offset.to_le_bytes() } else { offset.to_be_bytes() };
        header[4..].copy_from_slice(&offset);
        Self { header, bytes: Cursor::new(bytes) }
    }
}

impl Read for Starting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Starting<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let at = usize::try_from(self.bytes.position()).unwrap_or(usize::MAX);
        match self.header.get(at..) {
            Some(header) if !header.is_empty() => Ok(header),
            _ => self.bytes.fill_buf(),
        }
    }

    fn consume(&mut self, length: usize) {
        self.bytes.consume(length);
    }
}

impl Seek for Starting<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, offsets};

    /// Directories without entries, each pointing to the next offset.
    fn chain(next: &[u32]) -> Vec<u8> {
        let mut bytes = b"II*\0".to_vec();
        for offset in next {
            if bytes.len() > 4 {
                bytes.extend([0, 0]);
            }
            bytes.extend(offset.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn pages_are_found_along_the_chain_and_a_circle_ends() {
        assert_eq!(offsets(&chain(&[8, 14, 0]), 9), Ok(vec![8, 14]));
        assert_eq!(offsets(&chain(&[8, 14, 8]), 9), Ok(vec![8, 14]));
        assert_eq!(offsets(&chain(&[8, 14, 20, 0]), 2), Err(Fault::TooMany));
        assert_eq!(offsets(&chain(&[8, 14]), 9), Err(Fault::Damaged));
        assert_eq!(offsets(&chain(&[0]), 9), Err(Fault::Damaged));
        assert_eq!(offsets(b"II*", 9), Err(Fault::Damaged));
        assert_eq!(offsets(b"MM\0*\0\0\0\x08\0\0\0\0\0\0", 9), Ok(vec![8]));
    }
}
