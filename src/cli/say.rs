//! What a command says. Much of it are the words of strangers, out of documents and answers: those
//! must not move the cursor, clear the screen or turn a line round, so whatever is for eyes shows
//! such characters instead of sending them.

use std::fmt::{Display, Write as _};
use std::io::Write;

/// Writes one line on standard error.
pub(super) fn tell(remark: impl Display) {
    let _ = writeln!(std::io::stderr(), "{}", lines(&remark.to_string()));
}

/// Writes an answer for eyes, of one or more lines.
pub(super) fn show(answer: impl Display) {
    say(lines(&answer.to_string()));
}

/// Writes an answer for machines as it is: JSON, a document. A reader that has seen enough
/// (`| head`) is no fault of the command.
pub(super) fn say(answer: impl Display) {
    let _ = writeln!(std::io::stdout(), "{answer}");
}

/// A stranger's words on one line.
pub(super) fn shown(text: &str) -> String {
    escaped(text, |_| false)
}

/// Lines that the program itself has put together.
fn lines(text: &str) -> String {
    escaped(text, |letter| letter == '\n')
}

fn escaped(text: &str, is_ours: impl Fn(char) -> bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if moves_things(letter) && !is_ours(letter) {
            write!(safe, "{}", letter.escape_default()).expect("a String takes everything");
        } else {
            safe.push(letter);
        }
    }
    safe
}

/// C0, DEL and C1, which terminals obey, and the controls of direction (Unicode UAX #9 §2), which
/// show letters in another order than they have.
fn moves_things(letter: char) -> bool {
    let turns = matches!(
        letter,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    turns || letter.is_control()
}

#[cfg(test)]
mod tests {
    use super::{lines, shown};

    #[test]
    fn what_a_terminal_obeys_is_shown_and_not_sent() {
        let table = [
            ("Müller & Söhne €", "Müller & Söhne €"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\tb\r\nc", "a\\tb\\r\\nc"),
            ("\u{7f}\u{9b}31m", "\\u{7f}\\u{9b}31m"),
            ("\u{202e}cod.exe\u{2069}\u{200f}", "\\u{202e}cod.exe\\u{2069}\\u{200f}"),
        ];
        for (raw, wanted) in table {
            assert_eq!(shown(raw), wanted);
            assert_eq!(shown(&shown(raw)), wanted, "twice is once");
        }
        assert_eq!(lines("a\n\u{1b}b\n"), "a\n\\u{1b}b\n", "our own lines stay lines");
    }
}
