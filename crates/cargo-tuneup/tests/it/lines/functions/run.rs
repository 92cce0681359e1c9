//! What becomes of functions, without a compiler.

use std::collections::BTreeMap;

use super::{Placed, Statement, end_of};

/// What a program does.
#[derive(Default)]
pub(in super::super) struct Outcome {
    pub(in super::super) hits: BTreeMap<usize, u64>,
    pub(in super::super) printed: String,
}

/// What comes next.
pub(super) enum Flow {
    Next,
    /// To this loop, counted from the outermost.
    Break(usize),
    Continue(usize),
    Return(Option<u64>),
}

/// A call that goes on.
pub(super) struct Run<'a> {
    pub(super) sum: u64,
    /// The lines of the headers of the loops around.
    pub(super) loops: Vec<usize>,
    pub(super) hits: &'a mut BTreeMap<usize, u64>,
}

impl Run<'_> {
    pub(super) fn hit(&mut self, line: usize) {
        self.hit_often(line, 1);
    }

    fn hit_often(&mut self, line: usize, times: u64) {
        *self.hits.entry(line).or_default() += times;
    }

    pub(super) fn block(&mut self, block: &[Placed]) -> Flow {
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
                self.sum += if self.sum.is_multiple_of(2) { *n } else { 1 };
            }
            Statement::For(n, _) => return self.turns(line, None, *n, &placed.blocks[0]),
            Statement::While(n, _) => {
                self.hit(line + 1);
                return self.turns(line + 1, Some(line + 2), *n, &placed.blocks[0]);
            }
            Statement::Loop(n, _) => return self.endless(line + 1, *n, &placed.blocks[0]),
            Statement::Break(out) => {
                if self.sum % 2 == 1
                    && let Some(to) = self.outer(*out)
                {
                    self.hit(line);
                    return Flow::Break(to);
                }
            }
            Statement::Continue(out) => {
                if self.sum.is_multiple_of(2)
                    && let Some(to) = self.outer(*out)
                {
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
                self.sum += (0..*n)
                    .map(|more| if more == 0 { 1 } else { 2 } + more)
                    .sum::<u64>();
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
