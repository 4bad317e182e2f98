//! How much of everything a document of a foreign format may have. Every limit is a setting;
//! the defaults are here, each with its reason, and reaching one is an error that names it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One binary megabyte.
const MIB: u64 = 1024 * 1024;

/// What the gateway allows one reading process as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Wall clock for one document. A good one takes milliseconds, a scan of 18 pages some
    /// seconds; one mutated file was seen to render for 63 s.
    pub wall: Duration,
    /// Processes that read at once: one a core, for reading is all computing.
    pub readers: usize,
    /// Processes that stand ready. As many as may read, so that a burst finds all of them warm.
    pub spares: usize,
    /// Bytes of a document: the largest hand-in that the gateway takes anywhere (50 MiB).
    pub document_bytes_max: usize,
    /// Bytes of an answer: attachments (50 MiB), pictures (40 million pixels of one byte) and
    /// words (200,000 of about 150 bytes) together.
    pub answer_bytes_max: usize,
    /// What the process is told to hold itself.
    pub work: WorkLimits,
}

impl Limits {
    /// Default limits on a machine with this many cores.
    pub fn for_cores(cores: usize) -> Self {
        let cores = cores.max(1);
        Self {
            wall: Duration::from_secs(30),
            readers: cores,
            spares: cores,
            document_bytes_max: 50 * 1024 * 1024,
            answer_bytes_max: 128 * 1024 * 1024,
            work: WorkLimits::default(),
        }
    }

    /// Limits of drawing pages for people who look at them. Half of the cores at most: whoever
    /// looks must not hold up what is read.
    pub fn for_drawing(cores: usize) -> Self {
        Self {
            // Within the deadline of a request, so that it is answered with the reason.
            wall: Duration::from_secs(8),
            readers: (cores / 2).max(1),
            // Whoever looks at one page looks at the next; most of the time nobody looks.
            spares: 1,
            // A PNG does not pack noise: 4 million pixels of three bytes, and some.
            answer_bytes_max: 16 * 1024 * 1024,
            // Letters of 6 points can be read, and a page of A4 has 2.2 million pixels.
            work: WorkLimits { dots_per_inch: 150, cpu_seconds: 8, ..WorkLimits::default() },
            ..Self::for_cores(cores)
        }
    }
}

/// What the reading process holds itself: the first three by the operating system, the others by
/// counting before the work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkLimits {
    /// Address space of the process. A page at 300 dpi in colour is 35 MB; 40 million pixels in
    /// colour are 160 MB, and decoders hold two copies.
    pub memory_bytes: u64,
    /// Processor time. Fifty times what the slowest good document of the suites took.
    pub cpu_seconds: u64,
    /// Inflated bytes of one stream of a PDF: a colour scan of A4 at 400 dpi is 46 MB.
    pub stream_bytes_max: u64,
    /// Inflated bytes of all streams of a PDF.
    pub streams_bytes_max: u64,
    /// Objects of a PDF. Invoices have some hundreds.
    pub objects_max: usize,
    /// Pages of a PDF or a TIFF.
    pub pages_max: usize,
    /// Pixels of all pictures that are decoded or rendered, together.
    pub pixels_max: u64,
    /// Resolution at which pages without text are rendered for recognition, in dots per inch;
    /// lowered to half where the pixels would not suffice.
    pub dots_per_inch: u32,
    /// Pixels of a page that is drawn for people; beyond it the page is drawn smaller. A3 at
    /// 150 dpi has 4.3 million.
    pub drawing_pixels_max: u64,
    /// Files inside a PDF.
    pub attachments_max: usize,
    /// Their bytes together.
    pub attachments_bytes_max: u64,
    /// Words of a document: 200 pages of 1,000.
    pub words_max: usize,
}

impl Default for WorkLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 1024 * MIB,
            cpu_seconds: 20,
            stream_bytes_max: 64 * MIB,
            streams_bytes_max: 128 * MIB,
            objects_max: 10_000,
            pages_max: 200,
            pixels_max: 40_000_000,
            dots_per_inch: 300,
            drawing_pixels_max: 4_000_000,
            attachments_max: 50,
            attachments_bytes_max: 50 * MIB,
            words_max: 200_000,
        }
    }
}
