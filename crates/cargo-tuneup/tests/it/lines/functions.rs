//! Random functions: their text, and what becomes of them, counted without any mark.

use std::{collections::BTreeMap, fmt::Write as _};

use proptest::prelude::*;

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
        let mut writer = Writer {
            text: HEAD.to_owned(),
            line: HEAD.lines().count() + 1,
            loops: 0,
            is_async: false,
        };
        let mut placed = Vec::new();
        for (number, function) in functions.into_iter().enumerate() {
            let line = writer.line;
            writer.is_async = function.is_async;
            let keyword = if function.is_async { "async fn" } else { "fn" };
            writer.push(&format!("{keyword} f{number}(mut sum: u64) -> Option<u64> {{"));
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

struct Writer {
    text: String,
    /// The next one.
    line: usize,
    /// Around what is being written.
    loops: usize,
    is_async: bool,
}

impl Writer {
    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.line += 1;
    }

    fn block(&mut self, block: &[Statement]) -> Vec<Placed> {
        block.iter().map(|statement| self.statement(statement)).collect()
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
            Statement::Value(n) => self.push(&format!("sum += if sum % 2 == 0 {{ {n} }} else {{ 1 }};")),
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
                let jump = self.label(*out).map_or(String::new(), |label| format!("break {label}"));
                self.push(&format!("if sum % 2 == 1 {{ {jump} }}"));
            }
            Statement::Continue(out) => {
                let jump = self.label(*out).map_or(String::new(), |label| format!("continue {label};"));
                self.push(&format!("if sum % 2 == 0 {{ {jump} }}"));
            }
            Statement::ContinueInside(out) => {
                let jump = self.label(*out).map_or("1".to_owned(), |label| format!("continue {label}"));
                self.push(&format!("sum = sum.wrapping_add(if sum % 4 == 0 {{ {jump} }} else {{ 2 }});"));
            }
            Statement::Return(n) => self.push(&format!("if sum == {n} {{ return Some(sum * 2); }}")),
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

/// What a program does.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) hits: BTreeMap<usize, u64>,
    pub(super) printed: String,
}

enum Flow {
    Next,
    /// To this loop, counted from the outermost.
    Break(usize),
    Continue(usize),
    Return(Option<u64>),
}

struct Run<'a> {
    sum: u64,
    /// The lines of the headers of the loops around.
    loops: Vec<usize>,
    hits: &'a mut BTreeMap<usize, u64>,
}

impl Run<'_> {
    fn hit(&mut self, line: usize) {
        self.hit_often(line, 1);
    }

    fn hit_often(&mut self, line: usize, times: u64) {
        *self.hits.entry(line).or_default() += times;
    }

    fn block(&mut self, block: &[Placed]) -> Flow {
        for placed in block {
            match self.statement(placed) {
                Flow::Next => {}
                flow => return flow,
            }
        }
        Flow::Next
    }

    fn outer(&self, out: usize) -> Option<usize> {
        self.loops.len().checked_sub(out + 1)
    }

    fn statement(&mut self, placed: &Placed) -> Flow {
        let line = placed.line;
        self.hit(line);
        match &placed.statement {
            Statement::Add(n) => self.sum = self.sum.wrapping_add(*n),
            Statement::If(n, ..) => {
                let block = usize::from(self.sum % 3 != *n);
                return self.block(&placed.blocks[block]);
            }
            Statement::Match(_, one, _) => match self.sum % 3 {
                0 => return self.block(&placed.blocks[0]),
                1 => {
                    self.hit(end_of(&placed.blocks[0], line + 2) + 1);
                    self.sum += one;
                }
                _ => return self.block(&placed.blocks[1]),
            },
            Statement::Value(n) => {
                self.hit(line);
                self.sum += if self.sum % 2 == 0 { *n } else { 1 };
            }
            Statement::For(n, _) => return self.turns(line, None, *n, &placed.blocks[0]),
            Statement::While(n, _) => {
                self.hit(line + 1);
                return self.turns(line + 1, Some(line + 2), *n, &placed.blocks[0]);
            }
            Statement::Loop(n, _) => return self.endless(line + 1, *n, &placed.blocks[0]),
            Statement::Break(out) => {
                if self.sum % 2 == 1 && let Some(to) = self.outer(*out) {
                    self.hit(line);
                    return Flow::Break(to);
                }
            }
            Statement::Continue(out) => {
                if self.sum.is_multiple_of(2) && let Some(to) = self.outer(*out) {
                    self.hit(line);
                    return Flow::Continue(to);
                }
            }
            Statement::ContinueInside(out) => match (self.sum % 4, self.outer(*out)) {
                (0, Some(to)) => return Flow::Continue(to),
                (0, None) => self.sum = self.sum.wrapping_add(1),
                _ => self.sum = self.sum.wrapping_add(2),
            },
            Statement::Return(n) => {
                if self.sum == *n {
                    self.hit(line);
                    return Flow::Return(Some(self.sum * 2));
                }
            }
            Statement::LetElse(n) => {
                if self.sum < *n {
                    self.hit(line + 1);
                    return Flow::Return(None);
                }
            }
            Statement::Question(n) => match self.sum.checked_sub(*n) {
                Some(rest) => self.sum = rest,
                None => return Flow::Return(None),
            },
            Statement::Closure(n, true) => {
                self.hit(line + 4);
                self.hit_often(line + 1, *n);
                self.hit_often(line + 2, *n);
                self.sum += (0..*n).map(|more| more * 2 + 1).sum::<u64>();
            }
            Statement::Closure(n, false) => {
                // The closure's expression, and the branch that it takes.
                self.hit_often(line + 1, *n);
                self.sum += (0..*n).map(|more| if more == 0 { 1 } else { 2 } + more).sum::<u64>();
            }
            Statement::Await => {}
        }
        Flow::Next
    }

    /// A loop whose header counts, with a line at the head of its body that does.
    fn turns(&mut self, header: usize, first: Option<usize>, n: u64, body: &[Placed]) -> Flow {
        for _ in 0..n {
            first.into_iter().for_each(|line| self.hit(line));
            match self.turn(header, body) {
                Some(Flow::Next) => {}
                Some(flow) => return flow,
                None => return Flow::Next,
            }
        }
        Flow::Next
    }

    fn endless(&mut self, header: usize, n: u64, body: &[Placed]) -> Flow {
        self.hit(header);
        for turn in 1.. {
            self.hit(header + 1);
            self.hit(header + 2);
            if turn > n {
                self.hit(header + 3);
                break;
            }
            match self.turn(header, body) {
                Some(Flow::Next) => {}
                Some(flow) => return flow,
                None => return Flow::Next,
            }
        }
        Flow::Next
    }

    /// One turn; none if the loop ends with it. The header of whatever loop goes on is reached again.
    fn turn(&mut self, header: usize, body: &[Placed]) -> Option<Flow> {
        let own = self.loops.len();
        self.loops.push(header);
        let flow = self.block(body);
        self.loops.pop();
        match flow {
            Flow::Break(to) if to == own => None,
            Flow::Next => {
                self.hit(header);
                Some(Flow::Next)
            }
            Flow::Continue(to) if to == own => {
                self.hit(header);
                Some(Flow::Next)
            }
            flow => Some(flow),
        }
    }
}
