//! The text of functions.

use super::{Placed, Statement};

/// Before the functions.
const HEAD: &str = "//! Made by a test.
#![allow(warnings)]
use std::{future::Future, hint::black_box, pin::{Pin, pin}, task::{Context, Poll, Waker}};
struct Turn(bool);
impl Future for Turn {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) { return output; }
    }
}
";

/// Writes statements, and notes where they stand.
pub(super) struct Writer {
    pub(super) text: String,
    /// The next one.
    pub(super) line: usize,
    /// Around what is being written.
    loops: usize,
    pub(super) is_async: bool,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self {
            text: HEAD.to_owned(),
            line: HEAD.lines().count() + 1,
            loops: 0,
            is_async: false,
        }
    }

    pub(super) fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.line += 1;
    }

    pub(super) fn block(&mut self, block: &[Statement]) -> Vec<Placed> {
        block
            .iter()
            .map(|statement| self.statement(statement))
            .collect()
    }

    fn looped(&mut self, block: &[Statement]) -> Vec<Placed> {
        self.loops += 1;
        let placed = self.block(block);
        self.loops -= 1;
        placed
    }

    /// The label of the loop so many further out.
    fn label(&self, out: usize) -> Option<String> {
        Some(format!("'l{}", self.loops.checked_sub(out + 1)?))
    }

    fn statement(&mut self, statement: &Statement) -> Placed {
        let line = self.line;
        let label = self.loops;
        let mut blocks = Vec::new();
        match statement {
            Statement::Add(n) => self.push(&format!("sum = black_box(sum).wrapping_add({n});")),
            Statement::If(n, yes, no) => {
                self.push(&format!("if sum % 3 == {n} {{"));
                blocks.push(self.block(yes));
                self.push("} else {");
                blocks.push(self.block(no));
                self.push("}");
            }
            Statement::Match(zero, one, rest) => {
                self.push("match sum % 3 {");
                self.push("0 => {");
                blocks.push(self.block(zero));
                self.push("}");
                self.push(&format!("1 => sum += {one},"));
                self.push("_ => {");
                blocks.push(self.block(rest));
                self.push("}");
                self.push("}");
            }
            Statement::Value(n) => {
                self.push(&format!("sum += if sum % 2 == 0 {{ {n} }} else {{ 1 }};"));
            }
            Statement::For(n, body) => {
                self.push(&format!("'l{label}: for _ in 0..{n} {{"));
                blocks.push(self.looped(body));
                self.push("}");
            }
            Statement::While(n, body) => {
                self.push(&format!("let mut k{label} = 0;"));
                self.push(&format!("'l{label}: while k{label} < {n} {{"));
                self.push(&format!("k{label} += 1;"));
                blocks.push(self.looped(body));
                self.push("}");
            }
            Statement::Loop(n, body) => {
                self.push(&format!("let mut k{label} = 0;"));
                self.push(&format!("'l{label}: loop {{"));
                self.push(&format!("k{label} += 1;"));
                self.push(&format!("if k{label} > {n} {{"));
                self.push("break; }");
                blocks.push(self.looped(body));
                self.push("}");
            }
            Statement::Break(out) => {
                let jump = self
                    .label(*out)
                    .map_or(String::new(), |label| format!("break {label}"));
                self.push(&format!("if sum % 2 == 1 {{ {jump} }}"));
            }
            Statement::Continue(out) => {
                let jump = self
                    .label(*out)
                    .map_or(String::new(), |label| format!("continue {label};"));
                self.push(&format!("if sum % 2 == 0 {{ {jump} }}"));
            }
            Statement::ContinueInside(out) => {
                let jump = self
                    .label(*out)
                    .map_or("1".to_owned(), |label| format!("continue {label}"));
                self.push(&format!(
                    "sum = sum.wrapping_add(if sum % 4 == 0 {{ {jump} }} else {{ 2 }});"
                ));
            }
            Statement::Return(n) => {
                self.push(&format!("if sum == {n} {{ return Some(sum * 2); }}"));
            }
            Statement::LetElse(n) => {
                self.push(&format!("let Some(more) = sum.checked_sub({n}) else {{"));
                self.push("return None;");
                self.push("};");
            }
            Statement::Question(n) => self.push(&format!("sum = sum.checked_sub({n})?;")),
            Statement::Closure(n, true) => {
                self.push("let add = |more: u64| {");
                self.push("let twice = more * 2;");
                self.push("twice + 1");
                self.push("};");
                self.push(&format!("sum += (0..{n}).map(add).sum::<u64>();"));
            }
            Statement::Closure(n, false) => {
                self.push(&format!("sum += (0..{n})"));
                self.push(".map(|more| if more == 0 { 1 } else { 2 } + more).sum::<u64>();");
            }
            Statement::Await if self.is_async => self.push("Turn(false).await;"),
            Statement::Await => self.push("black_box(sum);"),
        }
        Placed {
            statement: statement.clone(),
            line,
            blocks,
        }
    }
}
