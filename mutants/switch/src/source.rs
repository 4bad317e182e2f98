//! A file with its changes behind switches.
//!
//! Each change stands between two comments that carry its number, so that an error of the compiler
//! can be laid to it.

use std::ops::Range;

use crate::site::Finder;

/// The file as it is compiled.
pub fn switched(source: &str, found: &Finder<'_>) -> String {
    let mut text = String::new();
    render(source, found, 0..source.len(), None, &mut text);
    text
}

/// Writes a range of the original; `inside` is the expression whose inside it is.
fn render(
    source: &str,
    found: &Finder<'_>,
    range: Range<usize>,
    inside: Option<Range<usize>>,
    text: &mut String,
) {
    let mut at = range.start;
    while at < range.end {
        // A point at the start of an expression stands before all of it.
        let own_start = inside.as_ref().is_some_and(|inside| inside.start == at);
        if !own_start && let Some(points) = found.points.get(&at) {
            text.extend(points.iter().map(String::as_str));
        }
        let outermost = found.wraps.range((at, 0)..(at + 1, 0)).rev().map(|((_, end), _)| *end);
        let mut fitting = outermost.filter(|end| match &inside {
            Some(inside) if inside.start == at => *end < inside.end,
            _ => *end <= range.end,
        });
        if let Some(end) = fitting.next() {
            wrap(source, found, at..end, text);
            at = end;
            continue;
        }
        let next = next_of(found, at, range.end);
        text.push_str(&source[at..next]);
        at = next;
    }
}

/// Where the next switch may be.
fn next_of(found: &Finder<'_>, at: usize, end: usize) -> usize {
    let wrap = found.wraps.range((at + 1, 0)..).next().map_or(end, |((start, _), _)| *start);
    let point = found.points.range(at + 1..).next().map_or(end, |(point, _)| *point);
    wrap.min(point).min(end)
}

fn wrap(source: &str, found: &Finder<'_>, range: Range<usize>, text: &mut String) {
    let changes = &found.wraps[&(range.start, range.end)];
    text.push('(');
    for (number, change) in changes {
        text.push_str(&format!(
            "/*<{number}*/ if crate::switch::on({number}) {{ {change} }} /*{number}>*/ else "
        ));
    }
    let numbers: Vec<String> = changes.iter().map(|(number, _)| number.to_string()).collect();
    let numbers = numbers.join(",");
    text.push_str(&format!("{{ /*<{numbers}*/ "));
    render(source, found, range.clone(), Some(range), text);
    text.push_str(&format!(" /*{numbers}>*/ }})"));
}

/// The numbers of the innermost marks around a byte of the written file.
pub fn changes_at(written: &str, byte: usize) -> Vec<usize> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = 0;
    while let Some(found) = written[rest..].find("/*").map(|found| rest + found) {
        if found > byte {
            break;
        }
        let end = written[found..].find("*/").map_or(written.len(), |end| found + end);
        let mark = &written[found + 2..end];
        if let Some(numbers) = mark.strip_prefix('<') {
            open.push(numbers);
        } else if let Some(numbers) = mark.strip_suffix('>')
            && let Some(at) = open.iter().rposition(|opened| *opened == numbers)
        {
            open.remove(at);
        }
        rest = found + 2;
    }
    let innermost = open.last().copied().unwrap_or_default();
    innermost.split(',').filter_map(|number| number.parse().ok()).collect()
}
