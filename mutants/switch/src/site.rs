//! Where changes stand in a file: the expression around each, or the point where a switch goes in.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Arm, BinOp, Expr, ExprBinary, ExprMatch, ExprStruct, ExprUnary, ImplItemConst, ItemConst,
    ItemStatic,
};

use crate::mutant::{Genre, Mutant, Place};

pub struct Finder<'a> {
    source: &'a str,
    mutants: &'a [&'a Mutant],
    /// Number and text of each change.
    pub wraps: BTreeMap<(usize, usize), Vec<(usize, String)>>,
    /// What goes in before a byte.
    pub points: BTreeMap<usize, Vec<String>>,
    /// The numbers of all changes that are in one of both.
    pub sited: BTreeSet<usize>,
    /// The operators around the one that is visited, without parentheses between them.
    around: Around,
}

/// `cargo mutants` puts another operator into the text. In `a && b && c` the first `||` then binds
/// less than the second `&&`, so that all of it has to be written anew.
#[derive(Debug, Clone, Default)]
enum Around {
    #[default]
    Nothing,
    /// All of them.
    Operators(Range<usize>),
    /// Beside a `let` no other operator than `&&` may stand.
    Let,
}

/// Finds the sites of the changes of one file.
pub fn find<'a>(source: &'a str, mutants: &'a [&'a Mutant]) -> syn::Result<Finder<'a>> {
    let (wraps, points, sited) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    let around = Around::default();
    let mut finder = Finder { source, mutants, wraps, points, sited, around };
    finder.visit_file(&syn::parse_file(source)?);
    // Two types of iterator are never one `impl Iterator`.
    let whole = |mutant: &&&Mutant| {
        mutant.genre == Genre::FnValue && !mutant.replacement.starts_with("::std::iter::")
    };
    for mutant in mutants.iter().filter(whole) {
        let Mutant { number, replacement, .. } = mutant;
        let body = format!("if crate::switch::on({number}) {{ return {replacement}; }}");
        let at = offset(source, mutant.span.start);
        finder.point(at, format!("/*<{number}*/ {body} /*{number}>*/\n"));
        finder.sited.insert(*number);
    }
    Ok(finder)
}

impl<'a> Finder<'a> {
    fn at(&self, genre: Genre, node: impl Spanned) -> Vec<&'a Mutant> {
        let start = node.span().start();
        let place = Place { line: start.line, column: start.column + 1 };
        let here = |mutant: &&&Mutant| mutant.genre == genre && mutant.span.start == place;
        self.mutants.iter().filter(here).copied().collect()
    }

    fn point(&mut self, at: usize, text: String) {
        self.points.entry(at).or_default().push(text);
    }

    fn wrap(&mut self, range: Range<usize>, number: usize, text: String) {
        self.sited.insert(number);
        self.wraps.entry((range.start, range.end)).or_default().push((number, text));
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_expr_binary(&mut self, node: &'ast ExprBinary) {
        let around = match std::mem::take(&mut self.around) {
            // A chain of `let` is no expression that can stand between parentheses.
            _ if has_let(&node.left) || has_let(&node.right) => Around::Let,
            Around::Let if matches!(node.op, BinOp::And(_)) => Around::Let,
            Around::Operators(all) => Around::Operators(all),
            Around::Let | Around::Nothing => Around::Operators(node.span().byte_range()),
        };
        if let Around::Operators(all) = &around {
            let operator = node.op.span().byte_range();
            for mutant in self.at(Genre::BinaryOperator, node.op) {
                let before = &self.source[all.start..operator.start];
                let after = &self.source[operator.end..all.end];
                let text = format!("{before}{}{after}", mutant.replacement);
                self.wrap(all.clone(), mutant.number, text);
            }
        }
        for side in [&node.left, &node.right] {
            if matches!(**side, Expr::Binary(_)) {
                self.around = around.clone();
            }
            self.visit_expr(side);
        }
    }

    fn visit_expr_unary(&mut self, node: &'ast ExprUnary) {
        for mutant in self.at(Genre::UnaryOperator, node.op) {
            let text = self.source[node.expr.span().byte_range()].to_owned();
            self.wrap(node.span().byte_range(), mutant.number, text);
        }
        visit::visit_expr_unary(self, node);
    }

    fn visit_arm(&mut self, node: &'ast Arm) {
        for mutant in self.at(Genre::MatchArm, node) {
            match &node.guard {
                // An arm that never fits is one that is not there.
                Some((_, guard)) => {
                    self.wrap(guard.span().byte_range(), mutant.number, "false".to_owned());
                }
                None => {
                    let number = mutant.number;
                    let guard =
                        format!(" /*<{number}*/ if !crate::switch::on({number}) /*{number}>*/");
                    self.point(node.pat.span().byte_range().end, guard);
                    self.sited.insert(number);
                }
            }
        }
        if let Some((_, guard)) = &node.guard {
            for mutant in self.at(Genre::MatchArmGuard, guard) {
                self.wrap(guard.span().byte_range(), mutant.number, mutant.replacement.clone());
            }
        }
        visit::visit_arm(self, node);
    }

    fn visit_expr_match(&mut self, node: &'ast ExprMatch) {
        let arms = node.arms.iter().flat_map(|arm| self.at(Genre::MatchArm, arm));
        let numbers: Vec<String> = arms.map(|mutant| mutant.number.to_string()).collect();
        // That a match lacks an arm is an error of the whole.
        if !numbers.is_empty() {
            let (all, numbers) = (node.span().byte_range(), numbers.join(","));
            self.point(all.start, format!("/*<{numbers}*/ "));
            visit::visit_expr_match(self, node);
            self.point(all.end, format!(" /*{numbers}>*/"));
            return;
        }
        visit::visit_expr_match(self, node);
    }

    // No switch is asked for while the code is compiled.
    fn visit_item_const(&mut self, _: &'ast ItemConst) {}
    fn visit_impl_item_const(&mut self, _: &'ast ImplItemConst) {}
    fn visit_item_static(&mut self, _: &'ast ItemStatic) {}

    fn visit_expr_struct(&mut self, node: &'ast ExprStruct) {
        let all = node.span().byte_range();
        for pair in node.fields.pairs() {
            let field = pair.value().span().byte_range();
            let end = pair.punct().map_or(field.end, |comma| comma.span().byte_range().end);
            for mutant in self.at(Genre::StructField, pair.value()) {
                let (before, after) =
                    (&self.source[all.start..field.start], &self.source[end..all.end]);
                self.wrap(all.clone(), mutant.number, format!("{before}{after}"));
            }
        }
        visit::visit_expr_struct(self, node);
    }
}

fn has_let(expression: &Expr) -> bool {
    match expression {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// The byte at which a place begins.
fn offset(source: &str, place: Place) -> usize {
    let line: usize = source.split_inclusive('\n').take(place.line - 1).map(str::len).sum();
    let before = source[line..].chars().take(place.column - 1);
    line + before.map(char::len_utf8).sum::<usize>()
}
