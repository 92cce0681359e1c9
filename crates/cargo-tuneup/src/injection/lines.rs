//! Marks between the statements of a function, as text: what `#[profile_lines]` does to tokens, with the same lines and the same counts.
//!
//! Marks stand between statements, never around them: temporaries, borrows and jumps stay what they were. Blocks are marked inside where nothing of
//! the statement is left to do after them, or the rest would be counted on their last line: `let x = match …;` is, `f(match …)` is not, and all of
//! it counts on the line of the statement.

mod expression;
mod statement;

use syn::{
    AngleBracketedGenericArguments, Attribute, Block, Expr, ExprClosure, ExprContinue, Item, Label,
    Lifetime, Local, Pat, Stmt, Type,
    spanned::Spanned as _,
    visit::{self, Visit},
};

use self::{
    expression::{begins_with_block, is_constructor, is_variable},
    statement::{Beginning, has_value, is_empty},
};
use super::instrument::beginning_of;

/// What is put into a function, so that it records its lines.
pub(super) struct LineMarks {
    /// The lines that have statements in ascending order, the first that of the `fn`.
    pub(super) lines: Vec<usize>,
    /// What is put in, and before which byte, in the order in which it is put in.
    pub(super) edits: Vec<(usize, String)>,
}

impl LineMarks {
    /// Of a function whose `fn` stands on this line. The body finds its timer in `__tuneup_lines`, and, where it has closures or is a future, its
    /// static in `__TUNEUP_LINES`.
    pub(super) fn of(block: &Block, line: usize, is_async: bool) -> Self {
        let mut marker = Marker {
            clock: if is_async { Clock::Poll } else { Clock::Timer },
            loops: Vec::new(),
            edits: Vec::new(),
        };
        marker.block(block);
        let mut lines = vec![line];
        lines.extend(marker.edits.iter().filter_map(|(_, edit)| edit.line()));
        lines.sort_unstable();
        lines.dedup();
        let edits = marker.edits.into_iter();
        Self {
            edits: edits.map(|(at, edit)| (at, edit.text(&lines))).collect(),
            lines,
        }
    }
}

/// What a mark speaks to.
#[derive(Clone, Copy)]
enum Clock {
    /// A timer in scope.
    Timer,
    /// The poll in progress: a timer in the body of an async function could not move to another thread.
    Poll,
}

/// What is put in at some place.
enum Edit {
    Mark {
        clock: Clock,
        line: usize,
        /// Attributes that the mark has as the statement behind it: whether it is compiled.
        conditions: String,
    },
    /// Of a closure.
    Timer {
        line: usize,
    },
    Text(&'static str),
}

impl Edit {
    fn line(&self) -> Option<usize> {
        match self {
            Self::Mark { line, .. } | Self::Timer { line } => Some(*line),
            Self::Text(_) => None,
        }
    }

    fn text(&self, lines: &[usize]) -> String {
        let index = |line: &usize| lines.binary_search(line).unwrap_or(0);
        match self {
            Self::Mark {
                clock: Clock::Timer,
                line,
                conditions,
            } => format!("{conditions}__tuneup_lines.mark({}); ", index(line)),
            Self::Mark {
                clock: Clock::Poll,
                line,
                conditions,
            } => format!(
                "{conditions}::tuneup_runtime::mark_line(&__TUNEUP_LINES, {}); ",
                index(line)
            ),
            Self::Timer { line } => format!(
                "let __tuneup_lines = ::tuneup_runtime::LineTimer::enter_closure(&__TUNEUP_LINES, {}); ",
                index(line)
            ),
            Self::Text(text) => (*text).to_owned(),
        }
    }
}

/// A loop around what is being marked.
struct Loop {
    label: Option<Lifetime>,
    /// The line of its header; none if the loop has no marks.
    header: Option<usize>,
}

/// Where the body of an arm, a closure or a loop begins and ends, and how it is turned into statements.
struct Marker {
    clock: Clock,
    /// From the outermost to the innermost.
    loops: Vec<Loop>,
    /// What comes first at a place was put in first.
    edits: Vec<(usize, Edit)>,
}

impl Marker {
    fn put(&mut self, at: usize, text: &'static str) {
        self.edits.push((at, Edit::Text(text)));
    }

    fn mark(&mut self, at: usize, line: usize, conditions: &str) {
        let mark = Edit::Mark {
            clock: self.clock,
            line,
            conditions: conditions.to_owned(),
        };
        self.edits.push((at, mark));
    }

    fn block(&mut self, block: &Block) {
        for statement in block.stmts.iter().filter(|one| !is_empty(one)) {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        let beginning = Beginning::of_statement(statement);
        self.mark(beginning.at, beginning.line, &beginning.conditions);
        match statement {
            Stmt::Local(local) => self.local(local),
            Stmt::Expr(expression, _) => self.stated(expression, &beginning),
            Stmt::Item(_) | Stmt::Macro(_) => {}
        }
    }

    /// An expression that is a statement, and has its mark.
    fn stated(&mut self, expression: &Expr, beginning: &Beginning) {
        match expression {
            Expr::Continue(jump) => {
                if let Some(header) = self.header(jump) {
                    self.mark(beginning.at, header, &beginning.conditions);
                }
            }
            other => self.last(other),
        }
    }

    fn local(&mut self, local: &Local) {
        if let Some(value) = &local.init {
            self.last(&value.expr);
            if let Some((_, diverge)) = &value.diverge {
                self.last(diverge);
            }
        }
    }

    /// An expression after which its statement has nothing left to do.
    fn last(&mut self, expression: &Expr) {
        match expression {
            Expr::Block(block) => self.block(&block.block),
            Expr::Unsafe(block) => self.block(&block.block),
            Expr::If(branch) => {
                self.visit_expr(&branch.cond);
                self.block(&branch.then_branch);
                if let Some((_, otherwise)) = &branch.else_branch {
                    self.last(otherwise);
                }
            }
            Expr::Match(choice) => {
                self.visit_expr(&choice.expr);
                for arm in &choice.arms {
                    self.body(&arm.body, None);
                }
            }
            Expr::Loop(one) => {
                let line = one.loop_token.span.start().line;
                self.repetition(one.label.as_ref(), line, &one.attrs, &one.body);
            }
            Expr::While(one) => {
                self.visit_expr(&one.cond);
                let line = one.while_token.span.start().line;
                self.repetition(one.label.as_ref(), line, &one.attrs, &one.body);
            }
            Expr::ForLoop(one) => {
                self.visit_expr(&one.expr);
                let line = one.for_token.span.start().line;
                self.repetition(one.label.as_ref(), line, &one.attrs, &one.body);
            }
            other => self.last_of(other),
        }
    }

    /// One that has something in it after which it has nothing left to do, or none.
    fn last_of(&mut self, expression: &Expr) {
        match expression {
            Expr::Paren(inner) => self.last(&inner.expr),
            Expr::Reference(inner) => self.last(&inner.expr),
            Expr::Unary(inner) => self.last(&inner.expr),
            Expr::Cast(inner) => self.last(&inner.expr),
            Expr::Try(inner) => self.last(&inner.expr),
            Expr::Return(jump) => jump.expr.iter().for_each(|value| self.last(value)),
            Expr::Break(jump) => jump.expr.iter().for_each(|value| self.last(value)),
            Expr::Assign(assignment) if is_variable(&assignment.left) => {
                self.last(&assignment.right);
            }
            Expr::Binary(operation) => {
                self.visit_expr(&operation.left);
                self.last(&operation.right);
            }
            Expr::Tuple(tuple) => self.list(&tuple.elems),
            Expr::Array(array) => self.list(&array.elems),
            Expr::Call(call) if is_constructor(call) => self.list(&call.args),
            Expr::Struct(value) if value.rest.is_none() => {
                self.list(value.fields.iter().map(|field| &field.expr));
            }
            other => self.visit_expr(other),
        }
    }

    /// Expressions that are evaluated one after the other.
    fn list<'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expr>) {
        let mut expressions = expressions.into_iter().peekable();
        while let Some(expression) = expressions.next() {
            match expressions.peek() {
                Some(_) => self.visit_expr(expression),
                None => self.last(expression),
            }
        }
    }

    /// The body of an arm or a closure: a block, or an expression that becomes one to have a mark in it. `timer` is the line of a closure.
    fn body(&mut self, body: &Expr, timer: Option<usize>) {
        let timer = timer.map(|line| Edit::Timer { line });
        if let Expr::Block(block) = body
            && block.attrs.is_empty()
            && block.label.is_none()
        {
            let inside = beginning_of(&[], &block.block);
            self.edits.extend(timer.map(|timer| (inside, timer)));
            self.block(&block.block);
            return;
        }
        let range = body.span().byte_range();
        self.put(range.start, "{ ");
        self.edits.extend(timer.map(|timer| (range.start, timer)));
        let beginning = Beginning::of_expression(body);
        self.mark(beginning.at, beginning.line, "");
        let (open, close) = match begins_with_block(body) {
            // As a statement it would end with the block.
            true => ("(", ") }"),
            false => ("", " }"),
        };
        self.put(range.start, open);
        self.stated(body, &beginning);
        self.put(range.end, close);
    }

    /// The body of a loop. Its header is evaluated after every turn, so it is marked there again.
    fn repetition(
        &mut self,
        label: Option<&Label>,
        keyword: usize,
        attributes: &[Attribute],
        body: &Block,
    ) {
        let header = label.map_or(keyword, |label| label.name.span().start().line);
        // A semicolon after the last expression would drop its temporaries before the variables of the body.
        let has_value = has_value(body);
        if has_value {
            self.put(beginning_of(attributes, body), "{ ");
        }
        self.loops.push(Loop {
            label: label.map(|label| label.name.clone()),
            header: Some(header),
        });
        self.block(body);
        self.loops.pop();
        let end = body.brace_token.span.close().byte_range().start;
        if has_value {
            self.put(end, " } ");
        }
        self.mark(end, header, "");
    }

    /// A loop inside of an expression that counts on one line.
    fn unmarked_repetition(&mut self, label: Option<&Label>, expression: &Expr) {
        self.loops.push(Loop {
            label: label.map(|label| label.name.clone()),
            header: None,
        });
        visit::visit_expr(self, expression);
        self.loops.pop();
    }

    /// The line of the header that a `continue` goes to.
    fn header(&self, jump: &ExprContinue) -> Option<usize> {
        let mut loops = self.loops.iter().rev();
        match &jump.label {
            None => loops.next(),
            label => loops.find(|around| around.label == *label),
        }?
        .header
    }

    /// A `continue` that is no statement of its own.
    fn jump(&mut self, jump: &ExprContinue) {
        if let Some(header) = self.header(jump) {
            let range = jump.span().byte_range();
            self.put(range.start, "{ ");
            self.mark(range.start, header, "");
            self.put(range.end, " }");
        }
    }

    /// A closure has a timer of its own: it may run long after the function, or in another thread.
    fn closure(&mut self, closure: &ExprClosure) {
        if closure.asyncness.is_some() || closure.constness.is_some() {
            return;
        }
        let line = Beginning::of_tokens(closure).line;
        let loops = std::mem::take(&mut self.loops);
        let clock = std::mem::replace(&mut self.clock, Clock::Timer);
        self.body(&closure.body, Some(line));
        self.loops = loops;
        self.clock = clock;
    }
}

/// What is evaluated with the statement around it, on its line: only closures and jumps in it are looked for. Async blocks stay as they are: they are
/// polled by whoever gets them, where no poll of this function is in progress. So do constants, which the compiler evaluates.
impl<'ast> Visit<'ast> for Marker {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            Expr::Closure(closure) => self.closure(closure),
            Expr::Continue(jump) => self.jump(jump),
            Expr::Repeat(array) => self.visit_expr(&array.expr),
            Expr::Loop(one) => self.unmarked_repetition(one.label.as_ref(), expression),
            Expr::While(one) => self.unmarked_repetition(one.label.as_ref(), expression),
            Expr::ForLoop(one) => self.unmarked_repetition(one.label.as_ref(), expression),
            Expr::Async(_)
            | Expr::Const(_)
            | Expr::Macro(_)
            | Expr::TryBlock(_)
            | Expr::Verbatim(_) => {}
            other => visit::visit_expr(self, other),
        }
    }

    fn visit_item(&mut self, _: &'ast Item) {}

    fn visit_pat(&mut self, _: &'ast Pat) {}

    fn visit_type(&mut self, _: &'ast Type) {}

    fn visit_angle_bracketed_generic_arguments(&mut self, _: &'ast AngleBracketedGenericArguments) {
    }
}

#[cfg(test)]
mod tests;
