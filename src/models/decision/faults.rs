//! What each decision must say, and what it may not.

use crate::models::decision::{Action, Decision};
use crate::models::fault::Fault;

/// Characters of a reason.
const REASON_CHARACTERS_MAX: usize = 2_000;
/// Characters of a reason code.
const REASON_CODE_CHARACTERS_MAX: usize = 64;
/// Holds, pairings, lines or corrections of one decision: as many as an order has lines.
const PARTS_MAX: usize = 10_000;

/// Members that belong to one action each.
const PARTS: [(&str, Action); 6] = [
    ("holds", Action::Release),
    ("pairings", Action::Pair),
    ("lines", Action::PriceCredit),
    ("match_level", Action::RaiseLevel),
    ("corrections", Action::Correct),
    ("to", Action::Delegate),
];

impl Decision {
    /// A decision that says nothing but what is done.
    pub fn of(action: Action) -> Self {
        Self {
            action,
            expected_revision: None,
            reason_code: None,
            reason: None,
            holds: Vec::new(),
            pairings: Vec::new(),
            lines: Vec::new(),
            match_level: None,
            corrections: Vec::new(),
            to: None,
            until: None,
        }
    }

    /// Every fault of the content, with its place.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if matches!(self.action, Action::Retry | Action::Cancel) {
            let text = format!("post to the invoice's /{} instead", self.action.as_str());
            faults.push(Fault::at("/action", "own_route", &text));
        }
        for (member, action) in PARTS {
            self.part(member, action, &mut faults);
        }
        if self.until.is_some() && self.action != Action::Delegate {
            faults.push(Fault::at("/until", "not_expected", "belongs to delegate"));
        }
        self.reasons(&mut faults);
        faults
    }

    fn part(&self, member: &str, action: Action, faults: &mut Vec<Fault>) {
        let (pointer, count) = (format!("/{member}"), self.count(member));
        if self.action == action && count == 0 {
            let text = format!("{} needs it", action.as_str());
            faults.push(Fault::at(&pointer, "missing", &text));
        }
        if self.action != action && count > 0 {
            let text = format!("belongs to {}", action.as_str());
            faults.push(Fault::at(&pointer, "not_expected", &text));
        }
        if count > PARTS_MAX {
            let text = format!("{count} entries; at most {PARTS_MAX} are taken");
            faults.push(Fault::at(&pointer, "too_many", &text));
        }
    }

    fn count(&self, member: &str) -> usize {
        match member {
            "holds" => self.holds.len(),
            "pairings" => self.pairings.len(),
            "lines" => self.lines.len(),
            "match_level" => usize::from(self.match_level.is_some()),
            "corrections" => self.corrections.len(),
            _ => usize::from(self.to.is_some()),
        }
    }

    fn reasons(&self, faults: &mut Vec<Fault>) {
        let needs_none = matches!(self.action, Action::Approve | Action::Answer | Action::Confirm);
        match &self.reason {
            Some(reason) => {
                if reason.trim().is_empty() {
                    faults.push(Fault::at("/reason", "empty", "must not be empty"));
                }
                if reason.chars().count() > REASON_CHARACTERS_MAX {
                    let text = format!("is longer than {REASON_CHARACTERS_MAX} characters");
                    faults.push(Fault::at("/reason", "too_long", &text));
                }
            }
            None if needs_none => {}
            None => {
                let text = format!("say why, so that others understand {}", self.action.as_str());
                faults.push(Fault::at("/reason", "missing", &text));
            }
        }
        let is_code = |code: &String| {
            let word =
                |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            (1..=REASON_CODE_CHARACTERS_MAX).contains(&code.len()) && code.bytes().all(word)
        };
        if self.reason_code.as_ref().is_some_and(|code| !is_code(code)) {
            let text = "1 to 64 of A-Z, 0-9 and _";
            faults.push(Fault::at("/reason_code", "not_a_code", text));
        }
        if let Some(to) = &self.to {
            Fault::text(faults, "/to", to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Decision};

    fn places(json: &str) -> Vec<String> {
        let decision: Decision = serde_json::from_str(json).expect("a decision");
        let faults = decision.faults().into_iter();
        faults.map(|fault| fault.pointer.expect("a place")).collect()
    }

    #[test]
    fn each_action_names_its_own_parts_and_no_others() {
        let none: Vec<String> = Vec::new();
        assert_eq!(places(r#"{"action":"approve"}"#), none);
        let release = r#"{"action":"release","reason":"agreed","holds":[{"code":"UNIT_PRICE"}]}"#;
        assert_eq!(places(release), none);
        assert_eq!(places(r#"{"action":"release","reason":"agreed"}"#), ["/holds"]);
        assert_eq!(places(r#"{"action":"approve","lines":["1"]}"#), ["/lines"]);
        assert_eq!(places(r#"{"action":"reject"}"#), ["/reason"]);
        assert_eq!(places(r#"{"action":"retry","reason":"again"}"#), ["/action"]);
        let shout = r#"{"action":"reject","reason":" ","reason_code":"no good"}"#;
        assert_eq!(places(shout), ["/reason", "/reason_code"]);
    }

    #[test]
    fn every_action_is_read_back_from_its_word() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.as_str()), Some(*action));
            let json = serde_json::to_value(action).expect("JSON");
            assert_eq!(json, action.as_str());
        }
    }
}
