//! Documents and requests of every kind, spoilt in the same way on every run: a reader takes what comes or
//! refuses it with a word, and never falls over.
//!
//! The documents are the seeds of the fuzz targets, which go on from here (docs/fuzzing.md). Public
//! examples are spoilt beside their readers' tests: `extraction`, `extraction_cii`, `suites` and,
//! for what is read in processes, `reading`.

#[path = "../../fuzz/typed/archive.rs"]
mod archive;
mod requests;

use std::path::Path;

use ap_gateway::extraction::intake::Intake;
use ap_gateway::extraction::limits::Limits;
use ap_gateway::extraction::ocr::{Ocr, OcrSettings};
use ap_gateway::extraction::runner::Runner;
use ap_gateway::extraction::statement::read_statement;
use ap_gateway::extraction::{Unreadable, csv, json, read_order, read_receipt, sheet, table};
use ap_gateway::models::case::Case;
use ap_gateway::models::extraction::Syntax;
use ap_gateway::models::invoice::Invoice;
use ap_gateway::reconciliation::{explain, reconcile};
use ap_gateway::validation::{Document, Subject, judge};

/// A small generator: the same numbers on every machine and run.
pub(crate) struct Dice(u64);

impl Default for Dice {
    fn default() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }
}

impl Dice {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("below end")
    }
}

/// What mends nothing anywhere.
const SCRAPS: [&[u8]; 14] = [
    b"",
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"&x;",
    b"\0",
    b"\xff",
    b"1E400",
    b"NaN",
    b"-",
    b"9999999999999",
    b"<!DOCTYPE a>",
    b"]]>",
];

/// A copy with one to four faults.
pub(crate) fn mutate(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut mutant = bytes.to_vec();
    for _ in 0..=dice.below(3) {
        if mutant.is_empty() {
            break;
        }
        let at = dice.below(mutant.len());
        let end = (at + dice.below(40)).min(mutant.len());
        match dice.below(5) {
            0 => mutant[at] = u8::try_from(dice.below(256)).expect("a byte"),
            1 => drop(mutant.drain(at..end)),
            2 => mutant.truncate(at.max(1)),
            3 => {
                let scrap = SCRAPS[dice.below(SCRAPS.len())];
                drop(mutant.splice(at..end, scrap.iter().copied()));
            }
            _ => {
                let again = mutant[at..end].to_vec();
                drop(mutant.splice(at..at, again));
            }
        }
    }
    mutant
}

/// Whether it was read; what was not says why.
fn read<T>(read: Result<T, Unreadable>) -> bool {
    read.inspect_err(|error| assert!(!error.to_string().is_empty())).is_ok()
}

fn csv(bytes: &[u8]) -> bool {
    read(csv::table(bytes).and_then(|(table, _)| table::read(&table, None, Syntax::Csv)))
}

fn json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| read(json::read(text)))
}

fn sheet(bytes: &[u8]) -> bool {
    let bytes = archive::typed(bytes);
    let tables = match bytes.starts_with(b"PK") {
        true => sheet::tables(&bytes),
        // What reads XLS panics over damaged files (calamine 0.38). The reading process catches it.
        false => match std::panic::catch_unwind(|| sheet::tables(&bytes)) {
            Ok(tables) => tables,
            Err(_) => return false,
        },
    };
    tables.is_ok_and(|tables| read(table::read_workbook(&tables, None)))
}

/// What is no archive any more is read as what it is instead.
fn archive(bytes: &[u8]) -> bool {
    let runner = Runner::new("no program: nothing here needs one", Limits::for_cores(1));
    let intake = Intake::new(runner, Ocr::new(OcrSettings::for_cores(1)), Vec::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    read(runtime.block_on(intake.read(archive::typed(bytes).into())))
}

fn statement(bytes: &[u8]) -> bool {
    read(read_statement(bytes))
}

fn order(bytes: &[u8]) -> bool {
    let order = read_order(bytes).inspect(|order| assert!(order.faults().is_empty()));
    let receipt = read_receipt(bytes).inspect(|receipt| assert!(receipt.faults().is_empty()));
    read(order) || read(receipt)
}

fn kept_invoice(bytes: &[u8]) -> bool {
    let invoice = serde_json::from_slice::<Invoice>(bytes);
    let judged = invoice.as_ref().map(|invoice| {
        judge(Subject::new(Syntax::Json, invoice, Document::NotTheirs)).rules_run > 0
    });
    judged.unwrap_or_default()
}

fn case(bytes: &[u8]) -> bool {
    let case = serde_json::from_slice::<Case>(bytes);
    case.is_ok_and(|case| !explain(&case, &reconcile(&case)).is_empty())
}

/// A folder of seeds, who reads them, and how many copies of each are spoilt.
type Reader = (&'static str, fn(&[u8]) -> bool, usize);

const READERS: [Reader; 8] = [
    ("csv", csv, 200),
    ("json", json, 300),
    ("sheet", sheet, 100),
    ("archive", archive, 50),
    ("statement", statement, 200),
    ("order", order, 300),
    ("validation", kept_invoice, 300),
    ("reconcile", case, 300),
];

#[test]
fn spoilt_seeds_are_read_or_refused_and_never_panic() {
    spoil(&READERS);
}

/// Looks at each seed and at its copies; some must be taken, and some refused.
fn spoil(readers: &[Reader]) {
    for (folder, look, mutants) in readers {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(folder);
        let entries = std::fs::read_dir(&path).expect("seeds");
        let mut seeds: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        seeds.sort();
        let mut dice = Dice::default();
        let (mut taken, mut refused) = (0, 0);
        for seed in seeds {
            let bytes = std::fs::read(&seed).expect("a seed");
            look(&bytes);
            for _ in 0..*mutants {
                *if look(&mutate(&bytes, &mut dice)) { &mut taken } else { &mut refused } += 1;
            }
        }
        assert!(taken > 0 && refused > 0, "{folder}: {taken} read, {refused} refused");
    }
}
