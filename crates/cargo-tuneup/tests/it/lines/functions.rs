//! Random functions: their text, and what becomes of them, counted without any mark.

mod run;
mod text;

use std::fmt::Write as _;

use proptest::prelude::*;

use run::{Flow, Outcome, Run};
use text::Writer;

/// What stands on a line, or on several.
#[derive(Clone, Debug)]
enum Statement {
    Add(u64),
    If(u64, Vec<Statement>, Vec<Statement>),
    Match(Vec<Statement>, u64, Vec<Statement>),
    Value(u64),
    For(u64, Vec<Statement>),
    While(u64, Vec<Statement>),
    Loop(u64, Vec<Statement>),
    /// Of the loop so many further out; nothing outside of a loop.
    Break(usize),
    Continue(usize),
    /// As the arm of a match inside of an expression.
    ContinueInside(usize),
    Return(u64),
    LetElse(u64),
    Question(u64),
    Closure(u64, bool),
    Await,
}

/// A function that takes a number and may give one.
#[derive(Clone, Debug)]
pub(super) struct Function {
    is_async: bool,
    body: Vec<Statement>,
}

pub(super) fn function() -> impl Strategy<Value = Function> {
    (any::<bool>(), block(4)).prop_map(|(is_async, body)| Function { is_async, body })
}

fn block(depth: u32) -> BoxedStrategy<Vec<Statement>> {
    prop::collection::vec(statement(depth), 0..5).boxed()
}

fn statement(depth: u32) -> BoxedStrategy<Statement> {
    let simple = prop_oneof![
        4 => (0..9_u64).prop_map(Statement::Add),
        1 => (0..9_u64).prop_map(Statement::Value),
        1 => (0..3_usize).prop_map(Statement::Break),
        1 => (0..3_usize).prop_map(Statement::Continue),
        1 => (0..3_usize).prop_map(Statement::ContinueInside),
        1 => (0..9_u64).prop_map(Statement::Return),
        1 => (0..9_u64).prop_map(Statement::LetElse),
        1 => (0..9_u64).prop_map(Statement::Question),
        1 => (0..4_u64, any::<bool>()).prop_map(|(n, wide)| Statement::Closure(n, wide)),
        1 => Just(Statement::Await),
    ];
    if depth == 0 {
        return simple.boxed();
    }
    let inner = || block(depth - 1);
    prop_oneof![
        6 => simple,
        1 => (0..3_u64, inner(), inner()).prop_map(|(n, yes, no)| Statement::If(n, yes, no)),
        1 => (inner(), 0..9_u64, inner()).prop_map(|(zero, one, rest)| Statement::Match(zero, one, rest)),
        1 => (0..4_u64, inner()).prop_map(|(n, body)| Statement::For(n, body)),
        1 => (0..4_u64, inner()).prop_map(|(n, body)| Statement::While(n, body)),
        1 => (0..4_u64, inner()).prop_map(|(n, body)| Statement::Loop(n, body)),
    ]
    .boxed()
}

/// What each function is called with.
const INPUTS: [u64; 3] = [0, 1, 5];

/// Functions as a source file, and as what can be run without a compiler.
pub(super) struct Program {
    pub(super) text: String,
    /// With the line of its `fn`.
    functions: Vec<(usize, Function, Vec<Placed>)>,
}

/// A statement and the lines on which it and its parts stand.
#[derive(Debug)]
struct Placed {
    statement: Statement,
    line: usize,
    blocks: Vec<Vec<Placed>>,
}

impl Program {
    pub(super) fn of(functions: Vec<Function>) -> Self {
        let mut writer = Writer::new();
        let mut placed = Vec::new();
        for (number, function) in functions.into_iter().enumerate() {
            let line = writer.line;
            writer.is_async = function.is_async;
            let keyword = if function.is_async { "async fn" } else { "fn" };
            writer.push(&format!(
                "{keyword} f{number}(mut sum: u64) -> Option<u64> {{"
            ));
            let body = writer.block(&function.body);
            writer.push("    Some(sum)");
            writer.push("}");
            placed.push((line, function, body));
        }
        writer.push("fn main() {");
        for (number, (_, function, _)) in placed.iter().enumerate() {
            for input in INPUTS {
                let call = match function.is_async {
                    true => format!("block_on(f{number}({input}))"),
                    false => format!("f{number}({input})"),
                };
                writer.push(&format!("    println!(\"{{:?}}\", {call});"));
            }
        }
        writer.push("}");
        Self {
            text: writer.text,
            functions: placed,
        }
    }

    pub(super) fn run(&self) -> Outcome {
        let mut outcome = Outcome::default();
        for (line, _, body) in &self.functions {
            for input in INPUTS {
                let mut run = Run {
                    sum: input,
                    loops: Vec::new(),
                    hits: &mut outcome.hits,
                };
                run.hit(*line);
                let output = match run.block(body) {
                    Flow::Return(output) => output,
                    _ => {
                        let last = end_of(body, line + 1);
                        run.hit(last);
                        Some(run.sum)
                    }
                };
                writeln!(outcome.printed, "{output:?}").unwrap();
            }
        }
        outcome
    }
}

/// The line behind a block that begins on `line`.
fn end_of(block: &[Placed], line: usize) -> usize {
    block.last().map_or(line, Placed::behind)
}

impl Placed {
    /// The line behind it.
    fn behind(&self) -> usize {
        let last = |block: usize, begin: usize| end_of(&self.blocks[block], begin);
        match &self.statement {
            Statement::If(..) | Statement::Match(..) => {
                let first = last(0, self.line + 1 + usize::from(self.is_match()));
                // Of a match one line ends the first arm, one is the second arm, and one begins the third; of a condition one line has both.
                let second = first + if self.is_match() { 3 } else { 1 };
                last(1, second) + 1 + usize::from(self.is_match())
            }
            Statement::For(..) => last(0, self.line + 1) + 1,
            Statement::While(..) => last(0, self.line + 3) + 1,
            Statement::Loop(..) => last(0, self.line + 5) + 1,
            Statement::ContinueInside(_) => self.line + 1,
            Statement::LetElse(_) => self.line + 3,
            Statement::Closure(_, wide) => self.line + if *wide { 5 } else { 2 },
            _ => self.line + 1,
        }
    }

    fn is_match(&self) -> bool {
        matches!(self.statement, Statement::Match(..))
    }
}
