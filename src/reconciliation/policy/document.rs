//! A policy read from TOML or JSON; every fault has its line, column and path.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use serde_path_to_error::Segment;

use crate::models::policy::{Breach, Policy, escaped};
use crate::reconciliation::policy::tree::{self, Tree};

/// Bytes that a policy may have: some thousand rules.
pub const POLICY_BYTES_MAX: usize = 1 << 20;

/// Faults that are told at once; who sees more has made one mistake many times.
pub const FAULTS_MAX: usize = 200;

/// Characters of a path, and of what is wrong: the longest of ours names all checks.
const CHARACTERS_MAX: usize = 800;

/// Members of a wrong kind that are listed at once.
const SHAPE_FAULTS_MAX: usize = 50;

/// How a policy is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// For people.
    Toml,
    /// For machines.
    Json,
}

impl Notation {
    /// Told by the first character: a TOML document starts with no brace.
    pub fn of(text: &str) -> Self {
        match text.trim_start().starts_with('{') {
            true => Self::Json,
            false => Self::Toml,
        }
    }
}

/// One fault of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFault {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The member, such as `tolerances.UNIT_PRICE.upper.percent`; empty for the whole document.
    pub path: String,
    /// For machines, snake_case.
    pub code: String,
    /// For people.
    pub detail: String,
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, path, detail, .. } = self;
        let colon = if path.is_empty() { "" } else { ": " };
        write!(f, "{line}:{column}: {path}{colon}{detail}")
    }
}

/// A document that is no policy; all that is wrong with it, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFaults(pub Vec<PolicyFault>);

impl std::error::Error for PolicyFaults {}

impl fmt::Display for PolicyFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// A policy that can take effect, and where each word of it stands.
#[derive(Debug, Clone)]
pub struct PolicyDocument {
    /// What it says.
    pub policy: Policy,
    places: Places,
}

impl PolicyDocument {
    /// Reads and checks a policy.
    ///
    /// # Errors
    /// Everything that is wrong: flaws of the notation first, then members of a wrong kind, then
    /// values without meaning and contradictions.
    pub fn parse(text: &str) -> Result<Self, PolicyFaults> {
        let mut found = Found { places: Places::new(text, BTreeMap::new()), faults: Vec::new() };
        if text.len() > POLICY_BYTES_MAX {
            let detail = format!("{} bytes; at most {POLICY_BYTES_MAX} are read", text.len());
            found.at_byte(0, "too_large", &detail);
            return Err(found.all());
        }
        let tree = match Notation::of(text) {
            Notation::Toml => tree::of_toml(text),
            Notation::Json => tree::of_json(text),
        };
        let Tree { value, places } = match tree {
            Ok(tree) => tree,
            Err(flaws) => {
                for (byte, code, detail) in flaws {
                    found.at_byte(byte, code, &detail);
                }
                return Err(found.all());
            }
        };
        found.places.bytes = places;
        let Some(policy) = shaped(value, &mut found) else {
            return Err(found.all());
        };
        if policy.version.is_empty() {
            let detail = "a policy names its text: write version = \"2026-01\" or the like";
            found.at("/version", "missing", detail);
        }
        for breach in policy.breaches() {
            found.breach(&breach);
        }
        match found.faults.is_empty() {
            true => Ok(Self { policy, places: found.places }),
            false => Err(found.all()),
        }
    }

    /// The line of a member, by its JSON pointer; none when it is not written.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        Some(self.places.line(*self.places.bytes.get(pointer)?))
    }
}

/// Bytes of members, and of lines.
#[derive(Debug, Clone)]
struct Places {
    text: String,
    lines: Vec<usize>,
    bytes: BTreeMap<String, usize>,
}

impl Places {
    fn new(text: &str, bytes: BTreeMap<String, usize>) -> Self {
        let after = text.match_indices('\n').map(|(byte, _)| byte + 1);
        Self { text: text.to_owned(), lines: [0].into_iter().chain(after).collect(), bytes }
    }

    fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|&start| start <= byte).max(1)
    }

    fn line_and_column(&self, byte: usize) -> (usize, usize) {
        let line = self.line(byte);
        let before = self.text.get(self.lines[line - 1]..byte).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    /// The member, or the nearest one around it.
    fn byte(&self, pointer: &str) -> usize {
        let mut pointer = pointer;
        loop {
            if let Some(byte) = self.bytes.get(pointer) {
                return *byte;
            }
            match pointer.rfind('/') {
                Some(end) => pointer = &pointer[..end],
                None => return 0,
            }
        }
    }
}

/// Faults so far.
struct Found {
    places: Places,
    faults: Vec<Fault>,
}

/// A fault at its byte.
struct Fault {
    byte: usize,
    path: String,
    code: String,
    detail: String,
}

impl Found {
    fn at(&mut self, pointer: &str, code: &str, detail: &str) {
        let byte = self.places.byte(pointer);
        self.push(byte, &path(pointer), (code, detail));
    }

    fn at_byte(&mut self, byte: usize, code: &str, detail: &str) {
        self.push(byte, "", (code, detail));
    }

    fn push(&mut self, byte: usize, path: &str, (code, detail): (&str, &str)) {
        // A parser's message may point at the text below it; ours stays on one line.
        let detail = detail.split_whitespace().collect::<Vec<_>>().join(" ");
        let [path, detail] =
            [path, &detail].map(|text| text.chars().take(CHARACTERS_MAX).collect());
        self.faults.push(Fault { byte, path, code: code.to_owned(), detail });
    }

    fn breach(&mut self, Breach { fault, with }: &Breach) {
        let other = with.as_ref().map(|with| {
            let line = self.places.line(self.places.byte(with));
            format!(" (the other: {}, line {line})", path(with))
        });
        let detail = format!("{}{}", fault.detail, other.unwrap_or_default());
        self.at(fault.pointer.as_deref().unwrap_or_default(), &fault.code, &detail);
    }

    fn all(mut self) -> PolicyFaults {
        self.faults.sort_by_key(|fault| fault.byte);
        let more = self.faults.len().saturating_sub(FAULTS_MAX);
        self.faults.truncate(FAULTS_MAX);
        if more > 0 {
            let detail = format!("and {more} more faults from here on");
            let byte = self.faults.last().map_or(0, |last| last.byte);
            self.at_byte(byte, "more", &detail);
        }
        let faults = self.faults.into_iter().map(|Fault { byte, path, code, detail }| {
            let (line, column) = self.places.line_and_column(byte);
            PolicyFault { line, column, path, code, detail }
        });
        PolicyFaults(faults.collect())
    }
}

/// The policy, unless a member is of a wrong kind. A bad member is taken out and the rest is read
/// again, so that all of them are listed; one that cannot be taken out ends the list.
fn shaped(mut value: Value, found: &mut Found) -> Option<Policy> {
    for _ in 0..SHAPE_FAULTS_MAX {
        let error = match serde_path_to_error::deserialize::<_, Policy>(&value) {
            Ok(policy) => return found.faults.is_empty().then_some(policy),
            Err(error) => error,
        };
        let pointer = pointer(error.path());
        let mut detail = error.inner().to_string();
        if detail.contains("expected a string") {
            detail.push_str("; numbers are written in quotes, such as \"0.05\"");
        }
        found.at(&pointer, "invalid", &detail);
        if !take_out(&mut value, &pointer) {
            break;
        }
    }
    None
}

fn take_out(value: &mut Value, pointer: &str) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return false;
    };
    let name = name.replace("~1", "/").replace("~0", "~");
    let parent = value.pointer_mut(parent).and_then(Value::as_object_mut);
    // A list would move its later items to other places.
    parent.is_some_and(|members| members.remove(&name).is_some())
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    let segments = path.iter().map(|segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", escaped(key)),
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => String::new(),
    });
    segments.collect()
}

/// A JSON pointer as people write it: `tolerance_rules[1].tolerances.UNIT_PRICE`.
pub fn path(pointer: &str) -> String {
    let mut path = String::new();
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{name}]"));
        } else {
            let dot = if path.is_empty() { "" } else { "." };
            path.push_str(&format!("{dot}{name}"));
        }
    }
    path
}
