//! Where an element stands, in our prefixes.

use roxmltree::{Node, NodeId};

use crate::extraction::tree::{Element, PREFIXES};

/// A path, written step by step. It remembers the element that was asked for last:
/// values are read group by group, so that the next one shares all but a step or two with it, and
/// counting namesakes among the lines of a long document takes longer than reading it.
#[derive(Debug, Default)]
pub(crate) struct XPath {
    path: String,
    /// Each element of the path from the root, and where its step ends.
    steps: Vec<(NodeId, usize)>,
}

impl XPath {
    /// The path of an element, such as `/Invoice/cac:InvoiceLine[2]/cbc:LineExtensionAmount`.
    pub(crate) fn of(&mut self, at: Element<'_, '_>) -> &str {
        self.go(at.0);
        &self.path
    }

    /// Goes to an element whose last step is known, such as a line: then nobody counts those before
    /// it.
    pub(crate) fn enter(&mut self, at: Element<'_, '_>, (name, number): (&str, usize)) {
        match at.parent() {
            Some(parent) => self.go(parent.0),
            None => self.cut(0),
        }
        self.path.push('/');
        self.path.push_str(name);
        self.push_number(number);
        self.steps.push((at.0.id(), self.path.len()));
    }

    /// Forgets where it went: the next element says its own step.
    pub(crate) fn leave(&mut self) {
        self.cut(0);
    }

    /// Recursion is as deep as the document, which is bounded before it is parsed.
    fn go(&mut self, node: Node<'_, '_>) {
        if let Some(index) = self.steps.iter().rposition(|(id, _)| *id == node.id()) {
            return self.cut(index + 1);
        }
        match node.parent_element() {
            Some(parent) => self.go(parent),
            None => self.cut(0),
        }
        self.push(node);
        self.steps.push((node.id(), self.path.len()));
    }

    fn cut(&mut self, steps: usize) {
        self.steps.truncate(steps);
        self.path.truncate(self.steps.last().map_or(0, |(_, end)| *end));
    }

    /// The step of an element: its number where it has namesakes.
    fn push(&mut self, node: Node<'_, '_>) {
        let (name, namespace) = (node.tag_name().name(), node.tag_name().namespace());
        self.path.push('/');
        let known = PREFIXES.iter().find(|(_, uri)| namespace == Some(uri));
        if let Some((prefix, _)) = known {
            self.path.push_str(prefix);
            self.path.push(':');
        }
        self.path.push_str(name);
        // Namespaces are long and mostly the same: names differ first.
        let same = |other: &Node<'_, '_>| {
            other.tag_name().name() == name && other.tag_name().namespace() == namespace
        };
        let before = node.prev_siblings().skip(1).filter(same).count();
        if before > 0 || node.next_siblings().skip(1).any(|other| same(&other)) {
            self.push_number(before + 1);
        }
    }

    fn push_number(&mut self, number: usize) {
        self.path.push('[');
        self.path.push_str(&number.to_string());
        self.path.push(']');
    }
}
